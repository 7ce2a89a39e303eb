import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics.conformal import rank, reach

# facts/statistics.md, section 9
SCORES = [
    *(0.1, 0.4, 0.2, 0.9, 0.6, 0.3, 0.8, 0.5, 0.7, 1.2),
    *(1.1, 1.0, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75),
]


def test_the_vector_of_the_facts():
    assert rank(19, 0.9) == 18
    assert reach(np.array(SCORES), 0.9) == 1.1


def test_nine_scores_are_the_fewest_for_nine_tenths():
    assert rank(9, 0.9) == 9
    assert rank(8, 0.9) is None
    assert reach(np.zeros(8), 0.9) is None
    assert reach(np.zeros(0), 0.5) is None


@given(st.integers(1, 500), st.floats(0.01, 0.99))
def test_the_reach_holds_at_least_that_share_of_its_own_scores(rows, coverage):
    scores = np.random.default_rng(rows).random(rows)

    found = reach(scores, coverage)

    if found is not None:
        assert (scores <= found).mean() >= coverage - 1e-9


def test_later_rows_are_held_as_often_as_was_asked_on_average():
    chance = np.random.default_rng(0)
    held = [
        (chance.normal(size=500) <= reach(chance.normal(size=50), 0.9)).mean() for _ in range(300)
    ]

    # Beta(46, 5): the mean of its coverage
    assert np.mean(held) == pytest.approx(46 / 51, abs=0.01)
