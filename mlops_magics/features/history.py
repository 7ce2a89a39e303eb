"""What were the values of one entity over time, and when did each become known?

Its rows as they lie in the log, oldest first, and what of them was known at a moment:
the same answer as a join gives, with the rows that were true by then and not yet known.
It decides nothing about what is shown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.storage import Storage
from mlops_magics.storage.packing import Field, empty_column
from mlops_magics.storage.rows import Span
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import EPOCH, Column, Table, Value

from .cautions import DAY
from .keys import key_columns, write_keys
from .view import View, ViewVersion

# Of an entity with more rows the newest are read: a picture shows no more of them.
ROWS_READ = 100_000
ENTITIES_READ = 1000

OF_ONE = """
SELECT event_time, known_at{columns}, count(*) OVER () AS row_count
FROM ({scan}) WHERE key = $key ORDER BY event_time DESC, seq DESC LIMIT {limit}
"""

Moments = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known of an entity at a moment.

    Attributes
    ----------
    at : int
        The moment, microseconds.
    place : int or None
        Which row of the history was in force; None where nothing was known.
    is_stale : bool
        Whether that row was older than the view's limit, and so counts as missing.
    values : mapping of str to value
        The features that had a value.
    late : tuple of int
        Rows newer than that one which were true by then and became known later.
    """

    at: int
    place: int | None
    is_stale: bool
    values: Mapping[str, Value]
    late: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """The rows of one entity in one version of a view.

    Attributes
    ----------
    version : ViewVersion
        The version.
    entity : mapping of str to value
        Its key.
    table : Table
        Some features, n rows by (event_time, seq).
    event_time, known_at : array of int64, shape (n,)
        When each row was true, and from when it could be used.
    row_count : int
        Rows of the entity; n, or more where only the newest were read.
    """

    version: ViewVersion
    entity: Mapping[str, Value]
    table: Table
    event_time: Moments
    known_at: Moments
    row_count: int

    def __len__(self) -> int:
        return len(self.event_time)

    @property
    def seen_from(self) -> Moments:
        """The moment from which a join sees each row."""
        return np.maximum(self.event_time, self.known_at)

    @property
    def late(self) -> NDArray[np.int64]:
        """The places of the rows that became known more than a day late, oldest first."""
        if self.version.time is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.known_at > self.event_time + DAY)

    def values(self, place: int) -> dict[str, Value]:
        """Return the features of one row, None where missing."""
        return self.table.take(np.array([place])).rows()[0]

    def at(self, moment: int) -> Known:
        """Return what was known at a moment.

        Parameters
        ----------
        moment : int
            Microseconds.

        Returns
        -------
        Known
            As a join as of that moment finds it.
        """
        seen = np.flatnonzero(self.seen_from <= moment)
        true = np.flatnonzero(self.event_time <= moment)
        if not len(seen):
            late = tuple(true.tolist())
            return Known(at=moment, place=None, is_stale=False, values={}, late=late)
        place = int(seen[-1])
        ttl = self.version.ttl
        is_stale = ttl is not None and int(self.event_time[place]) < moment - ttl
        values = {n: found for n, found in self.values(place).items() if found is not None}
        return Known(
            at=moment,
            place=place,
            is_stale=is_stale,
            values={} if is_stale else values,
            late=tuple(true[true > place].tolist()),
        )


def history(
    storage: Storage,
    view: View,
    entity: Mapping[str, Value],
    names: Sequence[str],
    limit: int = ROWS_READ,
) -> History:
    """Return the rows of one entity.

    Parameters
    ----------
    storage : Storage
        Where they are.
    view : View
        The view; its newest version is read.
    entity : mapping of str to value
        Its key, in kinds that can be read as those of the view.
    names : sequence of str
        The features that are wanted.
    limit : int, default=100000
        At most so many rows, the newest.

    Returns
    -------
    History
        Without rows for an entity that is not known.
    """
    typed = Table.of({name: from_values(name, [value]).column for name, value in entity.items()})
    key = write_keys(key_columns(typed, view.current.key, "the entity")).texts[0]
    features = [field for field in view.features if field.name in names]
    cursor = storage.cursor()
    scan = storage.log.scan(cursor, "feature", view.current.stream, features)
    places = [f"f{place}" for place in range(len(features))]
    query = OF_ONE.format(scan=scan, columns="".join(f", {p}" for p in places), limit=int(limit))
    answer = cursor.execute(query, {"key": key})
    found = tables.from_cursor(answer, ["event_time", "known_at", *places, "row_count"])
    cursor.close()
    # the newest come first
    oldest_first = found.take(np.arange(len(found))[::-1])
    counted = oldest_first.column("row_count").values
    return History(
        version=view.current,
        entity=entity_of(str(key), view.current.key),
        table=_typed(features, places, oldest_first),
        event_time=oldest_first.column("event_time").values.astype(np.int64),
        known_at=oldest_first.column("known_at").values.astype(np.int64),
        row_count=int(counted[0]) if len(counted) else 0,
    )


def newest_entities(storage: Storage, view: View, count: int) -> tuple[dict[str, Value], ...]:
    """Return the keys of the entities that were written about last.

    Parameters
    ----------
    storage : Storage
        Where they are.
    view : View
        The view.
    count : int
        At most so many of them.

    Returns
    -------
    tuple of mapping of str to value
        The newest first, among the newest thousand rows.
    """
    span = Span(limit=ENTITIES_READ, only=())
    rows = storage.log.read("feature", view.current.stream, span)
    found = dict.fromkeys(key for key in rows.keys if key is not None)
    return tuple(entity_of(key, view.current.key) for key in list(found)[:count])


def entity_of(key: str, fields: Sequence[Field]) -> dict[str, Value]:
    """Return the values that a key is made of.

    Parameters
    ----------
    key : str
        As `keys.write_keys` writes it.
    fields : sequence of Field
        The key columns.

    Returns
    -------
    dict of str to value
        One a key column.

    Examples
    --------
    >>> entity_of('[42, "a"]', [Field("k", "integer", "int64"), Field("p", "category", "text")])
    {'k': 42, 'p': 'a'}
    """
    values = json.loads(key)
    return {
        field.name: EPOCH + timedelta(microseconds=value) if field.kind == "time" else value
        for field, value in zip(fields, values, strict=True)
    }


def _typed(features: Sequence[Field], names: Sequence[str], found: Table) -> Table:
    columns: dict[str, Column] = {}
    for field, name in zip(features, names, strict=True):
        column = found.column(name)
        # a column whose values are all missing comes back without a type of its own
        typed = empty_column(field.kind, field.stored_in, len(found))
        present = ~column.missing
        typed.values[present] = column.values[present]
        columns[field.name] = Column(field.kind, typed.values, column.missing)
    return Table(columns, len(found))
