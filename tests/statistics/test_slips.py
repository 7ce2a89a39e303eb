import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics.slips import (
    FACTORS,
    MAGNITUDES,
    hour_slip,
    magnitude_cells,
    partial_slip,
    unit_slip,
)


def cells(values):
    return np.bincount(magnitude_cells(values), minlength=MAGNITUDES)


@pytest.mark.parametrize("factor", [f**sign for f in FACTORS for sign in (1, -1)])
def test_every_usual_factor_is_named(factor):
    generator = np.random.default_rng(0)
    base, window = generator.lognormal(3, 0.8, 2000), generator.lognormal(3, 0.8, 500)

    assert unit_slip(base, cells(window * factor)) == pytest.approx(factor)


def test_what_has_not_moved_and_what_moved_otherwise_is_no_slip():
    generator = np.random.default_rng(0)
    base = generator.normal(50, 5, 2000)

    assert unit_slip(base, cells(base[:300])) is None
    assert unit_slip(base, cells(base[:300] + 20)) is None
    assert unit_slip(base, cells(base[:300] * 2.54)) is None


@given(st.floats(0, 1e20), st.floats(-1e20, 1e20))
def test_larger_numbers_are_in_later_cells_whatever_their_sign(first, second):
    small, large = sorted([abs(first), abs(second)])

    found = magnitude_cells(np.array([small, large, -large]))

    assert 0 <= found[0] <= found[1] == found[2] < MAGNITUDES


def test_too_few_rows_and_only_zeros_are_no_slip():
    assert unit_slip(np.ones(20), cells(np.full(100, 1000.0))) is None
    assert unit_slip(np.zeros(100), cells(np.zeros(100))) is None


@pytest.mark.parametrize("factor", [100.0, 1000.0, 86_400.0])
@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
def test_a_factor_in_some_of_the_rows_is_named_with_how_many(factor, share):
    generator = np.random.default_rng(0)
    base, window = generator.lognormal(3, 0.5, 2000), generator.lognormal(3.02, 0.5, 1000)
    window[: int(share * 1000)] *= factor

    found = partial_slip(base, cells(window))

    assert found.factor == factor
    assert found.share == pytest.approx(share, abs=0.01)


def test_rows_that_moved_all_together_or_to_nowhere_are_no_other_unit():
    generator = np.random.default_rng(0)
    base, same = generator.lognormal(3, 0.5, 2000), generator.lognormal(3, 0.5, 500)

    assert partial_slip(base, cells(same)) is None
    assert partial_slip(base, cells(same * 5)) is None
    # outliers, of which no factor makes values of before
    assert partial_slip(base, cells(np.append(same, np.full(50, 1e12)))) is None
    # one row in a hundred is an outlier and no unit
    assert partial_slip(base, cells(np.append(same, same[:5] * 1000))) is None
    assert partial_slip(np.zeros(100), cells(np.zeros(100))) is None


@pytest.mark.parametrize("late", [-8, -2, 3, 12])
def test_a_clock_that_is_hours_late_is_told_by_how_many(late):
    generator = np.random.default_rng(0)
    shares = np.array([1] * 7 + [3, 8, 9, 7, 5, 6, 7, 7, 6, 5, 4, 3, 3, 2, 1, 1, 1]) / 84
    base = generator.multinomial(5000, shares)
    window = generator.multinomial(1000, np.roll(shares, late))

    assert hour_slip(base, window) == late


def test_few_rows_and_the_same_hours_are_no_slip():
    base = np.arange(24) * 100

    assert hour_slip(base, base) is None
    assert hour_slip(base, np.roll(base, 3) // 100) is None


@pytest.mark.slow
def test_false_slips_of_unit_and_hour_are_rare():
    generator = np.random.default_rng(5)
    hours = generator.dirichlet(np.full(24, 3.0))
    units = clocks = shifts = parts = found = 0
    for _ in range(2000):
        base, window = generator.lognormal(0, 1, 2000), generator.lognormal(0, 1, 100)
        units += unit_slip(base, cells(window)) is not None
        shifts += unit_slip(base, cells(window * np.exp(0.7))) is not None
        moved = (cells(window), cells(window * np.exp(0.7)))
        parts += any(partial_slip(base, one) is not None for one in moved)
        mixed = np.append(generator.lognormal(0, 1, 2000), generator.lognormal(0, 1, 105) * 1000)
        found += partial_slip(base, cells(mixed)) is not None
        base, window = generator.multinomial(2000, hours), generator.multinomial(500, hours)
        clocks += hour_slip(base, window) is not None

    assert (units, clocks, shifts, parts) == (0, 0, 0, 0)
    assert found > 0.9 * 2000
