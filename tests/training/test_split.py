import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.training.row_hashes import mix
from mlops_magics.training.split import assign_folds, split


def hashes_of(rows, first=0):
    return mix(np.arange(first, first + rows, dtype=np.uint64))


classes = st.lists(st.integers(0, 2), min_size=0, max_size=150).map(
    lambda codes: np.array([0, 1] * 5 + codes)
)


@given(classes, st.booleans(), st.booleans())
def test_every_row_is_on_one_side_and_in_one_fold(codes, with_times, with_groups):
    rows = len(codes)
    times = np.arange(rows) // 3 if with_times else None
    groups = hashes_of(rows) % np.uint64(7) if with_groups else None

    found = split(hashes_of(rows), codes, times, groups)

    assert sorted([*found.training, *found.held_out]) == list(range(rows))
    assert (found.measured_on == "held-out") == (len(found.held_out) > 0)
    assert (found.folds is None) == (rows < 40)
    if found.folds is not None:
        assert len(found.folds) == len(found.training)
        assert set(found.folds.tolist()) <= set(range(8))


@given(st.integers(40, 300), st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(rows, seed):
    hashes, codes = hashes_of(rows), np.arange(rows) % 2
    order = np.random.default_rng(seed).permutation(rows)
    plain, turned = split(hashes, codes), split(hashes[order], codes[order])

    folds = dict(zip(hashes[plain.training].tolist(), plain.folds.tolist(), strict=True))
    turned_folds = zip(hashes[order][turned.training].tolist(), turned.folds.tolist(), strict=True)

    assert set(hashes[order][turned.held_out]) == set(hashes[plain.held_out])
    assert dict(turned_folds) == folds


def test_a_fifth_of_each_class_is_held_out():
    codes = np.repeat([0, 1, 2], [1000, 100, 10])

    found = split(hashes_of(1110), codes)

    assert np.bincount(codes[found.held_out]).tolist() == [200, 20, 2]


@pytest.mark.parametrize(
    "codes", [np.arange(39) % 2, np.append(np.zeros(96, int), np.ones(4, int))]
)
def test_too_few_rows_or_too_few_of_a_class_are_all_trained_on(codes):
    found = split(hashes_of(len(codes)), codes)

    assert found.measured_on == "training"
    assert len(found.training) == len(codes)


def test_numbers_are_held_out_without_classes_and_their_folds_are_alike():
    targets = np.random.default_rng(0).normal(size=800)

    found = split(hashes_of(800), targets)

    means = [targets[found.training][found.folds == fold].mean() for fold in range(8)]
    assert len(found.held_out) == 160
    assert np.ptp(means) < 0.1


def test_rows_that_were_held_out_stay_so_when_more_rows_come():
    first = split(hashes_of(200), np.arange(200) % 2)
    kept = hashes_of(200)[first.held_out]

    second = split(hashes_of(1000), np.arange(1000) % 2, kept=kept)

    assert set(first.held_out) <= set(second.held_out)
    assert len(second.held_out) == 200


def test_more_rows_that_were_held_out_than_a_fifth_are_all_kept_out():
    kept = hashes_of(100)[:60]

    found = split(hashes_of(100), np.zeros(100), kept=kept)

    assert found.held_out.tolist() == list(range(60))


def test_equal_rows_are_on_one_side():
    hashes = np.repeat(hashes_of(50), 4)

    found = split(hashes, np.zeros(200))

    assert not set(hashes[found.held_out]) & set(hashes[found.training])


def test_where_times_are_known_the_newest_fifth_is_held_out():
    times = np.random.default_rng(0).permutation(500)

    found = split(hashes_of(500), np.arange(500) % 2, times=times)

    assert set(times[found.held_out]) == set(range(400, 500))


def test_rows_of_one_moment_are_on_one_side():
    times = np.arange(500) // 70

    found = split(hashes_of(500), np.zeros(500), times=times)

    assert set(times[found.held_out]) == {6, 7}
    assert not set(times[found.held_out]) & set(times[found.training])


@pytest.mark.parametrize("times", [np.zeros(100, int), np.repeat([0, 1], [20, 80])])
def test_times_that_cannot_be_cut_near_a_fifth_are_not_used(times):
    found = split(hashes_of(100), np.zeros(100), times=times)

    assert found.held_out.tolist() == split(hashes_of(100), np.zeros(100)).held_out.tolist()


def test_a_class_that_only_the_newest_rows_have_is_split_by_hash_instead():
    codes = np.repeat([0, 1], [90, 10])

    found = split(hashes_of(100), codes, times=np.arange(100))

    assert np.bincount(codes[found.held_out]).tolist() == [18, 2]


@given(st.integers(2, 60), st.booleans())
def test_no_entity_is_on_both_sides_or_in_two_folds(entities, with_times):
    groups = hashes_of(300) % np.uint64(entities)
    times = np.arange(300) if with_times else None

    found = split(hashes_of(300), np.zeros(300), times, groups)

    assert found.measured_on == "held-out"
    assert not set(groups[found.held_out]) & set(groups[found.training])
    if len(set(groups[found.training])) >= 8:
        pairs = set(zip(groups[found.training], found.folds, strict=True))
        assert len(pairs) == len(set(groups[found.training]))


def test_an_entity_that_was_held_out_stays_so():
    groups = np.arange(300, dtype=np.uint64) // np.uint64(10)
    first = split(hashes_of(100), np.zeros(100), groups=groups[:100])

    second = split(
        hashes_of(300), np.zeros(300), groups=groups, kept=hashes_of(100)[first.held_out]
    )

    assert set(groups[first.held_out]) <= set(groups[second.held_out])
    assert len(second.held_out) == pytest.approx(60, abs=10)


def test_folds_have_an_eighth_of_each_class():
    codes = np.repeat([0, 1], [640, 80])

    folds = assign_folds(hashes_of(720), codes)

    assert np.bincount(folds[codes == 1]).tolist() == [10] * 8
    assert np.bincount(folds).tolist() == [90] * 8
