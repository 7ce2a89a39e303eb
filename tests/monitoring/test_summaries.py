import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_magics.monitoring import summaries
from mlops_magics.monitoring.columns import ColumnMeter
from mlops_magics.monitoring.tallies import Tally, by_hour, from_bytes, to_bytes
from mlops_magics.monitoring.traffic import ROWS, TrafficMeter
from mlops_magics.storage.rows import concatenate

STREAM = "churn@v1"


def same(first, second):
    """Whether two tallies say the same."""
    return (
        first.counts.tolist() == second.counts.tolist()
        and first.sums.tolist() == second.sums.tolist()
        and first.names == second.names
        and (first.first, first.last) == (second.first, second.last)
    )


def scan(meter, rows):
    """Add the rows up one by one, by the hour, without anything that is kept."""
    tally = Tally.empty(meter)
    by_hour(meter, rows).add_to(tally)
    return tally


@pytest.fixture(scope="module")
def meters(make):
    return TrafficMeter(), ColumnMeter(make.baseline())


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_tallies_of_any_parts_in_any_order_add_up_to_the_tally_of_all(make, meters, storage, data):
    rows = data.draw(st.integers(2, 120))
    hours = data.draw(st.lists(st.integers(0, 60), min_size=rows, max_size=rows))
    times = make.START + np.array(hours) * make.HOUR
    name = f"m{storage.clock.new_id()}"
    batch = make.batch(
        rows, data.draw(st.integers(0, 9)), times, plan=np.array(["new"] * rows, object)
    )
    from mlops_magics.monitoring import events

    events.write(storage, name, "v1", batch)
    everything = storage.log.read("event", f"{name}@v1")
    order = np.array(data.draw(st.permutations(range(rows))))
    cut = data.draw(st.integers(0, rows))

    for meter in meters:
        added = Tally.empty(meter)
        for part in (everything.take(order[cut:]), everything.take(order[:cut])):
            for _, day in by_hour(meter, part).days():
                # as hours or as one, in any mixture
                kept = day.together() if data.draw(st.booleans()) else day
                from_bytes(to_bytes(kept)).add_to(added)
        assert same(added, scan(meter, everything))


def test_a_window_of_segments_and_packed_rows_is_the_full_scan(make, meters, storage, backend):
    big = make.batch(6000, 1, make.START + make.HOUR // 40 * np.arange(6000))
    late = make.batch(300, 2, make.START + make.HOUR // 3 * np.arange(300))
    backend.record_batch("churn", "v1", big, meters[1].baseline)
    backend.record_batch("churn", "v1", late)
    everything = storage.log.read("event", STREAM)
    first = make.START // make.HOUR

    for begin, end in [(first, first + 24), (first + 7, first + 49), (first + 30, first + 1000)]:
        hour = everything.event_time // make.HOUR
        inside = everything.take(np.flatnonzero((hour >= begin) & (hour < end)))
        for by_day in (False, True):
            found = summaries.collect(storage, STREAM, meters, begin, end, by_day)
            for meter, parts in zip(meters, found, strict=True):
                assert same(summaries.total(meter, parts), scan(meter, inside))


def test_a_segment_is_summarised_when_it_is_written_and_again_when_that_is_lost(
    make, meters, storage, backend
):
    backend.record_batch("churn", "v1", make.batch(5000), meters[1].baseline)
    with storage.reading() as reading:
        kept = dict(reading.execute("SELECT meter, count(*) FROM summary GROUP BY 1").fetchall())
    before = summaries.collect(storage, STREAM, meters)

    with storage.transaction() as transaction:
        transaction.execute("DELETE FROM summary")
    after = summaries.collect(storage, STREAM, meters)

    days = -(-5000 // 24)
    assert kept == {"traffic": days, meters[1].of: days}
    for meter, one, other in zip(meters, before, after, strict=True):
        assert same(summaries.total(meter, one), summaries.total(meter, other))
    with storage.reading() as reading:
        assert reading.execute("SELECT count(*) FROM summary").fetchone()[0] == 2 * days


def test_packed_rows_fold_into_a_segment_and_nothing_about_them_changes(
    make, meters, storage, backend, clock
):
    for part in range(3):
        clock.advance(60)
        backend.record_batch("churn", "v1", make.batch(2000, part))
    before = storage.log.read("event", STREAM)
    events = backend.query_events("churn", limit=5)

    found = summaries.collect(storage, STREAM, meters)

    after = storage.log.read("event", STREAM)
    assert storage.log.hot_count("event", STREAM) == 0
    assert len(storage.log.segments("event", STREAM)) == 1
    for name in ("seq", "event_time", "written_at", "known_at"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    assert (before.ids, before.keys) == (after.ids, after.keys)
    assert before.table.rows() == after.table.rows()
    assert backend.query_events("churn", limit=5) == events
    assert summaries.total(meters[0], found[0]).counts[ROWS] == 6000


def test_a_feature_that_came_later_is_missing_in_older_rows_once_they_are_folded(
    make, storage, backend
):
    wide = make.batch(3000, 1)
    narrow = make.batch(3000, 2)
    object.__setattr__(narrow, "features", narrow.features.without(["spend"]))
    backend.record_batch("churn", "v1", narrow)
    backend.record_batch("churn", "v1", wide)

    summaries.fold(storage, STREAM)

    spend = storage.log.read("event", STREAM).table.column("feature:spend")
    assert spend.missing.sum() == 3000


def test_late_events_are_in_the_hour_in_which_they_were_true(make, meters, storage, backend):
    backend.record_batch("churn", "v1", make.batch(5000), meters[1].baseline)
    backend.record_batch("churn", "v1", make.batch(10, 1, np.full(10, make.START + 5)))
    first = make.START // make.HOUR

    parts = summaries.collect(storage, STREAM, meters[:1], first, first + 1)[0]

    assert summaries.total(meters[0], parts).counts[ROWS] == 11


def test_another_baseline_is_counted_in_its_own_cells(make, meters, storage, backend):
    backend.record_batch("churn", "v1", make.batch(5000), meters[1].baseline)
    other = ColumnMeter(make.baseline(500, seed=3))

    tally = summaries.total(other, summaries.collect(storage, STREAM, [other])[0])

    assert tally.counts.tolist() == scan(other, storage.log.read("event", STREAM)).counts.tolist()


def test_nothing_adds_up_to_nothing(meters, storage):
    parts = summaries.collect(storage, STREAM, meters)

    assert [summaries.total(m, p).counts.sum() for m, p in zip(meters, parts, strict=True)] == [
        0,
        0,
    ]
    assert len(by_hour(meters[0], concatenate([])).hour) == 0


def test_a_batch_that_is_tallied_before_it_is_written_is_the_full_scan(
    make, meters, storage, backend
):
    plans = np.where(np.arange(6000) % 7, make.PLANS[0], "new").astype(object)
    plans[::11] = None
    backend.record_batch("churn", "v1", make.batch(6000, plan=plans), meters[1].baseline)
    everything = storage.log.read("event", STREAM)

    with storage.reading() as reading:
        kept = reading.execute("SELECT meter, hours FROM summary").fetchall()

    for meter in meters:
        tally = summaries.total(meter, [from_bytes(h) for of, h in kept if of == meter.of])
        assert same(tally, scan(meter, everything))
    assert tally.names["feature:plan"] == {"new": sum(plans == "new")}


def test_of_the_names_of_an_hour_the_commonest_fifty_are_kept(make, meters, storage, backend):
    plans = np.array([f"new {n % 60 if n < 120 else n % 50}" for n in range(400)], object)
    times = np.full(400, make.START)
    backend.record_batch("churn", "v1", make.batch(400, 0, times, plan=plans))

    tally = scan(meters[1], storage.log.read("event", STREAM))

    assert set(tally.names["feature:plan"]) == {f"new {n}" for n in range(50)}
    assert sum(tally.names["feature:plan"].values()) == 400 - 20


def test_days_that_come_as_one_are_those_of_the_hours(make, meters, storage, backend):
    times = make.START + 5 * make.HOUR + make.HOUR // 7 * np.arange(5000)
    backend.record_batch("churn", "v1", make.batch(5000, 1, times), meters[1].baseline)
    begin = make.START // make.HOUR + 6

    by_hour, by_day = (
        summaries.collect(storage, STREAM, meters, begin, by_day=whole) for whole in (False, True)
    )

    for meter, hours, days in zip(meters, by_hour, by_day, strict=True):
        assert sum(len(part.hour) for part in days) < sum(len(part.hour) for part in hours) / 10
        one, other = (summaries.by_length(meter, parts, 24) for parts in (hours, days))
        assert one.keys() == other.keys()
        assert all(same(one[day], other[day]) for day in one)
