"""Monitoring across components: of models trained here, and of models made elsewhere."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.state import NoBaseline
from mlops_magics.errors.tables import EmptyTable
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring import Event
from mlops_magics.registry import Registration
from mlops_magics.workspace import watching


def customers(count=400, seed=0, older=0):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, count) + older,
            "contract": chance.choice(["monthly", "yearly"], count),
        }
    )
    odds = (frame["tenure"] - 30) / 6 + (frame["contract"] == "yearly") * 2
    frame["churned"] = np.where(chance.random(count) < 1 / (1 + np.exp(odds)), "yes", "no")
    return frame


@pytest.fixture
def trained(workspace):
    workspace.train(TrainingSpec(model_id="churn", data=customers(), target="churned"))
    return workspace


@pytest.fixture
def elsewhere(workspace):
    """A model that another library made, with predictions that were recorded."""
    made = Registration(model_id="theirs", framework="sklearn", artifact_uri="s3://bucket/model")
    workspace.registry.register_model(made)
    for row in customers(120, seed=3, older=40).itertuples():
        workspace.monitoring.record_inference(
            Event(
                model_id="theirs",
                version="v1",
                prediction="no",
                confidence=0.9,
                features={"tenure": row.tenure, "contract": row.contract},
            )
        )
    return workspace


def test_a_named_baseline_answers_whether_it_is_the_season(trained):
    trained.predict("churn", customers(300, 1, older=40)[["tenure", "contract"]])

    since_training = watching.drift(trained, "churn")
    since_last_year = watching.drift(trained, "churn", baseline=customers(300, 2, older=40))

    assert [c.name for c in since_training.moved if c.role == "feature"] == ["tenure"]
    assert since_last_year.moved == ()
    assert since_last_year.baseline == "the named baseline"
    # the model's answers on that table are compared, too
    assert {"prediction", "confidence"} <= {c.name for c in since_last_year.columns}


def test_by_a_feature_and_by_no_feature(trained):
    trained.predict("churn", customers(300, 1)[["tenure", "contract"]])

    found = watching.drift(trained, "churn", by="contract")

    assert {s.value for s in found.slices} == {"monthly", "yearly"}
    with pytest.raises(UnknownName, match="Did you mean 'contract'"):
        watching.drift(trained, "churn", by="contrat")


def test_a_model_made_elsewhere_says_what_it_lacks_and_learns_it_from_a_table(elsewhere):
    with pytest.raises(NoBaseline, match=r"Next: %monitor theirs baseline DATA"):
        watching.drift(elsewhere, "theirs")
    before = elsewhere.watch("theirs")

    learned = watching.learn_baseline(elsewhere, "theirs", customers().drop(columns="churned"))

    after = elsewhere.watch("theirs")
    assert before.drift is None
    assert (learned.columns, learned.has_predictions) == (("tenure", "contract"), False)
    assert [c.name for c in after.drift.moved] == ["tenure"]
    assert after.drift.baseline == "the baseline"
    assert after.health.state == "watch"


def test_a_baseline_with_predictions_watches_them_too(elsewhere):
    table = customers().drop(columns="churned")
    table["prediction"] = ["yes", "no"] * 200
    table["confidence"] = np.linspace(0.5, 0.7, 400)
    table["id"] = [f"C{n:05d}" for n in range(400)]

    learned = watching.learn_baseline(elsewhere, "theirs", table)

    moved = {column.name for column in watching.drift(elsewhere, "theirs").moved}
    assert learned.left_out == {"id": "identifier: every row has its own"}
    assert moved == {"tenure", "prediction", "confidence"}


def test_a_model_that_is_not_registered_is_watched_by_its_events(workspace):
    for hour in range(40):
        workspace.monitoring.record_inference(
            Event(model_id="loose", prediction="no", confidence=0.8, features={"x": float(hour)})
        )

    watching.learn_baseline(workspace, "loose", {"x": [float(n % 50) for n in range(200)]})

    found = workspace.watch("loose")
    assert (found.model_id, found.version, found.stage) == ("loose", "-", None)
    assert found.metrics.count == 40
    assert [c.name for c in found.drift.columns] == ["x"]
    with pytest.raises(UnknownName):
        workspace.watch("nobody")


def test_the_newer_of_training_and_of_a_learned_baseline_counts(trained, clock):
    clock.advance(60)
    watching.learn_baseline(trained, "churn", customers(300, 2, older=40))
    watched = watching.find(trained, "churn")
    assert watching.baseline_of(trained, watched)[1] == "the baseline"

    clock.advance(60)
    trained.train(TrainingSpec(model_id="churn", data=customers(seed=5), target="churned"))

    assert watching.baseline_of(trained, watching.find(trained, "churn@v2"))[1] == "training"


def test_a_baseline_without_a_column_to_compare_is_refused(elsewhere):
    with pytest.raises(EmptyTable, match="the baseline has no column to compare"):
        watching.learn_baseline(elsewhere, "theirs", {"id": [f"C{n}" for n in range(60)]})

    assert elsewhere.monitoring.kept_baseline("theirs") is None


def test_the_page_says_healthy_of_a_model_whose_rows_are_those_of_training(trained):
    scored = trained.predict("churn", customers(300, 1)[["tenure", "contract"]]).to_pandas()
    truth = customers(300, 1)["churned"]
    trained.label("churn", pd.DataFrame({"request_id": scored["request_id"], "y": truth}), "y")

    found = trained.watch("churn")

    assert found.health.state == "healthy"
    assert found.performance.overall.labelled == 300
    assert not found.performance.has_changed
