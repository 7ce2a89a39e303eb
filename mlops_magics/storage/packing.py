"""How does one row become bytes, and many bytes columns?

A row is a bitmap of what is missing, then each number, integer, boolean and
time in its own width, then the texts as a JSON array. The schema says which
column is which; nothing in the bytes does.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from mlops_magics.tables.table import Column, Kind, Table

FIXED = {"float64": ("d", "<f8"), "int64": ("q", "<i8"), "time": ("q", "<i8"), "bool": ("?", "?")}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a schema: its name, its kind and how it is stored."""

    name: str
    kind: Kind
    stored_in: str


@dataclass(frozen=True)
class Schema:
    """The columns of packed rows and of segments, in order.

    Parameters
    ----------
    fields : tuple of Field
        One a column.

    Examples
    --------
    >>> table = Table.of({"x": Column("number", np.array([1.5]), np.array([False]))})
    >>> schema = Schema.of(table)
    >>> schema.unpack(schema.pack(table)).column("x").to_list()
    [1.5]
    """

    fields: tuple[Field, ...]

    @classmethod
    def of(cls, table: Table) -> "Schema":
        """Return the schema of a table."""
        return _schema(tuple((n, c.kind, c.stored_in) for n, c in table.columns.items()))

    @classmethod
    def from_json(cls, text: str) -> "Schema":
        """Read what `to_json` wrote."""
        return _schema(tuple((name, kind, stored) for name, kind, stored in json.loads(text)))

    def to_json(self) -> str:
        """Return the schema as text: equal schemas give equal texts."""
        return self._text

    @cached_property
    def _text(self) -> str:
        return json.dumps([[f.name, f.kind, f.stored_in] for f in self.fields], ensure_ascii=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(field.name for field in self.fields)

    def pack(self, table: Table) -> list[bytes]:
        """Return one packed row a row of the table, whose columns are this schema's."""
        columns = [table.columns[field.name] for field in self.fields]
        bitmaps = _bitmaps(columns, table.row_count)
        fixed = [columns[place].values.tolist() for place, _ in self._fixed]
        texts = [columns[place].to_list() for place in self._text_places]
        pack = self._numbers.pack
        rows = []
        for row in range(table.row_count):
            tail = json.dumps([column[row] for column in texts], ensure_ascii=False).encode()
            numbers = pack(*[column[row] for column in fixed])
            rows.append(bitmaps[row] + numbers + (tail if texts else b""))
        return rows

    def unpack(self, rows: Sequence[bytes]) -> Table:
        """Return the table of packed rows."""
        count, bits = len(rows), (len(self.fields) + 7) // 8
        if not self.fields:
            return Table({}, count)
        record = np.dtype(
            [("missing", "u1", (bits,))] + [(f"f{i}", FIXED[f][1]) for i, f in self._fixed]
        )
        heads = np.frombuffer(b"".join(row[: record.itemsize] for row in rows), dtype=record)
        missing = np.unpackbits(heads["missing"], axis=1, bitorder="little").astype(bool)
        texts = [json.loads(row[record.itemsize :]) for row in rows] if self._text_places else []
        columns = {}
        for place, field in enumerate(self.fields):
            lost = missing[:, place].copy() if count else np.zeros(0, bool)
            if field.stored_in in FIXED:
                values: Any = heads[f"f{place}"].copy()
            else:
                nth = self._text_places.index(place)
                values = np.array([row[nth] or "" for row in texts] + [None], dtype=object)[:-1]
            columns[field.name] = Column(field.kind, values, lost)
        return Table(columns, count)

    def unpack_one(self, row: bytes) -> dict[str, Any]:
        """Return the values of one packed row: None where missing, a time in microseconds."""
        bits = (len(self.fields) + 7) // 8
        missing = int.from_bytes(row[:bits], "little")
        fixed = iter(self._numbers.unpack_from(row, bits))
        tail = row[bits + self._numbers.size :]
        texts = iter(json.loads(tail) if tail else ())
        values = [next(fixed if f.stored_in in FIXED else texts) for f in self.fields]
        return {
            field.name: None if missing >> place & 1 else value
            for place, (field, value) in enumerate(zip(self.fields, values, strict=True))
        }

    @cached_property
    def _fixed(self) -> list[tuple[int, str]]:
        return [(i, f.stored_in) for i, f in enumerate(self.fields) if f.stored_in in FIXED]

    @cached_property
    def _numbers(self) -> struct.Struct:
        return struct.Struct("<" + "".join(FIXED[stored][0] for _, stored in self._fixed))

    @cached_property
    def _text_places(self) -> list[int]:
        return [i for i, f in enumerate(self.fields) if f.stored_in not in FIXED]


# single rows of one stream have one schema: its texts and formats are made once
@lru_cache(maxsize=256)
def _schema(fields: tuple[tuple[str, Kind, str], ...]) -> Schema:
    return Schema(tuple(Field(*field) for field in fields))


def _bitmaps(columns: Sequence[Column], count: int) -> list[bytes]:
    if not columns:
        return [b""] * count
    if count == 1:
        bits = sum(1 << place for place, column in enumerate(columns) if column.missing[0])
        return [bits.to_bytes((len(columns) + 7) // 8, "little")]
    missing = np.stack([column.missing for column in columns], axis=1)
    packed = np.packbits(missing, axis=1, bitorder="little")
    return [row.tobytes() for row in packed]


def empty_column(kind: Kind, stored_in: str, count: int) -> Column:
    """Return a column in which every value is missing."""
    missing = np.ones(count, bool)
    if stored_in == "text":
        values: Any = np.array([""] * count + [None], dtype=object)[:-1]
    elif stored_in == "float64":
        values = np.full(count, np.nan)
    else:
        values = np.zeros(count, np.bool_ if stored_in == "bool" else np.int64)
    return Column(kind, values, missing)
