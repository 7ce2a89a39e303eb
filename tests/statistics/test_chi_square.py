import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlops_magics.statistics.chi_square import critical, survival


@given(st.floats(0, 2000), st.integers(1, 400))
def test_survival_is_scipys(value, degrees):
    assert survival(value, degrees) == pytest.approx(
        stats.chi2.sf(value, degrees), rel=1e-9, abs=1e-300
    )


@given(st.floats(1e-12, 0.99), st.integers(1, 400))
def test_critical_is_scipys(probability, degrees):
    expected = stats.chi2.isf(probability, degrees)

    assert critical(probability, degrees) == pytest.approx(expected, rel=1e-9)
