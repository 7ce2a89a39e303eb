import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, entropy

from mlops_magics.statistics import drift

BASE = np.full(10, 100)
SAME = np.array([12, 9, 11, 10, 8, 10, 14, 7, 9, 10])
MOVED = np.array([0, 5, 8, 10, 10, 12, 12, 13, 14, 16])
counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=20)


def test_the_index_of_the_published_vectors():
    assert drift.psi(BASE, SAME) == pytest.approx(0.03202832319866, abs=1e-14)
    assert drift.psi(BASE, SAME, smoothing=0) == pytest.approx(0.03532875205638, abs=1e-14)
    assert drift.psi(BASE, MOVED) == pytest.approx(0.3767175194, abs=1e-10)
    assert drift.psi(np.array([4, 3, 2, 1]), np.array([3, 3, 2, 2]), 0) == pytest.approx(
        0.0980829253, abs=1e-10
    )


def test_the_p_value_and_the_size_of_the_published_vectors():
    nothing, moved = drift.compare(BASE, SAME), drift.compare(BASE, MOVED)

    assert nothing.p_value == pytest.approx(0.9676942613, abs=1e-10)
    assert moved.p_value == pytest.approx(8.08396e-5, abs=1e-9)
    assert moved.size == pytest.approx(0.2777175194, abs=1e-10)
    assert moved.degrees == 9


@pytest.mark.parametrize(("alpha", "value"), [(0.05, 0.1861087537), (0.01, 0.2383259377)])
def test_the_critical_index_of_1000_and_100_rows_in_10_bins(alpha, value):
    assert drift.critical_value(alpha, 1000, 100, 9) == pytest.approx(value, abs=1e-9)


@given(counts)
def test_the_index_is_the_entropy_both_ways_and_never_negative(rows):
    base, window = np.array(rows).T
    kept = (base > 0) | (window > 0)
    p, q = base[kept] + 0.5, window[kept] + 0.5
    expected = entropy(p, q) + entropy(q, p) if kept.any() else 0

    index = drift.psi(base, window)

    assert index >= 0
    assert index == pytest.approx(expected, abs=1e-9)


@given(counts)
def test_the_order_of_the_bins_and_of_the_samples_does_not_matter(rows):
    base, window = np.array(rows).T

    index = drift.psi(base, window)

    assert drift.psi(base[::-1], window[::-1]) == pytest.approx(index, abs=1e-12)
    assert drift.psi(window, base) == pytest.approx(index, abs=1e-12)


def test_an_index_above_the_critical_one_has_a_p_value_below_alpha():
    found = drift.compare(BASE, MOVED, alpha=0.001)

    assert (found.psi > found.critical) == (found.p_value < 0.001)
    assert found.critical == pytest.approx(chi2.isf(0.001, 9) * (1 / 1000 + 1 / 100))


@pytest.mark.parametrize(
    ("window", "missing", "state"),
    [
        ([10, 19], 0, "too few rows"),
        ([0, 0], 30, "all missing"),
        ([30, 0], 0, "measured"),
        ([15, 15], 0, "measured"),
    ],
)
def test_what_cannot_be_measured_is_a_state_without_numbers(window, missing, state):
    found = drift.compare(np.array([50, 50]), np.array(window), window_missing=missing)

    assert found.state == state
    assert (found.psi is None) == (state != "measured")


def test_one_bin_alone_is_constant_and_missing_values_are_a_bin_of_their_own():
    constant = drift.compare(np.array([100, 0]), np.array([40, 0]))
    vanished = drift.compare(np.array([100, 0]), np.array([20, 0]), 0, 20)

    assert constant.state == "constant"
    assert vanished.state == "measured"
    assert vanished.p_value < 1e-6


@pytest.mark.parametrize(("rows", "bins"), [(29, None), (30, 5), (99, 5), (100, 10)])
def test_the_number_of_bins_follows_from_the_rows(rows, bins):
    assert drift.bins_for(rows) == bins


@pytest.mark.parametrize(
    ("size", "name"), [(-0.01, "small"), (0.1, "moderate"), (0.2499, "moderate"), (0.25, "large")]
)
def test_a_size_has_a_name(size, name):
    assert drift.severity(size) == name


def test_where_nothing_moves_five_in_a_hundred_windows_have_a_p_value_below_5_percent():
    generator = np.random.default_rng(0)
    alarms = 0
    for _ in range(2000):
        base, window = generator.multinomial([1000, 200], np.full(10, 0.1))
        alarms += drift.compare(base, window).p_value < 0.05

    assert alarms / 2000 == pytest.approx(0.045, abs=0.015)
