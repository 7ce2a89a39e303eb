"""Measured beside estimated: on simulated months whose truth is known."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score

from mlops_magics.monitoring.events import Batch
from mlops_magics.monitoring.performance import Reference
from mlops_magics.tables.table import Column, Table

DAY = 24 * 3_600_000_000


class Year:
    """Predictions a few minutes apart, whose truth is known to the test alone."""

    def __init__(self, make, backend, rows=4000, days=120, concept=0.0, seed=0):
        generator = np.random.default_rng(seed)
        score = 1.5 * generator.normal(size=rows)
        self.share = 1 / (1 + np.exp(-score))
        self.truth = generator.random(rows) < 1 / (1 + np.exp(-score - concept))
        self.times = make.START + (np.arange(rows) * days * DAY // rows)
        answered = np.where(self.share > 0.5, "yes", "no").astype(object)
        batch = Batch(
            prediction=Column("category", answered, np.zeros(rows, bool)),
            features=Table.of({}),
            keys=[{}] * rows,
            event_time=self.times,
            latency_ms=1.0,
            confidence=np.maximum(self.share, 1 - self.share),
            probabilities=np.stack([1 - self.share, self.share], axis=1),
            classes=("no", "yes"),
        )
        object.__setattr__(batch, "features", make.features(rows, seed))
        self.backend = backend
        self.ids = np.array(backend.record_batch("churn", "v1", batch))

    def label(self, which, delay, labels=None):
        """Give the labels of some predictions, so long after each."""
        labels = np.where(self.truth, "yes", "no") if labels is None else labels
        known = np.datetime64(0, "us") + (self.times[which] + delay)
        table = {"request_id": self.ids[which].tolist(), "y": labels[which].tolist()}
        table["at"] = [f"{moment}Z" for moment in known]
        return self.backend.record_labels("churn", table, "y", (), "at")

    def performance(self, metrics=None, baseline=None):
        return self.backend.performance(
            "churn", "v1", Reference(metrics=metrics or {}, baseline=baseline)
        )


@pytest.fixture
def year(make, backend):
    return lambda **more: Year(make, backend, **more)


def test_measured_metrics_are_those_of_scikit_learn_within_their_intervals(year):
    found = year()
    found.label(np.arange(4000), 0)

    whole = found.performance().overall

    assert whole.labelled == whole.count == 4000
    expected = {
        "accuracy": accuracy_score(found.truth, found.share > 0.5),
        "loss": log_loss(found.truth, found.share),
        "auc": roc_auc_score(found.truth, found.share),
    }
    assert whole.metrics == {name: pytest.approx(value) for name, value in expected.items()}
    for name, (low, high) in whole.intervals.items():
        assert low < expected[name] < high
    assert whole.positive_share == pytest.approx(found.truth.mean())


def test_without_any_label_the_estimate_is_near_the_truth(year, make):
    found = year()

    performance = found.performance({"loss": 0.4}, make.baseline())

    assert performance.horizon is None
    whole = performance.overall
    assert (whole.labelled, dict(whole.metrics)) == (0, {})
    accuracy, loss, auc = (whole.estimated[name] for name in ("accuracy", "loss", "auc"))
    assert accuracy.low < accuracy_score(found.truth, found.share > 0.5) < accuracy.high
    assert loss.low < log_loss(found.truth, found.share) < loss.high
    assert auc.value == pytest.approx(roc_auc_score(found.truth, found.share), abs=0.02)
    assert not performance.has_changed


def test_months_have_estimates_beside_what_was_measured(year):
    found = year()
    found.label(np.arange(2000), 3 * DAY)

    windows = found.performance().windows

    assert [w.name for w in windows] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert [w.labelled > 0 for w in windows] == [True, True, True, False]
    expected = np.maximum(found.share, 1 - found.share).mean()
    for window in windows:
        assert window.estimated["accuracy"].value == pytest.approx(expected, abs=0.02)
    assert sum(w.count for w in windows) == 4000


def test_an_unchanged_relation_is_as_promised(year, make):
    same = year(seed=3)
    same.label(np.arange(4000), DAY)

    calm = same.performance(baseline=make.baseline())

    assert not calm.has_changed
    assert {name: gap.low < 0 < gap.high for name, gap in calm.overall.gaps.items()} == {
        "accuracy": True,
        "loss": True,
        "share": True,
    }


def test_the_gap_of_a_changed_relation_has_its_size(year):
    changed = year(concept=1.0)
    changed.label(np.arange(4000), DAY)

    found = changed.performance()

    assert found.has_changed
    gap = found.overall.gaps["share"]
    assert gap.value == pytest.approx(changed.truth.mean() - changed.share.mean())
    assert gap.p_value < 1e-20


def test_performance_is_of_predictions_that_are_old_enough(year):
    """Positives arrive after 30 days, negatives after 5: who looks early sees too few positives."""
    found = year()
    positive = np.flatnonzero(found.truth)
    negative = np.flatnonzero(~found.truth)
    end = found.times[-1]
    for which, delay in ((positive, 30 * DAY), (negative, 5 * DAY)):
        found.label(which[found.times[which] + delay <= end], delay)

    performance = found.performance()

    assert performance.horizon == 30 * DAY
    whole = performance.overall
    assert whole.count == pytest.approx(3000, abs=70)
    assert whole.labelled == whole.count
    assert whole.positive_share == pytest.approx(found.truth[: whole.count].mean())
    assert [w.is_mature for w in performance.windows] == [True, True, True, False]
    assert performance.windows[-1].positive_share < 0.2


def test_a_corrected_label_counts_and_the_first_does_not(year):
    found = year(rows=200)
    found.label(np.arange(200), DAY, np.array(["no"] * 200))
    found.label(np.arange(200), DAY)

    assert found.performance().overall.positive_share == pytest.approx(found.truth.mean())


def test_labels_of_another_type_are_read_or_counted(year):
    found = year(rows=100)
    labels = np.where(found.truth, "yes", "no").astype(object)
    labels[:10] = "perhaps"
    found.label(np.arange(100), DAY, labels)

    whole = found.performance().overall

    assert (whole.labelled, whole.unusable) == (90, 10)


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        ((False, True), [1, 0, "True", "no"]),
        ((0, 1), ["1", "0", 1, 0]),
        (("01", "1"), ["1", "01", "1", "01"]),
    ],
)
def test_labels_mean_the_class_that_they_can_be_read_as(classes, labels):
    from mlops_magics.monitoring.outcomes import Outcomes

    nothing = np.zeros(4, np.int64)
    outcomes = Outcomes(
        event_time=nothing, known_at=nothing, labels=labels, shares=np.full((4, 2), 0.5),
        classes=classes, values=None, widths=None,
    )  # fmt: skip

    assert outcomes.codes().tolist() == [1, 0, 1, 0]


def test_numbers_are_measured_and_estimated_by_the_width_of_their_intervals(make, backend, clock):
    generator = np.random.default_rng(0)
    width = generator.uniform(1, 3, 2000)
    truth = generator.normal(10, width / 2)
    batch = Batch(
        prediction=Column("number", np.full(2000, 10.0), np.zeros(2000, bool)),
        features=make.features(2000),
        keys=[{}] * 2000,
        event_time=make.START + np.arange(2000) * DAY // 50,
        latency_ms=1.0,
        lower=10 - width,
        upper=10 + width,
    )
    ids = backend.record_batch("price", "v1", batch)
    # training saw narrower intervals, and errors that belong to them
    reference = Reference(metrics={"mae": 0.4}, width=2.0)

    before = backend.performance("price", "v1", reference)
    clock.advance(60 * 24 * 3600)
    backend.record_labels("price", {"request_id": ids, "y": truth.tolist()}, "y")
    after = backend.performance("price", "v1", reference).overall

    error = mean_absolute_error(truth, np.full(2000, 10.0))
    assert before.overall.estimated["mae"].value == pytest.approx(0.4 * width.mean(), rel=0.01)
    assert after.metrics["mae"] == pytest.approx(error)
    assert after.intervals["mae"][0] < error < after.intervals["mae"][1]
    assert after.gaps["mae"].p_value > 0.001


@pytest.mark.parametrize(
    ("days", "names"),
    [(3, ["2026-01-01", "2026-01-02", "2026-01-03"]), (20, ["2026-W01", "2026-W02", "2026-W03"])],
)
def test_few_days_are_shown_by_the_day_and_some_weeks_by_the_week(year, days, names):
    found = year(rows=300, days=days)
    found.label(np.arange(300), 0)

    assert [w.name for w in found.performance().windows][:3] == names


def test_no_events_and_events_without_probabilities_have_no_performance(backend):
    from mlops_magics.monitoring import Event

    assert backend.performance("m", "v1", Reference(metrics={})) is None
    backend.record_inference(Event(model_id="m", version="v1", prediction=1))
    assert backend.performance("m", "v1", Reference(metrics={})) is None
