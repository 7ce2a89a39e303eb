"""One line says what is in a column, and counts every row once."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.tables import profile, read_table


def one(values):
    return profile(read_table({"x": values}))[0]


@given(st.lists(st.none() | st.integers(-50, 50), min_size=1, max_size=60))
def test_the_figures_of_integers_are_those_of_the_values_that_are_there(values):
    found, present = one(values), [v for v in values if v is not None]

    assert found.row_count == len(values)
    assert found.missing_count == len(values) - len(present)
    assert found.distinct_count == len(set(present))
    assert found.missing_share == found.missing_count / len(values)
    assert sum(found.bars) == len(present)
    if present:
        assert (found.low, found.high) == (min(present), max(present))
    else:
        assert (found.low, found.high) == (None, None)


@given(st.lists(st.none() | st.sampled_from(["a", "b", "ж"]), min_size=1, max_size=40))
def test_the_commonest_values_of_a_category_come_first(values):
    found, present = one(values), [v for v in values if v is not None]

    if present:
        expected = sorted(
            ((v, present.count(v)) for v in set(present)), key=lambda p: (-p[1], p[0])
        )
        assert list(found.top) == expected


def test_a_time_shows_its_first_and_last_moment():
    days = [dt.datetime(2024, 1, day, tzinfo=dt.UTC) for day in (3, 1, 2)]

    found = one(days)

    assert (found.kind, found.low, found.high) == ("time", days[1], days[0])


def test_texts_of_which_each_is_another_have_no_bars():
    assert one([f"c{n}" for n in range(40)]).bars == ()
