import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.training.schedule import (
    batch_size,
    batches,
    bucket,
    learning_rates,
    member_rows,
    padded_outputs,
)


@given(st.integers(1, 10**6))
def test_a_bucket_holds_the_rows_and_is_at_most_half_larger(rows):
    assert rows <= bucket(rows) <= max(64, rows * 1.5)
    assert bucket(bucket(rows)) == bucket(rows)


@given(st.integers(1, 3000), st.integers(1, 50))
def test_each_shuffle_shows_every_row_once(rows, steps):
    drawn = batches(rows, steps, np.random.default_rng(0))

    counts = np.bincount(drawn.ravel(), minlength=rows)

    assert drawn.shape == (steps, batch_size(rows))
    assert counts.max() - counts.min() <= 1


@given(st.floats(1e-4, 1), st.sampled_from([20, 400, 600]))
def test_the_learning_rate_rises_for_a_twentieth_and_then_falls(peak, steps):
    rates = learning_rates(peak, steps)
    top = int(rates.argmax())

    assert len(rates) == steps
    assert (rates > 0).all()
    assert rates.max() <= peak * 1.0001
    assert top == pytest.approx(steps * 0.05, abs=1)
    assert (np.diff(rates[top:]) <= 0).all()


@given(st.integers(40, 3000))
def test_a_member_learns_from_all_folds_but_its_own_and_is_checked_on_that(rows):
    folds = np.arange(rows) % 8

    own = member_rows(folds, rows, 8, np.random.default_rng(0))

    for member in range(8):
        learned = own.learned[member, :rows] == 1
        assert (learned == (folds != member)).all()
        assert (own.learned[member, rows:] == 0).all()
        checked = own.checked[member][own.counted[member] == 1]
        assert sorted(checked) == np.flatnonzero(folds == member).tolist()


def test_a_large_table_is_checked_on_a_part():
    own = member_rows(np.arange(50_000) % 8, 50_000, 8, np.random.default_rng(0))

    assert own.checked.shape == (8, 2048)
    assert (own.checked % 8 == np.arange(8)[:, None]).all()


@pytest.mark.parametrize(("classes", "padded"), [(1, 1), (2, 2), (4, 4), (5, 8), (9, 16)])
def test_more_than_four_classes_are_padded_to_eights(classes, padded):
    assert padded_outputs(classes) == padded
