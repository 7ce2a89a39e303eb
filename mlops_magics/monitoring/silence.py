"""Does anything still come, and from which version?

No events where there used to be some open an alert; a version that answers no more
takes its alerts with it.
"""

from dataclasses import replace

import numpy as np

from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span

from . import alerts, events, findings, summaries
from .alert import Alert
from .alerts import Change, Past
from .closing import DAY
from .dailies import days_of
from .metrics import METER
from .story import Judged, kept_windows
from .tallies import HOURS_OF_A_DAY

# Days in which a rhythm shows; of a model that answers on every fifth day 28 are too few:
# 1.2 false alerts a year, and 0.4 with these (simulated).
RHYTHM = 84


def judge_silence(storage: Storage, judged: Judged) -> tuple[Alert, ...]:
    """Say that no events come any more where they used to.

    Parameters
    ----------
    storage : Storage
        The workspace.
    judged : Judged
        The version that should answer; events of all versions count.

    Returns
    -------
    tuple of Alert
        The alert that opened, or none. Events that were recorded a day after they were
        true are no traffic of which silence could be said.
    """
    newest = _newest(storage, judged.model_id)
    today = storage.clock.now() // DAY
    if newest is None or newest // DAY >= today - 1:
        return ()
    last = newest // DAY
    days: set[int] = set()
    for name in events.streams(storage, judged.model_id):
        window = (last - RHYTHM + 1) * HOURS_OF_A_DAY, (last + 1) * HOURS_OF_A_DAY
        days |= set(days_of(summaries.collect(storage, name, [METER], *window)[0]))
    active = np.array(sorted(days), np.int64)
    longest = int(np.diff(active).max(initial=1)) - 1
    span = int(active[-1] - active[0]) + 1
    found = findings.of_silence(len(active), span, today - last - 1, longest)
    if found is None:
        return ()
    with storage.transaction() as transaction:
        if any(a.kind == "silence" for a in _active(storage, judged.model_id)):
            return ()
        where = alerts.fresh(judged.model_id, judged.version, ((last + 1) * DAY, today * DAY))
        past = Past(found=(), resting=frozenset())
        opened = alerts.advance((), [found], past, replace(where, alert_id=-1))
        return alerts.append(transaction, opened)


def _active(storage: Storage, model_id: str) -> list[Alert]:
    return [alert for alert in alerts.read(storage, model_id) if alert.state != "closed"]


def _newest(storage: Storage, model_id: str) -> int | None:
    """Return the newest event_time, if the event was recorded as it happened."""
    found = events.read(storage, model_id, Span(limit=1, only=()))
    times = [(int(r.event_time[0]), int(r.written_at[0])) for _, r in found if len(r)]
    if not times:
        return None
    event_time, written_at = max(times)
    return event_time if written_at - event_time < DAY else None


def retire(storage: Storage, judged: Judged) -> tuple[Alert, ...]:
    """Close the alerts of versions that answer no more.

    Parameters
    ----------
    storage : Storage
        The workspace.
    judged : Judged
        The version that answers; one of its windows has closed since the others answered.

    Returns
    -------
    tuple of Alert
        What was closed.
    """
    kept = kept_windows(storage, judged, "events", limit=1)
    others = {
        alert.version
        for alert in _active(storage, judged.model_id)
        if alert.version != judged.version and alert.kind != "silence"
    }
    if not kept or not others:
        return ()
    begin, end = kept[-1].window.span
    gone = {version for version in others if not _has_since(storage, judged, version, begin)}
    with storage.transaction() as transaction:
        closed = [
            Change(alert=replace(alert, state="closed", closed_at=end), at=end)
            for alert in _active(storage, judged.model_id)
            if alert.version in gone and alert.kind != "silence"
        ]
        return alerts.append(transaction, closed)


def _has_since(storage: Storage, judged: Judged, version: str, begin: int) -> bool:
    name = events.stream(judged.model_id, version)
    return len(storage.log.read("event", name, Span(since=begin, limit=1, only=()))) > 0
