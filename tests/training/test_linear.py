import numpy as np
import pytest

from mlops_magics.training.linear import fit_classes, fit_numbers, shares


def rows_of(rows=400, seed=0):
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(rows, 5)) * [1, 10, 0.1, 1, 1] + [0, 5, 0, 0, 0]
    return inputs, chance


@pytest.mark.parametrize("classes", [2, 4])
def test_classes_are_answered_as_by_scikit_learn(classes):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    inputs, chance = rows_of()
    codes = ((inputs[:, 0] + chance.normal(size=400)) * 1.5).round().astype(int) % classes

    ours = shares(fit_classes(inputs, codes, classes)(inputs))
    scaled = StandardScaler().fit_transform(inputs)
    # with two classes ours has a kernel for each: half the penalty on their difference
    strength = 2.0 if classes == 2 else 1.0
    theirs = LogisticRegression(C=strength, max_iter=2000, tol=1e-9).fit(scaled, codes)

    np.testing.assert_allclose(ours, theirs.predict_proba(scaled), atol=2e-3)


def test_numbers_are_answered_as_by_scikit_learn():
    from sklearn.linear_model import RidgeCV
    from sklearn.preprocessing import StandardScaler

    inputs, chance = rows_of()
    targets = inputs @ [1.0, 0.2, 3.0, 0.0, -1.0] + chance.normal(size=400)

    ours = fit_numbers(inputs, targets)(inputs)[:, 0]
    scaled = StandardScaler().fit_transform(inputs)
    theirs = RidgeCV(alphas=(0.1, 1, 10, 100)).fit(scaled, targets).predict(scaled)

    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_inputs_that_do_not_vary_or_are_more_than_the_rows_do_no_harm():
    inputs = np.append(np.ones((30, 1)), np.random.default_rng(0).normal(size=(30, 60)), axis=1)

    assert np.isfinite(fit_numbers(inputs, np.arange(30.0))(inputs)).all()
    assert np.isfinite(fit_classes(inputs, np.arange(30) % 3, 3)(inputs)).all()
    assert fit_numbers(np.zeros((30, 0)), np.arange(30.0))(np.zeros((2, 0))).tolist() == [
        [14.5],
        [14.5],
    ]
