import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mlops_magics.statistics.classification import accuracy, auc, binary_auc, brier, log_loss

Y = np.array([1, 0, 1, 1, 0, 0, 1, 0])
S = np.array([0.9, 0.4, 0.65, 0.3, 0.2, 0.5, 0.8, 0.35])
scores = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=60)


def probabilities(seed: int, rows: int, classes: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(classes), rows)


def test_the_published_vector_gives_its_area_log_loss_and_brier_score():
    both = np.stack([1 - S, S], axis=1)

    assert auc(Y, both) == pytest.approx(0.8125)
    assert log_loss(Y, both) == pytest.approx(0.4776448824, abs=1e-10)
    assert brier(Y, both) == pytest.approx(0.154375)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_every_metric_of_classes_is_what_scikit_learn_computes(classes):
    p = probabilities(classes, 300, classes)
    y = np.random.default_rng(7).integers(0, classes, 300)
    theirs = p[:, 1] if classes == 2 else p

    assert accuracy(y, p.argmax(axis=1)) == metrics.accuracy_score(y, p.argmax(axis=1))
    assert log_loss(y, p) == pytest.approx(metrics.log_loss(y, p))
    assert brier(y, p) == pytest.approx(metrics.brier_score_loss(y, theirs))
    assert auc(y, p) == pytest.approx(metrics.roc_auc_score(y, theirs, multi_class="ovr"))


@given(scores)
def test_the_area_is_the_share_of_pairs_in_the_right_order_with_ties_half(rows):
    y = np.array([positive for positive, _ in rows])
    s = np.array([float(score) for _, score in rows])
    pairs = [(a > b) + (a == b) / 2 for a in s[y] for b in s[~y]]

    expected = np.mean(pairs) if pairs else None

    assert binary_auc(y, s) == (None if expected is None else pytest.approx(expected))


def test_what_is_not_defined_is_none():
    nothing, one_class = np.zeros(0, int), np.zeros(4, int)

    assert accuracy(nothing, nothing) is None
    assert log_loss(nothing, np.zeros((0, 2))) is None
    assert brier(nothing, np.zeros((0, 2))) is None
    assert auc(one_class, np.full((4, 2), 0.5)) is None
    assert auc(one_class, np.full((4, 3), 1 / 3)) is None


def test_a_certain_error_costs_much_and_not_infinitely_much():
    assert log_loss(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(36.04, abs=0.01)


def test_a_class_that_does_not_occur_is_left_out_of_the_mean_area():
    p = probabilities(1, 50, 3)
    y = np.arange(50) % 2
    areas = [binary_auc(y == code, p[:, code]) for code in (0, 1)]

    assert auc(y, p) == pytest.approx(np.mean(areas))
