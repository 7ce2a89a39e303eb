"""A row that is changed: answered like a prediction, and never recorded."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.state import NoModelFile
from mlops_magics.errors.tables import UnusableValue
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import ViewDefinition
from mlops_magics.registry.versions import Registration

ROW = {"tenure": 3, "monthly_charges": 95.0, "paperless": True, "contract": "One year"}


def train(workspace, data, **more):
    spec = TrainingSpec(model_id="churn", data=data, target="churned", seconds=5, **more)
    return workspace.train(spec)


@pytest.fixture
def churn(workspace, table):
    train(workspace, table, exclude=("decided_at",))
    return workspace


def test_a_changed_row_is_answered_as_a_prediction_of_it_is(churn):
    trial = churn.what_if("churn", ROW)

    found = trial.ask({"tenure": "60", "contract": None})

    row = ROW | {"tenure": 60, "contract": None}
    asked = churn.predict_one("churn", row, record=False, explain=True)
    assert found.prediction.prediction == asked.prediction
    assert found.prediction.confidence == pytest.approx(asked.confidence)
    assert found.prediction.explanation == asked.explanation
    assert found.start.confidence == pytest.approx(
        churn.predict_one("churn", ROW, record=False).confidence
    )
    assert [(i.feature.name, i.start, i.value) for i in found.changed] == [
        ("tenure", 3, 60),
        ("contract", "One year", None),
    ]


def test_nothing_that_is_tried_is_recorded(churn):
    trial = churn.what_if("churn", ROW)
    for tenure in range(5):
        assert trial.ask({"tenure": tenure}).prediction.request_id is None

    assert churn.monitoring.count("churn") == 0


def test_what_is_not_given_is_as_in_a_typical_row_and_that_is_said(churn):
    found = churn.what_if("churn", {"tenure": 3}).ask()

    origins = {i.feature.name: i.origin for i in found.inputs}
    assert origins["tenure"] == "given"
    assert origins["contract"] == "typical"
    assert found.said == (
        "not given, so as in a typical row: monthly_charges, paperless, contract",
    )


def test_the_features_that_matter_most_come_first_and_those_that_changed_before_them(churn):
    trial = churn.what_if("churn", ROW)
    at_first = [i.feature.name for i in trial.ask().inputs]
    least = at_first[-1]

    weights = [i.importance for i in trial.ask().inputs]
    assert weights == sorted(weights, reverse=True)
    assert trial.ask({least: None}).inputs[0].feature.name == least


def test_a_value_that_cannot_be_read_and_a_feature_that_is_not_there_are_one_line_each(churn):
    trial = churn.what_if("churn", ROW)

    with pytest.raises(UnusableValue) as unusable:
        trial.ask({"tenure": "many"})
    with pytest.raises(UnknownName) as unknown:
        trial.ask({"tenur": 3})

    assert "'many'" in str(unusable.value)
    assert str(unknown.value) == (
        "no feature named 'tenur'. Did you mean 'tenure'? Next: %model churn@v1 lists what it takes"
    )


def test_an_unseen_category_is_answered_and_said(churn):
    found = churn.what_if("churn", ROW).ask({"contract": "<b>new</b>"})

    assert found.prediction.warnings == ("contract: 1 unseen in training: '<b>new</b>'",)


def test_a_model_made_elsewhere_is_refused_in_one_line_that_says_why(workspace):
    workspace.registry.register_model(Registration(model_id="theirs", framework="sklearn"))

    with pytest.raises(NoModelFile) as refused:
        workspace.what_if("theirs", {"x": 1})

    assert str(refused.value) == (
        "theirs@v1 was made elsewhere (sklearn) and has no model here. "
        "Next: predict with its own library and record with ws.monitoring.record_inference"
    )


def views(workspace, table):
    """Make a stored view, and one that computes from it and from the request."""
    stored = table[["customer_id", "tenure", "monthly_charges"]]
    workspace.features.write(ViewDefinition(view="customers", key=("customer_id",)), stored)
    sql = "SELECT monthly_charges / (1 + amount) AS load FROM request"
    workspace.features.write(ViewDefinition(view="ratio", key=(), sql=sql, on_demand=True))
    outcomes = table[["customer_id", "churned"]].assign(amount=np.arange(len(table)) % 7 + 1.0)
    train(workspace, outcomes, features=("customers", "ratio"), exclude=("customer_id",))
    return table.iloc[0]


def test_keys_are_looked_up_once_and_what_depends_on_a_change_is_computed_anew(workspace, table):
    first = views(workspace, table.fillna({"monthly_charges": 60.0}))

    trial = workspace.what_if("churn", {"customer_id": first["customer_id"], "amount": "1"})
    found = trial.ask({"amount": "3"})

    by_name = {i.feature.name: i for i in found.inputs}
    assert {name: i.origin for name, i in by_name.items()} == {
        "amount": "given",
        "tenure": "looked up",
        "monthly_charges": "looked up",
        "load": "computed",
    }
    assert by_name["load"].value == pytest.approx(by_name["load"].start / 2)
    assert not by_name["load"].is_changed
    asked = workspace.predict_one(
        "churn", {"customer_id": first["customer_id"], "amount": 3.0}, record=False
    )
    assert found.prediction.confidence == pytest.approx(asked.confidence)


def test_without_a_key_the_stored_features_are_typical_and_the_others_are_computed(
    workspace, table
):
    views(workspace, table)

    found = workspace.what_if("churn", {}).ask({"monthly_charges": 80, "amount": 3})

    by_name = {i.feature.name: i for i in found.inputs}
    assert by_name["load"].value == pytest.approx(20.0)
    assert by_name["tenure"].origin == "typical"


@pytest.mark.slow
def test_a_model_of_300_features_is_taken_apart_where_it_matters(workspace):
    chance = np.random.default_rng(0)
    wide = pd.DataFrame({f"f{place}": chance.normal(size=600) for place in range(300)})
    wide["churned"] = np.where(wide["f0"] + wide["f1"] > 0, "yes", "no")
    train(workspace, wide)
    trial = workspace.what_if("churn", wide.iloc[0].drop("churned").to_dict())

    found = trial.ask({"f299": 2.0})

    why = found.prediction.explanation
    assert "f299" in [c.feature for c in why.contributions]
    assert len(why.contributions) == 7
    assert why.gap < 1e-3
    assert found.inputs[0].feature.name == "f299"
