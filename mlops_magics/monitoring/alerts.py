"""What is the state of each alert, and what does one more window change?

Watch, open, closed after two windows without a finding, and one window of rest. Every
change is a row that is appended; the newest row of an alert is what it is now.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction

from .alert import Alert, State
from .findings import Finding

# Facts, section 6; simulated with the rule that opens (see tests/monitoring/test_simulated.py).
CLEAN_TO_CLOSE = 2
WORSE = {"small": 0, "moderate": 1, "large": 2}

Key = tuple[str, str]
Keys = Set[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of an alert.

    Attributes
    ----------
    alert : Alert
        As it is from then on; a number below zero for a new one.
    at : int
        End of the window that changed it, microseconds.
    """

    alert: Alert
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the windows before said.

    Attributes
    ----------
    found : sequence of set of keys
        What each of the last windows found, the newest last.
    resting : set of keys
        What was closed by the newest of them.
    """

    found: Sequence[Keys]
    resting: Keys


def advance(
    active: Iterable[Alert],
    findings: Sequence[Finding],
    past: Past,
    where: Alert,
) -> list[Change]:
    """Return what one more window changes.

    Parameters
    ----------
    active : iterable of Alert
        Those that are watched or open, of what such windows are about.
    findings : sequence of Finding
        What the window says.
    past : Past
        The windows before it.
    where : Alert
        A new alert of this window, without what it says.

    Returns
    -------
    list of Change
        Nothing for what stays as it is.
    """
    by_key = {finding.key: finding for finding in findings}
    at = where.window[1]
    changes = []
    for alert in active:
        finding = by_key.pop(alert.key, None)
        if finding is None:
            changes += _without(alert, past, at)
        elif finding.level == "alarm" and _is_news(alert, finding):
            opened = alert.opened_at or at
            changes.append(Change(alert=_told(alert, finding, "open", opened), at=at))
    for key, finding in by_key.items():
        if key in past.resting or finding.level == "faint":
            continue
        is_alarm = finding.level == "alarm"
        state: State = "open" if is_alarm else "watch"
        changes.append(Change(alert=_told(where, finding, state, at if is_alarm else None), at=at))
    return changes


def _without(alert: Alert, past: Past, at: int) -> list[Change]:
    """Return the closing of an alert of which this window says nothing, if it is time."""
    # one event ends a silence; for all else a quiet window may be luck
    needed = 1 if alert.kind == "silence" else CLEAN_TO_CLOSE
    before = past.found[len(past.found) - (needed - 1) :] if needed > 1 else ()
    if len(before) < needed - 1 or any(alert.key in found for found in before):
        return []
    return [Change(alert=replace(alert, state="closed", closed_at=at), at=at)]


def _is_news(alert: Alert, finding: Finding) -> bool:
    is_worse = WORSE[finding.severity] > WORSE[alert.severity]
    says_more = finding.kind not in (alert.kind, "drift")
    return alert.state == "watch" or is_worse or says_more


def _told(alert: Alert, finding: Finding, state: State, opened_at: int | None) -> Alert:
    return replace(
        alert,
        kind=finding.kind,
        subject=finding.subject,
        state=state,
        severity=finding.severity,
        opened_at=opened_at,
        said=finding.said,
        by_chance=finding.by_chance,
    )


def fresh(model_id: str, version: str, window: tuple[int, int]) -> Alert:
    """Return an alert of a window that says nothing yet."""
    return Alert(
        alert_id=0,
        model_id=model_id,
        version=version,
        subject="",
        kind="drift",
        state="watch",
        severity="small",
        opened_at=None,
        closed_at=None,
        window=window,
        said="",
        by_chance="",
    )


def append(transaction: Transaction, changes: Iterable[Change]) -> tuple[Alert, ...]:
    """Append changes; a new alert, below zero until then, gets the next number of its model.

    Parameters
    ----------
    transaction : Transaction
        In which the windows that caused them are kept as well.
    changes : iterable of Change
        In order.

    Returns
    -------
    tuple of Alert
        The alerts as they are now, with their numbers.
    """
    numbers: dict[int, int] = {}
    return tuple(_append(transaction, change, numbers) for change in changes)


def _append(transaction: Transaction, change: Change, numbers: dict[int, int]) -> Alert:
    alert = change.alert
    if alert.alert_id < 0:
        if alert.alert_id not in numbers:
            newest = transaction.execute(
                "SELECT coalesce(max(alert_id), 0) FROM alert WHERE model_id = ?",
                (alert.model_id,),
            ).fetchone()[0]
            numbers[alert.alert_id] = int(newest) + 1
        alert = replace(alert, alert_id=numbers[alert.alert_id])
    transaction.execute(
        "INSERT INTO alert VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            transaction.take_seq(),
            alert.model_id,
            alert.alert_id,
            alert.version,
            alert.kind,
            alert.subject,
            alert.state,
            alert.severity,
            *alert.window,
            alert.said,
            alert.by_chance,
            alert.slice,
            alert.acknowledged,
            change.at,
            transaction.now,
        ),
    )
    return alert


def read(
    storage: Storage, model_id: str | None = None, state: str | None = None
) -> tuple[Alert, ...]:
    """Return alerts as they are now.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str, optional
        Of one model; of all by default.
    state : str, optional
        watch, open or closed; all by default.

    Returns
    -------
    tuple of Alert
        The newest first.
    """
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT * FROM alert WHERE ? IS NULL OR model_id = ? ORDER BY seq",
            (model_id, model_id),
        ).fetchall()
    by_alert: dict[tuple[str, int], list[Any]] = {}
    for row in rows:
        by_alert.setdefault((row["model_id"], row["alert_id"]), []).append(row)
    found = [_alert(own) for own in by_alert.values()]
    found.sort(key=lambda alert: (alert.window, alert.alert_id), reverse=True)
    return tuple(alert for alert in found if state in (None, alert.state))


def history(storage: Storage, model_id: str, alert_id: int) -> tuple[Change, ...]:
    """Return the changes of an alert, the oldest first."""
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT * FROM alert WHERE model_id = ? AND alert_id = ? ORDER BY seq",
            (model_id, alert_id),
        ).fetchall()
    return tuple(
        Change(alert=_alert(rows[: place + 1]), at=row["at"]) for place, row in enumerate(rows)
    )


def _alert(rows: Sequence[Any]) -> Alert:
    row = rows[-1]
    opened = next((one["at"] for one in rows if one["state"] == "open"), None)
    return Alert(
        alert_id=row["alert_id"],
        model_id=row["model_id"],
        version=row["version"],
        subject=row["subject"],
        kind=row["kind"],
        state=row["state"],
        severity=row["severity"],
        opened_at=opened,
        closed_at=row["at"] if row["state"] == "closed" else None,
        window=(row["window_begin"], row["window_end"]),
        said=row["said"],
        by_chance=row["by_chance"],
        slice=row["slice"],
        # whoever judges a window at this moment may not have seen the note
        acknowledged=next((one["note"] for one in reversed(rows) if one["note"]), None),
    )


def acknowledge(storage: Storage, model_id: str, alert_id: int, note: str) -> Alert:
    """Append that somebody has seen an alert; its state stays.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    alert_id : int
        The number of the alert.
    note : str
        What they say.

    Returns
    -------
    Alert
        With the note.

    Raises
    ------
    UnknownName
        If there is no such alert.
    """
    with storage.transaction() as transaction:
        known = {alert.alert_id: alert for alert in read(storage, model_id)}
        if alert_id not in known:
            step = f"%monitor {model_id} alerts"
            raise UnknownName("alert", str(alert_id), map(str, known), step)
        newest = transaction.execute(
            "SELECT at FROM alert WHERE model_id = ? AND alert_id = ? ORDER BY seq DESC LIMIT 1",
            (model_id, alert_id),
        ).fetchone()[0]
        alert = replace(known[alert_id], acknowledged=note)
        append(transaction, [Change(alert=alert, at=newest)])
    return alert
