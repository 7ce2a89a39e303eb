import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import kolmogorov
from scipy.stats import ks_2samp

from mlops_magics.statistics.kolmogorov import distance, p_value, survival

rows = st.lists(st.integers(0, 30), min_size=1, max_size=60)


@given(rows, rows)
def test_where_each_value_has_a_cell_the_distance_is_scipys(base, window):
    cells = [np.bincount(values, minlength=31) for values in (base, window)]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its p-value where a sample is one row
        expected = ks_2samp(base, window, method="asymp").statistic
    assert distance(*cells) == pytest.approx(expected, abs=1e-12)


@given(st.floats(0.11, 4))
def test_the_limit_is_kolmogorovs(value):
    assert survival(value) == pytest.approx(kolmogorov(value), abs=1e-12)


@pytest.mark.parametrize(("m", "n"), [(2000, 100), (500, 300), (200, 30)])
def test_the_p_value_is_within_a_tenth_of_the_exact_one(m, n):
    generator = np.random.default_rng(0)
    base, window = generator.normal(size=m), generator.normal(0.2, size=n)
    exact = ks_2samp(base, window, method="exact")

    assert p_value(exact.statistic, m, n) == pytest.approx(exact.pvalue, rel=0.1)


def test_an_empty_sample_is_at_no_distance():
    assert distance(np.zeros(3, int), np.ones(3, int)) == 0
    assert survival(0) == 1
