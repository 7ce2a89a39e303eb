"""How does a user's table come in?

pandas, polars, whatever speaks Arrow, a list of dicts, a dict of lists, a file:
each becomes a Table. What it repairs it says; it never writes to what it was given.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_magics.errors.tables import EmptyTable, UnreadableTable

from .arrow import read_stream
from .duck import nested, refuse_duplicates
from .file_reading import read_file
from .kinds import from_array, from_values, is_missing
from .moments import no_zone
from .recognising import is_polars, speaks_arrow
from .table import Reading, Table

FORMS = (
    "a pandas, polars or Arrow table, a list of dicts, a dict of lists, "
    "or the path of a CSV, JSON lines or Parquet file"
)


def read_table(data: object, what: str = "the table") -> Table:
    """Read any table that a user may have.

    Parameters
    ----------
    data : Table, DataFrame, Arrow table, list of dict, dict of sequences, str or Path
        A DataFrame of pandas or polars, or anything with `__arrow_c_stream__`. A text
        is the path of a CSV, JSON lines or Parquet file. A column named `features`
        that holds dicts is read as their columns.
    what : str, default='the table'
        How errors call it.

    Returns
    -------
    Table
        Names unchanged, integers exact, infinite values counted and missing.

    Raises
    ------
    UnreadableTable
        If it is none of these, or a file that cannot be read.
    DuplicateColumns
        If two columns have exactly one name.
    UnusableColumn
        If a column holds lists or objects.
    EmptyTable
        If it has no columns or no rows.

    Examples
    --------
    >>> read_table([{"a": 1, "b": "x"}, {"a": 2**60}]).column("a").to_list()
    [1, 1152921504606846976]
    """
    if isinstance(data, Table):
        table = data
    elif isinstance(data, pd.DataFrame):
        table = _from_pandas(data)
    elif isinstance(data, str | Path):
        found = read_file(Path(data))
        table = found if isinstance(found, Table) else _from_rows(found)
    elif is_polars(data) or speaks_arrow(data):
        table = read_stream(data, what)
    elif isinstance(data, Mapping):
        table = _from_lists(data, what)
    elif isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        table = _from_rows(data)
    else:
        raise UnreadableTable(what, f"it is a {type(data).__name__}", f"give {FORMS}")
    if not table.columns:
        raise EmptyTable(what, "columns", f"give {FORMS}")
    if not table.row_count:
        raise EmptyTable(what, "rows", "give at least one row")
    return table


SEVERAL = (Mapping, list, tuple, set, frozenset, np.ndarray)


def assemble(readings: Mapping[str, Reading], row_count: int, index: Any = None) -> Table:
    """Put columns that were read one by one together."""
    columns = {name: reading.column for name, reading in readings.items()}
    repairs = tuple(line for reading in readings.values() for line in reading.repairs)
    return Table(columns, row_count, repairs, index)


def _from_pandas(frame: pd.DataFrame) -> Table:
    names = [_label(label) for label in frame.columns]
    refuse_duplicates(names)
    if "features" in names and _holds_dicts(frame.iloc[:, names.index("features")].tolist()):
        lists = {n: frame.iloc[:, i].tolist() for i, n in enumerate(names)}
        spread = _spread_features(lists)
        readings = {name: read_values(name, values) for name, values in spread.items()}
        return assemble(readings, len(frame), frame.index)
    readings = {name: read_series(name, frame.iloc[:, i]) for i, name in enumerate(names)}
    return assemble(readings, len(frame), frame.index)


def _label(label: object) -> str:
    if isinstance(label, tuple):
        return " ".join(str(part) for part in label if part != "")
    return str(label)


def read_series(name: str, series: "pd.Series[Any]") -> Reading:
    """Read one pandas column by its dtype.

    Examples
    --------
    >>> read_series("b", pd.Series([True, None], dtype="boolean")).column.to_list()
    [True, None]
    """
    dtype = series.dtype
    missing = series.isna().to_numpy(bool)
    if isinstance(dtype, pd.CategoricalDtype):
        values = series.astype(object)
        reading = from_values(name, values.tolist())
        is_text = reading.column.values.dtype.kind == "O"
        column = reading.column.as_kind("category") if is_text else reading.column
        return Reading(column, reading.repairs)
    if pd.api.types.is_bool_dtype(dtype):
        return from_array(name, series.to_numpy(bool, na_value=False), missing)
    if pd.api.types.is_integer_dtype(dtype):
        wide = np.uint64 if pd.api.types.is_unsigned_integer_dtype(dtype) else np.int64
        filled = series.fillna(0) if missing.any() else series
        return from_array(name, filled.to_numpy(wide), missing)
    if pd.api.types.is_float_dtype(dtype):
        return from_array(name, series.to_numpy(np.float64, na_value=np.nan), missing)
    if isinstance(dtype, pd.ArrowDtype):
        return _from_arrow_dtype(name, series)
    if isinstance(dtype, pd.DatetimeTZDtype):
        utc = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return from_array(name, utc.to_numpy(), missing)
    if pd.api.types.is_datetime64_dtype(dtype):
        reading = from_array(name, series.to_numpy(), missing)
        return Reading(reading.column, (*reading.repairs, no_zone(name)))
    if pd.api.types.is_timedelta64_dtype(dtype):
        return from_array(name, series.to_numpy(), missing)
    if isinstance(dtype, pd.StringDtype):
        return from_values(name, series.to_numpy(object, na_value=None).tolist())
    return read_values(name, series.tolist())


def _from_arrow_dtype(name: str, series: "pd.Series[Any]") -> Reading:
    # the library that such a column needs is there, and its values keep their types
    table = read_stream(series.reset_index(drop=True).to_frame(name), f"the column {name!r}")
    return Reading(table.columns[name], table.repairs)


def _from_lists(data: Mapping[Any, Any], what: str) -> Table:
    lists = {}
    for label, values in data.items():
        if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__len__"):
            reason = f"its {label!r} is a {type(values).__name__}"
            raise UnreadableTable(what, reason, "give a list a column; one row is [{…}]")
        lists[_label(label)] = values
    refuse_duplicates([_label(label) for label in data])
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        (short, n), (long, m) = [*sorted(lengths.items(), key=lambda item: item[1])][
            :: len(lengths) - 1
        ]
        reason = f"{short!r} has {n} rows and {long!r} has {m}"
        raise UnreadableTable(what, reason, "give every column the same number of rows")
    if _holds_dicts(lists.get("features", ())):
        lists = _spread_features(lists)
    readings = {name: _read_sequence(name, values) for name, values in lists.items()}
    return assemble(readings, next(iter(lengths.values()), 0))


def _read_sequence(name: str, values: Any) -> Reading:
    if isinstance(values, pd.Series):
        return read_series(name, values)
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "biufmM":
        reading = from_array(name, values, np.zeros(len(values), bool))
        said = (no_zone(name),) if values.dtype.kind == "M" else ()
        return Reading(reading.column, (*reading.repairs, *said))
    return read_values(name, list(values))


def read_values(name: str, values: Sequence[object]) -> Reading:
    """Read the Python values of a column, which may not hold several values each.

    Examples
    --------
    >>> read_values("n", [1, None]).column.to_list()
    [1, None]
    """
    present = _several(values, SEVERAL)
    if present:
        raise nested(name, "objects" if isinstance(present[0], Mapping) else "lists")
    return from_values(name, values)


def _several(values: Sequence[object], kinds: type | tuple[type, ...]) -> list[object]:
    """Return the values that are there if all of them are of these kinds; else none."""
    # a column has few types: they are asked before each value is
    if not any(issubclass(kind, kinds) for kind in set(map(type, values))):
        return []
    present = [value for value in values if isinstance(value, kinds) or not is_missing(value)]
    return present if all(isinstance(value, kinds) for value in present) else []


def _from_rows(rows: Sequence[Mapping[Any, Any]]) -> Table:
    labels = [_label(label) for label in dict.fromkeys(label for row in rows for label in row)]
    refuse_duplicates(labels)
    named = [{_label(label): value for label, value in row.items()} for row in rows]
    lists = {name: [row.get(name) for row in named] for name in labels}
    if _holds_dicts(lists.get("features", ())):
        lists = _spread_features(lists)
    readings = {name: read_values(name, values) for name, values in lists.items()}
    return assemble(readings, len(rows))


def _holds_dicts(values: Any) -> bool:
    return bool(_several(values, Mapping))


def _spread_features(lists: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the column of `features` objects by the columns inside them."""
    objects = [value if isinstance(value, Mapping) else {} for value in lists["features"]]
    inside = dict.fromkeys(_label(label) for row in objects for label in row)
    refuse_duplicates([*inside, *(name for name in lists if name != "features")])
    spread = {name: [row.get(name) for row in objects] for name in inside}
    return {**spread, **{name: values for name, values in lists.items() if name != "features"}}
