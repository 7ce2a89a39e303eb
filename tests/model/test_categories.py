import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.model.categories import Categories, Targets
from mlops_magics.model.document import Malformed
from mlops_magics.tables.table import Column

texts = st.lists(st.none() | st.text(max_size=2), min_size=1, max_size=60)


def column(values):
    filled = np.array([*("" if v is None else v for v in values), None], object)[:-1]
    return Column("category", filled, np.array([v is None for v in values], bool))


def some_targets(rows, columns=1, seed=0):
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    return Targets(values, np.arange(rows) % 8)


def test_two_levels_are_one_input_and_unseen_is_between_them():
    categories, _ = Categories.fit_transform(column(["b", "a", "b"]), None)

    assert categories.transform(column(["b", "a", "new"])).tolist() == [[-1], [1], [0]]


def test_up_to_twelve_levels_have_an_input_each_and_unseen_and_missing_are_all_zero():
    levels = [f"l{i}" for i in range(12)] * 3
    categories, _ = Categories.fit_transform(column(levels), some_targets(36))

    inputs = categories.transform(column(["l3", "new", None]))

    assert inputs[0, :12].sum() == 1
    assert inputs.shape == (3, 14)
    assert (inputs[1:] == 0).all()


def test_many_levels_are_told_by_their_target_mean_and_count_alone():
    rows = [f"l{i % 20}" for i in range(200)]
    values = np.array([float(level == "l7") for level in rows])[:, None]
    targets = Targets(values, np.arange(200) // 25)

    categories, _ = Categories.fit_transform(column(rows), targets)
    high, low, unseen = categories.transform(column(["l7", "l3", "new"]))

    prior, spread = values.mean(), values.std() + 1e-9
    assert high == pytest.approx([((10 + 10 * prior) / 20 - prior) / spread * 2, np.log1p(10) / 8])
    assert low[0] < 0 < high[0]
    assert unseen.tolist() == [0, 0]


def test_a_rows_own_fold_says_nothing_about_its_target_means():
    rows, targets = column([f"l{i % 5}" for i in range(80)]), some_targets(80)
    _, before = Categories.fit_transform(rows, targets)

    for fold in range(8):
        own = targets.folds == fold
        shuffled = targets.values.copy()
        shuffled[own] = shuffled[own][::-1]  # the overall mean and spread stay
        _, after = Categories.fit_transform(rows, Targets(shuffled, targets.folds))

        assert after[own] == pytest.approx(before[own], abs=1e-6)
        assert after[~own] != pytest.approx(before[~own], abs=1e-6)


def test_a_level_of_one_row_among_many_is_not_kept():
    rows = [f"l{i % 20}" for i in range(60)] + ["once"]

    categories, _ = Categories.fit_transform(column(rows), some_targets(61))

    assert "once" not in categories.levels


def test_without_folds_there_are_no_target_means_and_the_twelve_commonest_levels():
    rows = [f"l{i % 15}" for i in range(30)]

    categories, inputs = Categories.fit_transform(column(rows), None)

    assert inputs.shape == (30, 12)
    assert categories.means.shape[1] == 0


def test_several_classes_have_a_mean_each():
    _, inputs = Categories.fit_transform(column(["a", "b", "c", "d"] * 10), some_targets(40, 3))

    assert inputs.shape == (40, 4 + 3 + 1)


@given(texts, st.booleans())
def test_the_order_of_the_rows_changes_no_row_that_is_encoded(values, with_targets):
    targets = some_targets(len(values)) if with_targets else None
    categories, inputs = Categories.fit_transform(column(values), targets)
    turned = None if targets is None else Targets(targets.values[::-1], targets.folds[::-1])

    again, turned_inputs = Categories.fit_transform(column(values[::-1]), turned)

    assert again.levels == categories.levels
    assert turned_inputs[::-1] == pytest.approx(inputs, abs=1e-5)


@given(texts, texts)
def test_categories_come_back_from_json_and_encode_any_text_finitely(values, later):
    categories, inputs = Categories.fit_transform(column(values), some_targets(len(values)))

    back = Categories.from_json(json.loads(json.dumps(categories.to_json(), allow_nan=False)))

    assert inputs.shape[1] == categories.width
    assert (back.transform(column(later)) == categories.transform(column(later))).all()
    assert np.isfinite(categories.transform(column(later))).all()


@pytest.mark.parametrize(
    ("key", "value"),
    [("means", [[0.0], [1.0]]), ("means", [[0.0], [1.0, 2.0]]), ("one_hot", 7), ("levels", [1])],
)
def test_json_that_does_not_fit_together_is_refused(key, value):
    document = Categories.fit_transform(column(["a", "b", "b"]), None)[0].to_json()

    with pytest.raises(Malformed):
        Categories.from_json({**document, key: value})
