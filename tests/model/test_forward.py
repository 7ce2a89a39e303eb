import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.model.forward import Forward, softmax
from mlops_magics.model.network import Shape, apply, flatten, initial_weights, predict, unflatten

# a few shapes only: JAX compiles each
SHAPES = [
    Shape(inputs=1, outputs=1, members=1, units=8, layers=1),
    Shape(inputs=5, outputs=3, members=3, units=16, layers=2),
    Shape(inputs=33, outputs=2),
]


def random_weights(shape, seed):
    generator = np.random.default_rng(seed)
    flat = flatten(initial_weights(shape, generator))
    return {
        name: array + generator.normal(size=array.shape).astype(np.float32) * np.float32(0.1)
        for name, array in flat.items()
    }


@given(st.sampled_from(SHAPES), st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 3.0]))
@settings(max_examples=30)
def test_numpy_and_jax_answer_alike_to_1e_5(shape, seed, size):
    weights = random_weights(shape, seed)
    inputs = np.random.default_rng(seed + 1).normal(size=(17, shape.inputs)) * size
    inputs = inputs.astype(np.float32)

    by_numpy, by_jax = Forward.of(weights)(inputs), predict(weights, inputs)

    scale = max(1.0, float(np.abs(by_jax).max()))
    assert by_numpy.dtype == np.float32
    assert np.abs(by_numpy - by_jax).max() <= 1e-5 * scale
    assert np.abs(softmax(by_numpy) - softmax(by_jax)).max() <= 1e-5


def test_more_rows_than_one_pass_holds_are_answered_alike():
    weights = random_weights(SHAPES[1], 0)
    inputs = np.random.default_rng(0).normal(size=(5000, 5)).astype(np.float32)
    forward = Forward.of(weights)

    answers = forward(inputs)

    assert answers.shape == (3, 5000, 3)
    np.testing.assert_allclose(answers[:, 4000:4010], forward(inputs[4000:4010]), atol=1e-5)
    np.testing.assert_allclose(answers, predict(weights, inputs), atol=1e-4)


def test_very_large_sums_answer_without_a_warning():
    weights = {name: array * 100 for name, array in random_weights(SHAPES[1], 0).items()}

    answers = Forward.of(weights)(np.full((2, 5), 3, np.float32))

    assert np.isfinite(answers).all()
    assert softmax(answers).sum(axis=-1) == pytest.approx(1)


def test_weights_keep_their_names_and_values_flat_and_nested():
    weights = random_weights(SHAPES[2], 0)

    back = flatten(unflatten(weights))

    assert back.keys() == weights.keys()
    assert all((back[name] == weights[name]).all() for name in weights)


def test_without_a_key_nothing_is_dropped_and_with_one_about_the_rate_is():
    import jax

    params = unflatten(random_weights(SHAPES[2], 0))
    inputs = np.ones((4, 33), np.float32)
    rate, key = np.float32(0.5), jax.random.key(0)

    plain = np.asarray(apply(params, inputs, rate, None))
    dropped = np.asarray(apply(params, inputs, rate, key))
    nothing_dropped = np.asarray(apply(params, inputs, np.float32(0), key))

    assert not np.allclose(plain, dropped)
    np.testing.assert_allclose(plain, nothing_dropped, rtol=1e-5)


def test_a_prediction_in_numpy_loads_neither_jax_nor_flax_nor_pandas_nor_scipy():
    code = (
        "import sys, mlops_magics.model as m; m.package; m.forward; m.Signature; m.TrainedModel;"
        "print({'jax', 'flax', 'optax', 'pandas', 'scipy', 'duckdb'} & set(sys.modules))"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert printed.stdout.strip() == "set()", printed.stderr
