"""What do the events of a window add up to, without reading them?

Segments are tallied once and kept by day; packed rows are tallied on the fly; a window
of whole hours is their sum. A tally that is lost, or of a new meter, is made again from
the rows.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from mlops_magics.errors.storage import ReadOnlyWorkspace, WorkspaceBusy
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.log import ROWS_OF_A_SEGMENT
from mlops_magics.storage.rows import Dated, Span

from .tallies import (
    HOURS_OF_A_DAY,
    MICROSECONDS_OF_AN_HOUR,
    Hours,
    Meter,
    Tally,
    by_hour,
    from_bytes,
    to_bytes,
)

# Hours since 1970 UTC: before and after all events.
NEVER, FOREVER = -(2**31), 2**31


class Day(NamedTuple):
    """What the rows of a segment add up to on one day, as it is kept."""

    meter: str
    day: int
    hours: bytes
    whole: bytes


def collect(
    storage: Storage,
    name: str,
    meters: Sequence[Meter],
    begin: int = NEVER,
    end: int = FOREVER,
    by_day: bool = False,
) -> list[list[Hours]]:
    """Return what the hours of a window add up to.

    Parameters
    ----------
    storage : Storage
        The workspace.
    name : str
        The stream of a version.
    meters : sequence of Meter
        What is counted.
    begin, end : int, optional
        Hours since 1970 UTC, without `end`.
    by_day : bool, default=False
        Whether it is enough to know the UTC day: many times quicker where there are many
        events, since the hours of whole days come as one.

    Returns
    -------
    list of list of Hours
        Of each meter, parts that have each event once; an hour may be in several.
    """
    fold(storage, name)
    summarise(storage, name, meters)
    span = Span(since=begin * MICROSECONDS_OF_AN_HOUR, until=end * MICROSECONDS_OF_AN_HOUR - 1)
    # one moment: no event is seen both packed and in the segment that it was folded into
    with storage.reading() as reading:
        hot = storage.log.read_hot("event", name, span)
        parts = []
        for meter in meters:
            kept = _kept(reading, name, meter, (begin, end), by_day)
            own = [from_bytes(hours) for hours in kept]
            # a segment that came since, or one that could not be summarised for good
            for segment in _not_summarised(reading, storage, name, meter).values():
                own.append(by_hour(meter, storage.log.read_segment(segment, span)))
            if len(hot):
                own.append(by_hour(meter, hot))
            parts.append([hours.between(begin, end) for hours in own])
    return parts


def total(meter: Meter, parts: Iterable[Hours]) -> Tally:
    """Return what parts add up to."""
    tally = Tally.empty(meter)
    for hours in parts:
        hours.add_to(tally)
    return tally


def by_length(meter: Meter, parts: Iterable[Hours], length: int) -> dict[int, Tally]:
    """Return what each stretch of so many hours adds up to.

    Parameters
    ----------
    meter : Meter
        What is counted.
    parts : iterable of Hours
        As `collect` returns them.
    length : int
        Hours of a stretch: 1, or 24 for UTC days.

    Returns
    -------
    dict of int to Tally
        By the hour with which the stretch begins, in order; only those with events.
    """
    found: dict[int, Tally] = {}
    for hours in parts:
        for begin in sorted({hour // length * length for hour in hours.hour.tolist()}):
            tally = found.setdefault(begin, Tally.empty(meter))
            hours.between(begin, begin + length).add_to(tally)
    return dict(sorted(found.items()))


def fold(storage: Storage, name: str) -> None:
    """Fold the packed rows of a stream into segments, where they are many."""
    if storage.log.hot_count("event", name) < ROWS_OF_A_SEGMENT:
        return
    # where writing is not allowed, looking is; it takes longer
    with (
        suppress(ReadOnlyWorkspace, WorkspaceBusy),
        storage.transaction(durable=False) as transaction,
    ):
        storage.log.compact(transaction, "event", name)


def summarise(storage: Storage, name: str, meters: Sequence[Meter]) -> None:
    """Tally the segments of a stream that have not been, and keep the tallies."""
    with storage.reading() as reading:
        missing = {meter: _not_summarised(reading, storage, name, meter) for meter in meters}
    segments = {key: row for found in missing.values() for key, row in found.items()}
    for segment_id, segment in segments.items():
        rows = storage.log.read_segment(segment)
        wanted = [meter for meter, found in missing.items() if segment_id in found]
        tallied = tally(wanted, rows)
        with (
            suppress(ReadOnlyWorkspace, WorkspaceBusy),
            storage.transaction(durable=False) as transaction,
        ):
            keep(transaction, segment_id, tallied)


def tally(meters: Iterable[Meter], rows: Dated) -> list[Day]:
    """Return what rows add up to, by meter and UTC day."""
    return [
        Day(meter.of, day, to_bytes(hours), to_bytes(hours.together()))
        for meter in meters
        for day, hours in by_hour(meter, rows).days()
    ]


def keep(transaction: Transaction, segment_id: str, days: Iterable[Day]) -> None:
    """Keep what the rows of a segment add up to."""
    transaction.executemany(
        "INSERT OR IGNORE INTO summary (segment_id, meter, day, hours, whole)"
        " VALUES (?, ?, ?, ?, ?)",
        [(segment_id, *day) for day in days],
    )


def _not_summarised(
    reading: Transaction, storage: Storage, name: str, meter: Meter
) -> dict[str, Any]:
    found = reading.execute(
        "SELECT segment_id FROM segment WHERE kind = 'event' AND name = ? AND NOT EXISTS"
        " (SELECT 1 FROM summary WHERE summary.segment_id = segment.segment_id AND meter = ?)",
        (name, meter.of),
    )
    missing = {row[0] for row in found.fetchall()}
    if not missing:
        return {}
    segments = storage.log.segments("event", name)
    return {key: row for key, row in segments.items() if key in missing}


def _kept(
    reading: Transaction, name: str, meter: Meter, window: tuple[int, int], by_day: bool
) -> list[bytes]:
    begin, end = window
    first, last = begin // HOURS_OF_A_DAY, -(-end // HOURS_OF_A_DAY)
    # the days that lie in the window from their first hour to their last
    whole = (-(-begin // HOURS_OF_A_DAY), end // HOURS_OF_A_DAY) if by_day else (0, 0)
    found = reading.execute(
        "SELECT CASE WHEN day >= ? AND day < ? THEN whole ELSE hours END"
        " FROM segment JOIN summary USING (segment_id)"
        " WHERE kind = 'event' AND name = ? AND meter = ? AND day >= ? AND day < ?",
        (*whole, name, meter.of, first, last),
    )
    return [row[0] for row in found.fetchall()]
