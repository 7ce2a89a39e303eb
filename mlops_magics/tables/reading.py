"""How does a user's table come in?

pandas, a list of dicts, a dict of lists, a CSV or Parquet file: each becomes a
Table. What it repairs it says; it never writes to what it was given.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mlops_magics.errors.error import shown
from mlops_magics.errors.tables import EmptyTable, UnreadableTable

from .duck import Engine, from_cursor, refuse_duplicates
from .kinds import Reading, from_array, from_values, is_missing
from .table import Table

FORMS = "a pandas DataFrame, a list of dicts, a dict of lists, or the path of a CSV or Parquet file"


def read_table(data: object, what: str = "the table") -> Table:
    """Read any table that a user may have.

    Parameters
    ----------
    data : Table, pandas.DataFrame, list of dict, dict of sequences, str or Path
        A text is the path of a CSV or Parquet file. A column named `features`
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
        table = _from_file(Path(data))
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
        readings = {name: from_values(name, values) for name, values in spread.items()}
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
    if isinstance(dtype, pd.DatetimeTZDtype):
        utc = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return from_array(name, utc.to_numpy("datetime64[us]"), missing)
    if pd.api.types.is_datetime64_dtype(dtype):
        reading = from_array(name, series.to_numpy("datetime64[us]"), missing)
        return Reading(reading.column, (f"times in {name!r} have no zone: read as UTC",))
    if pd.api.types.is_timedelta64_dtype(dtype):
        return from_array(name, series.to_numpy(), missing)
    return from_values(name, series.tolist())


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
        return from_array(name, values, np.zeros(len(values), bool))
    return from_values(name, list(values))


def _from_rows(rows: Sequence[Mapping[Any, Any]]) -> Table:
    labels = [_label(label) for label in dict.fromkeys(label for row in rows for label in row)]
    refuse_duplicates(labels)
    named = [{_label(label): value for label, value in row.items()} for row in rows]
    lists = {name: [row.get(name) for row in named] for name in labels}
    if _holds_dicts(lists.get("features", ())):
        lists = _spread_features(lists)
    readings = {name: from_values(name, values) for name, values in lists.items()}
    return assemble(readings, len(rows))


def _holds_dicts(values: Any) -> bool:
    present = [value for value in values if isinstance(value, Mapping) or not is_missing(value)]
    return bool(present) and all(isinstance(value, Mapping) for value in present)


def _spread_features(lists: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the column of `features` objects by the columns inside them."""
    objects = [value if isinstance(value, Mapping) else {} for value in lists["features"]]
    inside = dict.fromkeys(_label(label) for row in objects for label in row)
    refuse_duplicates([*inside, *(name for name in lists if name != "features")])
    spread = {name: [row.get(name) for row in objects] for name in inside}
    return {**spread, **{name: values for name, values in lists.items() if name != "features"}}


def _from_file(path: Path) -> Table:
    what = f"the file {shown(str(path))}"
    reason = ""
    try:
        if not path.is_file():
            reason = "it is a folder" if path.is_dir() else "it does not exist"
    except OSError as error:  # a name that is too long, a folder that may not be read
        reason = error.strerror or str(error)
    if reason:
        raise UnreadableTable(what, reason, "check the path; it starts at the notebook's folder")
    kind = path.suffix.lower()
    if kind not in (".csv", ".tsv", ".txt", ".parquet", ".pq"):
        raise UnreadableTable(what, f"{kind or 'no ending'} is not known", "give .csv or .parquet")
    engine = Engine()
    try:
        return (
            _read_parquet(engine, path) if kind in (".parquet", ".pq") else _read_csv(engine, path)
        )
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:200]
        raise UnreadableTable(what, reason, "open it and check its first lines") from error
    finally:
        engine.close()


def _read_parquet(engine: Engine, path: Path) -> Table:
    cursor = engine.cursor()
    schema = cursor.execute(
        "SELECT name, num_children FROM parquet_schema(?)", [str(path)]
    ).fetchall()
    names = _top_level(schema)
    refuse_duplicates(names)
    return from_cursor(cursor.execute("SELECT * FROM read_parquet(?)", [str(path)]), names)


def _top_level(schema: list[tuple[str, int | None]]) -> list[str]:
    """Return the names one level below the root of a depth-first schema listing."""
    names, place = [], 1
    while place < len(schema):
        names.append(schema[place][0])
        open_children = 1
        while open_children:
            open_children += (schema[place][1] or 0) - 1
            place += 1
    return names


def _read_csv(engine: Engine, path: Path) -> Table:
    cursor = engine.cursor()
    sniffed = cursor.execute(
        "SELECT Delimiter, Quote, SkipRows, HasHeader FROM sniff_csv(?, sample_size = -1)",
        [str(path)],
    ).fetchone()
    assert sniffed is not None
    delimiter, quote, skip, has_header = sniffed
    names = _header(path, delimiter, quote, skip) if has_header else None
    if names is not None:
        refuse_duplicates(names)
    return from_cursor(
        cursor.execute("SELECT * FROM read_csv(?, sample_size = -1)", [str(path)]), names
    )


def _header(path: Path, delimiter: str, quote: str, skip: int) -> list[str]:
    """Read the header as it stands: DuckDB renames columns that differ by case alone."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for _ in range(skip):
            next(lines)
        quotechar = quote if len(quote) == 1 else '"'
        return next(csv.reader(lines, delimiter=delimiter or ",", quotechar=quotechar))
