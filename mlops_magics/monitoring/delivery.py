"""How does an alert get to an address that the user gave?

Each change is posted as JSON, a few times at most, and every attempt is a row; two
processes do not send the same. It does not know where addresses are kept, and starts no
thread.
"""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.request import BadArgument
from mlops_magics.storage import Storage

from .alert import Alert
from .alerts import history

TIMEOUT_S = 5.0
# An address that does not answer is asked again after these seconds, and then let be.
PAUSES_S = (2.0, 10.0)
MOST_ATTEMPTS = 1 + len(PAUSES_S)
# Whoever began to send and has not said how it went may have been killed.
LONGEST_S = 60
BEGUN, SENT = "begun", "sent"
# An alert's rows that say something new (a note does not), unless they were sent or given up.
CHANGES_TO_SEND = """
SELECT seq, alert_id, place
FROM (
    SELECT *, row_number() OVER own AS place,
        state || severity || kind AS now, lag(state || severity || kind) OVER own AS before
    FROM alert WHERE model_id = ?
    WINDOW own AS (PARTITION BY alert_id ORDER BY seq)
) AS changed
WHERE written_at >= ? AND state <> 'watch' AND now IS NOT before AND NOT EXISTS (
    SELECT 1 FROM delivery AS sent WHERE sent.model_id = ? AND sent.alert_seq = changed.seq
    AND (sent.outcome LIKE 'sent%' OR sent.attempt >= ? AND sent.outcome <> ?)
)
ORDER BY seq
"""
HTTP_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to send a change of an alert.

    Attributes
    ----------
    alert_id : int
        The alert.
    host : str
        Where to; the rest of an address is often a secret.
    attempt : int
        1 for the first.
    outcome : str
        begun, sent with the answer's status, or why it failed.
    written_at : int
        When, microseconds.
    """

    alert_id: int
    host: str
    attempt: int
    outcome: str
    written_at: int


def checked(address: str) -> str:
    """Return an address that alerts can be sent to.

    Parameters
    ----------
    address : str
        As the user gave it.

    Returns
    -------
    str
        The same.

    Raises
    ------
    BadArgument
        If it is no http or https address of a host.

    Examples
    --------
    >>> checked("https://hooks.example.org/churn")
    'https://hooks.example.org/churn'
    """
    expected = "an address such as https://hooks.example.org/churn"
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in HTTP_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not address.isprintable() or " " in address:
        raise BadArgument("the address", address, expected)
    return address


def host_of(address: str) -> str:
    """Return what of an address may be shown to others.

    Examples
    --------
    >>> host_of("https://me:secret@hooks.example.org:8443/T0/B1")
    'hooks.example.org:8443'
    """
    return urlsplit(address).netloc.rpartition("@")[2]


def send_due(
    storage: Storage,
    model_id: str,
    address: str,
    since: int,
    pauses: Sequence[float] = PAUSES_S,
) -> None:
    """Send what has changed and was not sent yet; an address that is silent is let be.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    address : str
        Where to.
    since : int
        Only changes that were written from then on, microseconds.
    pauses : sequence of float, optional
        Seconds between attempts.
    """
    # a workspace that is gone, or read-only by now, has nothing to send
    with suppress(MLOpsError, OSError):
        for pause in (*pauses, None):
            sent = [
                _send(storage, address, seq, alert) for seq, alert in due(storage, model_id, since)
            ]
            if all(sent) or pause is None:
                return
            time.sleep(pause)


def due(storage: Storage, model_id: str, since: int) -> list[tuple[int, Alert]]:
    """Return the changes that are to be sent, the oldest first.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    since : int
        Only changes that were written from then on, microseconds.

    Returns
    -------
    list of (int, Alert)
        The row of each change, and the alert as it was then: opened, worse or closed.
    """
    with storage.reading() as reading:
        rows = reading.execute(
            CHANGES_TO_SEND,
            (model_id, since, model_id, MOST_ATTEMPTS, BEGUN),
        ).fetchall()
    found = [(row[0], history(storage, model_id, row[1])[row[2] - 1].alert) for row in rows]
    # what was watched and is over was never told, so its end is no news
    return [(seq, alert) for seq, alert in found if alert.opened_at is not None]


def _send(storage: Storage, address: str, alert_seq: int, alert: Alert) -> bool:
    """Send one change; True where it arrived, or where another process is at it."""
    key = (alert.model_id, alert_seq)
    with storage.transaction() as transaction:
        rows = transaction.execute(
            "SELECT attempt, outcome, written_at FROM delivery"
            " WHERE model_id = ? AND alert_seq = ? ORDER BY seq DESC",
            key,
        ).fetchall()
        is_begun = bool(rows) and rows[0]["outcome"] == BEGUN
        if is_begun and transaction.now - rows[0]["written_at"] < LONGEST_S * 1_000_000:
            return True
        attempt = rows[0]["attempt"] + 1 if rows else 1
        transaction.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?)",
            (transaction.take_seq(), *key, host_of(address), attempt, BEGUN, transaction.now),
        )
    outcome = post(address, message(alert))
    with storage.transaction() as transaction:
        transaction.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?)",
            (transaction.take_seq(), *key, host_of(address), attempt, outcome, transaction.now),
        )
    return outcome.startswith(SENT)


def message(alert: Alert) -> Mapping[str, object]:
    """Return what is sent of an alert: nothing else ever is."""
    return {
        "model_id": alert.model_id,
        "version": alert.version,
        "alert_id": alert.alert_id,
        "kind": alert.kind,
        "subject": alert.subject,
        "state": alert.state,
        "severity": alert.severity,
        "said": alert.said,
        "by_chance": alert.by_chance,
        "slice": alert.slice,
        "window": list(alert.window),
        "opened_at": alert.opened_at,
        "closed_at": alert.closed_at,
        "next": alert.next,
        # what chat services show
        "text": f"{alert.model_id} alert {alert.alert_id} {alert.state}: {alert.said}",
    }


class _NoRedirect(HTTPRedirectHandler):
    """An alert goes where the user said, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def post(address: str, body: Mapping[str, object]) -> str:
    """Post JSON, and return what came back in a few words.

    Parameters
    ----------
    address : str
        An http or https address.
    body : mapping
        What is sent.

    Returns
    -------
    str
        Begins with sent where the answer is 2xx, else with failed.
    """
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "mlops_magics"}
    try:
        request = Request(checked(address), data=data, headers=headers, method="POST")  # noqa: S310 - checked
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            return f"{SENT}, {answer.status}"
    except HTTPError as error:
        with error:
            return f"failed: {error.code}"
    except (URLError, HTTPException, OSError) as error:
        return f"failed: {getattr(error, 'reason', error)}"[:200]


def attempts(storage: Storage, model_id: str, limit: int = 20) -> tuple[Attempt, ...]:
    """Return the newest attempts to send alerts of a model, the newest first."""
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT alert.alert_id, host, attempt, outcome, max(delivery.seq), delivery.written_at"
            " FROM delivery JOIN alert ON alert.seq = alert_seq WHERE delivery.model_id = ?"
            " GROUP BY alert_seq, attempt ORDER BY max(delivery.seq) DESC LIMIT ?",
            (model_id, limit),
        ).fetchall()
    return tuple(
        Attempt(alert_id=row[0], host=row[1], attempt=row[2], outcome=row[3], written_at=row[5])
        for row in rows
    )
