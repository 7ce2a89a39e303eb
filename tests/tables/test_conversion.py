"""A value is read as the kind that was decided earlier, or marked; never guessed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors.tables import UnusableValue
from mlops_magics.tables.conversion import convert, read_value
from mlops_magics.tables.kinds import from_values


def converted(values, kind):
    conversion = convert(from_values("x", values).column, kind)
    return conversion.column.to_list(), conversion.unusable.tolist()


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_integers_written_as_texts_come_back_exactly(values):
    texts = [None if v is None else str(v) for v in values]

    assert converted(texts, "integer") == (values, [False] * len(values))


@given(st.lists(st.none() | st.integers(-(2**53), 2**53), min_size=1, max_size=20))
def test_whole_numbers_are_integers_and_integers_are_numbers(values):
    floats = [None if v is None else float(v) for v in values]

    assert converted(floats, "integer") == (values, [False] * len(values))
    assert converted(values, "number") == (floats, [False] * len(values))


@given(st.lists(st.booleans() | st.none(), min_size=1, max_size=20))
def test_booleans_written_in_any_usual_way_come_back(values):
    for yes, no in (("yes", "no"), ("True", "FALSE"), ("1", "0"), (" t ", "n")):
        texts = [None if v is None else yes if v else no for v in values]
        assert converted(texts, "boolean") == (values, [False] * len(values))


@pytest.mark.parametrize(
    ("values", "kind", "expected", "unusable"),
    [
        ([1.5, 2.0, None], "integer", [None, 2, None], [True, False, False]),
        (["1e400", "x", "3.5"], "number", [None, None, 3.5], [True, True, False]),
        (["maybe", "no"], "boolean", [None, False], [True, False]),
        ([str(2**63)], "integer", [None], [True]),
        (["soon"], "time", [None], [True]),
        ([5], "time", [None], [True]),
        ([5, None], "category", ["5", None], [False, False]),
        ([5.0, 5.5], "category", ["5", "5.5"], [False, False]),
        (["01"], "identifier", ["01"], [False]),
        ([True], "number", [1.0], [False]),
    ],
)
def test_what_cannot_be_read_is_marked_and_missing_is_not_unusable(
    values, kind, expected, unusable
):
    assert converted(values, kind) == (expected, unusable)


def test_a_time_is_read_from_a_text_in_any_zone():
    found, _ = converted(["2024-06-01", "2024-06-01T12:00+02:00"], "time")

    assert found == [dt.datetime(2024, 6, 1, hour, tzinfo=dt.UTC) for hour in (0, 10)]


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("3", "integer", 3),
        ("3.0", "integer", 3),
        ("-1e3", "number", -1000.0),
        ("yes", "boolean", True),
        ("01", "category", "01"),
        ("解約", "text", "解約"),
        ("042", "identifier", "042"),
    ],
)
def test_what_a_person_types_is_read_by_the_kind_of_its_column(typed, kind, value):
    found = read_value(typed, kind, "x")

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("typed", "kind", "example"),
    [
        ("x", "number", "a number such as 3.5"),
        ("nan", "number", "a number such as 3.5"),
        ("3.5", "integer", "a whole number such as 3"),
        ("perhaps", "boolean", "true or false"),
        ("noon", "time", "a time such as 2024-06-01T12:00"),
    ],
)
def test_what_is_none_of_the_kind_is_refused_with_an_example(typed, kind, example):
    with pytest.raises(UnusableValue) as refused:
        read_value(typed, kind, "tenure")

    assert str(refused.value) == (
        f"{typed!r} is no {kind}, which 'tenure' is. Next: write tenure=VALUE with {example}"
    )
