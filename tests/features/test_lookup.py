"""A spine gets its features: rows in = rows out, and what was not known is said."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.storage import Storage

DAY = 86_400_000_000
START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)  # where the test's clock stands


@pytest.fixture
def features(tmp_path, clock):
    return FeatureStore(Storage(tmp_path / ".mlops", clock))


def day(number):
    return START + dt.timedelta(days=number)


def view(name, key=("k",), time="event_time", **more):
    return ViewDefinition(view=name, key=key, time=time, **more)


def write(features, definition, *rows):
    names = [*definition.key, definition.time, "v"]
    return features.write(definition, [dict(zip(names, row, strict=True)) for row in rows])


# the cases that another feature store gets wrong


def test_a_value_written_after_the_label_enters_no_training_row_and_a_repeated_query_is_the_same(
    features, clock
):  # O01
    write(features, view("v"), (1, day(-4), 10.0))
    clock.advance(9 * 24 * 3600)
    spine = pd.DataFrame({"k": [1], "event_time": [day(0)], "label": [1]})
    before = features.join(spine, ["v"]).to_pandas()

    write(features, view("v"), (1, day(-3), 99.0))
    after = features.join(spine, ["v"])

    pd.testing.assert_frame_equal(after.to_pandas(), before)
    assert after.to_pandas()["v"].tolist() == [10.0]
    assert after.said[0] == "v: a newer value not yet known for 1 of 1 rows"


def test_one_age_limit_holds_in_training_and_in_serving_and_the_row_stays(features, clock):  # O02
    write(features, view("v", ttl=3 * DAY), (1, day(-9), 1.0), (2, day(-1), 2.0))
    spine = pd.DataFrame({"k": [1, 2], "event_time": [day(0)] * 2})

    joined = features.join(spine, ["v"])

    assert joined.to_pandas()["v"].tolist()[1:] == [2.0]
    assert joined.columns["v"].to_list() == [None, 2.0]
    assert joined.said[0] == "v: too old for 1 of 2 rows"
    assert [features.get_features(k, ["v"], view="v") for k in (1, 2)] == [{}, {"v": 2.0}]
    write(features, view("v"), (1, day(-9), 1.0))  # taken off, and really off
    assert features.get_features(1, ["v"], view="v") == {"v": 1.0}


def test_of_three_values_of_one_time_the_last_counts_and_all_stay_in_the_history(features):  # O03
    write(features, view("v"), (1, day(-4), 1.0), (1, day(-4), 2.0), (1, day(-4), 3.0))

    assert features.get_features(1, ["v"], view="v") == {"v": 3.0}
    assert features.describe("v").row_count == 3


# rows, names and columns


def test_the_index_the_order_and_the_duplicates_of_the_spine_stay(features):
    write(features, view("v"), ("ж", day(-2), 2.0), ("a", day(-2), 1.0))
    spine = pd.DataFrame(
        {"k": ["a", "ж", "a", "?"], "event_time": [day(0)] * 4, "y": [1, 0, 1, 0]},
        index=["w", "w", "x", "y"],
    )

    joined = features.join(spine, ["v"]).to_pandas()

    assert joined.index.tolist() == ["w", "w", "x", "y"]
    assert joined["v"].tolist()[:3] == [1.0, 2.0, 1.0]
    assert joined.columns.tolist() == ["k", "event_time", "y", "v"]


def test_names_that_are_taken_get_their_views_before_them_and_that_is_said(features):
    for name in ("a", "b"):
        write(features, view(name), (1, day(-2), 1.0))
    spine = [{"k": 1, "event_time": day(0), "v": 0.0, "a_v": 0.0}]

    joined = features.join(spine, ["a", "b"])

    assert list(joined.columns) == ["a_v_", "b_v"]
    assert joined.sources == {"a_v_": ("a", "v"), "b_v": ("b", "v")}
    assert joined.said[:2] == ("v of a is called a_v_", "v of b is called b_v")


def test_columns_of_a_view_are_picked_one_by_one(features):
    features.write(view("v"), [{"k": 1, "event_time": day(-2), "a": 1, "b": 2, "c": 3}])
    spine = [{"k": 1, "event_time": day(0)}]

    assert list(features.join(spine, ["v:c", "v:a", "v:c"]).columns) == ["c", "a"]
    assert list(features.join(spine, ["v:c", "v"]).columns) == ["a", "b", "c"]


def test_each_view_has_its_own_keys(features):
    write(features, view("one", ("k",)), (1, day(-2), 1.0))
    write(features, view("two", ("k", "place")), (1, "N", day(-2), 5.0), (1, "S", day(-2), 6.0))
    spine = [{"k": 1, "place": "S", "event_time": day(0)}]

    found = features.join(spine, ["one", "two:v"])

    assert found.table.rows()[0] | {"v": 1.0, "two_v": 6.0} == found.table.rows()[0]


def test_without_a_time_the_spines_column_of_that_name_is_used_else_now_and_that_is_said(
    features, clock
):
    write(features, view("v"), (1, day(-4), 1.0), (1, day(-2), 2.0))

    named = features.join([{"k": 1, "event_time": day(-3)}], ["v"])
    other = features.join([{"k": 1, "when": day(-3)}], ["v"], time="when")
    now = features.join([{"k": 1}], ["v"])

    assert (named.columns["v"].to_list(), named.said) == ([1.0], ("joined as of event_time",))
    assert (other.columns["v"].to_list(), other.said) == ([1.0], ())
    assert now.columns["v"].to_list() == [2.0]
    assert now.said == ("joined as of now; history is not used",)


def test_a_spine_column_that_is_no_time_is_refused(features):
    write(features, view("v"), (1, day(-4), 1.0))

    with pytest.raises(UnusableColumn) as refused:
        features.join([{"k": 1, "when": 7}], ["v"], time="when")

    assert str(refused.value) == (
        "column 'when' is integer and no time. "
        "Next: make it a time, for example with pandas.to_datetime"
    )


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_zones_and_the_change_to_summer_time_move_no_value(features, unit):
    berlin = pd.DatetimeIndex(
        # 02:30 stands on the clock twice on that night
        ["2025-10-26 00:30", "2025-10-26 01:30"],
        tz="UTC",
    ).tz_convert("Europe/Berlin")
    table = pd.DataFrame({"k": [1, 1], "event_time": berlin.as_unit(unit), "v": [1.0, 2.0]})
    features.write(view("v"), table)

    asked = pd.DatetimeIndex(["2025-10-25 20:45", "2025-10-25 21:45"], tz="America/New_York")
    asked = asked.insert(2, pd.Timestamp("2025-10-25 20:15", tz="America/New_York"))
    spine = pd.DataFrame({"k": 1, "event_time": asked})

    assert features.join(spine, ["v"]).columns["v"].to_list() == [1.0, 2.0, None]


def test_an_identifier_beyond_a_float_finds_its_own_row(features):
    write(features, view("v"), (2**53 + 1, day(-2), 1.0), (2**53, day(-2), 2.0))

    found = features.join([{"k": 2**53 + 1}, {"k": 2**53}, {"k": None}], ["v"])

    assert found.columns["v"].to_list() == [1.0, 2.0, None]


def test_an_unknown_view_is_answered_with_the_nearest_name(features):
    write(features, view("weather"), (1, day(-2), 1.0))

    with pytest.raises(UnknownName) as refused:
        features.join([{"k": 1}], ["wether"])

    assert str(refused.value) == (
        "no feature view named 'wether'. Did you mean 'weather'? Next: %features lists them"
    )


# an earlier day


def test_an_earlier_training_set_comes_back_bit_for_bit(features, clock):
    chance = np.random.default_rng(7)
    history = pd.DataFrame(
        {
            "k": chance.integers(0, 20, 400),
            "event_time": [day(-d) for d in chance.uniform(1, 90, 400)],
            "v": chance.normal(size=400),
        }
    )
    spine = pd.DataFrame({"k": np.arange(20), "event_time": [day(-d) for d in range(20)]})
    features.write(view("v", sql="first"), history)
    kept = features.join(spine, ["v"]).to_pandas()
    july = clock.now()

    clock.advance(3600)
    late = history.assign(v=history["v"] + 1, w=0.0)
    features.write(view("v", sql="first"), late, history=True)
    clock.advance(3600)
    features.write(view("v", sql="second", ttl=DAY), late)
    changed = features.join(spine, ["v"]).to_pandas()

    again = features.join(spine, ["v"], known_at=july)
    pd.testing.assert_frame_equal(again.to_pandas(), kept, check_exact=True)
    assert not changed["v"].equals(kept["v"])


def test_a_view_that_was_not_there_yet_is_unknown_then(features, clock):
    write(features, view("v"), (1, day(-2), 1.0))

    with pytest.raises(UnknownName, match=r"^no feature view of that time named 'v'"):
        features.join([{"k": 1}], ["v"], known_at="2020-01-01")


def test_as_known_then_and_without_a_time_the_rows_are_of_that_moment(features, clock):
    write(features, view("v"), (1, day(-2), 1.0))
    then = clock.now()
    clock.advance(3600)
    write(features, view("v"), (1, day(0), 2.0))

    found = features.join([{"k": 1}], ["v"], known_at=then)

    assert found.columns["v"].to_list() == [1.0]
