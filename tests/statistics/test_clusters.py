"""Rows of a day that are alike count for fewer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics.clusters import LEAST_DAYS, alikeness, design_effect


def test_independent_days_are_hardly_alike_and_days_of_one_value_are_all_alike():
    chance = np.random.default_rng(0)
    shares = [0.4, 0.3, 0.2, 0.1]

    independent = [alikeness(chance.multinomial(200, shares, size=28)) for _ in range(200)]
    one = chance.multinomial(1, shares, size=28) * 200

    assert np.mean(independent) < 0.002
    assert alikeness(one) > 0.9


def test_the_correlation_that_was_put_in_is_found():
    """Dirichlet days: two rows of one day are the same by chance plus 1 / (1 + a)."""
    chance = np.random.default_rng(1)
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    found = []
    for _ in range(200):
        own = chance.dirichlet(shares * 9, size=28)
        found.append(alikeness(np.stack([chance.multinomial(150, p) for p in own])))

    assert abs(np.mean(found) - 0.1) < 0.01


def test_fewer_than_seven_days_say_nothing():
    assert alikeness(np.ones((LEAST_DAYS - 1, 3)) * 9) is None


@given(st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=7, max_size=20))
def test_it_is_a_share_and_its_effect_at_least_one(days):
    found = alikeness(np.array(days))

    assert found is None or 0.0 <= found <= 1.0
    assert design_effect(found or 0.0, 900, 9) >= 1.0
