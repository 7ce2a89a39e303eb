"""How do things stand with a version, and what do further windows change?

The windows that were judged, what is watched or open, and the one transaction that
appends what further windows say. What they say is found elsewhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage

from . import alerts, events, rules
from .alert import OF_COLUMNS, Alert
from .alerts import Change, Key, Past
from .closing import DAY, Window
from .findings import EARLIER, Finding

What = Literal["events", "labels"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """A version whose windows are judged.

    Attributes
    ----------
    model_id, version : str
        As its events have it.
    baseline : Baseline or None
        What it is compared with; None where nothing is known.
    approved : (float, float) or None, default=None
        The loss that was approved and its standard error; None where none was measured.
    """

    model_id: str
    version: str
    baseline: Baseline | None
    approved: tuple[float, float] | None = None

    @property
    def stream(self) -> str:
        """The stream of its events."""
        return events.stream(self.model_id, self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A window that was judged.

    Attributes
    ----------
    window : Window
        Which.
    found : frozenset of keys
        What it found.
    """

    window: Window
    found: frozenset[Key]


@dataclass(slots=True)
class Story:
    """What windows change, one after the other, before it is written.

    Attributes
    ----------
    judged : Judged
        The version.
    what : str
        events or labels.
    kept : list of Kept
        The windows that were judged before; those of this look are added.
    active : list of Alert
        What is watched or open.
    closed : dict of key to int
        When the newest alert of each key was closed.
    changes : list of Change
        In order.
    added : int, default=0
        Windows of this look.
    number : int, default=0
        The number, below zero, of the newest alert that has none yet.
    """

    judged: Judged
    what: What
    kept: list[Kept]
    active: list[Alert]
    closed: dict[Key, int]
    changes: list[Change]
    added: int = 0
    number: int = 0

    @classmethod
    def read(cls, storage: Storage, judged: Judged, what: What) -> "Story":
        """Return how things stand before this look."""
        own = [
            alert
            for alert in alerts.read(storage, judged.model_id)
            if is_about(alert) == what
            and (alert.version == judged.version or alert.kind == "silence")
        ]
        active = [alert for alert in own if alert.state != "closed"]
        closed = {alert.key: alert.closed_at or 0 for alert in reversed(own)}
        return cls(judged, what, kept_windows(storage, judged, what), active, closed, [])

    @property
    def end(self) -> int | None:
        """Up to which day, without it, windows are judged."""
        return self.kept[-1].window.end if self.kept else None

    def changed_columns(self) -> dict[str, int]:
        """Return the columns that have an alert, with the day since when."""
        own = [alert for alert in self.active if alert.kind in OF_COLUMNS]
        return {alert.subject: alert.window[0] // DAY for alert in own}

    def tell(self, window: Window, found: Sequence[Finding]) -> list[Change]:
        """Add what one more window says, and return what it changes."""
        at = self.kept[-1].window.span[1] if self.kept else None
        past = Past(
            found=[one.found for one in self.kept[-alerts.CLEAN_TO_CLOSE :]],
            resting={key for key, closed in self.closed.items() if closed == at},
        )
        where = alerts.fresh(self.judged.model_id, self.judged.version, window.span)
        new = [self._numbered(c) for c in alerts.advance(self.active, found, past, where)]
        self.changes += new
        known = {alert.alert_id: alert for alert in self.active}
        known |= {change.alert.alert_id: change.alert for change in new}
        self.active = [alert for alert in known.values() if alert.state != "closed"]
        self.closed |= {c.alert.key: c.at for c in new if c.alert.state == "closed"}
        self.kept.append(Kept(window=window, found=frozenset(one.key for one in found)))
        self.added += 1
        return new

    def put_slice(self, change: Change, where: str) -> None:
        """Say of an alert that just opened where alone it is."""
        alert = replace(change.alert, slice=where)
        self.changes = [replace(c, alert=alert) if c is change else c for c in self.changes]
        self.active = [alert if one.alert_id == alert.alert_id else one for one in self.active]

    def _numbered(self, change: Change) -> Change:
        if change.alert.alert_id:
            return change
        self.number -= 1
        return replace(change, alert=replace(change.alert, alert_id=self.number))

    def write(self, storage: Storage) -> tuple[Alert, ...]:
        """Append it all; nothing where another process has judged these windows."""
        if not self.added:
            return ()
        new, before = self.kept[-self.added :], self.kept[: -self.added]
        end = before[-1].window.end if before else None
        with storage.transaction() as transaction:
            if _newest_end(storage, self.judged, self.what) != end:
                return ()
            transaction.executemany(
                "INSERT INTO alert_window VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        self.judged.model_id,
                        self.judged.version,
                        self.what,
                        one.window.begin,
                        one.window.end,
                        one.window.rows,
                        json.dumps(sorted(one.found), ensure_ascii=False),
                        transaction.now,
                    )
                    for one in new
                ],
            )
            return alerts.append(transaction, self.changes)


def is_about(alert: Alert) -> What:
    """Return which windows open and close an alert."""
    is_of_labels = alert.kind == "rule" and alert.subject.split()[0] in rules.OF_LABELS
    return "labels" if alert.kind == "performance" or is_of_labels else "events"


def kept_windows(storage: Storage, judged: Judged, what: What, limit: int = EARLIER) -> list[Kept]:
    """Return the newest windows that were judged, the oldest first."""
    with storage.reading() as reading:
        rows = reading.execute(
            'SELECT begin, "end", row_count, findings FROM alert_window'
            " WHERE model_id = ? AND version = ? AND what = ? ORDER BY begin DESC LIMIT ?",
            (judged.model_id, judged.version, what, limit),
        ).fetchall()
    return [
        Kept(
            window=Window(row[0], row[1], row[2]),
            found=frozenset((about, subject) for about, subject in json.loads(row[3])),
        )
        for row in reversed(rows)
    ]


def _newest_end(storage: Storage, judged: Judged, what: What) -> int | None:
    kept = kept_windows(storage, judged, what, limit=1)
    return kept[-1].window.end if kept else None
