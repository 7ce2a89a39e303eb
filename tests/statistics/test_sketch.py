from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics.sketch import ERROR, cells, percentile

numbers = st.lists(st.floats(1e-6, 1e12), min_size=1, max_size=200)


def sketched(values):
    return Counter(cells(np.array(values, np.float64)).tolist())


@given(numbers, st.floats(0, 1))
def test_any_percentile_is_within_a_hundredth_of_the_number_of_its_rank(values, share):
    rank = max(int(np.ceil(share * len(values))), 1)
    exact = sorted(values)[rank - 1]

    assert percentile(sketched(values), share) == pytest.approx(exact, rel=ERROR * 1.001)


@given(numbers, numbers)
def test_two_sketches_add_up_to_the_sketch_of_all(first, second):
    assert sketched(first) + sketched(second) == sketched(first + second)


def test_none_has_no_percentile_and_a_time_below_zero_is_the_smallest():
    assert percentile({}, 0.5) is None
    assert percentile(sketched([-1.0, 0.0]), 1.0) == pytest.approx(1e-9, rel=ERROR)
