import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mlops_magics.statistics.regression import mae, mse, r2, rmse

numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40)


@given(numbers, st.integers(0, 1000))
def test_every_metric_of_numbers_is_what_scikit_learn_computes(targets, seed):
    y = np.array(targets)
    p = y + np.random.default_rng(seed).normal(size=len(y))

    assert mse(y, p) == pytest.approx(metrics.mean_squared_error(y, p))
    assert rmse(y, p) == pytest.approx(metrics.root_mean_squared_error(y, p))
    assert mae(y, p) == pytest.approx(metrics.mean_absolute_error(y, p))
    if np.ptp(y) > 1e-3:
        assert r2(y, p) == pytest.approx(metrics.r2_score(y, p), rel=1e-6, abs=1e-9)


def test_r2_of_a_constant_target_is_not_defined():
    assert r2(np.full(7, 0.1), np.arange(7.0)) is None


def test_nothing_is_defined_without_rows():
    none = np.zeros(0)

    assert [metric(none, none) for metric in (mse, rmse, mae, r2)] == [None] * 4
