"""What are the rows of the log, before and after they are stored?

What is appended, which rows are asked for, and what comes back. Holds no file
and no connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Kind, Table

from .packing import empty_column

NUMBERS = frozenset(["float64", "int64", "bool"])


class Dated(Protocol):
    """Rows with the time of each, stored or about to be."""

    @property
    def table(self) -> Table:
        """The columns, n rows."""

    @property
    def event_time(self) -> NDArray[np.int64]:
        """When each row was true, microseconds since 1970 UTC, shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one stream, in the order in which they were appended.

    Attributes
    ----------
    table : Table
        The columns of the stream.
    seq, event_time, written_at, known_at : array of int64, shape (n,)
        Order of appending; times in microseconds since 1970 UTC.
    ids, keys : list of str or None, length n
        Id of a row and key of its entity, where it has one.
    """

    table: Table
    seq: NDArray[np.int64]
    event_time: NDArray[np.int64]
    written_at: NDArray[np.int64]
    known_at: NDArray[np.int64]
    ids: list[str | None]
    keys: list[str | None]

    def __len__(self) -> int:
        return len(self.seq)

    def take(self, rows: NDArray[Any]) -> "Rows":
        """Return the rows of these positions, in this order."""
        return Rows(
            table=self.table.take(rows),
            seq=self.seq[rows],
            event_time=self.event_time[rows],
            written_at=self.written_at[rows],
            known_at=self.known_at[rows],
            ids=[self.ids[i] for i in rows],
            keys=[self.keys[i] for i in rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Append:
    """What is appended to one stream.

    Attributes
    ----------
    table : Table
        The columns, n rows.
    event_time, known_at : array of int64, shape (n,)
        When each row was true, and from when it could be used.
    ids, keys : sequence of str or None, optional
        One a row; no id or key by default.
    """

    table: Table
    event_time: NDArray[np.int64]
    known_at: NDArray[np.int64]
    ids: Sequence[str | None] | None = None
    keys: Sequence[str | None] | None = None

    def rows(self, seq: int, now: int) -> Rows:
        """Return the rows with their numbers, from `seq` on, and the moment of their writing."""
        count = self.table.row_count
        nothing: list[str | None] = [None] * count
        return Rows(
            table=self.table,
            seq=np.arange(seq, seq + count),
            event_time=self.event_time,
            written_at=np.full(count, now),
            known_at=self.known_at,
            ids=nothing if self.ids is None else list(self.ids),
            keys=nothing if self.keys is None else list(self.keys),
        )


class Appended(NamedTuple):
    """Where rows went.

    Attributes
    ----------
    seq : int
        Number of the first row; the others follow.
    segment_id : str or None
        The segment that holds them; None where they are packed.
    """

    seq: int
    segment_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which rows of a stream: both bounds of time inclusive.

    Attributes
    ----------
    since, until : int, optional
        Bounds of event_time, microseconds.
    limit : int, optional
        At most so many, the newest by (event_time, seq).
    ids : tuple of str, optional
        Only rows with these ids.
    only : tuple of str, optional
        Only these columns are read; all by default.
    """

    since: int | None = None
    until: int | None = None
    limit: int | None = None
    ids: tuple[str, ...] | None = None
    only: tuple[str, ...] | None = None

    def wants(self, name: str) -> bool:
        """Whether a column is read."""
        return self.only is None or name in self.only

    def bounds(self, newest: str, oldest: str) -> tuple[str, list[Any]]:
        """Return the bounds of time as a condition on two columns, with its values."""
        where, values = "", list[Any]()
        if self.since is not None:
            where += f" AND {newest} >= ?"
            values.append(self.since)
        if self.until is not None:
            where += f" AND {oldest} <= ?"
            values.append(self.until)
        return where, values


def concatenate(parts: Sequence[Rows]) -> Rows:
    """Return all rows of several parts; a column that a part lacks is missing in it."""
    names = dict.fromkeys(name for part in parts for name in part.table.columns)
    columns = {}
    for name in names:
        found = [part.table.columns.get(name) for part in parts]
        kind, stored = _common([column for column in found if column is not None])
        pieces = [
            empty_column(kind, stored, len(part))
            if column is None
            else convert(column, kind).column
            for part, column in zip(parts, found, strict=True)
        ]
        values = np.concatenate([piece.values for piece in pieces])
        columns[name] = Column(kind, values, np.concatenate([piece.missing for piece in pieces]))
    nothing = np.zeros(0, np.int64)
    return Rows(
        table=Table(columns, sum(len(part) for part in parts)),
        seq=np.concatenate([nothing, *(part.seq for part in parts)]),
        event_time=np.concatenate([nothing, *(part.event_time for part in parts)]),
        written_at=np.concatenate([nothing, *(part.written_at for part in parts)]),
        known_at=np.concatenate([nothing, *(part.known_at for part in parts)]),
        ids=[i for part in parts for i in part.ids],
        keys=[k for part in parts for k in part.keys],
    )


def _common(columns: Sequence[Column]) -> tuple[Kind, str]:
    """Return the kind under which columns of one name can stand together."""
    # where every value is missing, none has said yet what the column is
    said = [column for column in columns if not column.missing.all()] or columns
    all_stored = {column.stored_in for column in said}
    if len(all_stored) == 1:
        return said[0].kind, said[0].stored_in
    return ("number", "float64") if all_stored <= NUMBERS else ("category", "text")
