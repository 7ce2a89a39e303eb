import numpy as np
import pytest

from mlops_magics.statistics.resampling import bootstrap, mean_interval


def of_first(means):
    return means[:, 0]


def test_the_interval_is_that_of_scipys_percentile_bootstrap():
    from scipy import stats

    values = np.random.default_rng(3).gamma(2.0, size=200)

    found = bootstrap(values[:, None], of_first)
    expected = stats.bootstrap(
        (values,), np.mean, method="percentile", rng=np.random.default_rng(0), n_resamples=2000
    ).confidence_interval

    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.03)


def test_the_interval_holds_the_mean_about_as_often_as_it_says():
    chance = np.random.default_rng(0)
    held = 0
    for _ in range(150):
        found = bootstrap(chance.exponential(size=(80, 1)), of_first)
        held += found.low <= 1.0 <= found.high

    assert 0.88 <= held / 150 <= 0.99


def test_entities_that_are_drawn_whole_make_the_interval_wider():
    chance = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 20)
    values = (chance.normal(size=40)[groups] + chance.normal(size=800) * 0.1)[:, None]

    by_row, by_entity = bootstrap(values, of_first), bootstrap(values, of_first, groups)

    assert by_entity.high - by_entity.low > 3 * (by_row.high - by_row.low)


def test_too_few_rows_or_entities_and_numbers_that_are_none_have_no_interval():
    assert bootstrap(np.zeros((9, 1)), of_first) is None
    assert bootstrap(np.zeros((90, 1)), of_first, np.repeat(np.arange(9), 10)) is None
    assert bootstrap(np.zeros((20, 1)), lambda means: means[:, 0] * np.nan) is None


def test_the_interval_of_a_mean_is_that_of_scipy_for_many_rows():
    from scipy import stats

    values = np.random.default_rng(0).normal(size=2000)
    middle, low, high = mean_interval(values)

    expected = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert (low, high) == pytest.approx(expected)
    assert middle == pytest.approx(values.mean())
