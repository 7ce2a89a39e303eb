"""What goes out is what came in."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.tables import Engine, Table, read_table, to_pandas, write_parquet

columns = {
    "Zahl": st.floats(allow_nan=False, allow_infinity=False),
    "zahl": st.integers(-(2**63), 2**63 - 1),
    "is it": st.booleans(),
    "сумма, €": st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    "when": st.datetimes(dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1)).map(
        lambda naive: naive.replace(tzinfo=dt.UTC)
    ),
}
rows = st.lists(
    st.fixed_dictionaries({name: st.none() | cell for name, cell in columns.items()}),
    min_size=1,
    max_size=25,
)


def described(table):
    kinds = [(name, c.kind, c.stored_in) for name, c in table.columns.items()]
    return kinds, table.rows()


@given(rows)
def test_a_table_that_goes_out_as_a_frame_comes_back_the_same(found):
    table = read_table(found)

    assert described(read_table(to_pandas(table))) == described(table)


@settings(max_examples=25)
@given(rows)
def test_a_table_that_goes_into_a_parquet_file_comes_back_the_same(tmp_path_factory, found):
    # physical names, as the log has them: DuckDB cannot write names that differ by case alone
    table = read_table(found).without(["when"])
    physical = {f"c{i}": column for i, column in enumerate(table.columns.values())}
    path = tmp_path_factory.mktemp("p") / "it's.parquet"

    write_parquet(Engine().cursor(), physical, path)

    again = read_table(path).columns
    for name, column in physical.items():
        assert again[name].to_list() == column.to_list()


def test_a_frame_goes_out_with_the_index_of_the_one_that_came_also_in_part():
    index = pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("c", 3)], names=["x", "y"])
    table = read_table(pd.DataFrame({"n": [1, 2, 3]}, index=index))

    part = to_pandas(table.take(np.array([2, 0])))

    pd.testing.assert_index_equal(part.index, index[[2, 0]])
    assert part["n"].tolist() == [3, 1]


def test_kinds_go_out_as_the_types_that_hold_them_exactly():
    frame = to_pandas(
        read_table(
            [
                {"i": 2**60 + 1, "n": None, "b": True, "m": None, "t": dt.datetime(2024, 1, 1)},
                {"i": 2, "n": 2**60 + 1, "b": False, "m": True, "t": None},
            ]
        )
    )

    assert frame.dtypes.astype(str).to_dict() == {
        "i": "int64",
        "n": "Int64",
        "b": "bool",
        "m": "boolean",
        "t": "datetime64[us, UTC]",
    }
    assert frame["n"].tolist()[1] == 2**60 + 1


def test_a_frame_that_went_out_shares_nothing_with_the_table():
    table = read_table({"x": [1.0, 2.0], "n": [1, 2], "b": [True, False]})

    frame = to_pandas(table)
    for name in frame:
        array = frame[name].to_numpy()
        array.flags.writeable = True
        array[:] = 0

    assert table.rows() == [{"x": 1.0, "n": 1, "b": True}, {"x": 2.0, "n": 2, "b": False}]


def test_a_table_without_rows_goes_out_as_a_frame_without_rows():
    table = read_table([{"a": 1}]).take(np.zeros(0, np.int64))

    assert to_pandas(table).shape == (0, 1)
    assert to_pandas(Table({}, 3)).shape == (3, 0)
