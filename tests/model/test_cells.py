import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlops_magics.model.cells import ColumnBaseline
from mlops_magics.model.document import Malformed
from mlops_magics.tables.table import Column

anything = st.floats(allow_infinity=False, width=64)
numbers = arrays(np.float64, st.integers(1, 200), elements=anything | st.integers(0, 20).map(float))


def number(values):
    values = np.asarray(values, np.float64)
    return Column("number", values, np.isnan(values))


def text(values):
    return Column("category", np.array([*values, None], object)[:-1], np.zeros(len(values), bool))


@given(numbers, numbers)
def test_every_row_of_a_window_is_in_one_cell_or_missing(training, later):
    baseline = ColumnBaseline.fit(number(training))

    counted = baseline.count(number(later))

    assert counted.cells.sum() + counted.missing == len(later)
    assert len(counted.cells) == len(baseline.counts) == baseline.cell_count
    assert baseline.rows == len(training)


@given(numbers, st.sampled_from([5, 10]))
def test_bins_hold_all_rows_of_the_cells_and_none_is_empty_in_training(training, bins):
    baseline = ColumnBaseline.fit(number(training))

    merged = baseline.merge(baseline.counts, bins)

    assert merged.sum() == baseline.counts.sum()
    if not baseline.by_value and not baseline.is_constant:
        assert len(merged) <= bins
        assert (merged > 0).all()
        assert (baseline.counts > 0).all()


@given(numbers)
def test_cells_come_back_from_json_and_count_alike(training):
    baseline = ColumnBaseline.fit(number(training))
    document = json.loads(json.dumps(baseline.to_json(), allow_nan=False))

    back = ColumnBaseline.from_json(document, baseline.sample)

    assert back.to_json() == baseline.to_json()
    assert (back.count(number(training)).cells == baseline.counts).all()


def test_sixty_cells_of_equal_mass_make_ten_bins_or_five():
    baseline = ColumnBaseline.fit(number(np.arange(6000.0)))

    assert baseline.counts.tolist() == [100] * 60
    assert baseline.merge(baseline.counts, 10).tolist() == [600] * 10
    assert baseline.merge(baseline.counts, 5).tolist() == [1200] * 5


def test_a_pile_of_zeros_is_one_bin_and_a_bin_without_rows_is_none():
    values = np.append(np.zeros(500), np.linspace(0.01, 5, 500))

    baseline = ColumnBaseline.fit(number(values))

    # the published vector has 500, 0, 100 five times; the empty bin is dropped
    assert baseline.merge(baseline.counts, 10).tolist() == [500, 100, 100, 100, 100, 100]


def test_an_edge_belongs_to_the_cell_below_it():
    baseline = ColumnBaseline.fit(number(np.arange(60.0)))

    at_edge = baseline.cells_of(number([baseline.edges[7], np.nextafter(baseline.edges[7], 99)]))

    assert at_edge.tolist() == [7, 8]


def test_values_beyond_the_training_range_are_in_the_outer_cells():
    baseline = ColumnBaseline.fit(number(np.arange(600.0)))

    assert baseline.cells_of(number([-1e300, 1e300, np.nan])).tolist() == [0, 59, -1]


def test_a_few_distinct_numbers_have_a_cell_around_each_so_that_a_little_more_is_no_other():
    baseline = ColumnBaseline.fit(number([0.5, 1.0, 1.5, 1.5] * 50))

    counted = baseline.count(number([0.51, 1.51, 1.51, 9.0, np.nan]))

    assert baseline.edges.tolist() == [0.75, 1.25]
    assert counted.cells.tolist() == [1, 0, 3]
    assert counted.missing == 1
    assert baseline.merge(counted.cells, 10).tolist() == [1, 0, 3]


def test_a_rare_number_among_a_few_shares_the_bin_of_its_neighbour():
    baseline = ColumnBaseline.fit(number([1.0] * 400 + [2.0] * 400 + [3.0]))

    assert baseline.counts.tolist() == [400, 400, 1]
    assert baseline.merge(baseline.counts, 10).tolist() == [400, 401]


def test_a_constant_that_moves_has_left_its_cell():
    baseline = ColumnBaseline.fit(number([5.0] * 500))

    assert baseline.counts.tolist() == [0, 500, 0]
    assert baseline.count(number([5.0, 9.0, 4.0])).cells.tolist() == [1, 1, 1]


def test_codes_that_come_as_text_are_the_same_codes():
    codes = ColumnBaseline.fit(Column("integer", np.array([1, 2, 2] * 50), np.zeros(150, bool)))
    names = ColumnBaseline.fit(text(["1", "2", "2"] * 50))

    counted = codes.count(text(["1", "2", "two"]))
    numbers = names.count(Column("integer", np.array([1, 2, 7]), np.zeros(3, bool)))

    assert (counted.cells.tolist(), counted.missing, counted.invalid) == ([1, 1], 0, 1)
    assert numbers.cells.tolist() == [1, 1, 0, 1]


def test_times_are_counted_by_the_hour_of_the_day():
    hour = 3_600_000_000
    days = np.arange(48) * 24 * hour
    baseline = ColumnBaseline.fit(Column("time", days + 9 * hour, np.zeros(48, bool)))

    later = baseline.count(Column("time", days + (365 * 24 + 9) * hour, np.zeros(48, bool)))

    assert baseline.counts.tolist() == later.cells.tolist()
    assert baseline.counts[9] == 48


def test_rare_values_share_the_cell_other_and_are_not_unseen():
    baseline = ColumnBaseline.fit(text(["a"] * 150 + ["b"] * 149 + ["rare"]))

    counted = baseline.count(text(["rare", "new", "new", "a"]))

    assert baseline.pooled == ("rare",)
    assert counted.cells.tolist() == [1, 0, 1, 2]
    assert baseline.merge(counted.cells, 10).tolist() == [1, 0, 3]


def test_booleans_and_whole_numbers_and_times_have_ends_in_their_own_type():
    whole = ColumnBaseline.fit(Column("integer", np.arange(40) + 2**60, np.zeros(40, bool)))
    truth = ColumnBaseline.fit(Column("boolean", np.arange(40) % 2 == 0, np.zeros(40, bool)))

    assert (whole.low, whole.high) == (2**60, 2**60 + 39)
    assert (truth.low, truth.values) == (None, (False, True))


def test_the_sample_is_sorted_float32_of_at_most_2000_with_both_ends():
    sample = ColumnBaseline.fit(number(np.random.default_rng(0).normal(size=5000))).sample

    assert len(sample) == 2000
    assert sample.dtype == np.float32
    assert (np.diff(sample) >= 0).all()


def test_classes_have_a_cell_each_even_where_there_are_many():
    codes = Column("integer", np.arange(400) % 20, np.zeros(400, bool))

    baseline = ColumnBaseline.fit(codes, by_value=True)

    assert len(baseline.values) == 20


@pytest.mark.parametrize(
    ("key", "value"),
    [("counts", [1]), ("edges", [2.0, 1.0]), ("deciles", [99]), ("by_value", 1), ("missing", None)],
)
def test_json_that_does_not_fit_together_is_refused(key, value):
    document = ColumnBaseline.fit(number(np.arange(100.0))).to_json()

    with pytest.raises(Malformed):
        ColumnBaseline.from_json({**document, key: value}, np.zeros(0, np.float32))
