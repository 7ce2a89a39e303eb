import subprocess
import sys

import numpy as np
import pytest

from mlops_magics.errors.state import FitFailed
from mlops_magics.model.categories import Targets
from mlops_magics.model.encoding import Encoding
from mlops_magics.model.forward import Forward
from mlops_magics.model.scale import Scale
from mlops_magics.model.trained import combine
from mlops_magics.statistics import classification, regression
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.fit import fit, out_of_fold
from mlops_magics.training.plan import FitPlan
from mlops_magics.training.program import run
from mlops_magics.training.row_hashes import row_hashes
from mlops_magics.training.split import assign_folds


def numeric_table(matrix):
    none = np.zeros(len(matrix), bool)
    return Table.of(
        {f"x{j}": Column("number", x.astype(float), none) for j, x in enumerate(matrix.T)}
    )


def rows_of(classes=2, rows=160, seed=0):
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(rows, 5)).astype(np.float32)
    codes = ((matrix[:, 0] + matrix[:, 1] ** 2) * 2).round().astype(int) % classes
    return matrix, codes, np.arange(rows) % 8


def predicted(fitted, matrix):
    return combine(Forward.of(fitted.weights)(matrix), None)


def xor_column(bits, kind):
    made = {
        "integer": bits.astype(np.int64),
        "number": bits.astype(float),
        "boolean": bits.astype(bool),
        "category": np.array([*map(str, bits), None], object)[:-1],
    }
    return Column(kind, made[kind], np.zeros(len(bits), bool))


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "category"])
def test_eight_rows_of_exclusive_or_are_learned_with_any_seed(kind):
    bits = np.array([[a, b] for a in (0, 1) for b in (0, 1)] * 2)
    table = Table.of({name: xor_column(bits[:, j], kind) for j, name in enumerate("ab")})
    target = bits[:, 0] ^ bits[:, 1]
    encoding, matrix = Encoding.fit_transform(table, None, 16)

    for seed in range(5):
        fitted = fit(matrix, target, None, FitPlan.for_classes("xor", 2, seed))

        answers = predicted(fitted, encoding.transform(table))
        assert (answers.argmax(axis=1) == target).all()
        assert fitted.steps == fitted.best_step == 400


def test_the_same_seed_gives_the_same_bits_and_another_gives_others():
    matrix, codes, folds = rows_of()
    one, same, other = (
        fit(matrix, codes, folds, FitPlan.for_classes("m", 2, seed)) for seed in (3, 3, 4)
    )

    assert one.history == same.history
    for name, array in one.weights.items():
        assert (array == same.weights[name]).all()
    assert (one.weights["output.kernel"] != other.weights["output.kernel"]).any()


@pytest.mark.slow
def test_another_process_finds_the_same_bits():
    script = (
        "import hashlib, numpy as np\n"
        "from mlops_magics.training.fit import fit\n"
        "from mlops_magics.training.plan import FitPlan\n"
        "rows = np.random.default_rng(0).normal(size=(400, 9)).astype(np.float32)\n"
        "codes = (rows[:, 0] + rows[:, 1] ** 2 > 1).astype(int)\n"
        "found = fit(rows, codes, np.arange(400) % 8, FitPlan.for_classes('m', 2, 5))\n"
        "whole = b''.join(array.tobytes() for array in found.weights.values())\n"
        "print(hashlib.sha256(whole).hexdigest())\n"
    )

    said = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]

    assert said[0].stdout == said[1].stdout != ""


@pytest.mark.parametrize(("classes", "outputs"), [(2, 2), (3, 3), (6, 6)])
def test_weights_have_the_shapes_of_the_table_and_not_of_its_padding(classes, outputs):
    matrix, codes, folds = rows_of(classes)

    fitted = fit(matrix, codes, folds, FitPlan.for_classes("m", classes))

    assert fitted.weights["input_scale"].shape == (8, 5)
    assert fitted.weights["hidden.0.kernel"].shape == (8, 5, 64)
    assert fitted.weights["output.bias"].shape == (8, outputs)
    assert predicted(fitted, matrix).sum(axis=1) == pytest.approx(1)
    assert classification.accuracy(codes, predicted(fitted, matrix).argmax(1)) > 0.5


def test_tables_of_one_padded_shape_share_a_compiled_program():
    compiled = []
    for rows, columns in [(140, 5), (170, 3), (190, 5)]:
        matrix, codes, folds = rows_of(rows=rows)
        fit(matrix[:, :columns], codes, folds, FitPlan.for_classes("m", 2))
        compiled.append(run._cache_size())

    assert compiled[0] == compiled[1] == compiled[2]


def test_progress_is_told_after_each_chunk_and_the_best_step_has_the_smallest_loss():
    matrix, codes, folds = rows_of()
    told = []

    fitted = fit(matrix, codes, folds, FitPlan.for_classes("m", 2), told.append)

    held_out = [progress.held_out_loss for progress in fitted.history]
    assert [progress.step for progress in fitted.history] == list(range(20, fitted.steps + 1, 20))
    assert [progress for progress in told if progress in fitted.history] == [*fitted.history]
    assert fitted.best_step == fitted.history[int(np.argmin(held_out))].step
    assert not fitted.interrupted


def test_what_simple_answers_cost_is_told_before_anything_is_compiled():
    matrix, codes, folds = rows_of()
    told = []

    fit(matrix, codes, folds, FitPlan.for_classes("m", 2), told.append)

    shares = np.bincount(codes) / len(codes)
    assert told[0].step == 0
    assert told[0].held_out_loss is None
    assert told[0].training_loss == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-3)


def test_it_stops_after_eight_checks_without_improvement():
    matrix, codes, folds = rows_of()
    noise = np.random.default_rng(1).permutation(codes)

    fitted = fit(matrix, noise, folds, FitPlan.for_classes("m", 2))

    assert fitted.steps == fitted.best_step + 8 * 20 < 600


def test_a_cancelled_fit_gives_back_the_best_so_far():
    matrix, codes, folds = rows_of()
    told = []

    fitted = fit(
        matrix,
        codes,
        folds,
        FitPlan.for_classes("m", 2),
        told.append,
        cancelled=lambda: told[-1].step >= 60,
    )

    assert fitted.interrupted
    assert fitted.steps == 60
    assert np.isfinite(predicted(fitted, matrix)).all()


def test_an_interrupt_between_two_chunks_gives_back_the_best_so_far():
    matrix, codes, folds = rows_of()

    def interrupt(progress):
        if progress.step == 40:
            raise KeyboardInterrupt

    fitted = fit(matrix, codes, folds, FitPlan.for_classes("m", 2), interrupt)

    assert fitted.interrupted
    assert fitted.steps == 40
    assert np.isfinite(predicted(fitted, matrix)).all()


def test_a_loss_that_is_no_number_is_tried_once_more_and_then_said():
    matrix, codes, folds = rows_of()
    told = []
    matrix[3, 2] = np.nan

    with pytest.raises(FitFailed) as raised:
        fit(matrix, codes, folds, FitPlan.for_classes("churn", 2), told.append)

    assert [progress.step for progress in told] == [0, 0]
    assert str(raised.value) == (
        "training 'churn' failed: its loss became no number. "
        "Next: look for extreme values with %%features, or leave a column out"
    )


def test_numbers_are_learned_in_their_standardised_unit():
    generator = np.random.default_rng(0)
    matrix = generator.normal(size=(400, 5)).astype(np.float32)
    targets = 1000 + 50 * (matrix[:, 0] * 2 + np.abs(matrix[:, 1]))
    scale = Scale.fit(targets)

    fitted = fit(
        matrix, scale.standardise(targets), np.arange(400) % 8, FitPlan.for_regression("price")
    )

    values = combine(Forward.of(fitted.weights)(matrix), scale)[:, 0]
    assert regression.r2(targets, values) > 0.95


def test_a_constant_target_is_learned_as_that_constant():
    matrix, _, folds = rows_of()
    scale = Scale.fit(np.full(160, 7.0))

    fitted = fit(matrix, np.zeros(160), folds, FitPlan.for_regression("m"))

    assert combine(Forward.of(fitted.weights)(matrix), scale)[:, 0] == pytest.approx(7)


def test_out_of_fold_answers_are_worse_than_those_for_learned_rows():
    matrix, codes, folds = rows_of()
    noise = np.random.default_rng(1).permutation(codes)
    fitted = fit(matrix, noise, folds, FitPlan.for_classes("m", 2))

    honest = combine(out_of_fold(fitted.weights, matrix, folds)[None], None)

    assert honest.shape == (160, 2)
    assert classification.log_loss(noise, honest) > classification.log_loss(
        noise, predicted(fitted, matrix)
    )


def test_a_table_without_any_varying_column_predicts_the_shares_of_the_classes():
    codes = (np.arange(160) % 4 == 0).astype(int)

    fitted = fit(
        np.zeros((160, 0), np.float32), codes, np.arange(160) % 8, FitPlan.for_classes("m", 2)
    )

    shares = predicted(fitted, np.zeros((1, 0), np.float32))[0]
    assert shares == pytest.approx([0.75, 0.25], abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_it_is_not_far_behind_gradient_boosting_on_tables_of_scikit_learn(name):
    from sklearn import datasets
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    inputs, target = getattr(datasets, f"load_{name}")(return_X_y=True)
    is_regression = name == "diabetes"
    ratios = []
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(target))
        test, training = order[: len(order) // 4], order[len(order) // 4 :]
        table, y = numeric_table(inputs).take(training), target[training]
        later = numeric_table(inputs).take(test)
        folds = assign_folds(row_hashes(table, name), y)
        scale = Scale.fit(y) if is_regression else None
        learned = y if scale is None else scale.standardise(y)
        plan = (
            FitPlan.for_regression(name, seed)
            if is_regression
            else FitPlan.for_classes(name, 2, seed)
        )
        targets = Targets(learned[:, None].astype(float), folds)
        encoding, matrix = Encoding.fit_transform(table, targets, plan.bins)
        fitted = fit(matrix, learned, folds, plan)
        ours = combine(Forward.of(fitted.weights)(encoding.transform(later)), scale)
        if is_regression:
            rival = HistGradientBoostingRegressor(random_state=0).fit(inputs[training], y)
            theirs = regression.rmse(target[test], rival.predict(inputs[test]))
            ratios.append(regression.rmse(target[test], ours[:, 0]) / theirs)
        else:
            rival = HistGradientBoostingClassifier(random_state=0).fit(inputs[training], y)
            theirs = classification.log_loss(target[test], rival.predict_proba(inputs[test]))
            ratios.append(classification.log_loss(target[test], ours) / theirs)

    assert np.exp(np.log(ratios).mean()) < 1.1
