"""A join sees what was true and known at a row's time, and nothing later."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.state import KindChanged
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.storage import Storage
from mlops_magics.storage.clock import Clock
from mlops_magics.tables import Column, read_table

DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01


class SetClock(Clock):
    """A clock that stands where it is put."""

    time = START

    def now(self):
        return self.time


def moment(day):
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)


def times(days):
    micros = [0 if day is None else START + int(day * DAY) for day in days]
    return Column("time", np.array(micros), np.array([day is None for day in days]))


def store(tmp_path):
    clock = SetClock()
    return FeatureStore(Storage(tmp_path / ".mlops", clock)), clock


def view(**changes):
    return ViewDefinition(**{"view": "v", "key": ("k",), "time": "event_time"} | changes)


def rows(*triples):
    return [{"k": k, "event_time": moment(day), "v": v} for k, day, v in triples]


def joined(features, keys, days):
    spine = read_table([{"k": key} for key in keys])
    return features.join(spine, ["v"], times(days))[0].columns["v"].to_list()


def test_a_correction_written_after_the_moment_does_not_enter_it(tmp_path):
    features, clock = store(tmp_path)
    features.write(view(), rows((1, 0, 10.0)))
    clock.time = START + 9 * DAY
    features.write("v", rows((1, 1, 99.0)))

    assert joined(features, [1, 1], [4, 10]) == [10.0, 99.0]


def test_a_stale_value_is_missing_and_its_row_stays(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(ttl=3 * DAY), rows((1, 0, 1.0), (2, 8, 2.0)))

    spine = read_table([{"k": 1}, {"k": 2}])
    found = features.join(spine, ["v"], times([9, 9]))[0]

    assert found.columns["v"].to_list() == [None, 2.0]
    assert (found.stale_count, found.missing_count) == (1, 0)


def test_of_several_writes_at_one_time_the_last_counts(tmp_path):
    features, _ = store(tmp_path)

    written = features.write(view(), rows((1, 0, 1.0), (1, 0, 2.0), (1, 0, 3.0)))

    assert joined(features, [1], [0]) == [3.0]
    assert (
        "2 rows share their key and time with another; the last one written counts"
        in written.warnings
    )


def test_a_missing_key_or_time_finds_nothing_and_keeps_its_row(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(), rows((1, 0, 1.0)))

    spine = read_table({"k": [None, 1, 1]})

    assert features.join(spine, ["v"], times([5, None, 5]))[0].columns["v"].to_list() == [
        None,
        None,
        1.0,
    ]


def test_keys_of_several_columns_and_of_large_integers_do_not_collide(tmp_path):
    features, _ = store(tmp_path)
    both = ViewDefinition(view="both", key=("a", "b"))
    features.write(both, [{"a": "1", "b": "23", "v": 1}, {"a": "12", "b": "3", "v": 2}])
    large = ViewDefinition(view="large", key=("n",))
    features.write(large, [{"n": 2**60, "v": 1}, {"n": 2**60 + 1, "v": 2}])

    spine = read_table([{"a": "12", "b": "3", "n": 2**60 + 1}])
    found = features.join(spine, ["both", "large"], times([1]))

    assert [view.columns["v"].to_list() for view in found] == [[2], [2]]


def test_writing_the_same_rows_again_appends_nothing_and_a_change_makes_version_two(tmp_path):
    features, _ = store(tmp_path)
    table = rows((1, 0, 1.0), (2, 0, 2.0))

    first, again = features.write(view(), table), features.write(view(), table)
    changed = features.write(view(ttl=DAY), table)

    assert (first.new_count, again.new_count, again.existing_count) == (2, 0, 2)
    assert changed.version.number == 2
    assert len(features.describe("v").versions) == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            [
                {"k": None, "event_time": "2026-01-01", "v": 1},
                {"k": 1, "event_time": "2026-01-01", "v": 1},
            ],
            "column 'k' is missing in 1 rows (first: 0) and is a key. "
            "Next: leave them out: WHERE k IS NOT NULL",
        ),
        (
            [{"event_time": "2026-01-01", "v": 1}],
            "no column 'k' in the result. Known: event_time, v. "
            "Next: select it in the query, or name another with --key or --time",
        ),
        (
            [{"k": 1, "event_time": 5, "v": 1}],
            "column 'event_time' is integer (5) and no time. Next: CAST it to TIMESTAMP",
        ),
    ],
)
def test_rows_that_would_hurt_are_refused_and_nothing_is_written(tmp_path, table, message):
    features, _ = store(tmp_path)

    with pytest.raises((ValueError, KeyError)) as refused:
        features.write(view(), table)

    assert str(refused.value) == message
    assert features.list_views() == ()


def test_a_feature_that_comes_as_another_kind_is_refused(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(), rows((1, 0, 1.0)))

    with pytest.raises(KindChanged) as refused:
        features.write("v", rows((1, 1, "many")))

    assert str(refused.value) == (
        "'v' in the view 'v' was number and now is category. "
        "Next: CAST it to what it was, or write another view"
    )


def brute_force(history, key, day, ttl):
    """Return what an obviously right loop finds."""
    best = None
    for order, (k, event, known, value) in enumerate(history):
        if (
            k == key
            and event <= day
            and known <= day
            and (best is None or (event, order) >= best[0])
        ):
            best = ((event, order), event, value)
    if best is None or (ttl is not None and best[1] < day - ttl):
        return None
    return best[2]


entries = st.tuples(st.integers(0, 2), st.integers(0, 9), st.none() | st.integers(0, 99))


@settings(max_examples=25)
@given(
    first=st.lists(entries, min_size=1, max_size=12),
    later=st.lists(entries, max_size=8),
    asked=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=8),
    ttl=st.none() | st.integers(1, 6),
)
def test_any_history_is_joined_as_a_loop_over_it_would(tmp_path_factory, first, later, asked, ttl):
    features, clock = store(tmp_path_factory.mktemp("w"))
    definition = view(ttl=None if ttl is None else ttl * DAY)
    as_rows = lambda found: [  # noqa: E731
        {"k": k, "event_time": moment(day), "v": None if v is None else float(v)}
        for k, day, v in found
    ]
    features.write(definition, pd.DataFrame(as_rows(first)).astype({"v": float}))
    history = [(k, day, day, v) for k, day, v in first]
    clock.time = START + 5 * DAY
    if later:
        before = {(k, e): v for k, e, _, v in history}
        features.write("v", pd.DataFrame(as_rows(later)).astype({"v": float}))
        # what is stored already with this value is not written again
        history += [(k, day, 5, v) for k, day, v in later if before.get((k, day), "new") != v]

    found = joined(features, [k for k, _ in asked], [day for _, day in asked])

    assert found == [brute_force(history, k, day, ttl) for k, day in asked]
