import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr

from mlops_magics.statistics import correlation

scores = st.lists(st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000)), max_size=50)


def test_the_correlation_is_pearsons_of_the_scores_and_near_the_rank_correlation():
    generator = np.random.default_rng(0)
    first = generator.normal(size=2000)
    second = 0.6 * first + 0.8 * generator.normal(size=2000)
    cells = [np.argsort(np.argsort(values)) * 60 // 2000 for values in (first, second)]
    counts = np.bincount(cells[0])
    found = [correlation.normal_scores(counts)[cell] for cell in cells]

    of_sums = correlation.of_sums(correlation.sums(*found))

    assert of_sums == pytest.approx(np.corrcoef(*found)[0, 1], abs=1e-12)
    assert of_sums == pytest.approx(2 * np.sin(np.pi / 6 * spearmanr(*cells)[0]), abs=0.02)


@given(scores, scores)
def test_sums_of_parts_add_up_to_those_of_the_whole(first, second):
    parts = [np.array(part, np.int64).reshape(-1, 2) for part in (first, second)]

    added = sum(correlation.sums(*part.T) for part in parts)

    np.testing.assert_array_equal(added, correlation.sums(*np.concatenate(parts).T))


def test_the_p_value_is_fishers():
    z = (np.arctanh(0.6) - np.arctanh(0.3)) / np.sqrt(1 / 1997 + 1 / 297)

    assert correlation.p_value(0.6, 0.3, 2000, 300) == pytest.approx(2 * norm.sf(z))
    assert correlation.p_value(0.6, 0.3, 2000, 3) == 1


def test_scores_rise_and_their_ends_are_finite():
    found = correlation.normal_scores(np.array([0, 5, 90, 5, 0]))

    assert (np.diff(found) >= 0).all()
    assert np.abs(found).max() < 5000


def test_a_constant_column_and_too_few_rows_have_none():
    assert correlation.of_sums(correlation.sums(np.ones(9, int), np.arange(9))) is None
    assert correlation.of_sums(correlation.sums(np.arange(3), np.arange(3))) is None
