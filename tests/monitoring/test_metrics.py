import numpy as np
import pytest

from mlops_magics.monitoring import Event

LATENCIES = [1.0, 2.0, 3.0, 50.0]


@pytest.fixture
def recorded(backend, make):
    """Four events of two versions, the last of which failed."""
    for place, latency in enumerate(LATENCIES):
        backend.record_inference(
            Event(
                model_id="churn",
                version="v2" if place == 3 else "v1",
                prediction=None if place == 3 else "no",
                confidence=None if place == 3 else 0.5 + 0.1 * place,
                latency_ms=latency,
                error="no features" if place == 3 else None,
                event_time=make.START + place * make.HOUR // 2,
            )
        )
    return backend


def test_metrics_are_counts_averages_percentiles_and_errors(recorded, make):
    found = recorded.get_metrics("churn")

    assert found.count == 4
    assert found.avg_latency_ms == pytest.approx(14.0)
    assert found.avg_confidence == pytest.approx(0.6)
    assert found.p50_latency_ms == pytest.approx(2.0, rel=0.01)
    assert found.p99_latency_ms == pytest.approx(50.0, rel=0.01)
    assert found.error_rate == 0.25
    assert found.versions == {"v1": 3, "v2": 1}
    assert found.predictions == {"no": 3}
    assert (found.first, found.last) == (make.START, make.START + 3 * make.HOUR // 2)


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (0, 3, 4),
        (1, 3, 3),
        (1, 2, 2),
        (1, 1, 1),
        (0.4, 2.6, 2),
        (3.1, 9, 0),
        (None, 1, 2),
        (2, None, 2),
    ],
)
def test_both_bounds_are_inclusive_also_within_an_hour(recorded, make, since, until, count):
    ends = [None if e is None else make.START + int(e * make.HOUR / 2) for e in (since, until)]

    assert recorded.get_metrics("churn", *ends).count == count


def test_metrics_of_one_version(recorded):
    assert recorded.get_metrics("churn", version="v2").error_rate == 1.0
    assert recorded.get_metrics("churn", version="v3").count == 0


def test_no_events_are_count_zero_and_no_figures(backend):
    found = backend.get_metrics("churn")

    assert (found.count, found.avg_latency_ms, found.p95_latency_ms) == (0, None, None)
    assert (found.error_rate, found.first, found.versions) == (None, None, {})


def test_metrics_by_the_hour_and_by_the_day_add_up(backend, make):
    backend.record_batch("churn", "v1", make.batch(5000, 1), make.baseline())
    backend.record_batch("churn", "v2", make.batch(50, 2))

    hours = backend.metrics_over_time("churn", 1)
    days = backend.metrics_over_time("churn")
    since = backend.metrics_over_time("churn", 24, make.START + 72 * make.HOUR)

    assert sum(m.count for m in hours) == sum(m.count for m in days) == 5050
    assert [m.count for m in days[:4]] == [48, 48, 26, 24]
    assert days[0].versions == {"v1": 24, "v2": 24}
    assert since[0].first == make.START + 72 * make.HOUR
    assert [m.first for m in days] == sorted(m.first for m in days)


def test_percentiles_are_within_a_hundredth_of_all_latencies(backend, make):
    generator = np.random.default_rng(0)
    all_of_them = []
    for _ in range(5):
        latency = float(generator.lognormal(1, 1))
        batch = make.batch(1000)
        object.__setattr__(batch, "latency_ms", latency)
        backend.record_batch("churn", "v1", batch)
        all_of_them += [latency] * 1000

    found = backend.get_metrics("churn")

    for share, figure in ((50, found.p50_latency_ms), (95, found.p95_latency_ms)):
        exact = np.percentile(all_of_them, share, method="inverted_cdf")
        assert figure == pytest.approx(exact, rel=0.011)


def test_the_newest_event_is_not_one_of_a_clock_that_runs_ahead(backend, clock):
    now = clock.now()
    for moment in (now - 5, now + 400 * 24 * 3_600_000_000):
        backend.record_inference(Event(model_id="m", prediction=1, event_time=moment))

    assert backend.newest("m") == now - 5
    assert backend.get_metrics("m").count == 2


def test_events_that_are_all_in_the_future_have_a_newest_one(backend, clock):
    future = clock.now() + 400 * 24 * 3_600_000_000
    backend.record_inference(Event(model_id="m", prediction=1, event_time=future))

    assert backend.newest("m") == future
    assert backend.newest("nobody") is None
