"""A join sees what was true and known at a row's time, and nothing later."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.state import KindChanged
from mlops_magics.errors.tables import MissingColumns, UnusableColumn
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.features import joins as join_module
from mlops_magics.features.lookup import Terms
from mlops_magics.storage import Storage
from mlops_magics.storage import log as log_module
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


def look_up(features, spine, days, known_at=None, views=("v",)):
    return features.look_up(spine, views, times(days), Terms(known_at=known_at)).views[0]


def joined(features, keys, days):
    spine = read_table([{"k": key} for key in keys])
    return look_up(features, spine, days).columns["v"].to_list()


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
    found = look_up(features, spine, [9, 9])

    assert found.columns["v"].to_list() == [None, 2.0]
    assert (found.stale_count, found.missing_count) == (1, 0)


def test_of_several_writes_at_one_time_the_last_counts(tmp_path):
    features, _ = store(tmp_path)

    written = features.write(view(), rows((1, 0, 1.0), (1, 0, 2.0), (1, 0, 3.0)))

    assert joined(features, [1], [0]) == [3.0]
    assert (
        "2 rows have other values than a later row of the same key and time "
        "(k 1 at 2026-01-01 00:00); the last one written counts" in written.warnings
    )


def test_a_missing_key_or_time_finds_nothing_and_keeps_its_row(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(), rows((1, 0, 1.0)))

    spine = read_table({"k": [None, 1, 1]})

    assert look_up(features, spine, [5, None, 5]).columns["v"].to_list() == [None, None, 1.0]


def test_keys_of_several_columns_and_of_large_integers_do_not_collide(tmp_path):
    features, _ = store(tmp_path)
    both = ViewDefinition(view="both", key=("a", "b"))
    features.write(both, [{"a": "1", "b": "23", "v": 1}, {"a": "12", "b": "3", "v": 2}])
    large = ViewDefinition(view="large", key=("n",))
    features.write(large, [{"n": 2**60, "v": 1}, {"n": 2**60 + 1, "v": 2}])

    spine = read_table([{"a": "12", "b": "3", "n": 2**60 + 1}])
    found = features.look_up(spine, ["both", "large"], times([1]))

    assert [view.columns["v"].to_list() for view in found.views] == [[2], [2]]


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
            "column 'k' is missing in 1 row (first: 0) and is a key. "
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


def brute_force(history, key, day, ttl, known_by):
    """Return what an obviously right loop finds: a row of the history, stale, late.

    A row is (key, event, known, written, value), in the order of writing.
    """
    true = [
        row
        for row in history
        if row[0] == key and row[1] <= day and (known_by is None or row[3] <= known_by)
    ]
    known = [row for row in true if row[2] <= day]
    newest = max(reversed(true), key=lambda row: row[1], default=None)
    best = max(reversed(known), key=lambda row: row[1], default=None)
    fresh = lambda row: ttl is None or row[1] >= day - ttl  # noqa: E731
    is_stale = best is not None and not fresh(best)
    is_late = newest is not best and fresh(newest)
    return None if best is None or is_stale else best, is_stale, is_late


def appended(history, batch, written, is_history):
    """Return the rows of a batch that a write appends, each with when it is known."""
    newest, always = {}, {}
    for k, event, known, _, value in history:
        newest[k, event] = value
        if known <= event:
            always[k, event] = value
    last = {(k, event): value for k, event, value in batch}
    sources = (newest, always) if is_history and history else (newest,)
    unchanged = {row for row in last if all(s.get(row) == last[row] for s in sources)}
    return [
        (k, event, written if history and not is_history else event, written, value)
        for k, event, value in batch
        if (k, event) not in unchanged
    ]


def as_frame(batch):
    return pd.DataFrame(
        {
            "k": [k for k, _, _ in batch],
            "event_time": [moment(event) for _, event, _ in batch],
            "v": np.array([v for _, _, (v, _) in batch], float),
            "n": pd.array([n for _, _, (_, n) in batch], dtype="Int64"),
        }
    )


entries = st.tuples(
    # few keys and moments, so that most histories have ties
    st.sampled_from([1, 2**60, 2**60 + 1]),
    st.sampled_from([0, 3, 4, 5]),
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(2**60, 2**60 + 3)),
)
writes = st.tuples(st.lists(entries, min_size=1, max_size=9), st.booleans())


@settings(max_examples=60)
@given(
    batches=st.lists(writes, min_size=1, max_size=4),
    asked=st.lists(
        st.tuples(st.sampled_from([None, 1, 2**60, 2**60 + 1, 7]), st.none() | st.integers(0, 15)),
        min_size=1,
        max_size=9,
    ),
    ttl=st.none() | st.integers(1, 6),
    known_by=st.none() | st.integers(0, 12),
    way=st.tuples(st.booleans(), st.booleans()),
)
def test_any_history_is_joined_as_a_loop_over_it_would(
    tmp_path_factory, batches, asked, ttl, known_by, way
):
    features, clock = store(tmp_path_factory.mktemp("w"))
    definition = view(ttl=None if ttl is None else ttl * DAY)
    history = []
    is_segment, are_pairs_few = way
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(log_module, "ROWS_OF_A_SEGMENT", 1 if is_segment else 10**9)
        patched.setattr(join_module, "PAIRS_THAT_ARE_FEW", 10**9 if are_pairs_few else -1)
        patched.setattr(join_module, "PAIRS_PER_ROW", 0 if are_pairs_few else -1)
        for day, (batch, is_history) in zip((0, 4, 4, 8), batches, strict=False):
            clock.time = START + day * DAY
            new = appended(history, batch, day, is_history)
            tried = features.write(definition, as_frame(batch), is_history, dry_run=True)
            written = features.write(definition, as_frame(batch), is_history)
            assert written.new_count == tried.new_count == len(new)
            history += new

        spine = read_table({"k": pd.array([key for key, _ in asked], dtype="Int64")})
        known_at = None if known_by is None else START + known_by * DAY
        found = look_up(features, spine, [day for _, day in asked], known_at)

    answers = [
        (None, False, False)
        if key is None or day is None
        else brute_force(history, key, day, ttl, known_by)
        for key, day in asked
    ]
    rows = [row for row, _, _ in answers]
    assert found.columns["v"].to_list() == [None if row is None else row[4][0] for row in rows]
    assert found.columns["n"].to_list() == [None if row is None else row[4][1] for row in rows]
    assert found.event_time.to_list() == [None if r is None else moment(r[1]) for r in rows]
    stale = sum(is_stale for _, is_stale, _ in answers)
    assert (found.stale_count, found.missing_count) == (stale, rows.count(None) - stale)
    assert found.late_count == sum(is_late for _, _, is_late in answers)


@settings(max_examples=25)
@given(
    batches=st.lists(st.lists(entries, min_size=1, max_size=9), min_size=1, max_size=3),
    late=st.lists(entries, min_size=1, max_size=9),
    asked=st.lists(st.tuples(st.sampled_from([1, 2, 2**60]), st.integers(0, 8)), min_size=1),
)
def test_the_same_question_about_the_past_has_the_same_answer_whatever_is_written_later(
    tmp_path_factory, batches, late, asked
):
    features, clock = store(tmp_path_factory.mktemp("w"))
    for batch in batches:
        features.write(view(), as_frame(batch))
    clock.time = START + 9 * DAY
    spine = read_table([{"k": key} for key, _ in asked])
    ask = lambda: look_up(features, spine, [day for _, day in asked])  # noqa: E731
    before = ask()

    features.write("v", as_frame(late))

    after = ask()
    assert {n: c.to_list() for n, c in after.columns.items()} == {
        n: c.to_list() for n, c in before.columns.items()
    }


@settings(max_examples=25)
@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), min_size=1, max_size=12))
def test_keys_of_two_texts_of_any_script_find_their_own_row_only(tmp_path_factory, pairs):
    pairs = [tuple(part.encode(errors="replace").decode() for part in pair) for pair in pairs]
    features, _ = store(tmp_path_factory.mktemp("w"))
    table = [{"a": a, "b": b, "n": place} for place, (a, b) in enumerate(pairs)]
    features.write(ViewDefinition(view="v", key=("a", "b")), table)

    spine = read_table([{"a": a, "b": b} for a, b in reversed(pairs)])
    found = look_up(features, spine, [1] * len(pairs)).columns["n"].to_list()

    last = {pair: place for place, pair in enumerate(pairs)}
    assert found == [last[pair] for pair in reversed(pairs)]


def test_one_feature_of_a_view_can_be_picked_and_an_unknown_one_is_named(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(), [{"k": 1, "event_time": moment(0), "v": 1.0, "w": 2.0}])
    spine = read_table([{"k": 1}])

    found = features.join(spine, ["v:w"])

    assert list(found.columns) == ["w"]
    with pytest.raises(UnknownName) as refused:
        features.join(spine, ["v:ww"])
    assert str(refused.value) == (
        "no feature of 'v' named 'ww'. Did you mean 'w'? Next: %features v"
    )


def test_a_spine_without_the_key_is_refused(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(), rows((1, 0, 1.0)))

    with pytest.raises(MissingColumns) as refused:
        features.join([{"x": 1}], ["v"])

    assert str(refused.value) == (
        "no column 'k' in the rows to join. Next: add them, or name other key columns"
    )


def test_a_key_that_cannot_be_of_the_views_kind_is_refused(tmp_path):
    features, _ = store(tmp_path)
    features.write(view(), rows((1, 0, 1.0)))

    with pytest.raises(UnusableColumn) as refused:
        features.join([{"k": "one"}], ["v"])

    assert str(refused.value) == (
        "column 'k' has 'one', and the key is integer. Next: give the key in the view's own kind"
    )


def test_a_view_without_event_time_knows_its_first_rows_always_and_later_ones_from_then(tmp_path):
    features, clock = store(tmp_path)
    timeless = ViewDefinition(view="v", key=("k",))
    features.write(timeless, [{"k": 1, "v": 1.0}])
    clock.time = START + 9 * DAY
    features.write(timeless, [{"k": 1, "v": 2.0}])

    assert joined(features, [1, 1, 1], [-900, 8, 9]) == [1.0, 1.0, 2.0]
    assert features.describe("v").newest is None
