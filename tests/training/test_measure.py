import numpy as np
import pytest

from mlops_magics.training.measure import measure, measure_intervals, row_losses, why_undefined


def answered(rows=400, seed=0):
    chance = np.random.default_rng(seed)
    codes = chance.integers(0, 2, rows)
    said = 1 / (1 + np.exp(-(codes * 2 - 1 + chance.normal(size=rows) * 1.5)))
    return codes, np.stack([1 - said, said], axis=1)


def test_metrics_of_classes_are_those_of_scikit_learn():
    from sklearn import metrics

    codes, shares = answered()

    found = measure(shares, codes)

    assert found["accuracy"] == metrics.accuracy_score(codes, shares.argmax(1))
    assert found["loss"] == pytest.approx(metrics.log_loss(codes, shares))
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(codes, shares[:, 1]))


def test_metrics_of_numbers_are_those_of_scikit_learn():
    from sklearn import metrics

    targets = np.random.default_rng(0).normal(50, 9, 200)
    answers = targets + np.random.default_rng(1).normal(size=200)

    found = measure(answers, targets)

    assert found["loss"] == pytest.approx(metrics.mean_squared_error(targets, answers))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(targets, answers))
    assert found["r2"] == pytest.approx(metrics.r2_score(targets, answers))


def test_every_metric_of_two_classes_and_of_numbers_lies_in_its_interval():
    codes, shares = answered()
    targets = np.random.default_rng(0).normal(1e6, 9, 200)
    near = targets + np.random.default_rng(1).normal(size=200)

    for answers, truth in ((shares, codes), (near, targets)):
        metrics, ends = measure(answers, truth), measure_intervals(answers, truth)
        assert ends.keys() == metrics.keys()
        for name, (low, high) in ends.items():
            assert low < metrics[name] < high


def test_intervals_of_loss_and_r2_hold_what_many_rows_say():
    truth = measure(*answered(200_000)[::-1])["loss"]
    held = 0
    for seed in range(60):
        codes, shares = answered(100, seed + 1)
        low, high = measure_intervals(shares, codes)["loss"]
        held += low <= truth <= high

    assert held >= 52


def test_rows_of_the_same_entities_are_no_independent_evidence():
    codes, shares = answered(40)
    groups = np.repeat(np.arange(40), 20)

    rows = measure_intervals(np.repeat(shares, 20, 0), np.repeat(codes, 20))
    entities = measure_intervals(np.repeat(shares, 20, 0), np.repeat(codes, 20), groups)

    width = {name: high - low for name, (low, high) in entities.items()}
    for name in ("accuracy", "loss"):
        assert width[name] > 3 * (rows[name][1] - rows[name][0])
    assert "auc" not in entities


def test_the_mean_of_the_losses_of_rows_is_the_loss():
    codes, shares = answered()

    assert row_losses(shares, codes).mean() == pytest.approx(measure(shares, codes)["loss"])


def test_a_held_out_part_with_one_class_leaves_the_other_metrics_and_says_why():
    shares = np.tile([0.7, 0.3], (40, 1))

    found = measure(shares, np.zeros(40, int))

    assert found["accuracy"] == 1.0
    assert found["auc"] is None
    assert why_undefined(found, np.zeros(40)) == {"auc": "undefined: the 40 rows have one class"}


def test_a_constant_target_has_no_r2():
    found = measure(np.arange(9.0), np.full(9, 3.0))

    assert why_undefined(found, np.full(9, 3.0)) == {"r2": "undefined: the 9 rows have one value"}
    assert "r2" not in measure_intervals(np.arange(20.0), np.full(20, 3.0))
