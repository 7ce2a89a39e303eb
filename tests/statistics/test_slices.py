"""Slices that stand out are found, and hardly any where none was planted."""

import numpy as np
import pytest
from scipy import stats

from mlops_magics.statistics.slices import (
    find_slices,
    hypergeometric_tail,
    quantile_bins,
)


def columns(rows, seed, count=8, values=5):
    chance = np.random.default_rng(seed)
    names = tuple(str(value) for value in range(values))
    return {f"c{n}": (chance.integers(0, values, rows), names) for n in range(count)}


@pytest.mark.parametrize(
    ("marked", "rows", "drawn", "found"), [(5, 10, 5, 5), (100, 1000, 80, 20), (3, 50, 40, 0)]
)
def test_the_tail_is_the_hypergeometric_laws_as_scipy_has_it(marked, rows, drawn, found):
    expected = stats.hypergeom.sf(found - 1, rows, marked, drawn)

    assert hypergeometric_tail(marked, rows, drawn, found) == pytest.approx(expected)


def test_where_nothing_is_planted_hardly_anything_is_reported():
    chance = np.random.default_rng(1)
    reported = 0
    for seed in range(60):
        wrong = (chance.random(1000) < 0.1).astype(float)
        reported += bool(find_slices(columns(1000, seed), wrong))

    # the facts measured .02 to .08; three standard errors of 60 draws more
    assert reported / 60 <= 0.15


def test_a_value_with_twice_the_errors_is_found_in_five_thousand_rows():
    table = columns(5000, 3)
    rate = np.where(table["c2"][0] == 4, 0.2, 0.1)
    wrong = (np.random.default_rng(4).random(5000) < rate).astype(float)

    found = find_slices(table, wrong)

    assert found[0].where == (("c2", "4"),)
    inside = table["c2"][0] == 4
    assert (found[0].rows, found[0].loss) == (inside.sum(), pytest.approx(wrong[inside].mean()))
    assert found[0].elsewhere == pytest.approx(wrong[~inside].mean())


def test_a_pair_is_found_and_is_left_out_where_its_value_says_it_already():
    table = columns(5000, 5)
    one, two = table["c0"][0] == 1, table["c1"][0] == 2
    # so that neither value alone is worse than the others
    rate = np.where(one & two, 0.4, np.where(one | two, 0.025, 0.1))
    chance = np.random.default_rng(6).random(5000)
    only_pair = find_slices(table, (chance < rate).astype(float))
    whole_value = find_slices(
        table, (chance < np.where(table["c0"][0] == 1, 0.4, 0.1)).astype(float)
    )

    assert (("c0", "1"), ("c1", "2")) in [found.where for found in only_pair]
    assert whole_value[0].where == (("c0", "1"),)
    assert not any(("c0", "1") in found.where for found in whole_value[1:])


def test_losses_of_numbers_are_judged_by_welchs_z():
    table = columns(2000, 7, count=2)
    inside = table["c1"][0] == 3
    losses = np.random.default_rng(8).exponential(np.where(inside, 2.0, 1.0))

    found = find_slices(table, losses)[0]

    expected = stats.ttest_ind(losses[inside], losses[~inside], equal_var=False).statistic
    assert found.where == (("c1", "3"),)
    assert found.p_value == pytest.approx(stats.norm.sf(expected), rel=0.2)


def test_a_slice_of_fewer_than_30_rows_or_of_nearly_all_is_never_named():
    rare = np.zeros(1000, np.int64)
    rare[:29] = 1
    wrong = rare.astype(float)

    assert find_slices({"rare": (rare, ("a", "b"))}, wrong) == ()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([1.0, 2.0, 2.0, np.nan], ("1", "2", "missing")),
        ([np.nan, np.nan], ("missing",)),
        (list(range(10)), ("0 to 1", "1 to 3", "3 to 5", "5 to 7", "7 to 9", "missing")),
    ],
)
def test_numbers_are_cut_into_fifths_or_stay_themselves(values, names):
    codes, found = quantile_bins(np.array(values, float))

    assert found == names
    assert codes.min() >= 0
    assert codes.max() < len(names)
    assert ((codes == len(names) - 1) == np.isnan(np.array(values, float))).all()
