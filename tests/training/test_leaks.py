import numpy as np
import pytest

from mlops_magics import TrainingProvider, TrainingSpec
from mlops_magics.tables import read_table
from mlops_magics.training.leaks import find_leaks


def found(columns, targets, classes):
    folds = np.random.default_rng(9).integers(0, 8, len(targets))
    return find_leaks(read_table(columns, "the table"), np.asarray(targets), folds, classes)


def test_a_column_that_restates_the_target_is_found_whatever_its_kind():
    chance = np.random.default_rng(2)
    y = chance.integers(0, 2, 400)
    columns = {
        "x": chance.normal(size=400),
        "text": np.where(y == 1, "churned", "open"),
        "number": y * 3.5 + chance.normal(size=400) * 0.01,
        "only_then": [7.0 if one else None for one in y],
        "flag": y.astype(bool),
        "row": np.arange(400),
    }

    leaks = found(columns, y, 2)

    assert {leak.column for leak in leaks} == {"text", "number", "only_then", "flag"}
    assert all(leak.score >= 0.98 and leak.metric == "auc" for leak in leaks)


def test_a_number_that_restates_a_number_is_found_by_its_r2():
    y = np.random.default_rng(0).gamma(2.0, size=500)

    leaks = found({"same": y * 2.2, "other": np.cos(y * 40)}, y, 0)

    assert [(leak.column, leak.metric) for leak in leaks] == [("same", "r2")]


def test_three_classes_are_told_by_one_column():
    y = np.arange(300) % 3

    assert [leak.column for leak in found({"code": y * 10}, y, 3)] == ["code"]


def test_noise_and_an_honest_column_are_no_suspects_in_twenty_tables():
    for seed in range(20):
        chance = np.random.default_rng(seed)
        y = chance.integers(0, 2, 100)
        noise = {f"x{place}": chance.normal(size=100) for place in range(20)}
        noise["level"] = chance.integers(0, 90, 100).astype(str)
        noise["honest"] = y + chance.normal(size=100)

        assert found(noise, y, 2) == ()


def test_a_class_with_few_rows_and_a_constant_number_tell_nothing():
    assert found({"x": np.arange(60)}, np.arange(60) < 5, 2) == ()
    assert found({"x": np.arange(60)}, np.full(60, 3.0), 0) == ()


@pytest.mark.slow
def test_a_leak_is_named_with_its_score_and_how_to_drop_it():
    chance = np.random.default_rng(2)
    y = chance.integers(0, 2, 400)
    data = {
        "x": chance.normal(size=400),
        "closed reason": np.where(y == 1, "churned", "open"),
        "row_id": np.arange(400),
        "y": y,
    }

    job = TrainingProvider().train(TrainingSpec(model_id="m", data=data, target="y"))

    assert job.report.leaks[0].column == "closed reason"
    assert job.report.warnings[0] == (
        'closed reason alone reaches AUC 1.00: does it restate y? --exclude "closed reason" if so'
    )
    assert "row_id" in job.report.left_out
