import numpy as np
import pytest

from mlops_magics.statistics.ranges import beyond, most_by_chance, novel


def test_the_chance_is_that_of_drawing_ranks():
    generator = np.random.default_rng(0)
    draws = [generator.permutation(60) for _ in range(20_000)]
    # the first 20 ranks are the window, the others the baseline
    outside = np.array([(ranks[:20] > ranks[20:].max()).sum() for ranks in draws])

    for number in (1, 2, 4):
        assert beyond(number, 40, 20) == pytest.approx((outside >= number).mean(), abs=0.01)


def test_one_more_than_chance_allows_has_at_most_this_probability():
    most = most_by_chance(0.001, 2000, 500)

    assert beyond(most + 1, 2000, 500) <= 0.001 < beyond(most, 2000, 500)
    assert most_by_chance(0.001, 1, 0) == 0


def test_new_values_are_surprising_where_training_had_few_that_were_rare():
    from scipy.stats import binom

    assert novel(3, 5, 900, 100) == pytest.approx(binom.sf(2, 8, 0.1))
    assert novel(60, 3000, 900, 100) == pytest.approx(binom.sf(59, 3060, 0.1), abs=0.02)
    assert novel(0, 0, 10, 10) == 1.0
