"""Whatever a table comes as, it is the same table inside, and goes out as it came."""

import datetime as dt
import importlib.util
import subprocess
import sys
import tracemalloc
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from mlops_magics.errors.tables import DuplicateColumns, UnreadableTable, UnusableColumn
from mlops_magics.tables import as_given, read_table

SPEC = importlib.util.spec_from_file_location("backends", Path(__file__).with_name("backends.py"))
backends = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(backends)
BACKENDS, IN_MEMORY, given = backends.BACKENDS, backends.IN_MEMORY, backends.given

ROWS = 30
NOON = dt.datetime(2024, 2, 29, 12, 30, 15, 250_000, dt.UTC)
TYPES = {
    "customer_id": "integer",
    "Rate": "number",
    "rate": "integer",
    "order": "boolean",
    "сумма, €": "text",
    "<b>prose</b>": "text",
    "code": "text",
    "when": "time",
}
COLUMNS = {
    "customer_id": [2**60 + row for row in range(ROWS)],
    "Rate": [None if row == 3 else row / 7 for row in range(ROWS)],
    "rate": [None if row == 4 else row % 3 - 1 for row in range(ROWS)],
    "order": [None if row == 5 else row % 2 == 0 for row in range(ROWS)],
    "сумма, €": [
        None if row == 6 else ["Zoë", 'a "quoted", one', "解"][row % 3] for row in range(ROWS)
    ],
    "<b>prose</b>": [f"line {row}\nand what was said about it then" for row in range(ROWS)],
    "code": [f"c{row}" for row in range(ROWS)],
    "when": [None if row == 7 else NOON + dt.timedelta(hours=row) for row in range(ROWS)],
}


def described(table):
    """Return all that a table is, but the library that it came from."""
    kinds = [(name, c.kind, c.stored_in) for name, c in table.columns.items()]
    return kinds, table.rows(), table.repairs


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_table_is_the_same_table_whatever_it_comes_as(backend, tmp_path):
    table = read_table(given(backend, COLUMNS, TYPES, tmp_path))

    # DuckDB's own tables have no two names that differ by case alone
    rate = "rate_1" if backend == "relation" else "rate"
    kinds = {name: column.kind for name, column in table.columns.items()}
    assert kinds == {
        "customer_id": "identifier",
        "Rate": "number",
        rate: "integer",
        "order": "boolean",
        "сумма, €": "category",
        "<b>prose</b>": "text",
        "code": "identifier",
        "when": "time",
    }
    assert [column.to_list() for column in table.columns.values()] == [*COLUMNS.values()]
    assert table.repairs == ()


SEEN = [dt.date(2024, 6, 1), None]
NAIVE = [dt.datetime(2024, 6, 1, 12), None]
PARIS = pd.Series(pd.to_datetime(NAIVE)).dt.tz_localize("Europe/Paris")
# what pandas has for a kind of column, and the same in Arrow, which polars and DuckDB take
ODD = {
    "a category": (pd.Categorical(["b", None]), pa.array(["b", None]).dictionary_encode()),
    "a category of numbers": (pd.Categorical([7, 9]), pa.array([7, 9]).dictionary_encode()),
    "a decimal": ([Decimal("1.50"), None], pa.array([Decimal("1.50"), None])),
    "a decimal without places": ([Decimal(15), None], pa.array([15, None], pa.decimal128(9, 0))),
    "a long decimal": (
        [Decimal("12345678901234567.25"), Decimal("0.10")],
        pa.array([Decimal("12345678901234567.25"), Decimal("0.10")]),
    ),
    "a duration": (
        pd.to_timedelta([90_500, None], unit="ms"),
        pa.array([90_500, None], pa.duration("ms")),
    ),
    "a day": (SEEN, pa.array(SEEN)),
    "a time of day": ([dt.time(1, 2), None], pa.array([dt.time(1, 2), None])),
    "a time without a zone": (pd.to_datetime(NAIVE), pa.array(NAIVE, pa.timestamp("us"))),
    "a time in nanoseconds": (
        pd.to_datetime(NAIVE).as_unit("ns"),
        pa.array(NAIVE, pa.timestamp("ns")),
    ),
    "a time with a zone": (PARIS, pa.array(PARIS, pa.timestamp("us", "Europe/Paris"))),
    "nothing but nulls": ([None, None], pa.nulls(2)),
    "small unsigned numbers": (np.array([255, 0], np.uint8), pa.array([255, 0], pa.uint8())),
    "large unsigned numbers": (
        np.array([2**64 - 1, 0], np.uint64),
        pa.array([2**64 - 1, 0], pa.uint64()),
    ),
    "small floats": (np.array([1.5, np.inf], np.float32), pa.array([1.5, np.inf], pa.float32())),
    "half floats": (np.array([1.5, 2], np.float16), pa.array([1.5, 2], pa.float16())),
    "bytes": ([b"\x01\xff", None], pa.array([b"\x01\xff", None])),
    "large texts": (["a", None], pa.array(["a", None], pa.large_string())),
    "views of texts": (["a", None], pa.array(["a", None], pa.string_view())),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("library", ["polars", "pyarrow", "pandas of Arrow"])
def test_every_kind_of_column_is_what_pandas_has_for_it(kind, library):
    if (library, kind) == ("pandas of Arrow", "views of texts"):
        pytest.skip("pandas cannot tell which of them are missing")
    in_pandas, in_arrow = ODD[kind]
    table = pa.table({"x": in_arrow})
    if library == "polars":
        table = pl.from_arrow(table)
    elif library == "pandas of Arrow":
        table = table.to_pandas(types_mapper=pd.ArrowDtype)

    assert described(read_table(table)) == described(read_table(pd.DataFrame({"x": in_pandas})))


def test_an_enum_of_polars_and_of_duckdb_is_a_category_also_where_it_never_repeats():
    names = [f"n{row}" for row in range(ROWS)]
    frame = pl.DataFrame({"x": names}, {"x": pl.Enum(names)})
    enum = ", ".join(f"'{name}'" for name in names)
    typed = duckdb.connect().sql(f"SELECT ('n' || i)::ENUM({enum}) AS x FROM range(30) t(i)")

    assert read_table(frame).column("x").kind == "category"
    assert read_table(typed).column("x").kind == "category"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pl.DataFrame({"l": [[1]]}), "column 'l' holds lists."),
        (pl.DataFrame({"l": [[1]]}, {"l": pl.Array(pl.Int64, 1)}), "column 'l' holds lists."),
        (pl.DataFrame({"s": [{"a": 1}]}), "column 's' holds objects."),
        (
            pa.table({"m": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8()))}),
            "column 'm' holds objects.",
        ),
        (pd.DataFrame({"l": [[1], None]}), "column 'l' holds lists."),
        ([{"s": {"a": 1}}], "column 's' holds objects."),
        ({"l": [np.arange(2), (1, 2)]}, "column 'l' holds lists."),
    ],
)
def test_a_column_whose_values_hold_several_is_refused_by_name(data, message):
    with pytest.raises(UnusableColumn) as refused:
        read_table(data)

    step = "Next: leave it out, or give what is inside columns of their own"
    assert str(refused.value) == f"{message} {step}"


@pytest.mark.parametrize("library", ["polars", "pyarrow", "relation"])
def test_a_features_object_is_read_as_its_columns_from_every_library(library):
    rows = [{"features": {"a": 1, "B": "x"}, "y": 0}, {"features": None, "y": 1}]
    table = pa.Table.from_pylist(rows)
    data = {"polars": pl.from_arrow(table), "pyarrow": table}.get(library)
    data = duckdb.connect().from_arrow(table) if data is None else data

    assert read_table(data).rows() == [{"a": 1, "B": "x", "y": 0}, {"a": None, "B": None, "y": 1}]


def test_integers_beyond_64_bits_keep_their_digits_from_every_library():
    wide = [2**100, None, -7]
    whole = "SELECT unnest([1267650600228229401496703205376, NULL, -7]) AS n"
    found = {
        "rows": read_table([{"n": n} for n in wide]),
        "polars": read_table(pl.DataFrame({"n": wide}, {"n": pl.Int128})),
        "decimals": read_table(pa.table({"n": pa.array(wide, pa.decimal128(38, 0))})),
        "relation": read_table(duckdb.connect().sql(whole)),
    }

    for library, table in found.items():
        assert table.column("n").to_list() == [str(2**100), None, "-7"], library
        assert table.repairs == ("'n' has integers beyond 64 bits: read as text",), library


def test_a_sum_of_duckdb_that_fits_in_64_bits_is_an_exact_integer():
    relation = duckdb.connect().sql("SELECT sum(i) AS n FROM (VALUES (9007199254740993), (0)) t(i)")

    column = read_table(relation).column("n")

    assert column.kind == "integer"
    assert column.to_list() == [2**53 + 1]


@pytest.mark.parametrize(
    "data",
    [
        np.array(["20000-01-01", "2024-01-01"], "datetime64[s]"),
        pd.Series(np.array(["20000-01-01", "2024-01-01"], "datetime64[s]")).dt.tz_localize("UTC"),
        pa.array([568971820800, 1704067200], pa.timestamp("s", "UTC")),
        [np.datetime64("20000-01-01"), np.datetime64("2024-01-01")],
    ],
)
def test_a_time_outside_the_years_of_python_is_missing_and_counted(data):
    table = read_table(pa.table({"t": data}) if isinstance(data, pa.Array) else {"t": data})

    assert table.column("t").to_list() == [None, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)]
    assert table.repairs[0] == "1 time in 't' outside the years 1 to 9999 read as missing"


def test_infinite_times_of_duckdb_are_missing_and_counted():
    query = "SELECT '-infinity'::TIMESTAMPTZ AS a, 'infinity'::DATE AS b, DATE '12024-01-01' AS c"

    table = read_table(duckdb.connect().sql(query))

    assert table.rows() == [{"a": None, "b": None, "c": None}]
    assert len(table.repairs) == 3


def test_a_stream_that_can_be_read_only_once_is_read_once():
    reader = pa.table({"x": [1, 2]}).to_reader()

    table = read_table(reader)

    assert read_table(table).column("x").to_list() == [1, 2]
    assert table.form == "pyarrow"


@pytest.mark.parametrize("data", [pl.Series("x", [1]), pa.chunked_array([[1]])])
def test_a_single_column_is_no_table(data):
    with pytest.raises(UnreadableTable) as refused:
        read_table(data)

    assert str(refused.value) == (
        f"the table cannot be read as a table: it is a {type(data).__name__}, a single column. "
        "Next: give it as a column of a table"
    )


def test_a_type_that_nothing_reads_is_refused_in_one_line():
    wide = pa.table({"x": pa.array([Decimal("1.5")], pa.decimal256(60, 1))})

    assert read_table(wide).column("x").to_list() == [1.5]
    with pytest.raises(
        UnreadableTable, match=r"Next: give it as pandas, or leave that column out$"
    ):
        read_table(backends.Capsule(wide))


def test_one_name_twice_is_refused_from_arrow_as_well():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    with pytest.raises(DuplicateColumns, match=r"^the table has 2 columns named 'a'. Next: "):
        read_table(table)


@pytest.mark.parametrize("backend", IN_MEMORY)
def test_a_table_goes_out_as_the_library_that_it_came_from(backend, tmp_path):
    table = read_table(given(backend, COLUMNS, TYPES, tmp_path))

    out = as_given(table)

    library = {"polars": pl.DataFrame, "polars lazy": pl.DataFrame}.get(backend, pd.DataFrame)
    library = pa.Table if backend.startswith("pyarrow") else library
    assert type(out) is library
    assert described(read_table(out)) == described(table)


def test_polars_and_arrow_get_types_that_hold_every_value_exactly():
    frame = as_given(read_table(given("polars", COLUMNS, TYPES, None)))
    arrow = as_given(read_table(given("pyarrow table", COLUMNS, TYPES, None)))

    assert frame.equals(given("polars", COLUMNS, TYPES, None))
    assert arrow.to_pydict() == COLUMNS


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow table", "rows"])
def test_part_of_a_table_goes_out_as_the_whole_would(backend):
    table = read_table(IN_MEMORY[backend](COLUMNS, TYPES)).select(["code", "rate"])

    part = as_given(table.take(np.array([2, 0])))

    assert type(part) is type(as_given(table))
    assert read_table(part).column("code").to_list() == ["c2", "c0"]


NAMES = [
    "x" * 300,
    "\u202eשלם",
    "<script>alert(1)</script>",
    'say "it\'s", `so`; --',
    "two\nlines",
    "$sum {x} %d",
    *(f"feature {place}" for place in range(1000)),
]


@pytest.mark.parametrize("backend", [b for b in BACKENDS if b not in ("rows", "lists")])
def test_a_thousand_columns_with_names_of_any_kind_come_in_and_go_out(backend, tmp_path):
    columns = {name: [place, None] for place, name in enumerate(NAMES)}

    table = read_table(given(backend, columns, dict.fromkeys(NAMES, "integer"), tmp_path))

    assert list(table.names) == NAMES
    out = as_given(table)
    assert list(out.column_names if isinstance(out, pa.Table) else out.columns) == NAMES
    assert table.rows()[0] == {name: place for place, name in enumerate(NAMES)}


CELLS = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    # begins with a letter: a file of texts cannot tell the text 12 from the number
    "text": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9).map("t{}".format),
    "time": st.datetimes(dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1)).map(
        lambda naive: naive.replace(tzinfo=dt.UTC)
    ),
}
rows = st.lists(st.tuples(*(st.none() | cell for cell in CELLS.values())), min_size=1, max_size=25)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(rows)
def test_a_table_written_to_any_backend_and_read_back_is_the_same(backend, tmp_path, found):
    # a column without any value has no kind in a file
    assume(all(any(row[place] is not None for row in found) for place in range(len(CELLS))))
    columns = {kind: [row[place] for row in found] for place, kind in enumerate(CELLS)}

    table = read_table(given(backend, columns, {kind: kind for kind in CELLS}, tmp_path))

    assert {name: column.to_list() for name, column in table.columns.items()} == columns
    assert table.repairs == ()


def test_numbers_of_a_large_polars_frame_become_no_python_objects():
    count = 1_000_000
    frame = pl.DataFrame(
        {"n": np.arange(count), "x": np.arange(count) / 3, "b": np.ones(count, bool)}
    )
    tracemalloc.start()
    try:
        read_table(frame)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    # a Python number takes 32 bytes and its place in a list 8 more; an array's takes 8
    assert peak < 3 * count * 32


WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import polars
from mlops_magics.tables import as_given, read_table
frame = polars.DataFrame({"n": [1, None], "s": ["x", "y"]})
assert as_given(read_table(frame)).equals(frame)
assert as_given(read_table(frame.lazy())).equals(frame)
"""
WITHOUT_POLARS = """
import sys
from mlops_magics.tables import as_given, read_table
as_given(read_table({"n": [1, None]}))
assert "polars" not in sys.modules
"""


@pytest.mark.parametrize("code", [WITHOUT_PYARROW, WITHOUT_POLARS])
def test_polars_needs_no_pyarrow_and_nothing_loads_polars(code, tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert outcome.returncode == 0, outcome.stderr
