"""Two models on the same rows: formulas against independent computations."""

import numpy as np
import pytest
from scipy import stats

from mlops_magics.statistics.paired import LEAST_ROWS, compare_losses, mid_p, student


@pytest.mark.parametrize("rows", [30, 47, 1000])
def test_the_interval_is_students_as_scipy_computes_it(rows):
    chance = np.random.default_rng(rows)
    own, other = chance.exponential(1.0, (2, rows))

    found = compare_losses(own, other)

    gains = other - own
    expected = stats.t.interval(0.95, rows - 1, gains.mean(), stats.sem(gains))
    assert (found.gain, found.rows) == (pytest.approx(gains.mean()), rows)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("degrees", [29, 60, 10_000])
def test_the_quantile_of_student_is_good_to_a_thousandth(degrees):
    assert student(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=2e-4)


def test_with_fewer_than_30_rows_there_is_no_verdict():
    losses = np.ones(LEAST_ROWS - 1)

    assert compare_losses(losses, losses) is None


def test_swapping_the_models_swaps_the_verdict():
    own = np.linspace(0.1, 0.9, 40)
    other = own + np.tile([0.1, 0.3], 20)

    assert compare_losses(own, other).verdict == "better"
    assert compare_losses(other, own).verdict == "worse"
    assert compare_losses(own, own).verdict == "no difference"


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [(15, 5, 2 * 0.0133018494), (5, 15, 2 * 0.0133018494), (0, 0, 1.0), (7, 7, 1.0)],
)
def test_mcnemars_mid_p_is_that_of_the_facts(own, other, expected):
    assert mid_p(own, other) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("own", "other"), [(9, 2), (40, 60), (505, 495)])
def test_the_mid_p_is_the_binomials_tail_and_half_of_what_happened(own, other):
    law = stats.binom(own + other, 0.5)
    fewer = min(own, other)

    expected = 2 * law.cdf(fewer - 1) + law.pmf(fewer)

    assert mid_p(own, other) == pytest.approx(expected, abs=1e-9)


def test_many_rows_go_over_to_the_normal_law_without_a_step():
    assert mid_p(480, 520) == pytest.approx(mid_p(481, 521), abs=0.003)
