"""How does a table go out: as the user's own kind of table, or into a Parquet file?"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .duck import Engine
from .quoting import SQL_TYPES, literal
from .table import Column, Table


def as_given(table: Table) -> Any:
    """Return a table of the library that the user's own table came from.

    Parameters
    ----------
    table : Table
        The table to give back.

    Returns
    -------
    polars.DataFrame, pyarrow.Table or pandas.DataFrame
        polars for polars, eager or lazy, and Arrow for Arrow; else pandas, with the
        index that came.

    Examples
    --------
    >>> type(as_given(Table.of({"n": Column("integer", np.arange(2), np.zeros(2, bool))}))).__name__
    'DataFrame'
    """
    if table.form == "pandas" or not table.columns:
        return to_pandas(table)
    # who gave such a table has imported its library; the package never does
    library = sys.modules[table.form]
    physical = {f"c{place}": column for place, column in enumerate(table.columns.values())}
    engine = Engine()
    try:
        cursor = engine.cursor()
        selected = ", ".join(
            f"make_timestamptz({name}) AS {name}" if column.kind == "time" else name
            for name, column in physical.items()
        )
        given = register(cursor, "given", physical)
        stream = cursor.sql(f"SELECT {selected} FROM (SELECT {given} FROM given)")  # noqa: S608 - ours
        if table.form == "polars":
            frame = library.DataFrame(stream)
            frame.columns = list(table.names)
            return frame
        return library.table(stream).rename_columns(list(table.names))
    finally:
        engine.close()


def to_pandas(table: Table) -> pd.DataFrame:
    """Return a pandas DataFrame with the index that the table came with.

    Parameters
    ----------
    table : Table
        The table to give back.

    Returns
    -------
    pandas.DataFrame
        Integers and booleans as NumPy types, nullable ones where a value is
        missing; times aware, in UTC; texts as str.

    Examples
    --------
    >>> column = Column("integer", np.arange(2), np.array([False, True]))
    >>> to_pandas(Table.of({"n": column}))["n"].dtype
    Int64Dtype()
    """
    series = {name: _to_series(column) for name, column in table.columns.items()}
    index = pd.RangeIndex(table.row_count) if table.index is None else table.index
    frame = pd.DataFrame(series, index=pd.RangeIndex(table.row_count))
    frame.index = index
    return frame


def _to_series(column: Column) -> Any:
    stored, values, missing = column.stored_in, column.values, column.missing
    if stored == "time":
        stamps = values.astype("datetime64[us]")
        stamps = np.where(missing, np.datetime64("NaT", "us"), stamps)
        return pd.Series(stamps).dt.tz_localize("UTC")
    if stored == "text":
        return pd.Series(
            [None if m else v for v, m in zip(values, missing, strict=True)], dtype="str"
        )
    if stored == "float64" or not missing.any():
        return pd.Series(values.copy())
    nullable = pd.array(values, dtype="Int64" if stored == "int64" else "boolean")
    nullable[missing] = pd.NA
    return pd.Series(nullable)


def register(cursor: Any, name: str, columns: dict[str, Column]) -> str:
    """Register columns on a cursor and return the SELECT list that types them.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        The very cursor that will run the query.
    name : str
        Name of the registered table: ours, never a user's.
    columns : dict of str to Column
        Physical names: ours, never a user's. Times become BIGINT microseconds.

    Returns
    -------
    str
        Such as ``CASE WHEN m0 THEN NULL ELSE a END::DOUBLE AS a``.
    """
    arrays: dict[str, Any] = {}
    selected = []
    for place, (physical, column) in enumerate(columns.items()):
        arrays[physical] = column.values
        arrays[f"m{place}"] = column.missing
        kind = SQL_TYPES[column.stored_in]
        selected.append(
            f"CASE WHEN m{place} THEN NULL ELSE CAST({physical} AS {kind}) END AS {physical}"
        )
    cursor.register(name, arrays)
    return ", ".join(selected)


def write_parquet(
    cursor: Any, columns: dict[str, Column], path: Path, compression: str = "zstd"
) -> None:
    """Write columns into a compressed Parquet file.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        A fresh cursor; it is closed afterwards.
    columns : dict of str to Column
        Physical names: letters and digits, chosen by us.
    path : Path
        The file; whoever calls this syncs and renames it.
    compression : str, default='zstd'
        zstd is small, snappy is quick to read.
    """
    selected = register(cursor, "written", columns)
    target = f"{literal(str(path))} (FORMAT parquet, COMPRESSION {compression})"
    # names are ours and the path is quoted
    cursor.execute(f"COPY (SELECT {selected} FROM written) TO {target}")  # noqa: S608
    cursor.close()
