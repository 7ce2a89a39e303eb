"""Two versions on rows that neither has learned from."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.workspace import evaluation
from mlops_magics.workspace.evaluation import held_out, own_rows


def rows(count, seed):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"a": chance.normal(0, 1, count), "b": chance.normal(0, 1, count), "k": range(count)}
    )
    frame["k"] += seed * 10_000
    frame["y"] = np.where(frame["a"] + chance.normal(0, 1, count) > 0, "yes", "no")
    return frame


def train(workspace, frame, **more):
    spec = {"model_id": "m", "data": frame, "target": "y", "key": ("k",), "exclude": ("k",)} | more
    return workspace.train(TrainingSpec(**spec))


def test_a_version_without_the_column_that_matters_is_worse_beyond_chance(workspace):
    frame = rows(600, 1)
    train(workspace, frame)
    train(workspace, frame, exclude=("k", "a"))

    found = workspace.compare("m", "v1", "v2")

    assert (found.rows, found.held_out, found.labelled, found.learned) == (120, 120, 0, 0)
    assert found.paired.verdict == "worse"
    assert found.paired.gain == pytest.approx(found.losses[0] - found.losses[1])
    assert found.accuracies[0] > found.accuracies[1]
    assert found.mid_p < 0.05
    assert workspace.compare("m", "v2", "v1").paired.verdict == "better"


def test_the_figures_are_those_of_the_rows_that_training_held_out(workspace):
    job = train(workspace, rows(400, 1))
    train(workspace, rows(400, 1), seed=1)

    found = workspace.compare("m", "v1", "v2")

    assert found.losses[0] == pytest.approx(job.loss)
    assert found.accuracies[0] == pytest.approx(job.accuracy)


def test_rows_that_one_of_them_has_learned_from_are_left_out_and_counted(workspace):
    # the newest fifth of the first months is part of what the later version learns from
    first = rows(400, 1).assign(at=pd.date_range("2026-01-01", periods=400, tz="UTC", freq="h"))
    more = rows(400, 2).assign(at=pd.date_range("2026-02-01", periods=400, tz="UTC", freq="h"))
    train(workspace, first, time="at")
    train(workspace, pd.concat([first, more]), time="at")

    found = workspace.compare("m", "v1", "v2")

    assert found.learned == 80
    assert found.rows == found.held_out == 160


def test_predictions_whose_outcome_became_known_count_and_those_learned_from_do_not(workspace):
    known, later = rows(300, 1), rows(200, 5)
    train(workspace, known)
    train(workspace, known, exclude=("k", "b"))
    for frame in (known, later):
        scored = workspace.predict("m@v1", frame).to_pandas()
        frame = frame.assign(request_id=scored["request_id"].to_numpy())
        workspace.label("m", frame, "y")

    found = workspace.compare("m", "v1", "v2")

    assert (found.held_out, found.labelled) == (60, 200)
    # 240 of the first table were learned from; its 60 held-out rows count once
    assert found.learned == 240


def test_with_fewer_than_30_rows_there_is_no_verdict(workspace):
    train(workspace, rows(100, 1))
    train(workspace, rows(100, 1), seed=1)

    found = workspace.compare("m", "v1", "v2")

    assert found.rows == 20
    assert found.paired is None
    assert found.losses is not None


def test_a_row_that_lacks_a_column_of_one_version_is_left_out(workspace):
    frame = rows(300, 1)
    train(workspace, frame.drop(columns="b"))
    train(workspace, frame)

    found = workspace.compare("m", "v1", "v2")

    assert (found.held_out, found.lacking) == (60, 60)


def test_regressions_are_compared_by_squared_errors(workspace):
    frame = rows(500, 1)
    frame["y"] = 3 * frame["a"] + np.random.default_rng(0).normal(0, 0.3, 500)
    train(workspace, frame)
    train(workspace, frame, exclude=("k", "a"))

    found = workspace.compare("m", "v1", "v2")

    assert found.accuracies is None
    assert found.paired.verdict == "worse"
    assert found.losses[1] > found.losses[0]


def test_a_version_that_came_from_elsewhere_is_compared_on_later_predictions_only(
    workspace, tmp_path, clock
):
    frame = rows(300, 1)
    train(workspace, frame)
    path = workspace.registry.export("m", "v1", tmp_path / "m.mlm")
    clock.advance(60)
    workspace.registry.import_(path)
    before = workspace.compare("m", "v1", "v2")
    clock.advance(60)
    later = rows(50, 7)
    scored = workspace.predict("m@v2", later).to_pandas()
    workspace.label("m", later.assign(request_id=scored["request_id"].to_numpy()), "y")

    after = workspace.compare("m", "v1", "v2")

    assert (before.rows, before.learned) == (0, 60)
    assert (after.held_out, after.labelled) == (0, 50)
    assert after.paired.verdict == "no difference"


def test_held_out_rows_are_kept_with_their_outcome_in_its_own_type(workspace):
    frame = rows(200, 1)
    frame["y"] = np.where(frame["a"] > 0, 7, 5)
    train(workspace, frame)
    version = workspace.registry.get_model("m")

    kept = held_out(workspace, version)
    table, labels = own_rows(workspace, version)

    assert len(kept) == len(table) == 40
    assert {type(label) for label in labels} == {int}
    assert [7 if a > 0 else 5 for a in table.column("a").to_list()] == labels


def test_what_cannot_be_compared_is_one_line(workspace):
    train(workspace, rows(60, 1))

    with pytest.raises(BadArgument) as same:
        workspace.compare("m", "v1", "latest")
    with pytest.raises(UnknownName):
        workspace.compare("m", "v1", "v2")

    assert str(same.value) == "version is 'latest'. Next: give another one than v1"


def test_rows_of_few_different_values_are_told_apart_by_their_key(workspace):
    # four different rows of features, six hundred customers
    frame = rows(600, 1).assign(a=lambda f: f["a"] > 0, b=lambda f: f["b"] > 0)
    train(workspace, frame)
    train(workspace, frame, seed=1)

    found = workspace.compare("m", "v1", "v2")
    table, labels = own_rows(workspace, workspace.registry.get_model("m", "v1"))

    assert (found.held_out, found.learned) == (120, 0)
    assert len(table) == len(labels) == 120


def test_the_newest_labels_judge_where_there_are_more_than_anybody_needs(workspace, monkeypatch):
    monkeypatch.setattr(evaluation, "MOST_LABELLED", 40)
    train(workspace, rows(100, 1))
    for seed in (5, 6):
        frame = rows(30, seed).assign(at=pd.Timestamp(f"2026-0{seed}-01", tz="UTC"))
        scored = workspace.predict("m", frame, time="at").to_pandas()
        labelled = frame.assign(request_id=scored["request_id"].to_numpy())
        workspace.label("m", labelled, "y")

    found = evaluation.labelled_predictions(workspace, workspace.registry.get_model("m"))

    # whole moments: all that were true in the one where the forty are full
    assert len(found) == 60
    monkeypatch.setattr(evaluation, "MOST_LABELLED", 30)
    newest = evaluation.labelled_predictions(workspace, workspace.registry.get_model("m"))
    assert newest.labels == frame["y"].tolist()
    assert newest.table.column("a").to_list() == frame["a"].tolist()
