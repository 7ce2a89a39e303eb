"""Which value of a feature was known at a moment?

Per row and view: the newest row by (event_time, seq) among those true and known
at the row's time, as a whole (a null is a value); stale ones are missing. `seq` is
the order of writing, which no step of a clock turns around. Rows in = rows out, in
order. The same code serves training and prediction, so that they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.storage import Storage
from mlops_magics.storage.packing import Field, empty_column
from mlops_magics.tables.table import Column, Table

from .keys import Keys
from .view import ViewVersion

# Two ways to the same rows. `best` is the newest that was true and known, `newer` the newest
# that was true. Where few rows share a key, every pair of a row that asks and an earlier row
# of the history is looked at:
PAIRS = """
WITH found AS MATERIALIZED (
    SELECT spine.place, max({order}) FILTER (known_at <= asked_at) AS best, max({order}) AS newer
    FROM spine JOIN ({scan}) ON spine.key = history_key AND event_time <= asked_at
    WHERE written_at <= $known_at GROUP BY spine.place
)
SELECT place, (best // {seqs} - {shift})::BIGINT AS event_time,
    CASE WHEN newer IS DISTINCT FROM best THEN (newer // {seqs} - {shift})::BIGINT END
        AS newer_time{columns}
FROM found LEFT JOIN ({features}) ON (best % {seqs})::BIGINT = history_seq
"""
# event_time and seq in one number: its maximum is found three times as fast as that of a pair.
# Shifted, since a division of negative numbers does not round down; seqs end long before 2**40.
SEQS, SHIFT = 2**40, 2**62
ORDER = f"((event_time::HUGEINT + {SHIFT}) * {SEQS} + seq)"
# Where many do, the cost must grow with the rows and not with rows times history. Per key, n
# numbers the rows from oldest to newest; a row is seen from when it was both true and known,
# and the newest of all that are seen by a moment is the running maximum of n. So one ASOF join
# finds `best`, and another one, only where something became known late, finds `newer`.
HISTORY = """
CREATE TEMP TABLE history AS
SELECT history_key AS key, event_time, greatest(event_time, known_at) AS seen_from, seq,
    row_number() OVER (PARTITION BY history_key ORDER BY event_time, seq) AS n
FROM ({scan}) WHERE history_key IN (SELECT key FROM spine) AND written_at <= $known_at
"""
RUNNING = """
WITH seen AS (
    SELECT key, seen_from, max(n) OVER (PARTITION BY key ORDER BY seen_from) AS n FROM history
), best AS (
    SELECT place, history.*
    FROM (SELECT place, seen.key, seen.n FROM spine ASOF JOIN seen
          ON spine.key = seen.key AND spine.asked_at >= seen.seen_from) JOIN history USING (key, n)
), newer AS ({newer})
SELECT place, best.event_time,
    CASE WHEN newer.n IS DISTINCT FROM best.n THEN newer.event_time END AS newer_time{columns}
FROM best FULL JOIN newer USING (place) LEFT JOIN ({features}) ON best.seq = history_seq
"""
NEWER = """
    SELECT place, t.event_time, t.n FROM spine ASOF JOIN (
        SELECT key, event_time, max(n) AS n FROM history GROUP BY key, event_time
    ) t ON spine.key = t.key AND spine.asked_at >= t.event_time
"""
FOREVER = 2**62
# A pair costs less than a tenth of what a row costs in the other way (10 million rows).
PAIRS_PER_ROW = 8
PAIRS_THAT_ARE_FEW = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JoinedView:
    """What one view gave to the rows of a spine.

    Attributes
    ----------
    version : ViewVersion
        The version of the view that was joined.
    columns : dict of str to Column, each of n rows
        The features.
    event_time : Column
        When the values were true, missing where there are none.
    missing_count, stale_count : int
        Rows for which nothing was known, and rows whose value was too old.
    late_count : int
        Rows for which a newer value was true, but became known later.
    """

    version: ViewVersion
    columns: dict[str, Column]
    event_time: Column
    missing_count: int
    stale_count: int
    late_count: int = 0


def join_view(
    storage: Storage,
    version: ViewVersion,
    features: Sequence[Field],
    keys: Keys,
    at: Column,
    known_at: int | None = None,
) -> JoinedView:
    """Join one view to rows, each as of its own time.

    Parameters
    ----------
    storage : Storage
        Where the view's rows are.
    version : ViewVersion
        The view.
    features : sequence of Field
        The features that are wanted.
    keys : Keys, n rows
        The key of each row.
    at : Column of time
        The moment of each row.
    known_at : int, optional
        Only what had been written by then, microseconds; all by default.

    Returns
    -------
    JoinedView
        n rows, in order; a row with a missing key or time finds nothing.
    """
    places = np.flatnonzero(~keys.missing & ~at.missing)
    cursor = storage.cursor()
    asked = Column("integer", at.values[places], np.zeros(len(places), bool))
    spine = {
        "place": Column("integer", places, np.zeros(len(places), bool)),
        "key": Column("category", keys.of_rows(places), np.zeros(len(places), bool)),
        "asked_at": asked,
    }
    typed = tables.register(cursor, "asked", spine)
    cursor.execute(f"CREATE TEMP TABLE spine AS SELECT {typed} FROM asked")  # noqa: S608 - ours
    columns = [f"f{place}" for place in range(len(features))]
    with storage.reading():  # both scans see one moment
        bare = storage.log.scan(cursor, "feature", version.stream, ())
        whole = storage.log.scan(cursor, "feature", version.stream, features)
        rows = storage.log.count("feature", version.stream)
    parts = {
        "scan": f"SELECT * RENAME (key AS history_key) FROM ({bare})",  # noqa: S608 - ours
        "features": f"SELECT {', '.join(['seq AS history_seq', *columns])} FROM ({whole})",  # noqa: S608
        "columns": "".join(f", {name}" for name in columns),
        **{"order": ORDER, "seqs": str(SEQS), "shift": str(SHIFT)},
    }
    bound = {"known_at": FOREVER if known_at is None else known_at}
    many = keys.codes[places]
    find = _by_pairs if _are_pairs_few(cursor, many, rows, parts["scan"]) else _by_running_maximum
    answer = find(cursor, parts, bound)
    found = tables.from_cursor(answer, ["place", "event_time", "newer_time", *columns])
    cursor.execute("DROP TABLE spine")
    cursor.close()
    return _arrange(version, features, found, at)


def _are_pairs_few(cursor: Any, codes: NDArray[np.int64], rows: int, scan: str) -> bool:
    """Tell whether the pairs of asking rows and history are few beside the rows themselves."""
    few = max(PAIRS_THAT_ARE_FEW, PAIRS_PER_ROW * (rows + len(codes)))
    most_of_a_key = int(np.bincount(codes).max()) if len(codes) else 0
    if most_of_a_key * rows <= few:
        return True
    counted = cursor.execute(
        "SELECT coalesce(sum(s.n * h.n), 0)::BIGINT"  # noqa: S608 - ours
        " FROM (SELECT key, count(*) AS n FROM spine GROUP BY key) s"
        f" JOIN (SELECT history_key, count(*) AS n FROM ({scan}) GROUP BY ALL) h"
        " ON s.key = history_key"
    )
    return bool(counted.fetchall()[0][0] <= few)


def _by_pairs(cursor: Any, parts: dict[str, str], bound: dict[str, int]) -> Any:
    return cursor.execute(PAIRS.format(**parts), bound)


def _by_running_maximum(cursor: Any, parts: dict[str, str], bound: dict[str, int]) -> Any:
    cursor.execute(HISTORY.format(**parts), bound)
    late = cursor.execute("SELECT count(*) FROM history WHERE seen_from > event_time")
    newer = NEWER if late.fetchall()[0][0] else "SELECT place, event_time, n FROM best"
    return cursor.execute(RUNNING.format(newer=newer, **parts))


def _arrange(
    version: ViewVersion, features: Sequence[Field], found: Table, at: Column
) -> JoinedView:
    """Put what was found at the places of the rows that asked."""
    count = len(at)
    place, moments = found.column("place").values, found.column("event_time")
    event_time = np.zeros(count, np.int64)
    event_time[place] = moments.values
    has, stale, late = (np.zeros(count, bool) for _ in range(3))
    has[place] = ~moments.missing
    newer = found.column("newer_time")
    oldest = np.full(count, -FOREVER) if version.ttl is None else at.values - version.ttl
    late[place] = ~newer.missing & (newer.values >= oldest[place])
    stale = has & (event_time < oldest)
    usable = has & ~stale
    columns = {
        field.name: _scatter(field, found.column(f"f{i}"), place, usable)
        for i, field in enumerate(features)
    }
    return JoinedView(
        version=version,
        columns=columns,
        event_time=Column("time", np.where(usable, event_time, 0), ~usable),
        missing_count=int((~has).sum()),
        stale_count=int(stale.sum()),
        late_count=int(late.sum()),
    )


def _scatter(
    field: Field, column: Column, place: NDArray[np.int64], usable: NDArray[np.bool_]
) -> Column:
    from_nothing = empty_column(field.kind, field.stored_in, len(usable))
    values, missing = from_nothing.values, from_nothing.missing
    values[place] = column.values.astype(values.dtype)
    missing[place] = column.missing
    missing |= ~usable
    filler = "" if field.stored_in == "text" else np.nan if field.stored_in == "float64" else 0
    values[missing] = filler
    return Column(field.kind, values, missing)
