import numpy as np
import pytest

from mlops_magics import TrainingProvider, TrainingSpec
from mlops_magics.tables import read_table
from mlops_magics.training.importance import permutation_importance
from mlops_magics.training.measure import row_losses


def rows_of(rows, seed, extra=0):
    chance = np.random.default_rng(seed)
    level = chance.choice(["low", "middle", "high", "top"], rows)
    x = chance.normal(size=rows)
    y = 3 * x + 2.0 * (level == "high") + chance.normal(size=rows) * 0.3
    noise = {f"noise{place}": chance.normal(size=rows) for place in range(extra)}
    return {"x": x, "level": level, **noise, "y": y}


@pytest.fixture(scope="module")
def model():
    spec = TrainingSpec(model_id="m", data=rows_of(600, 0, 3), target="y", seconds=6)
    return TrainingProvider().train(spec).model


def test_a_column_counts_as_much_as_the_loss_with_all_its_inputs_shuffled(model):
    data = rows_of(300, 1, 3)
    table, y = read_table(data, "t").select(model.signature.names), data["y"]
    inputs = model.encoding.transform(table)
    own = model.encoding.owners() == model.signature.names.index("level")
    usual = row_losses(model.answer(inputs)[:, 0], y).mean()
    expected = []
    for seed in range(20):
        changed = inputs.copy()
        changed[:, own] = inputs[np.random.default_rng(seed).permutation(300)][:, own]
        expected.append(row_losses(model.answer(changed)[:, 0], y).mean() - usual)

    found = {one.column: one for one in permutation_importance(model, table, y)}

    assert found["level"].increase == pytest.approx(np.mean(expected) / y.var(), rel=0.15)
    assert found["x"].increase > found["level"].increase > 0.05
    assert all(abs(found[f"noise{place}"].increase) < 0.02 for place in range(3))
    assert found["level"].low < found["level"].increase < found["level"].high


def test_the_most_important_comes_first_and_the_same_rows_say_the_same(model):
    data = rows_of(300, 2, 3)
    table = read_table(data, "t").select(model.signature.names)

    once, again = (permutation_importance(model, table, data["y"]) for _ in range(2))

    assert once == again
    assert [one.column for one in once][:2] == ["x", "level"]
    assert [one.increase for one in once] == sorted((o.increase for o in once), reverse=True)


def test_it_ends_without_an_answer_where_it_is_cancelled(model):
    data = rows_of(50, 2, 3)
    table = read_table(data, "t").select(model.signature.names)

    assert permutation_importance(model, table, data["y"], lambda: True) == ()
