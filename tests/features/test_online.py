"""What is kept by key says what a join would say, or says nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.features import FeatureStore, ViewDefinition, online
from mlops_magics.storage import Storage
from mlops_magics.tables import read_table

from .test_joins import DAY, START, SetClock, as_frame, entries, moment, view


def store(folder):
    clock = SetClock()
    storage = Storage(folder / ".mlops", clock)
    return FeatureStore(storage), storage, clock


def test_a_view_that_is_kept_answers_from_its_own_table_and_others_from_the_log(tmp_path):
    features, storage, _ = store(tmp_path)
    features.write(view(), [{"k": 1, "event_time": moment(0), "v": 1.5, "word": "ж", "n": None}])
    names = ["v", "word", "n"]

    def rows():
        with storage.reading() as reading:
            return reading.execute("SELECT count(*) FROM online").fetchone()[0]

    assert rows() == 0
    features.keep_online({("v", 1)})

    assert rows() == 1
    assert features.get_features(1, names, view="V") == {"v": 1.5, "word": "ж"}
    assert features.get_features(2, names, view="v") == {}
    features.keep_online(set())
    assert rows() == 0
    assert features.get_features(1, names, view="v") == {"v": 1.5, "word": "ж"}


def test_a_value_of_the_future_is_seen_when_its_time_has_come(tmp_path):
    features, _, clock = store(tmp_path)
    features.write(view(), [{"k": 1, "event_time": moment(0), "v": 1.0}])
    features.keep_online({("v", 1)})
    features.write(view(), [{"k": 1, "event_time": moment(5), "v": 2.0}])

    at = {}
    for day in (1, 5, 6):
        clock.time = START + day * DAY
        at[day] = features.get_features(1, ["v"], view="v")["v"]

    assert at == {1: 1.0, 5: 2.0, 6: 2.0}


def test_a_stale_value_is_no_value(tmp_path):
    features, _, clock = store(tmp_path)
    features.write(view(ttl=DAY), [{"k": 1, "event_time": moment(0), "v": 1.0}])
    features.keep_online({("v", 1)})

    clock.time = START + 2 * DAY

    assert features.get_features(1, ["v"], view="v") == {}
    assert features.get_features(1, ["v"], at=moment(1), view="v") == {"v": 1.0}


@settings(max_examples=60)
@given(
    batches=st.lists(
        st.tuples(st.lists(entries, min_size=1, max_size=6), st.booleans(), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    asked=st.lists(
        st.tuples(st.sampled_from([1, 2**60, 2**60 + 1, 7]), st.integers(0, 15)),
        min_size=1,
        max_size=9,
    ),
    ttl=st.none() | st.integers(1, 6),
)
def test_any_history_has_the_same_answers_from_the_table_and_from_the_log(
    tmp_path_factory, batches, asked, ttl
):
    features, _, clock = store(tmp_path_factory.mktemp("w"))
    definition = view(ttl=None if ttl is None else ttl * DAY)
    for day, (batch, is_history, is_kept) in zip((0, 3, 4, 8), batches, strict=False):
        clock.time = START + day * DAY
        features.write(definition, as_frame(batch), is_history)
        # kept from any write on, and let go of again
        features.keep_online({("v", 1)} if is_kept else set())
    moments = [(key, moment(day)) for key, day in asked]

    features.keep_online({("v", 1)})
    fast = [features.get_features(key, ["v", "n"], at, "v") for key, at in moments]
    many = [
        features.read("v", read_table([{"k": k}]), at).columns["n"].to_list() for k, at in moments
    ]
    features.keep_online(set())
    slow = [features.get_features(key, ["v", "n"], at, "v") for key, at in moments]

    assert fast == slow
    assert [values for (values,) in many] == [values.get("n") for values in slow]


def test_many_rows_are_joined_and_a_few_are_looked_up(tmp_path, monkeypatch):
    features, _, _ = store(tmp_path)
    features.write(ViewDefinition(view="v", key=("k",)), [{"k": k, "v": k * 1.0} for k in range(9)])
    features.keep_online({("v", 1)})
    few = features.join([{"k": k} for k in range(9)], ["v"])

    monkeypatch.setattr(online, "ROWS_LOOKED_UP", 0)
    many = features.join([{"k": k} for k in range(9)], ["v"])

    assert few.columns["v"].to_list() == many.columns["v"].to_list() == [k * 1.0 for k in range(9)]


@pytest.mark.parametrize("count", [3, 6000])
def test_what_was_written_before_is_kept_as_well(tmp_path, count):
    features, _, _ = store(tmp_path)
    features.write(ViewDefinition(view="v", key=("k",)), {"k": [*range(count)], "v": [0.5] * count})

    features.keep_online({("v", 1)})

    assert features.get_features(count - 1, ["v"], view="v") == {"v": 0.5}
