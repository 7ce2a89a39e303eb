"""The kind of a column is decided once, from its values and its name."""

import datetime as dt
import zoneinfo
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.tables import read_table
from mlops_magics.tables.kinds import from_value, from_values, is_missing
from mlops_magics.tables.moments import to_micros

NOON = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
NAIVE = dt.datetime(2024, 6, 1, 12)
text = st.text(max_size=8)


def read(values, name="x"):
    return from_values(name, values)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], "integer"),
        ([1.5, None], "number"),
        ([1, 1.5], "number"),
        ([Decimal("1.5")], "number"),
        ([Decimal("1.00")], "number"),
        ([Decimal(15), 2], "integer"),
        ([True, None], "boolean"),
        ([np.bool_(False)], "boolean"),
        (["a", None], "category"),
        ([NOON, None], "time"),
        ([dt.date(2024, 6, 1)], "time"),
        ([np.datetime64("2024-06-01"), np.datetime64("NaT")], "time"),
        ([pd.Timestamp(NOON), pd.NaT], "time"),
        ([dt.timedelta(seconds=2)], "number"),
        ([None, float("nan"), pd.NA], "number"),
        ([1, "1"], "category"),
        ([True, 1], "category"),
    ],
)
def test_a_few_values_have_the_kind_of_their_type(values, kind):
    assert read(values).column.kind == kind


@given(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.datetimes()
    )
)
def test_one_value_alone_is_read_as_in_a_list_of_one(value):
    alone, listed = from_value("x", value), from_values("x", [value]).column

    assert (alone.kind, alone.to_list()) == (listed.kind, listed.to_list())
    assert alone.values.dtype == listed.values.dtype


@pytest.mark.parametrize(
    "name", ["id", "row_id", "customer ID", "customerId", "user.uuid", "Index"]
)
def test_an_integer_named_like_an_identifier_that_never_repeats_is_one(name):
    assert read(list(range(30)), name).column.kind == "identifier"


@pytest.mark.parametrize("name", ["paid", "valid", "idea", "x", "index_of_prices"])
def test_a_name_that_only_contains_the_letters_id_makes_no_identifier(name):
    assert read(list(range(30)), name).column.kind == "integer"


def test_an_identifier_repeats_nothing_and_has_twenty_rows_or_more():
    assert read([*range(29), 0], "row_id").column.kind == "integer"
    assert read(list(range(19)), "row_id").column.kind == "integer"
    assert read([*range(20), None], "row_id").column.kind == "identifier"


def test_texts_are_categories_identifiers_or_prose_by_how_they_repeat_and_how_long_they_are():
    prose = [f"the customer number {n} called again about a bill" for n in range(40)]

    assert read(["a", "b"] * 20).column.kind == "category"
    assert read([f"c{n}" for n in range(40)]).column.kind == "identifier"
    assert read([*(f"c{n}" for n in range(39)), "c0"]).column.kind == "category"
    assert read(prose).column.kind == "text"


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40))
def test_every_integer_of_64_bits_is_exact_whatever_stands_beside_it(values):
    assert read(values).column.to_list() == values


@given(st.lists(st.none() | st.integers(), min_size=1, max_size=20))
def test_an_integer_of_any_size_keeps_all_its_digits(values):
    found = read(values).column.to_list()

    assert [None if v is None else int(v) for v in found] == values


@given(st.lists(st.none() | st.floats(), min_size=1, max_size=30))
def test_every_infinite_value_is_counted_and_nothing_else_is_lost(values):
    reading = read(values)
    infinite = sum(v is not None and np.isinf(v) for v in values)

    usable = [None if v is None or not np.isfinite(v) else v for v in values]
    assert reading.column.to_list() == usable
    assert reading.column.values[~reading.column.missing].tolist() == [
        v for v in usable if v is not None
    ]
    noun = "value" if infinite == 1 else "values"
    said = (f"{infinite} infinite {noun} in 'x' read as missing",) if infinite else ()
    assert reading.repairs == said


@given(st.lists(st.none() | text, min_size=1, max_size=30))
def test_every_text_survives_but_half_characters_which_are_counted(values):
    reading = read(values)
    broken = [v for v in values if v is not None and any("\ud800" <= c <= "\udfff" for c in v)]

    for before, after in zip(values, reading.column.to_list(), strict=True):
        if before not in broken:
            assert after == before
        else:
            assert after is not None
            assert len(after) == len(before)
            after.encode()
    assert bool(reading.repairs) == bool(broken)


def test_times_of_one_zone_in_summer_and_winter_are_of_one_zone():
    oslo = zoneinfo.ZoneInfo("Europe/Oslo")
    seasons = [dt.datetime(2024, 1, 1, tzinfo=oslo), dt.datetime(2024, 7, 1, tzinfo=oslo)]

    assert read(seasons).repairs == ()
    assert read([*seasons, NOON]).repairs == ("times in 'x' are of 2 time zones: read into UTC",)
    assert read([NOON, NAIVE]).repairs == ("some times in 'x' have no zone: read as UTC",)


def test_a_time_whose_zone_moves_it_out_of_the_calendar_is_missing_and_counted():
    west = dt.timezone(dt.timedelta(hours=-5))
    last = dt.datetime(9999, 12, 31, 23, tzinfo=west)

    reading = read([last, last - dt.timedelta(hours=5)])

    assert reading.column.to_list() == [None, dt.datetime(9999, 12, 31, 23, tzinfo=dt.UTC)]
    assert reading.repairs == ("1 time in 'x' outside the years 1 to 9999 read as missing",)


def test_half_a_character_is_replaced_and_that_is_said():
    reading = read(["a\ud800", "b"])

    assert reading.column.to_list() == ["a?", "b"]
    assert reading.repairs == ("1 text in 'x' with half a character: it is read as '?'",)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, "a"], "'x' mixes int and str: read as text"),
        ([True, 2], "'x' mixes bool and int: read as text"),
        ([{"a": 1}], "'x' holds dict values: read as text"),
        ([2**64, 1], "'x' has integers beyond 64 bits: read as text"),
        ([dt.timedelta(1)], "'x' is a duration: read as seconds"),
        ([1 + 2j], "'x' holds complex values: read as text"),
        ([bytearray(b"a")], "'x' holds bytes values: read as text"),
        ([2**53 + 1, 0.5], "1 value in 'x' has more digits than a number holds: rounded"),
        (
            [Decimal("0.1"), Decimal("0.1000000000000000000001"), Decimal("1e-30")],
            "1 value in 'x' has more digits than a number holds: rounded",
        ),
        ([10**400, 0.5], "1 infinite value in 'x' read as missing"),
        ([np.datetime64(20000, "Y")], "1 time in 'x' outside the years 1 to 9999 read as missing"),
        ([NAIVE], "times in 'x' have no zone: read as UTC"),
    ],
)
def test_what_is_changed_on_the_way_in_is_said(values, said):
    assert read(values).repairs == (said,)


def test_mixed_values_become_the_texts_that_they_are_shown_as():
    values = [5.0, True, {"ключ": [1]}, b"\x01\xff", None, "01", np.arange(2)]

    assert read(values).column.to_list() == [
        "5",
        "True",
        '{"ключ": [1]}',
        "01ff",
        None,
        "01",
        "[0, 1]",
    ]


def test_durations_of_both_libraries_are_seconds():
    values = [np.timedelta64(1500, "ms"), pd.Timedelta("2s"), np.timedelta64("NaT"), None]

    assert read(values).column.to_list() == [1.5, 2.0, None, None]
    frame = pd.DataFrame({"x": pd.to_timedelta(["1.5s", None])})
    assert read_table(frame).column("x").to_list() == [1.5, None]


@given(st.datetimes(dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1)), st.integers(-14, 14))
def test_a_time_of_any_zone_is_the_same_moment_in_utc(naive, hours):
    aware = naive.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))

    moment = read([aware]).column.to_list()[0]

    assert moment == aware
    assert moment.utcoffset() == dt.timedelta(0)
    assert read([naive]).column.to_list() == [naive.replace(tzinfo=dt.UTC)]
    assert to_micros(np.datetime64(naive)) == to_micros(naive)


@pytest.mark.parametrize(
    "value",
    [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("NaN")],
)
def test_every_library_s_word_for_no_value_is_missing(value):
    assert read([value, value]).column.missing.all()


@pytest.mark.parametrize("value", ["", "nan", "None", 0, False, [], 0.0])
def test_what_looks_empty_and_is_a_value_is_not_missing(value):
    assert not is_missing(value)
