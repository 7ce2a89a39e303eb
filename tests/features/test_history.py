"""What was known of one entity, and when: the same as a join says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.features.history import history, newest_entities
from mlops_magics.features.moments import moment_of
from mlops_magics.storage import Storage

DAY = 24 * 3600 * 1_000_000


@pytest.fixture
def store(tmp_path, clock):
    storage = Storage(tmp_path / ".mlops", clock)
    yield FeatureStore(storage), storage, clock
    storage.close()


def rows(key, days, values, **more):
    at = pd.to_datetime([f"2025-01-{day:02d}" for day in days], utc=True)
    return pd.DataFrame({"k": key, "at": at, "x": values, **more})


def define(ttl=None):
    return ViewDefinition(view="v", key=("k",), time="at", ttl=ttl)


def read(store, storage, entity, names=("x",)):
    return history(storage, store.describe("v"), {"k": entity}, names)


def test_the_rows_of_one_entity_come_oldest_first_with_the_features_that_are_wanted(store):
    store, storage, _ = store
    store.write(define(), rows([1, 2, 1], [5, 3, 2], [5.0, 3.0, 2.0], plan=["a", "b", None]))

    found = read(store, storage, 1, ("plan", "x"))

    assert found.table.rows() == [{"x": 2.0, "plan": None}, {"x": 5.0, "plan": "a"}]
    assert (len(found), found.row_count, found.entity) == (2, 2, {"k": 1})
    assert found.event_time.tolist() == [moment_of("2025-01-02"), moment_of("2025-01-05")]


def test_an_unknown_entity_has_a_history_without_rows(store):
    store, storage, _ = store
    store.write(define(), rows([1], [5], [5.0]))

    found = read(store, storage, 99)

    assert (len(found), found.row_count) == (0, 0)
    known = found.at(moment_of("2025-02-01"))
    assert (known.place, known.values, known.late) == (None, {}, ())


def test_what_came_late_was_not_known_then_and_is_counted(store):
    store, storage, clock = store
    store.write(define(), rows([1, 1], [2, 10], [2.0, 10.0]))
    store.write(define(), rows([1], [12], [12.0]))  # a year late: known from now

    found = read(store, storage, 1)

    then = found.at(moment_of("2025-01-20"))
    assert (then.values, then.late) == ({"x": 10.0}, (2,))
    now = found.at(clock.now())
    assert (now.values, now.late) == ({"x": 12.0}, ())
    assert found.late.tolist() == [2]


def test_a_value_older_than_the_limit_of_its_view_is_stale_and_counts_as_missing(store):
    store, storage, _ = store
    store.write(define(ttl=3 * DAY), rows([1], [2], [2.0]))

    found = read(store, storage, 1)

    assert found.at(moment_of("2025-01-05")).values == {"x": 2.0}
    assert (
        found.at(moment_of("2025-01-06")).is_stale,
        found.at(moment_of("2025-01-06")).values,
    ) == (
        True,
        {},
    )


def test_of_an_entity_with_many_rows_the_newest_are_read_and_all_are_counted(store):
    store, storage, _ = store
    at = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(np.arange(6000), unit="min")
    store.write(define(), pd.DataFrame({"k": 1, "at": at, "x": np.arange(6000.0)}))

    found = history(storage, store.describe("v"), {"k": 1}, ("x",), limit=100)

    assert (len(found), found.row_count) == (100, 6000)
    assert found.table.column("x").values.tolist() == list(np.arange(5900.0, 6000.0))


def test_the_entities_that_were_written_about_last_come_first(store):
    store, storage, _ = store
    store.write(define(), rows([1, 2, 3, 2], [5, 3, 9, 2], [0.0] * 4))

    assert newest_entities(storage, store.describe("v"), 2) == ({"k": 3}, {"k": 1})


days = st.integers(1, 28)


@settings(max_examples=15)
@given(st.lists(days, min_size=1, max_size=6, unique=True), st.lists(days, max_size=4), days)
def test_at_every_moment_a_history_says_what_a_join_says(tmp_path_factory, first, later, asked):
    storage = Storage(tmp_path_factory.mktemp("history") / ".mlops")
    store = FeatureStore(storage)
    store.write(define(), rows(1, first, [float(day) for day in first]))
    if later:
        # these came when the month was long over, so no moment of it knows them
        more = pd.DataFrame({"x": [-float(day) for day in later]})
        store.write(define(), rows(1, later, more["x"].tolist()).drop_duplicates("at"))
    moment = moment_of(f"2025-01-{asked:02d}")

    known = read(store, storage, 1).at(moment)

    assert known.values == store.get_features(1, ["x"], at=moment, view="v")
    storage.close()
