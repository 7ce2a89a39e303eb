import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from mlops_magics.statistics.pearson import compare, pool_rare

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=20)


def test_the_published_vector():
    found = compare(np.full(10, 100), np.array([12, 9, 11, 10, 8, 10, 14, 7, 9, 10]))

    assert found.p_value == pytest.approx(0.9537510245, abs=1e-10)
    assert found.degrees == 9


@given(counts)
def test_it_is_scipys_test_without_correction(rows):
    base, window = np.array(rows).T
    kept = np.stack([base, window])[:, (base + window) > 0]
    if kept.shape[1] < 2 or not kept.sum(axis=1).all():
        assert compare(base, window).p_value == 1
        return
    expected = chi2_contingency(kept, correction=False)

    found = compare(base, window)

    assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)


@given(counts)
def test_pooling_loses_no_row(rows):
    base, window = np.array(rows).T

    pooled = pool_rare(base, window)

    assert [counts.sum() for counts in pooled] == [base.sum(), window.sum()]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [50, 100, 500])
def test_twenty_zipf_categories_that_do_not_move_keep_the_level(rows):
    generator = np.random.default_rng(1)
    shares = 1 / np.arange(1, 21)
    shares /= shares.sum()
    p_values = np.array(
        [
            compare(
                *pool_rare(generator.multinomial(2000, shares), generator.multinomial(rows, shares))
            ).p_value
            for _ in range(20_000)
        ]
    )

    assert (p_values < 0.01).mean() < 0.013
    assert (p_values < 0.001).mean() < 0.0018
