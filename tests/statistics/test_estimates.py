import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, ttest_1samp
from sklearn.metrics import roc_auc_score

from mlops_magics.statistics import estimates

SHARE = np.array([0.9, 0.4, 0.65, 0.3, 0.2, 0.5, 0.8, 0.35])
shares = st.lists(st.floats(0.01, 0.99), min_size=2, max_size=40).map(lambda s: np.array(sorted(s)))


def test_the_published_vector_of_nannyml():
    sure = np.maximum(SHARE, 1 - SHARE)

    found = estimates.accuracy(sure.sum(), (sure * (1 - sure)).sum(), 8, 0.0)
    area = estimates.auc(np.sort(SHARE), np.ones(8, np.int64))

    assert found.value == pytest.approx(0.7)
    assert (found.value - found.low) / estimates.Z == pytest.approx(0.15637495, abs=1e-8)
    assert area == pytest.approx(0.7626641652, abs=1e-9)


@given(shares)
def test_the_expected_area_is_that_of_both_labels_by_weight(share):
    twice = np.concatenate([share, share])
    labels = np.repeat([1, 0], len(share))
    weights = np.concatenate([share, 1 - share])
    if len(np.unique(share)) < len(share):
        return

    expected = roc_auc_score(labels, twice, sample_weight=weights)

    assert estimates.auc(share, np.ones(len(share), np.int64)) == pytest.approx(expected, abs=1e-9)


@given(shares)
def test_entropy_and_its_variance_are_those_of_a_coin(share):
    losses = -np.log(np.stack([share, 1 - share]))
    weights = np.stack([share, 1 - share])
    mean = (weights * losses).sum(axis=0)

    assert estimates.entropy(share) == pytest.approx(mean)
    variance = (weights * (losses - mean) ** 2).sum(axis=0)
    assert estimates.loss_variance(share) == pytest.approx(variance, abs=1e-9)


def test_the_gap_is_a_test_of_the_mean():
    differences = np.random.default_rng(0).normal(0.1, 1, 4000)

    found = estimates.gap(differences)

    assert found.p_value == pytest.approx(ttest_1samp(differences, 0).pvalue, rel=0.1)
    assert found.high - found.value == pytest.approx(
        norm.ppf(0.975) * differences.std(ddof=1) / np.sqrt(4000)
    )
    assert estimates.gap(differences, 1.0).p_value > 0.9
    assert estimates.gap(np.ones(1)) is None
    assert estimates.gap(np.zeros(3)).p_value == 1


def test_no_rows_promise_nothing():
    nothing = np.zeros(1, np.int64)

    assert estimates.accuracy(0, 0, 0, 0.0) is None
    assert estimates.log_loss(np.array([0.5]), nothing, 0.0) is None
    assert estimates.auc(np.array([0.5]), nothing) is None


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.slow
@pytest.mark.parametrize("validation_rows", [50, 200, 1000])
def test_the_interval_covers_also_where_the_temperature_was_fitted_on_few_rows(validation_rows):
    """The band without the last term covers .44, .72 and .90 here."""
    generator = np.random.default_rng(6)
    temperatures = np.exp(np.linspace(-3, 3, 121))
    covered = 0
    looks = 600
    for _ in range(looks):
        score = 2 * generator.normal(size=validation_rows)
        truth = generator.random(validation_rows) < sigmoid(score)
        # the model says sigmoid(2 z); the true temperature is 2
        each = sigmoid(np.outer(1 / temperatures, 2 * score))
        loss = -np.log(np.where(truth, each, 1 - each) + 1e-12).mean(axis=1)
        temperature = temperatures[loss.argmin()]
        sure = sigmoid(np.abs(2 * score) / temperature)
        score = 1.2 * generator.normal(size=1000)
        truth = generator.random(1000) < sigmoid(score)
        share = sigmoid(2 * score / temperature)
        own = np.maximum(share, 1 - share)
        found = estimates.accuracy(
            own.sum(),
            (own * (1 - own)).sum(),
            1000,
            estimates.two_class_variance(sure)[0] / validation_rows,
        )
        covered += found.low <= ((share > 0.5) == truth).mean() <= found.high

    assert 0.93 <= covered / looks <= 0.995


@pytest.mark.slow
def test_a_changed_relation_shows_as_a_gap_and_an_unchanged_one_does_not():
    generator = np.random.default_rng(8)
    alarms = {0.0: 0, 1.0: 0}
    for concept in alarms:
        for _ in range(400):
            score = 2 * generator.normal(size=500)
            truth = generator.random(500) < sigmoid(score + concept)
            share = sigmoid(score)
            variance = estimates.two_class_variance(np.maximum(share, 1 - share))[0]
            found = estimates.gap(truth - share, variance / 500)
            alarms[concept] += found.p_value < 0.05

    assert alarms[0.0] / 400 < 0.05
    assert alarms[1.0] / 400 > 0.9
