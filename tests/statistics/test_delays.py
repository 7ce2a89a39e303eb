import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics.delays import horizon

delays = st.lists(st.integers(0, 100), min_size=1, max_size=60).map(np.array)


@given(delays, st.floats(0.05, 0.95))
def test_where_every_label_has_come_it_is_the_quantile(found, share):
    nothing = np.zeros(0, np.int64)

    reached = horizon(found, nothing, share)

    assert (found <= reached).mean() >= share - 1e-9
    assert (found < reached).mean() < share + 1e-9


@given(delays, delays, st.floats(0.05, 0.95))
def test_it_is_the_product_limit_computed_step_by_step(came, waiting, share):
    still, expected = 1.0, None
    for time in sorted(set(came.tolist())):
        at_risk = (came >= time).sum() + (waiting >= time).sum()
        still *= 1 - (came == time).sum() / at_risk
        if expected is None and still <= 1 - share + 1e-12:
            expected = time

    assert horizon(came, waiting, share) == (came.max() if expected is None else expected)


def test_censored_waiting_makes_the_horizon_longer_than_that_of_the_labels_alone():
    generator = np.random.default_rng(0)
    delay = generator.exponential(1000, 4000).astype(np.int64)
    age = generator.integers(0, 3000, 4000)
    came = delay <= age

    naive = np.quantile(delay[came], 0.9)
    found = horizon(delay[came], age[~came], 0.9)

    assert naive < 1900
    assert found == pytest.approx(1000 * np.log(10), rel=0.1)


def test_without_a_label_there_is_none():
    assert horizon(np.zeros(0, np.int64), np.arange(5)) is None
