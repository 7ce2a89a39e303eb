"""How is a CSV file read as it stands?

Its fields come in as texts; `csv_types` tells what they are. A regular file goes
through DuckDB; one with rows that are too short or too long is read row by row,
and every row that had to be mended is counted.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from .csv_dialect import Layout, layout_of
from .csv_types import typed
from .duck import Engine, assemble, read_select, refuse_duplicates
from .encoding import Decoded
from .giving import register
from .quoting import literal
from .table import Column, Reading, Table

ROWS_AT_ONCE = 20_000


@dataclass(slots=True)
class _Mended:
    """How many rows were not as wide as the header, and where the first of them is."""

    short: int = 0
    first_short: int = 0
    long: int = 0
    first_long: int = 0

    def lines(self) -> tuple[str, ...]:
        said = []
        if self.short:
            rows = "1 row has" if self.short == 1 else f"{self.short:,} rows have"
            where = f"(first: line {self.first_short})"
            said.append(f"{rows} fewer fields than the header {where}: the others are missing")
        if self.long:
            rows = "1 row has" if self.long == 1 else f"{self.long:,} rows have"
            where = f"(first: line {self.first_long})"
            said.append(f"{rows} more fields than the header {where}: left out")
        return tuple(said)


def read_csv(decoded: Decoded, kind: str) -> Table:
    """Read a CSV file.

    Parameters
    ----------
    decoded : Decoded
        The file in UTF-8, with what was done for that.
    kind : str
        Its ending.

    Returns
    -------
    Table
        With one line for everything that was mended or looks like something else.
    """
    layout = layout_of(decoded.path, kind)
    if layout is None:
        return Table({}, 0)
    engine = Engine()
    try:
        cursor = engine.cursor()
        select, repairs, mended = _select(cursor, decoded, layout)
        names = list(layout.names)
        readings = read_select(cursor, select, None, names)
        for name, said in zip(names, repairs, strict=True):
            reading = readings[name]
            readings[name] = Reading(reading.column, (*said, *reading.repairs))
    finally:
        engine.close()
    table = assemble(readings)
    table, said = _without_nameless(table, layout)
    mends = (*decoded.repairs, *said, *mended, *table.repairs)
    return Table(table.columns, table.row_count, mends)


def copy_csv(decoded: Decoded, kind: str, target: Path) -> tuple[list[str], tuple[str, ...]]:
    """Write a CSV file as Parquet, in bounded memory.

    Parameters
    ----------
    decoded : Decoded
        The file in UTF-8, with what was done for that.
    kind : str
        Its ending.
    target : Path
        The Parquet file, whose columns are c0, c1, ...; its folder takes what does not
        fit into memory.

    Returns
    -------
    tuple of (list of str, tuple of str)
        The names of the columns, none for an empty file, and what was mended.
    """
    layout = layout_of(decoded.path, kind)
    if layout is None:
        return [], ()
    engine = Engine(target.parent)
    try:
        cursor = engine.cursor()
        select, repairs, mended = _select(cursor, decoded, layout)
        cursor.execute(f"COPY ({select}) TO {literal(str(target))} (FORMAT parquet)")
    finally:
        engine.close()
    said = [line for lines in repairs for line in lines]
    return list(layout.names), (*decoded.repairs, *layout.repairs, *mended, *said)


def _select(
    cursor: duckdb.DuckDBPyConnection, decoded: Decoded, layout: Layout
) -> tuple[str, list[tuple[str, ...]], tuple[str, ...]]:
    """Return a SELECT of the typed columns, the repairs of each, and which rows were mended."""
    refuse_duplicates(layout.names)
    mended = _load(cursor, decoded, layout)
    columns = typed(cursor, layout.names)
    selected = ", ".join(f"{column.sql} AS c{i}" for i, column in enumerate(columns))
    return f"SELECT {selected} FROM csv", [column.repairs for column in columns], mended  # noqa: S608 - ours


def _without_nameless(table: Table, layout: Layout) -> tuple[Table, tuple[str, ...]]:
    """Leave out a last column that has neither name nor value: a comma at the end of each row."""
    name = table.names[-1]
    is_called = bool(layout.repairs) and name == f"column{len(table.names)}"
    if not is_called or layout.header_rows == 0 or not table.columns[name].missing.all():
        return table, layout.repairs
    if len(table.names) == 1:
        return table, layout.repairs
    return table.without([name]), ("the last column has no name and no value: left out",)


def _load(cursor: duckdb.DuckDBPyConnection, decoded: Decoded, layout: Layout) -> tuple[str, ...]:
    """Bring all fields into the table `csv`, as texts c0, c1, …; return what was mended."""
    spec = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(layout.names)))
    options = (
        f"auto_detect = false, header = false, quote = '\"', escape = '\"', columns = {{{spec}}}"
    )
    try:
        cursor.execute(
            f"CREATE TEMP TABLE csv AS SELECT * FROM read_csv({literal(str(decoded.path))}, "  # noqa: S608
            f"delim = {literal(layout.separator)}, {options}) OFFSET {layout.header_rows:d}"
        )
    except duckdb.InvalidInputException:
        return _load_by_row(cursor, decoded, layout)
    return ()


def _load_by_row(
    cursor: duckdb.DuckDBPyConnection, decoded: Decoded, layout: Layout
) -> tuple[str, ...]:
    names = [f"c{place}" for place in range(len(layout.names))]
    declared = ", ".join(f"{name} VARCHAR" for name in names)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE csv ({declared})")
    mended = _Mended()
    with decoded.path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=layout.separator, strict=True)
        rows = _whole_rows(reader, layout, mended)
        try:
            while chunk := list(islice(rows, ROWS_AT_ONCE)):
                columns = {
                    n: _texts(v) for n, v in zip(names, zip(*chunk, strict=True), strict=True)
                }
                selected = register(cursor, "chunk", columns)
                cursor.execute(f"INSERT INTO csv SELECT {selected} FROM chunk")  # noqa: S608 - ours
                cursor.unregister("chunk")
        except csv.Error as error:
            is_open = "unexpected end" in str(error)
            said = "a quote is opened and never closed" if is_open else str(error)
            raise ValueError(f"line {reader.line_num}: {said}") from error
    return mended.lines()


def _whole_rows(reader: Any, layout: Layout, mended: _Mended) -> Iterator[list[str]]:
    """Yield the rows of the data, each as wide as the header."""
    width, is_first = len(layout.names), layout.header_rows > 0
    for row in reader:
        if not row and width > 1:
            continue
        if is_first and row:
            is_first = False
            continue
        if len(row) < width:
            mended.short += 1
            mended.first_short = mended.first_short or reader.line_num
            row += [""] * (width - len(row))
        elif any(row[width:]):
            mended.long += 1
            mended.first_long = mended.first_long or reader.line_num
            continue
        yield row[:width]


def _texts(values: tuple[str, ...]) -> Column:
    array = np.array([*values, None], dtype=object)[:-1]
    return Column("category", array, np.array([not value for value in values], bool))
