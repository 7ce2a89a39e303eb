import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics import calibration
from mlops_magics.statistics.classification import log_loss


def drawn(rows, seed=0, sharpness=1.0):
    """Return outcomes of probabilities, and what is said of them."""
    chance = np.random.default_rng(seed)
    true = chance.random(rows)
    odds = sharpness * np.log(true / (1 - true))
    return chance.random(rows) < true, 1 / (1 + np.exp(-odds))


def test_perfect_probabilities_have_the_error_that_facts_say_chance_makes():
    errors = [calibration.error(*drawn(500, seed)) for seed in range(60)]

    # facts/statistics.md, section 4: .057 at 500 rows
    assert np.mean(errors) == pytest.approx(0.057, abs=0.006)


def test_perfect_probabilities_are_hardly_ever_called_wrong_and_overconfident_ones_are():
    perfect = [calibration.error_by_chance(*drawn(300, seed)) for seed in range(40)]
    too_sure = [calibration.error_by_chance(*drawn(300, seed, 3.0)) for seed in range(20)]

    assert np.mean(np.array(perfect) < 0.05) < 0.15
    assert max(too_sure) < 0.05


def test_rows_that_are_sorted_by_what_happened_show_no_other_error():
    said = np.full(400, 0.5)
    happened = np.arange(400) < 200

    assert calibration.error(happened, said) < 0.15
    assert all(0.2 < point.observed < 0.8 for point in calibration.curve(happened, said))


def test_a_curve_has_ten_points_of_equally_many_rows_whose_intervals_hold_the_share():
    points = calibration.curve(*drawn(1000))

    assert [point.rows for point in points] == [100] * 10
    assert all(point.low <= point.observed <= point.high for point in points)
    assert [point.predicted for point in points] == sorted(p.predicted for p in points)


def test_a_few_rows_make_no_curve():
    assert calibration.curve(np.ones(9, bool), np.full(9, 0.5)) == ()
    assert calibration.error(np.zeros(0, bool), np.zeros(0)) is None
    assert calibration.error_by_chance(np.zeros(0, bool), np.zeros(0)) is None


@given(st.floats(0.2, 5.0), st.integers(0, 1000))
def test_a_temperature_keeps_the_order_and_the_sum_of_probabilities(temperature, seed):
    shares = np.random.default_rng(seed).dirichlet(np.ones(4), 20)

    scaled = calibration.scale(shares, temperature)

    assert scaled.sum(axis=1) == pytest.approx(1)
    assert (scaled.argsort(axis=1) == shares.argsort(axis=1)).all()


def test_logits_that_are_three_times_too_large_are_divided_by_about_three():
    happened, said = drawn(4000, sharpness=3.0)
    shares = np.stack([1 - said, said], axis=1)

    found = calibration.temperature(happened.astype(int), shares)

    assert found == pytest.approx(3.0, rel=0.1)
    assert log_loss(happened.astype(int), calibration.scale(shares, found)) < log_loss(
        happened.astype(int), shares
    )


def test_the_temperature_is_that_of_a_minimiser_of_scipy():
    from scipy.optimize import minimize_scalar

    happened, said = drawn(200, sharpness=2.0)
    labels, shares = happened.astype(int), np.stack([1 - said, said], axis=1)

    def cost(log):
        loss = log_loss(labels, calibration.scale(shares, float(np.exp(log))))
        return 200 * loss + log**2 / 0.5

    expected = np.exp(minimize_scalar(cost, bounds=(-3, 3), method="bounded").x)
    assert calibration.temperature(labels, shares) == pytest.approx(expected, rel=1e-3)


def test_fewer_than_thirty_rows_choose_no_temperature():
    assert calibration.temperature(np.zeros(29, int), np.tile([0.1, 0.9], (29, 1))) == 1.0
