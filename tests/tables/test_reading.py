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


def test_a_csv_with_a_byte_order_mark_and_names_of_one_spelling_is_read_as_it_stands(tmp_path):
    file = tmp_path / "it's a file.csv"
    file.write_text("\ufeffRate,rate,a[0]\n1,2,x\n,3,y\n", encoding="utf-8")

    assert read_table(str(file)).rows() == [
        {"Rate": 1, "rate": 2, "a[0]": "x"},
        {"Rate": None, "rate": 3, "a[0]": "y"},
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
