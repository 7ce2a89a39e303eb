"""What moves an answer: complete, fair, and silent about what is as usual."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.inference import InferenceEngine
from mlops_magics.inference.explanation import (
    _shapley,
    explain_row,
    explain_table,
    typical_row,
)
from mlops_magics.tables.reading import read_table
from mlops_magics.training import TrainingProvider, TrainingSpec

ENGINE = InferenceEngine()


def frame(count, seed, numbers=1):
    chance = np.random.default_rng(seed)
    made = {f"n{place}": chance.normal(0, 1, count).round(2) for place in range(numbers)}
    made["plan"] = chance.choice(["a", "b", "c"], count, p=[0.6, 0.3, 0.1])
    made["vip"] = chance.random(count) < 0.2
    made["since"] = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(
        chance.integers(0, 10**7, count), unit="s"
    )
    return pd.DataFrame(made)


def trained(task, numbers=1):
    rows = frame(300, 0, numbers)
    score = rows["n0"] + (rows["plan"] == "b") + 0.5 * rows["vip"] * rows["n0"]
    rows["n0"] = rows["n0"].where(rows.index % 19 > 0)
    targets = {
        "binary": np.where(score > 0, "up", "down"),
        "multiclass": np.select([score < -0.5, score < 0.5], ["low", "middle"], "high"),
        "regression": 100 + 7 * score,
    }
    spec = TrainingSpec(model_id="m", data=rows.assign(y=targets[task]), target="y")
    return TrainingProvider().train(spec).model


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def model(request):
    return trained(request.param)


@pytest.fixture(scope="module")
def wide():
    """A model of fifteen features, too many to ask every coalition."""
    return trained("binary", numbers=12)


def used(model, rows):
    return ENGINE.predict(model, rows).features


@settings(max_examples=15)
@given(st.integers(0, 199), st.booleans())
def test_the_contributions_add_up_to_the_answer(model, place, is_missing):
    row = frame(200, 1).iloc[[place]]
    if is_missing:
        row = row.assign(n0=np.nan)

    found = explain_row(model, used(model, row))

    total = sum(c.amount for c in found.contributions)
    assert total == pytest.approx(found.answer - found.typical, abs=1e-6)
    assert found.gap < 1e-3
    answered = ENGINE.predict(model, row)
    if found.of is None:
        assert found.answer == pytest.approx(answered.prediction.values[0])
    else:
        assert found.of == answered.prediction.to_list()[0]
        assert found.answer == pytest.approx(answered.confidence[0], abs=1e-6)


def test_the_amounts_are_the_means_over_all_orders(model):
    row, base = used(model, frame(9, 3).iloc[[4]]), typical_row(model)
    names = model.signature.names
    found = {c.feature: c.amount for c in explain_row(model, row).contributions}

    def answer(own):
        mixed = {n: (row if n in own else base).columns[n] for n in names}
        table = type(row).of(mixed)
        if not model.signature.classes:
            return model.values(table)[0]
        return model.probabilities(table)[0, model.probabilities(row)[0].argmax()]

    expected = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        for place, name in enumerate(order):
            gain = answer(order[: place + 1]) - answer(order[:place])
            expected[name] += gain / len(orders)

    assert found == pytest.approx(expected, abs=1e-5)


def test_a_row_that_is_typical_in_all_has_nothing_to_explain(model):
    base = typical_row(model)

    found = explain_row(model, base)

    assert [c.amount for c in found.contributions] == [0.0] * len(model.signature.names)
    assert found.answer == found.typical


def test_the_typical_row_has_medians_and_commonest_values(model):
    row = typical_row(model).rows()[0]
    rows = frame(300, 0)

    assert row["plan"] == "a"
    assert row["vip"] is False
    assert row["n0"] == pytest.approx(rows["n0"].median(), abs=0.25)
    assert rows["since"].min() < row["since"] < rows["since"].max()


def test_above_ten_features_the_estimate_is_complete_and_near_the_exact_one(wide):
    base = typical_row(wide)
    for place in range(3):
        row = used(wide, frame(9, 5, 12).iloc[[place]])
        estimate, start, end = _shapley(wide, row, base, 1, (10, 32))
        exact, _, _ = _shapley(wide, row, base, 1, (15, 32))

        assert estimate.sum() == pytest.approx(end - start, abs=1e-6)
        assert exact.sum() == pytest.approx(end - start, abs=1e-6)
        # the error is a small part of what moves the answer at all
        assert np.abs(estimate - exact).max() < 0.1 * np.abs(exact).max() + 0.005


def test_an_explanation_is_the_same_every_time(wide):
    row = used(wide, frame(9, 5, 12).iloc[[0]])

    assert explain_row(wide, row) == explain_row(wide, row)


def test_of_a_table_at_most_a_hundred_rows_are_explained(model):
    moved, count = explain_table(model, used(model, frame(400, 7)))
    few, three = explain_table(model, used(model, frame(3, 7)))

    assert (count, three) == (100, 3)
    assert list(moved) == sorted(moved, key=lambda name: -moved[name])
    assert next(iter(moved)) in ("n0", "plan")
    assert set(few) == set(model.signature.names)


def test_an_integer_column_that_comes_with_fractions_is_explained_too():
    rows = pd.DataFrame({"age": np.arange(200) % 60, "y": np.arange(200) % 60 > 30})
    model = TrainingProvider().train(TrainingSpec(model_id="m", data=rows, target="y")).model

    found = explain_row(model, used(model, {"age": [30.5]}))

    assert found.contributions[0].value == 30.5
    assert found.gap < 1e-6


def test_what_was_asked_for_is_covered_on_rows_that_were_not_learned_from():
    chance = np.random.default_rng(11)

    def rows(count):
        x = chance.uniform(-2, 2, count)
        return pd.DataFrame({"x": x, "y": 3 * x + chance.normal(0, 0.3 + 0.4 * (x > 0), count)})

    spec = TrainingSpec(model_id="m", data=rows(500), target="y")
    model = TrainingProvider().train(spec).model
    later = rows(3000)

    for asked in (0.5, 0.8, 0.95):
        found = ENGINE.predict(model, read_table(later[["x"]]), asked)
        inside = (found.lower <= later["y"]) & (later["y"] <= found.upper)
        # given 400 scores the coverage itself has a deviation of 0.025 at most
        assert inside.mean() == pytest.approx(asked, abs=0.07)


def test_a_set_of_classes_holds_the_true_one_as_often_as_was_asked():
    chance = np.random.default_rng(12)

    def rows(count):
        x = chance.normal(0, 1, count)
        label = np.select([x + chance.normal(0, 1, count) < 0], ["low"], "high")
        return pd.DataFrame({"x": x, "y": label})

    spec = TrainingSpec(model_id="m", data=rows(500), target="y")
    model = TrainingProvider().train(spec).model
    later = rows(3000)

    sizes = []
    for asked in (0.7, 0.95):
        found = ENGINE.predict(model, read_table(later[["x"]]), asked)
        held = [label in found.set_of(place) for place, label in enumerate(later["y"])]
        assert np.mean(held) == pytest.approx(asked, abs=0.07)
        assert found.sets.any(axis=1).all()
        assert found.set_of(0)[0] == found.prediction.to_list()[0]
        sizes.append(found.sets.sum())
    assert sizes[0] < sizes[1]
    assert ENGINE.predict(model, later).sets is None


def test_features_that_are_not_taken_apart_move_as_one_and_the_sum_stays_complete(wide):
    row = used(wide, frame(200, 1, 12).iloc[[3]])
    whole = explain_row(wide, row)

    found = explain_row(wide, row, apart=("n0", "plan"))

    assert [c.feature for c in found.contributions] == ["n0", "plan"]
    assert found.others != 0.0
    assert found.gap < 1e-9
    assert (found.answer, found.typical) == (
        pytest.approx(whole.answer),
        pytest.approx(whole.typical),
    )
