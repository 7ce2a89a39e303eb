import numpy as np

from mlops_magics.training.threshold import find_threshold


def rare(rows, seed=0):
    chance = np.random.default_rng(seed)
    codes = (chance.random(rows) < 0.05).astype(int)
    odds = np.where(codes == 1, -1.0, -3.5) + chance.normal(size=rows)
    said = 1 / (1 + np.exp(-odds))
    return codes, np.stack([1 - said, said], axis=1)


def test_it_is_the_probability_with_the_largest_f1_of_scikit_learn():
    from sklearn.metrics import f1_score

    codes, shares = rare(3000)

    found = find_threshold(("no", "yes"), (codes, shares), (codes, shares))

    f1 = [f1_score(codes, shares[:, 1] >= t) for t in np.unique(shares[:, 1])]
    assert f1_score(codes, shares[:, 1] >= found.probability) == max(f1)
    assert found.of == "yes"


def test_precision_and_recall_are_those_of_the_held_out_rows():
    codes, shares = rare(3000)
    later, answers = rare(1000, seed=1)

    found = find_threshold((False, True), (codes, shares), (later, answers))

    called = answers[:, 1] >= found.probability
    assert found.recall == later[called].sum() / later.sum()
    assert found.precision == later[called].mean()
    assert found.usual_recall < found.recall


def test_common_classes_and_too_few_rare_rows_have_none():
    codes, shares = rare(400)
    half = np.arange(400) % 2

    assert find_threshold(("no", "yes"), (codes, shares), (codes, shares)) is None
    assert find_threshold(("no", "yes"), (half, shares), (half, shares)) is None
    assert find_threshold(("a", "b", "c"), (half, shares), (half, shares)) is None


def test_a_rare_class_that_is_never_called_or_absent_has_undefined_shares():
    codes, shares = rare(3000)
    none = np.zeros(50, int), np.tile([1.0, 0.0], (50, 1))

    found = find_threshold(("no", "yes"), (codes, shares), none)

    assert found.precision is None
    assert found.recall is None
    assert found.usual_recall is None
