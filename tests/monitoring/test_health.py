"""One sentence of a model: healthy, watch or act, and why."""

from dataclasses import replace

import numpy as np
import pytest

from mlops_magics.monitoring.alerts import fresh
from mlops_magics.monitoring.health import judge
from mlops_magics.monitoring.reports import Performance, PerformanceWindow
from mlops_magics.statistics.estimates import Estimate, Gap


@pytest.fixture
def seen(make, backend):
    """Metrics and drift of one batch."""

    def of(rows, **changed):
        backend.record_batch("churn", "v1", make.batch(rows, 1, **changed))
        return backend.get_metrics("churn"), backend.drift("churn", "v1", make.baseline())

    return of


def performed(loss, gap=1.0, labelled=500, reach=0.01):
    window = PerformanceWindow(
        name="all",
        count=500,
        labelled=labelled,
        metrics={"loss": loss} if labelled else {},
        intervals={"loss": (loss - 0.02, loss + 0.02)} if labelled else {},
        estimated={"loss": Estimate(loss, loss - 0.02, loss + 0.02)},
        gaps={"loss": Gap(0.1, 0.0, 0.2, gap)} if labelled else {},
    )
    return Performance(
        model_id="churn",
        version="v1",
        overall=window,
        windows=(window,),
        reference={"loss": 0.4},
        reference_intervals={"loss": (0.4 - reach, 0.4 + reach)},
    )


def kinds(health):
    return [(reason.kind, reason.subject) for reason in health.reasons]


def test_a_model_of_which_nothing_is_beyond_chance_is_healthy(seen):
    metrics, drift = seen(1000)

    health = judge(metrics, drift, performed(0.41))

    assert (health.state, health.reasons) == ("healthy", ())


def test_few_predictions_are_too_early_to_call_a_model_healthy(seen):
    assert judge(*seen(12), None).state == "early"


def test_a_column_that_moved_is_to_be_watched(make, seen):
    age = make.features(1000, 1).columns["age"].values + 5

    health = judge(*seen(1000, age=age), None)

    assert health.state == "watch"
    assert ("drift", "age") in kinds(health)


@pytest.mark.parametrize("loss", [0.415, 0.46])
def test_a_loss_that_is_worse_beyond_chance_and_by_enough_calls_for_action(seen, loss):
    health = judge(*seen(1000), performed(loss))

    assert health.state == ("act" if loss == 0.46 else "healthy")


def test_few_held_out_rows_make_no_later_loss_worse(seen):
    """What training promised is known no better than its rows allow."""
    assert judge(*seen(1000), performed(0.45, reach=0.1)).state == "healthy"


def test_a_relation_that_changed_is_to_be_watched_and_an_expected_loss_too(seen):
    metrics, drift = seen(1000)

    assert kinds(judge(metrics, drift, performed(0.41, gap=1e-6))) == [("relation", "loss")]
    assert kinds(judge(metrics, drift, performed(0.5, labelled=0))) == [("expected worse", "loss")]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        (lambda t: {"spend": t.columns["spend"].values * 1000}, "unit"),
        (lambda t: {"age": np.full(1000, np.nan)}, "missing"),
    ],
)
def test_broken_data_calls_for_action_before_anything_else(make, seen, changed, kind):
    metrics, drift = seen(1000, **changed(make.features(1000, 1)))

    health = judge(metrics, drift, performed(0.9))

    assert health.state == "act"
    assert health.reasons[0].kind == kind


def test_failures_call_for_action_from_five_in_a_hundred(seen):
    metrics, drift = seen(100)

    assert judge(replace(metrics, error_rate=0.06), drift, None).state == "act"
    assert judge(replace(metrics, error_rate=0.01), drift, None).state == "watch"
    assert judge(replace(metrics, error_rate=1.0, count=3), None, None).state == "early"


@pytest.mark.parametrize(("kind", "state"), [("silence", "act"), ("drift", "watch")])
def test_an_alert_that_is_open_is_a_reason_even_where_the_window_says_nothing(seen, kind, state):
    alert = replace(
        fresh("churn", "v1", (0, 1)), kind=kind, subject="old", state="open", severity="large"
    )

    health = judge(*seen(1000), None, (alert, replace(alert, state="closed")))

    assert (health.state, [reason.kind for reason in health.reasons]) == (state, ["alert"])
