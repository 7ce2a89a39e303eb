import numpy as np
import pytest

from mlops_magics.model.document import Malformed
from mlops_magics.model.reach import Reach

SCORES = np.arange(1, 20, dtype=np.float32)


def test_rows_of_one_width_reach_equally_far():
    reach = Reach(scores=SCORES, kernel=np.zeros(0, np.float32))

    assert reach.of(np.zeros((2, 5), np.float32), 0.9).tolist() == [18.0, 18.0]
    assert reach.of(np.zeros((2, 5), np.float32), 0.99) is None


def test_a_row_reaches_as_far_as_its_width_and_never_beyond_those_of_training():
    kernel = np.array([1.0, 0.0], np.float32)
    reach = Reach(scores=SCORES, kernel=kernel, bias=0.0, low=-1.0, high=1.0)
    rows = np.array([[0, 9], [1, 9], [50, 9], [-50, 9]], np.float32)

    found = reach.of(rows, 0.9)

    assert found.tolist() == pytest.approx((18 * np.exp([0, 1, 1, -1])).tolist())


def test_a_set_holds_every_class_that_is_likely_enough_and_is_never_empty():
    reach = Reach(scores=np.linspace(0, 0.7, 19, dtype=np.float32), kernel=np.zeros(0, np.float32))
    shares = np.array([[0.5, 0.4, 0.1], [0.9, 0.06, 0.04], [0.34, 0.34, 0.32]])

    assert reach.sets(shares, 0.9).tolist() == [
        [True, True, False],
        [True, False, False],
        [True, True, False],
    ]
    assert reach.sets(np.full((1, 5), 0.2), 0.5).any(axis=1).all()
    assert reach.sets(shares, 0.99) is None


def test_scores_that_are_not_sorted_and_widths_without_a_range_are_refused():
    whole = {"bias": 0.0, "low": 0.0, "high": 1.0}
    none = np.zeros(0, np.float32)

    with pytest.raises(Malformed, match="not sorted"):
        Reach.from_json(whole, SCORES[::-1], none)
    with pytest.raises(Malformed, match="without a range"):
        Reach.from_json(whole | {"low": 2.0}, SCORES, none)
