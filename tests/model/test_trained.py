import subprocess
import sys

import numpy as np
import pytest

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.encoding import Encoding
from mlops_magics.model.network import Shape, flatten, initial_weights
from mlops_magics.model.package import all_finite, from_bytes, to_bytes
from mlops_magics.model.scale import Scale
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.model.trained import TrainedModel, combine
from mlops_magics.tables.table import Column, Table


def table_of(rows, seed=0):
    generator = np.random.default_rng(seed)
    none = np.zeros(rows, bool)
    plans = np.array(["a", "b", "c"], object)[generator.integers(0, 3, rows)]
    return Table.of(
        {
            "age": Column("number", generator.normal(40, 9, rows), none),
            "plan": Column("category", plans, none),
        }
    )


def model_of(task="multiclass"):
    table = table_of(60)
    encoding, _ = Encoding.fit_transform(table, None, 16)
    outputs = 1 if task == "regression" else 3
    weights = flatten(
        initial_weights(Shape(inputs=encoding.width, outputs=outputs), np.random.default_rng(0))
    )
    features = (Feature(name="age", kind="number"), Feature(name="plan", kind="category"))
    return TrainedModel(
        signature=Signature(
            features=features,
            target="y",
            task=task,
            classes=() if task == "regression" else ("x", "y", "z"),
            target_kind="category",
        ),
        encoding=encoding,
        weights=weights,
        baseline=Baseline.fit(table, table.columns["age"], None),
        scale=Scale.fit(np.array([1.0, 2.0, 6.0])) if task == "regression" else None,
    )


def test_probabilities_are_the_mean_of_the_members_and_sum_to_1():
    model, table = model_of(), table_of(9)
    members = model._forward(model.encoding.transform(table)).astype(float)
    powers = np.exp(members)

    p = model.probabilities(table)

    assert p.shape == (9, 3)
    assert p.sum(axis=1) == pytest.approx(1)
    np.testing.assert_allclose(p, (powers / powers.sum(-1, keepdims=True)).mean(0))


@pytest.mark.parametrize("rows", [257, 20_001])
def test_many_rows_go_through_jax_and_answer_alike(rows):
    model, table = model_of(), table_of(rows)

    by_jax = model.probabilities(table)
    by_numpy = model.answer(model.encoding.transform(table))

    np.testing.assert_allclose(by_jax, by_numpy, atol=1e-5)


def test_no_rows_are_answered_by_no_rows():
    assert model_of().probabilities(table_of(3).take(np.zeros(0, int))).shape == (0, 3)


def test_a_predicted_number_stays_within_the_range_of_training():
    model = model_of("regression")

    values = model.values(table_of(200))

    assert values.shape == (200,)
    assert values.min() >= 1
    assert values.max() <= 6
    assert combine(np.full((8, 1, 1), 1e9, np.float32), model.scale).tolist() == [[6.0]]


def test_standardised_targets_come_back_in_their_own_unit():
    targets = np.array([3.0, 5.0, 10.0])
    scale = Scale.fit(targets)

    assert scale.restore(scale.standardise(targets)) == pytest.approx(targets)
    assert Scale.fit(np.full(4, 2.0)).restore(np.zeros(2)).tolist() == [2.0, 2.0]


def test_a_first_small_prediction_of_a_loaded_model_imports_no_jax(tmp_path):
    (tmp_path / "model.mlm").write_bytes(to_bytes(model_of()))
    code = (
        "import sys, pathlib, numpy as np\n"
        "from mlops_magics.model.package import from_bytes\n"
        "from mlops_magics.tables.table import Column, Table\n"
        "model = from_bytes(pathlib.Path('model.mlm').read_bytes())\n"
        "none = np.zeros(300, bool)\n"
        "plans = np.array(['a'] * 300, object)\n"
        "table = Table.of({'age': Column('number', np.ones(300), none),"
        " 'plan': Column('category', plans, none)})\n"
        "model.probabilities(table)\n"
        "print({'jax', 'flax', 'pandas', 'scipy'} & set(sys.modules))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )

    assert printed.stdout.strip() == "set()", printed.stderr


def test_a_model_with_a_weight_that_is_no_number_is_not_finite():
    model = model_of()
    assert all_finite(model)

    model.weights["output.bias"][0, 0] = np.nan

    assert not all_finite(model)
    assert not all_finite(from_bytes(to_bytes(model)))
