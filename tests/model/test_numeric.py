import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlops_magics.model.document import Malformed
from mlops_magics.model.numeric import Numerics

anything = st.floats(allow_infinity=False, width=64)
tables = arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=anything)


@given(tables, st.sampled_from([16, 32]))
def test_whatever_the_numbers_are_the_inputs_are_finite_and_within_3(matrix, bins):
    numerics = Numerics.fit(matrix, bins)

    inputs = numerics.transform(matrix)

    assert inputs.dtype == np.float32
    assert inputs.shape == (len(matrix), numerics.width)
    assert (np.abs(inputs) <= 3).all()


@given(tables, tables)
def test_rows_are_encoded_one_by_one_as_they_are_together(training, later):
    later = np.resize(later, (len(later), training.shape[1]))
    numerics = Numerics.fit(training, 16)

    together = numerics.transform(later)
    alone = [numerics.transform(row[None])[0] for row in later]

    assert (together == np.array(alone)).all()


@given(tables)
def test_the_encoding_comes_back_from_json_to_the_last_bit(matrix):
    numerics = Numerics.fit(matrix, 16)

    back = Numerics.from_json(json.loads(json.dumps(numerics.to_json(), allow_nan=False)))

    assert (back.transform(matrix) == numerics.transform(matrix)).all()


def test_a_number_is_scaled_by_median_and_quartiles_and_bends_towards_3():
    numerics = Numerics.fit(np.arange(101.0)[:, None], 16)

    scaled = numerics.transform(np.array([[50.0], [100.0], [1e30]]))[:, 0]

    assert scaled == pytest.approx([0, 1 / np.sqrt(1 + 1 / 9), 3])


def test_missing_values_are_the_median_and_a_flag_where_training_had_some():
    numerics = Numerics.fit(np.array([[1.0, 1.0], [2.0, 2.0], [4.0, np.nan]]), 2)

    row = numerics.transform(np.array([[np.nan, np.nan]]))[0]

    assert row[:3].tolist() == [0.0, 0.0, 1.0]


def test_a_constant_column_and_one_without_values_say_nothing():
    numerics = Numerics.fit(np.array([[5.0, np.nan]] * 4), 16)

    assert numerics.width == 0
    assert numerics.transform(np.array([[7.0, 1.0]])).shape == (1, 0)


def test_a_pile_of_equal_values_leaves_pieces_for_the_others():
    values = np.append(np.zeros(900), np.linspace(1, 100, 100))

    numerics = Numerics.fit(values[:, None], 16)

    assert len(numerics.piece_low) >= 8


def test_pieces_go_from_minus_1_below_to_1_above():
    numerics = Numerics.fit(np.array([[0.0], [1.0], [3.0]]), 16)

    pieces = numerics.transform(np.array([[-5.0], [0.5], [2.0], [9.0]]))[:, 1:]

    assert pieces.tolist() == [[-1, -1], [0, -1], [1, 0], [1, 1]]


def test_whole_numbers_beyond_float32_are_told_apart():
    large = 2.0**40 + np.arange(64.0)
    numerics = Numerics.fit(large[:, None], 32)

    scaled = numerics.transform(large[:, None])[:, 0]

    assert len(np.unique(scaled)) == 64


@pytest.mark.parametrize(
    ("key", "value"),
    [("scale", [1.0, 2.0]), ("varying", [3]), ("piece_width", [0.0, 1.0]), ("median", [[1.0]])],
)
def test_json_that_does_not_fit_together_is_refused(key, value):
    document = Numerics.fit(np.array([[0.0], [1.0], [3.0]]), 16).to_json()

    with pytest.raises(Malformed):
        Numerics.from_json({**document, key: value})
