"""Which value of a feature was known at a moment?

Per row and view: the newest row by (event_time, written_at, seq) among those
true and known at the row's time, as a whole (a null is a value); stale ones
are missing. Rows in = rows out, in order. The same code serves training and
prediction, so that they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.storage import Storage
from mlops_magics.storage.packing import Field, empty_column
from mlops_magics.tables.table import Column, Table

from .view import ViewVersion

# A row is seen from `seen_from` on: when it was both true and known. Per key, n numbers
# the rows from oldest to newest; best is the newest of all that are seen at a time. So one
# ASOF join finds it, at a cost that grows with rows and not with rows times history.
SQL = """
WITH history AS MATERIALIZED (
    SELECT *, greatest(event_time, known_at) AS seen_from,
        row_number() OVER (PARTITION BY key ORDER BY event_time, written_at, seq) AS n
    FROM ({scan}) WHERE key IN (SELECT key FROM spine) AND written_at <= $known_at
), seen AS (
    SELECT key, seen_from, max(n) OVER (PARTITION BY key ORDER BY seen_from) AS best FROM history
), matched AS (
    SELECT spine.place, seen.key, seen.best
    FROM spine ASOF JOIN seen ON spine.key = seen.key AND spine.asked_at >= seen.seen_from
)
SELECT matched.place, history.event_time{columns}
FROM matched JOIN history ON matched.key = history.key AND matched.best = history.n
"""
FOREVER = 2**62


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
    """

    version: ViewVersion
    columns: dict[str, Column]
    event_time: Column
    missing_count: int
    stale_count: int


def join_view(
    storage: Storage,
    version: ViewVersion,
    features: Sequence[Field],
    keys: Sequence[str | None],
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
    keys : sequence of str or None, length n
        The key of each row, as `keys.key_texts` writes it.
    at : Column of time, n rows
        The moment of each row.
    known_at : int, optional
        Only what had been written by then, microseconds; all by default.

    Returns
    -------
    JoinedView
        n rows, in order; a row with a missing key or time finds nothing.
    """
    cursor = storage.cursor()
    asked = np.array([key is not None for key in keys], bool) & ~at.missing
    places = np.flatnonzero(asked)
    texts = [key for key, is_asked in zip(keys, asked, strict=True) if is_asked]
    spine = {
        "place": Column("integer", places, np.zeros(len(places), bool)),
        "key": _keys(texts),
        "asked_at": Column("integer", at.values[places], np.zeros(len(places), bool)),
    }
    typed = tables.register(cursor, "asked", spine)
    cursor.execute(f"CREATE TEMP TABLE spine AS SELECT {typed} FROM asked")  # noqa: S608 - ours
    scan = storage.log.scan(cursor, "feature", version.stream, features)
    columns = "".join(f", f{i}" for i in range(len(features)))
    query = SQL.format(scan=scan, columns=columns)
    bound = {"known_at": FOREVER if known_at is None else known_at}
    names = ["place", "event_time", *(f"f{i}" for i in range(len(features)))]
    found = tables.from_cursor(cursor.execute(query, bound), names)
    cursor.execute("DROP TABLE spine")
    cursor.close()
    return _arrange(version, features, found, at)


def _keys(texts: list[str | None]) -> Column:
    array = np.array([*texts, None], dtype=object)[:-1]
    return Column("category", array, np.zeros(len(texts), bool))


def _arrange(
    version: ViewVersion, features: Sequence[Field], found: Table, at: Column
) -> JoinedView:
    """Put what was found at the places of the rows that asked."""
    count = len(at)
    place = found.column("place").values
    event_time = np.zeros(count, np.int64)
    event_time[place] = found.column("event_time").values
    has = np.zeros(count, bool)
    has[place] = True
    stale = np.zeros(count, bool)
    if version.ttl is not None:
        stale = has & (event_time < at.values - version.ttl)
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
