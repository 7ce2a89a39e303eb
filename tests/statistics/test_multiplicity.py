import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.statistics.multiplicity import benjamini_hochberg, holm

VECTOR = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]


def test_the_published_vectors_of_statsmodels():
    assert holm(VECTOR) == pytest.approx([0.008, 0.056, *[0.234] * 6])
    assert benjamini_hochberg(VECTOR) == pytest.approx(
        [0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.0845714286, 0.205]
    )


@given(st.lists(st.floats(0, 1), max_size=30), st.randoms())
def test_the_order_of_the_tests_does_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)

    for adjust in (holm, benjamini_hochberg):
        found = np.array(adjust(values))
        assert adjust([values[i] for i in order]) == pytest.approx(found[order].tolist())
        assert (found >= np.array(values) - 1e-12).all()
