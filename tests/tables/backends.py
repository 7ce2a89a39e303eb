"""One table in every form in which a user may have it."""

import csv
import datetime as dt
import gzip
import json

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet

# kind → the type that each library has for it
TYPES = {
    "integer": ("Int64", pl.Int64, pa.int64()),
    "number": ("float64", pl.Float64, pa.float64()),
    "boolean": ("boolean", pl.Boolean, pa.bool_()),
    "text": ("str", pl.String, pa.string()),
    "time": ("datetime64[us, UTC]", pl.Datetime("us", "UTC"), pa.timestamp("us", "UTC")),
}


class Capsule:
    """Something that speaks Arrow and nothing else, as a library nobody has heard of would."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def to_pandas(columns, types):
    return pd.DataFrame(
        {name: pd.Series(v, dtype=TYPES[types[name]][0]) for name, v in columns.items()}
    )


def to_polars(columns, types):
    return pl.DataFrame(columns, {name: TYPES[types[name]][1] for name in columns})


def to_arrow(columns, types):
    return pa.table({name: pa.array(v, TYPES[types[name]][2]) for name, v in columns.items()})


def to_relation(columns, types):
    return duckdb.connect().from_arrow(to_arrow(columns, types))


def to_rows(columns, types=None):
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def to_reader(columns, types):
    return to_arrow(columns, types).to_reader()


def to_pandas_of_arrow(columns, types):
    return to_arrow(columns, types).to_pandas(types_mapper=pd.ArrowDtype)


IN_MEMORY = {
    "pandas": to_pandas,
    "pandas of Arrow": to_pandas_of_arrow,
    "polars": to_polars,
    "polars lazy": lambda columns, types: to_polars(columns, types).lazy(),
    "pyarrow table": to_arrow,
    "pyarrow batch": lambda columns, types: to_arrow(columns, types).to_batches()[0],
    "pyarrow reader": to_reader,
    "capsule": lambda columns, types: Capsule(to_arrow(columns, types)),
    "relation": to_relation,
    "lists": lambda columns, types: columns,
    "rows": to_rows,
}


def shown(value):
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def csv_text(columns, separator=","):
    import io

    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(columns)
    writer.writerows([[shown(v) for v in row] for row in zip(*columns.values(), strict=True)])
    return out.getvalue()


def plain(value):
    return value.isoformat() if isinstance(value, dt.date) else value


def json_lines(columns):
    rows = [{name: plain(value) for name, value in row.items()} for row in to_rows(columns)]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_csv(columns, types, path):
    path.write_text(csv_text(columns), encoding="utf-8")


def write_tsv(columns, types, path):
    path.write_text(csv_text(columns, "\t"), encoding="utf-8")


def write_packed_csv(columns, types, path):
    path.write_bytes(gzip.compress(csv_text(columns, ";").encode()))


def write_json_lines(columns, types, path):
    path.write_text(json_lines(columns), encoding="utf-8")


def write_json(columns, types, path):
    lines = json_lines(columns).splitlines()
    path.write_text(f"[{','.join(lines)}]", encoding="utf-8")


def write_parquet(columns, types, path):
    pyarrow.parquet.write_table(to_arrow(columns, types), path)


IN_FILES = {
    ".csv": write_csv,
    ".tsv": write_tsv,
    ".csv.gz": write_packed_csv,
    ".jsonl": write_json_lines,
    ".ndjson": write_json_lines,
    ".json": write_json,
    ".parquet": write_parquet,
}
BACKENDS = (*IN_MEMORY, *IN_FILES)


def given(backend, columns, types, folder):
    """Return the table as a user of this backend would give it."""
    if backend in IN_MEMORY:
        return IN_MEMORY[backend](columns, types)
    path = folder / f"it's a table{backend}"
    IN_FILES[backend](columns, types, path)
    return str(path)
