import numpy as np
import pytest

from mlops_magics.statistics.calibration import scale
from mlops_magics.statistics.classification import log_loss
from mlops_magics.training.confidence import (
    find_temperature,
    reach_of_classes,
    reach_of_numbers,
)


def answers(rows, sharpness, seed=0):
    chance = np.random.default_rng(seed)
    true = chance.random(rows)
    codes = (chance.random(rows) < true).astype(int)
    said = 1 / (1 + np.exp(-sharpness * np.log(true / (1 - true))))
    return codes, np.stack([1 - said, said], axis=1)


def test_calibrated_answers_are_left_alone_and_overconfident_ones_softened():
    left_alone = [
        find_temperature(*answers(400, 1.0, seed), np.arange(400) % 8) for seed in range(20)
    ]

    assert left_alone.count(1.0) >= 17
    assert find_temperature(*answers(400, 3.0), np.arange(400) % 8) == pytest.approx(3, rel=0.3)


def test_a_temperature_that_is_chosen_makes_other_rows_better_on_average():
    gains = []
    for seed in range(12):
        found = find_temperature(*answers(300, 2.0, seed), np.arange(300) % 8)
        codes, shares = answers(2000, 2.0, seed + 100)
        gains.append(log_loss(codes, shares) - log_loss(codes, scale(shares, found)))

    assert np.mean(gains) > 0
    assert min(gains) > -0.002


def test_sets_hold_the_true_class_nine_times_in_ten_over_seeds():
    held = []
    for seed in range(40):
        reach = reach_of_classes(*answers(200, 1.0, seed))
        codes, shares = answers(500, 1.0, seed + 100)
        held.append(reach.sets(shares, 0.9)[np.arange(500), codes].mean())

    assert np.mean(held) == pytest.approx(0.905, abs=0.012)


def noisy(rows, seed=0):
    """Return inputs, and residuals whose size follows the first of them."""
    chance = np.random.default_rng(seed)
    inputs = chance.uniform(-1, 1, (rows, 6)).astype(np.float32)
    return inputs, chance.normal(size=rows) * np.exp(1.5 * inputs[:, 0])


def test_intervals_hold_nine_of_ten_in_quiet_and_in_noisy_rows_and_are_narrower():
    held, quiet, loud, width, plain = [], [], [], [], []
    for seed in range(25):
        inputs, off = noisy(400, seed)
        reach = reach_of_numbers(inputs, off, np.arange(400) % 8)
        later, missed = noisy(1000, seed + 100)
        half = reach.of(later, 0.9)
        inside = np.abs(missed) <= half
        held.append(inside.mean())
        quiet.append(inside[later[:, 0] < -0.6].mean())
        loud.append(inside[later[:, 0] > 0.6].mean())
        width.append(half.mean())
        plain.append(np.quantile(np.abs(off), 0.9))

    assert np.mean(held) == pytest.approx(0.90, abs=0.015)
    # with one width these are 1.00 and 0.60
    assert np.mean(quiet) == pytest.approx(0.90, abs=0.06)
    assert np.mean(loud) == pytest.approx(0.90, abs=0.06)
    assert np.mean(width) < 0.9 * np.mean(plain)


def test_even_noise_keeps_one_width_or_hardly_any_other():
    chance = np.random.default_rng(0)
    inputs = chance.uniform(-1, 1, (400, 6)).astype(np.float32)

    reach = reach_of_numbers(inputs, chance.normal(size=400), np.arange(400) % 8)

    assert np.ptp(np.log(reach.widths(inputs))) < 0.5


def test_residuals_without_size_and_tables_without_inputs_have_one_width():
    zero = reach_of_numbers(np.ones((50, 3), np.float32), np.zeros(50), np.arange(50) % 8)
    bare = reach_of_numbers(np.zeros((50, 0), np.float32), np.arange(50.0), np.arange(50) % 8)

    assert zero.of(np.ones((1, 3), np.float32), 0.9).tolist() == [0.0]
    assert bare.of(np.zeros((1, 0), np.float32), 0.9).tolist() == [45.0]


def test_many_scores_are_thinned_without_moving_the_reach():
    codes, shares = answers(9000, 1.0)

    reach = reach_of_classes(codes, shares)

    assert len(reach.scores) == 2000
    missed = 1 - shares[np.arange(9000), codes]
    assert np.quantile(reach.scores, 0.9) == pytest.approx(np.quantile(missed, 0.9), abs=0.002)
