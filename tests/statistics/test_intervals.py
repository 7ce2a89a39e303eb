import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlops_magics.statistics.classification import binary_auc
from mlops_magics.statistics.intervals import auc_interval, auc_standard_error, wilson


@pytest.mark.parametrize(
    ("successes", "rows", "low", "high"),
    [
        (8, 10, 0.490162, 0.943318),
        (90, 100, 0.825634, 0.944771),
        (0, 8, 0, 0.324408),
        (8, 8, 0.675592, 1),
    ],
)
def test_wilsons_interval_is_the_published_one(successes, rows, low, high):
    interval = wilson(successes, rows)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 500), st.integers(0, 500), st.floats(0.5, 0.999))
def test_wilsons_interval_is_scipys_and_holds_the_share(rows, successes, level):
    successes = min(successes, rows)
    theirs = stats.binomtest(successes, rows).proportion_ci(level, method="wilson")

    interval = wilson(successes, rows, level)

    assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= interval.low <= successes / rows <= interval.high <= 1


def test_no_rows_have_no_interval():
    assert wilson(0, 0) is None


@given(st.integers(0, 10_000), st.booleans())
def test_delongs_error_is_the_spread_of_the_shares_of_pairs(seed, tied):
    generator = np.random.default_rng(seed)
    y = generator.permutation(np.arange(30) < 12)
    s = generator.normal(size=30) + y
    s = s.round() if tied else s
    pairs = (s[y][:, None] > s[~y]) + (s[y][:, None] == s[~y]) / 2
    expected = np.sqrt(pairs.mean(1).var(ddof=1) / 12 + pairs.mean(0).var(ddof=1) / 18)

    assert auc_standard_error(y, s) == pytest.approx(expected)


def test_the_interval_of_an_area_holds_the_area_and_stays_within_0_and_1():
    y = np.arange(60) % 3 == 0
    s = np.sin(np.arange(60.0) * 7) + 1.5 * y

    interval = auc_interval(y, s)

    assert 0 < interval.low < binary_auc(y, s) < interval.high < 1


def test_under_ten_rows_of_a_class_an_area_has_no_interval():
    y = np.arange(100) < 9

    assert auc_interval(y, np.sin(np.arange(100.0))) is None


def test_perfectly_separated_classes_have_no_interval_because_their_variance_is_zero():
    y = np.arange(40) < 20

    assert auc_interval(y, y.astype(float)) is None


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_of_an_area_covers_the_true_area_about_as_often_as_it_says(level):
    truth = stats.norm.cdf(1 / np.sqrt(2))
    covered = 0
    for seed in range(400):
        generator = np.random.default_rng(seed)
        y = np.arange(100) < 50
        interval = auc_interval(y, generator.normal(size=100) + y, level)
        covered += interval.low <= truth <= interval.high

    assert covered / 400 == pytest.approx(level, abs=0.05)
