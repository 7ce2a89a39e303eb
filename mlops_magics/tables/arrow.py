"""How does a table that speaks Arrow come in?

polars, pyarrow, DuckDB relations and whatever else hands out an Arrow stream:
DuckDB reads the stream, and no Arrow library is imported. A stream is read once.
"""

from typing import Any

import duckdb

from mlops_magics.errors.tables import UnreadableTable

from .arrow_schema import ArrowField, fields_of
from .duck import Engine, as_category, assemble, read_select, refuse_duplicates
from .kinds import from_values
from .recognising import library
from .table import Form, Reading, Table

LIBRARIES: dict[str, Form] = {"polars": "polars", "pyarrow": "pyarrow"}


class Stream:
    """One Arrow stream, and nothing else: DuckDB asks polars itself for pyarrow.

    Parameters
    ----------
    capsule : PyCapsule
        What `__arrow_c_stream__` returned.
    """

    def __init__(self, capsule: Any) -> None:
        self._capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        # asked several times, for its columns and for its rows: always the same stream
        return self._capsule


def read_stream(data: Any, what: str) -> Table:
    """Read what has `__arrow_c_stream__`, or a lazy polars frame.

    Parameters
    ----------
    data : object
        It is not changed; a reader that can be read only once is used up.
    what : str
        How errors call it.

    Returns
    -------
    Table
        To be given back as polars or pyarrow if it is one of theirs.

    Raises
    ------
    UnreadableTable, DuplicateColumns, UnusableColumn
        In one line, naming the column.
    """
    form = LIBRARIES.get(library(data), "pandas")
    data = data.collect() if hasattr(data, "collect") and form == "polars" else data
    data = data.read_all() if hasattr(data, "read_all") and form == "pyarrow" else data
    try:
        readings = _read(data, what)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:200]
        raise UnreadableTable(
            what, reason, "give it as pandas, or leave that column out"
        ) from error
    table = assemble(readings)
    return Table(table.columns, table.row_count, table.repairs, None, form)


def _read(data: Any, what: str) -> dict[str, Reading]:
    names: list[str] = []
    by_value: list[str] = []
    if library(data) in LIBRARIES and hasattr(data, "select"):
        names, by_value = _unexported(data)
    if by_value:
        rest = [name for name in names if name not in by_value]
        readings = _read(data.select(rest), what) if rest else {}
        readings |= {name: from_values(name, _values(data[name])) for name in by_value}
        return {name: readings[name] for name in names}
    capsule = data.__arrow_c_stream__()
    fields = fields_of(capsule)
    if fields is None:
        reason = f"it is a {type(data).__name__}, a single column"
        raise UnreadableTable(what, reason, "give it as a column of a table")
    refuse_duplicates([field.name for field in fields])
    return _through_duckdb(capsule, fields)


def _through_duckdb(capsule: Any, fields: list[ArrowField]) -> dict[str, Reading]:
    if not fields:
        return {}
    engine = Engine()
    try:
        cursor = engine.cursor()
        cursor.register("given", Stream(capsule))
        names = [field.name for field in fields]
        readings = read_select(cursor, "SELECT * FROM given", None, names, says_zone=True)
    finally:
        engine.close()
    for field in fields:
        if field.is_dictionary and field.name in readings:
            readings[field.name] = as_category(readings[field.name])
    return readings


def _unexported(data: Any) -> tuple[list[str], list[str]]:
    """Return all columns, and those of a type that does not travel to DuckDB."""
    is_polars = library(data) == "polars"
    names = list(data.columns if is_polars else data.schema.names)
    refuse_duplicates(names)
    types = map(str, data.dtypes if is_polars else data.schema.types)
    odd = [name for name, kind in zip(names, types, strict=True) if kind.startswith(UNEXPORTED)]
    return names, odd


# As polars and as pyarrow call them: integers and decimals of more bits than DuckDB
# takes from Arrow, half floats, nothing at all, and Python's own objects.
UNEXPORTED = ("Int128", "UInt128", "Float16", "Null", "Object", "null", "halffloat", "decimal256")


def _values(column: Any) -> list[Any]:
    values: list[Any] = column.to_list() if hasattr(column, "to_list") else column.to_pylist()
    return values
