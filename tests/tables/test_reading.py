"""What comes in is read as it is, and what is repaired is said."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors.tables import DuplicateColumns, EmptyTable, UnreadableTable, UnusableValue
from mlops_magics.tables import read_table, to_pandas
from mlops_magics.tables.conversion import read_value

GIVE = (
    "give a pandas, polars or Arrow table, a list of dicts, a dict of lists, "
    "or the path of a CSV, JSON lines or Parquet file"
)


def kinds(table):
    return {name: column.kind for name, column in table.columns.items()}


def test_names_that_differ_by_case_or_are_odd_survive_unchanged():
    names = ["Rate", "rate", "order", "сумма, €", "a[0]", 7]
    frame = pd.DataFrame([[1, 2, 3, 4, 5, 6]], columns=names)

    assert read_table(frame).names == ("Rate", "rate", "order", "сумма, €", "a[0]", "7")


def test_two_columns_of_one_name_are_refused_by_name():
    frame = pd.DataFrame([[1, 2, 0]], columns=["a", "a", "y"])

    with pytest.raises(DuplicateColumns) as refused:
        read_table(frame)

    assert str(refused.value) == (
        "the table has 2 columns named 'a'. Next: rename them, each name once"
    )


def test_integers_stay_exact_beside_missing_values_and_beyond_53_bits():
    rows = [{"n": 2**62 + 1}, {"n": None}, {"n": -7}]

    table = read_table(rows)

    assert table.column("n").to_list() == [2**62 + 1, None, -7]


def test_integers_beyond_64_bits_become_text_and_that_is_said():
    table = read_table([{"n": 2**70}])

    assert table.column("n").to_list() == [str(2**70)]
    assert table.repairs == ("'n' has integers beyond 64 bits: read as text",)


def test_numpy_scalars_in_rows_are_the_values_that_they_stand_for():
    row = {
        "a": np.int64(7),
        "b": np.float32(1.5),
        "c": np.bool_(True),
        "d": float("nan"),
        "e": pd.NA,
    }

    assert read_table([row, row]).rows()[0] == {"a": 7, "b": 1.5, "c": True, "d": None, "e": None}


def test_a_boolean_with_missing_values_is_a_boolean_in_every_spelling():
    frame = pd.DataFrame(
        {"n": pd.array([True, None], dtype="boolean"), "o": pd.Series([True, None], dtype=object)}
    )

    assert kinds(read_table(frame)) == {"n": "boolean", "o": "boolean"}


def test_infinite_values_are_counted_and_read_as_missing():
    table = read_table({"x": [1.0, np.inf, -np.inf]})

    assert table.column("x").to_list() == [1.0, None, None]
    assert table.repairs == ("2 infinite values in 'x' read as missing",)


def test_naive_times_are_read_as_utc_and_aware_ones_are_converted():
    aware = pd.to_datetime(["2024-01-01T02:00+02:00"])

    table = read_table(pd.DataFrame({"a": aware, "n": pd.to_datetime(["2024-01-01"])}))

    midnight = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    assert table.rows() == [{"a": midnight, "n": midnight}]
    assert table.repairs == ("times in 'n' have no zone: read as UTC",)


def test_an_identifier_is_known_by_its_name_and_by_never_repeating():
    frame = pd.DataFrame(
        {"row_id": range(50), "x": range(50), "code": [f"c{i}" for i in range(50)]}
    )

    assert kinds(read_table(frame)) == {
        "row_id": "identifier",
        "x": "integer",
        "code": "identifier",
    }


def test_a_features_object_is_read_as_its_columns():
    rows = [{"features": {"a": 1, "b": 0}, "label": 1}, {"features": {"a": 0}, "label": 0}]

    assert read_table(rows).rows() == [
        {"a": 1, "b": 0, "label": 1},
        {"a": 0, "b": None, "label": 0},
    ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (42, UnreadableTable),
        ([], EmptyTable),
        ({"a": []}, EmptyTable),
        ({"a": [1], "b": [1, 2]}, UnreadableTable),
        ("nowhere.csv", UnreadableTable),
        (".", UnreadableTable),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(data, error):
    with pytest.raises(error) as refused:
        read_table(data)

    assert "Next: " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_users_own_frame_is_never_changed_not_even_a_slice_or_a_read_only_one():
    frame = pd.DataFrame({"x": [1.0, np.inf, np.nan], "s": ["a", None, "b"], "n": [1, 2, 3]})
    before = frame.copy(deep=True)
    frame["n"].to_numpy().flags.writeable = False

    read_table(frame)
    read_table(frame.iloc[1:])

    pd.testing.assert_frame_equal(frame, before)


def test_a_table_goes_back_with_its_index_and_its_kinds():
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "s": ["a", None]}, index=[7, 3])

    back = to_pandas(read_table(frame))

    assert back.index.tolist() == [7, 3]
    assert back["n"].tolist()[0] == 1
    assert back["n"].isna().tolist() == [False, True]


cells = st.none() | st.integers(-(2**40), 2**40)


@given(st.lists(st.tuples(cells, st.none() | st.booleans()), min_size=1, max_size=30))
def test_rows_columns_and_frames_of_the_same_values_are_the_same_table(rows):
    as_rows = read_table([{"n": n, "b": b} for n, b in rows])
    as_lists = read_table({"n": [n for n, _ in rows], "b": [b for _, b in rows]})
    again = read_table(to_pandas(as_rows))

    assert as_rows.rows() == as_lists.rows() == again.rows()


def test_what_a_person_types_is_read_by_the_kind_of_the_column():
    assert read_value("3", "integer", "tenure") == 3
    assert read_value("yes", "boolean", "paperless") is True

    with pytest.raises(UnusableValue) as refused:
        read_value("x", "integer", "tenure")

    assert str(refused.value) == (
        "'x' is no integer, which 'tenure' is. "
        "Next: write tenure=VALUE with a whole number such as 3"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            42,
            f"the table cannot be read as a table: it is a int. Next: {GIVE}",
        ),
        (
            [1, 2],
            f"the table cannot be read as a table: it is a list. Next: {GIVE}",
        ),
        (
            {"a": 1},
            "the table cannot be read as a table: its 'a' is a int. "
            "Next: give a list a column; one row is [{…}]",
        ),
        (
            {"a": [1], "b": [1, 2], "c": [1, 2]},
            "the table cannot be read as a table: 'a' has 1 rows and 'c' has 2. "
            "Next: give every column the same number of rows",
        ),
        (pd.DataFrame({"a": []}), "the table has no rows. Next: give at least one row"),
        (
            pd.DataFrame(index=[1, 2]),
            f"the table has no columns. Next: {GIVE}",
        ),
        (
            "nowhere.csv",
            "the file 'nowhere.csv' cannot be read as a table: it does not exist. "
            "Next: check the path; it starts at the notebook's folder",
        ),
        (
            [{7: 1, "7": 2}],
            "the table has 2 columns named '7'. Next: rename them, each name once",
        ),
        (
            {7: [1], "7": [2]},
            "the table has 2 columns named '7'. Next: rename them, each name once",
        ),
        (
            [{"features": {"a": 1}, "a": 2}],
            "the table has 2 columns named 'a'. Next: rename them, each name once",
        ),
    ],
)
def test_each_thing_that_is_no_table_is_told_what_is_wrong_and_what_to_do(data, message):
    with pytest.raises((UnreadableTable, EmptyTable, DuplicateColumns)) as refused:
        read_table(data)

    assert str(refused.value) == message


def test_a_pandas_category_is_read_as_its_values_and_a_level_that_no_row_has_is_none():
    levels = pd.Categorical(["s", "m", None, "l"], ["s", "m", "l", "xl"], ordered=True)
    numbers = pd.Categorical([1, 2, None, 1])

    table = read_table(pd.DataFrame({"size": levels, "n": numbers}))

    assert kinds(table) == {"size": "category", "n": "integer"}
    assert table.column("size").to_list() == ["s", "m", None, "l"]
    assert table.column("n").to_list() == [1, 2, None, 1]


@pytest.mark.parametrize(
    ("dtype", "values", "kind"),
    [
        ("Int8", [1, None], "integer"),
        ("UInt64", [2**63 - 1, None], "integer"),
        ("uint32", [2**32 - 1, 0], "integer"),
        ("Int64", [2**62 + 1, None], "integer"),
        ("Float32", [1.5, None], "number"),
        ("float32", [1.5, None], "number"),
        ("boolean", [True, None], "boolean"),
        ("string", ["a", None], "category"),
        ("str", ["a", None], "category"),
        ("object", ["a", None], "category"),
        ("datetime64[s]", [dt.datetime(2024, 1, 1), None], "time"),
    ],
)
def test_every_dtype_of_pandas_that_can_be_missing_is(dtype, values, kind):
    table = read_table(pd.DataFrame({"x": pd.Series(values, dtype=dtype)}))

    found = [
        v.replace(tzinfo=None) if kind == "time" and v else v for v in table.rows()[0].values()
    ]
    assert kinds(table) == {"x": kind}
    assert found == [values[0]]
    assert table.column("x").to_list()[1] in (None, values[1])


def test_unsigned_integers_beyond_63_bits_keep_their_digits_as_text():
    table = read_table({"x": np.array([2**64 - 1, 1], np.uint64)})

    assert table.column("x").to_list() == ["18446744073709551615", "1"]


def test_labels_of_pandas_that_are_tuples_become_one_name():
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "mean"), ("b", "")]))

    assert read_table(frame).names == ("a mean", "b")


def test_rows_that_lack_a_column_are_missing_in_it():
    assert read_table([{"a": 1}, {"b": "x"}]).rows() == [{"a": 1, "b": None}, {"a": None, "b": "x"}]


def test_features_objects_of_a_frame_and_of_lists_are_read_as_their_columns():
    objects = [{"a": 1, "ж": "x"}, None, {"a": 3}]
    expected = [
        {"a": 1, "ж": "x", "y": 0},
        {"a": None, "ж": None, "y": 1},
        {"a": 3, "ж": None, "y": 0},
    ]

    assert read_table({"features": objects, "y": [0, 1, 0]}).rows() == expected
    assert read_table(pd.DataFrame({"features": objects, "y": [0, 1, 0]})).rows() == expected


def test_a_column_named_features_that_holds_no_objects_is_a_column():
    assert read_table({"features": ["a", "b"]}).names == ("features",)


def test_read_only_arrays_and_lists_are_not_written_to():
    array = np.array([1.0, np.inf, np.nan])
    array.flags.writeable = False
    rows = [{"features": {"a": 1}, "b": 1}]

    table = read_table({"x": array})
    read_table(rows)

    assert table.column("x").to_list() == [1.0, None, None]
    assert rows == [{"features": {"a": 1}, "b": 1}]
