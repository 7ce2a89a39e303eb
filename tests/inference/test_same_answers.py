"""The same values get the same answers, in whatever table they come."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.inference import InferenceEngine
from mlops_magics.model import network
from mlops_magics.model.trained import combine
from mlops_magics.training import TrainingProvider, TrainingSpec

ENGINE = InferenceEngine()


def frame(count, seed):
    chance = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": chance.integers(18, 90, count),
            "income": chance.normal(3, 1, count).round(3),
            "plan": chance.choice(["a", "b", "ç"], count),
            "vip": chance.random(count) < 0.5,
            "since": pd.Timestamp("2020-01-01", tz="UTC")
            + pd.to_timedelta(chance.integers(0, 10**6, count), unit="s"),
        }
    )


@pytest.fixture(scope="module", params=["classes", "numbers"])
def model(request):
    """A model of two classes, and one of numbers."""
    rows = frame(300, 0)
    score = rows["age"] / 40 + (rows["plan"] == "a") + rows["vip"]
    if request.param == "classes":
        target = np.where(score > score.median(), "01", "1")
    else:
        target = score + 0.25
    rows["income"] = rows["income"].where(rows.index % 17 > 0)
    spec = TrainingSpec(model_id="m", data=rows.assign(y=target), target="y")
    return TrainingProvider().train(spec).model


def answers(model, rows):
    found = ENGINE.predict(model, rows)
    numbers = found.prediction.values if found.probabilities is None else found.probabilities
    return np.asarray(numbers, np.float64).reshape(len(found), -1), found.prediction.to_list()


ROWS = frame(40, 1)


@settings(max_examples=25)
@given(st.permutations(list(ROWS.columns)), st.permutations(range(len(ROWS))))
def test_no_order_of_columns_or_rows_changes_an_answer(model, names, places):
    expected, said = answers(model, ROWS)

    found, again = answers(model, ROWS.iloc[places][names].assign(unused="x"))

    np.testing.assert_allclose(found, expected[places], atol=1e-6)
    assert again == [said[place] for place in places]


DTYPES = {
    "age": ["int8", "int64", "Int32", "float64", "object", "str", "uint16"],
    "income": ["float64", "Float64", "object", "str"],
    "plan": ["object", "string", "category", "str"],
    "vip": ["bool", "boolean", "object", "str", "int8"],
    "since": ["datetime64[s, UTC]", "datetime64[ns, UTC]", "object", "str"],
}


@settings(max_examples=40)
@given(st.fixed_dictionaries({name: st.sampled_from(kinds) for name, kinds in DTYPES.items()}))
def test_no_dtype_of_the_same_values_changes_an_answer(model, dtypes):
    expected, said = answers(model, ROWS)
    cast = ROWS.assign(**{name: ROWS[name].astype(dtype) for name, dtype in dtypes.items()})

    found, again = answers(model, cast)

    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert again == said


@pytest.mark.parametrize("form", ["rows", "lists", "arrays", "csv", "parquet"])
def test_no_form_of_the_table_changes_an_answer(model, tmp_path, form):
    expected, said = answers(model, ROWS)
    naive = ROWS.assign(since=ROWS["since"].dt.tz_localize(None))
    path = tmp_path / f"rows.{form}"
    if form in ("csv", "parquet"):
        getattr(ROWS, f"to_{form}")(path, index=False)
    given_rows = {
        "rows": lambda: ROWS.to_dict("records"),
        "lists": lambda: ROWS.to_dict("list"),
        "arrays": lambda: {name: column.to_numpy() for name, column in naive.items()},
    }.get(form, lambda: str(path))()

    found, again = answers(model, given_rows)

    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert again == said


def test_a_level_that_a_category_declares_and_no_row_has_changes_nothing(model):
    wide = ROWS.assign(plan=pd.Categorical(ROWS["plan"], ["zz", "ç", "b", "a", "declared"]))

    expected, _ = answers(model, ROWS)

    np.testing.assert_array_equal(answers(model, wide)[0], expected)


def test_one_row_gets_the_answer_that_it_gets_among_others(model):
    expected, said = answers(model, ROWS)
    records = ROWS.to_dict("records")

    for place in (0, 7, 39):
        one = ENGINE.predict_one(model, records[place])
        assert one.prediction == pytest.approx(said[place]) or one.prediction == said[place]
        if one.probabilities:
            assert list(one.probabilities.values()) == pytest.approx(expected[place], abs=1e-6)


def test_labels_come_back_in_their_own_type(model):
    _, said = answers(model, ROWS)

    if model.signature.classes:
        assert set(said) <= {"01", "1"}
    else:
        assert all(isinstance(value, float) for value in said)


def test_numpy_and_jax_agree(model):
    table = ENGINE.predict(model, frame(700, 3)).features
    inputs = model.encoding.transform(table)

    by_jax = combine(network.predict(model.weights, inputs), model.scale)

    assert "jax" in sys.modules
    scale = 1.0 if model.scale is None else model.scale.deviation
    np.testing.assert_allclose(by_jax / scale, model.answer(inputs) / scale, atol=1e-5)
