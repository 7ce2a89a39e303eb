"""The loops over one folder, from Python, without a notebook."""

import os
import time

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.state import NameTaken, NoModelFile
from mlops_magics.errors.tables import EmptyTable, MissingColumns, UnusableColumn
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import ViewDefinition
from mlops_magics.monitoring import Event
from mlops_magics.registry import Registration
from mlops_magics.workspace import Workspace
from mlops_magics.workspace.folder import find_folder

XOR = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}


def customers(count=240, seed=0):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(count),
            "tenure": chance.integers(0, 72, count),
            "contract": chance.choice(["monthly", "yearly"], count),
        }
    )
    odds = (frame["tenure"] - 30) / 6 + (frame["contract"] == "yearly") * 2
    frame["churned"] = np.where(chance.random(count) < 1 / (1 + np.exp(odds)), "yes", "no")
    return frame


@pytest.fixture
def trained(workspace):
    """A workspace with a view, and a model in production that uses it."""
    frame = customers()
    definition = ViewDefinition(view="customers", key=("customer_id",))
    workspace.features.write(definition, frame[["customer_id", "tenure", "contract"]])
    workspace.train(
        TrainingSpec(
            model_id="churn",
            data=frame[["customer_id", "churned"]],
            target="churned",
            features=("customers",),
        )
    )
    workspace.promote("churn")
    return workspace


def test_the_xor_table_fits_and_says_that_there_is_no_honest_estimate(workspace):
    job = workspace.train(TrainingSpec(model_id="xor", data=XOR, target="y"))

    assert job.accuracy == 1.0
    assert job.measured_on == "training"
    assert job.report.split == "learned from all 8 rows; too few to hold any out"
    assert workspace.predict("xor", XOR).to_pandas()["prediction"].tolist() == XOR["y"]


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (["01", "1", "10"], "multiclass"),
        ([2, 5, 9], "multiclass"),
        ([False, True, True], "binary"),
        ([1.5, 2.5, 7.25], "regression"),
    ],
)
def test_labels_come_back_in_their_own_type_also_after_reopening(workspace, labels, task):
    x = np.arange(60) % 3
    data = {"x": x.tolist(), "noise": np.sin(np.arange(60)).tolist(), "y": [labels[i] for i in x]}
    workspace.train(TrainingSpec(model_id="m", data=data, target="y"))

    again = Workspace(workspace.folder)
    answered = again.predict("m", data)

    assert again.registry.get_model("m").metadata["task"] == task
    found = answered.predictions.prediction.to_list()
    assert {type(value) for value in found} == {type(labels[0])}
    if task != "regression":
        assert found == data["y"]
    again.close()


def test_training_clears_up_what_a_killed_writer_left_behind(workspace):
    workspace.upload({"x": [1]}, "first")
    orphan = workspace.folder / "segments" / "0123.parquet"
    orphan.write_bytes(b"half written")
    two_hours_ago = time.time() - 7200
    os.utime(orphan, (two_hours_ago, two_hours_ago))

    workspace.train(TrainingSpec(model_id="xor", data=XOR, target="y"))

    assert not orphan.exists()
    assert workspace.predict("xor", XOR).to_pandas()["prediction"].tolist() == XOR["y"]


def test_an_entity_is_looked_up_and_given_values_replace_what_was_found(trained):
    found = trained.predict_one("churn", {"customer_id": "7"})
    changed = trained.predict_one("churn", {"customer_id": 7, "tenure": "1"})

    row = customers().loc[7]
    assert found.features == {"tenure": row["tenure"], "contract": row["contract"]}
    assert changed.features == {"tenure": 1, "contract": row["contract"]}
    assert found.version == "v1"
    assert found.stage == "production"


def test_training_and_serving_see_the_same_values_in_a_table_of_keys(trained):
    frame = customers()

    by_key = trained.predict("churn", frame[["customer_id"]], record=False).to_pandas()
    by_value = trained.predict("churn", frame[["tenure", "contract"]], record=False).to_pandas()

    pd.testing.assert_frame_equal(by_key, by_value)


def test_a_feature_whose_name_the_rows_have_already_is_looked_up_under_its_other_name(workspace):
    frame = customers()
    workspace.features.write(
        ViewDefinition(view="c", key=("customer_id",)), frame.drop(columns="churned")
    )
    spec = TrainingSpec(
        model_id="m", data=frame, target="churned", features=("c",), exclude=("tenure", "contract")
    )

    job = workspace.train(spec)

    assert job.report.used == ("c_tenure", "c_contract")
    assert workspace.predict_one("m", {"customer_id": 3}).features["c_tenure"] == frame["tenure"][3]


def test_every_prediction_is_recorded_with_its_features_before_it_is_returned(trained):
    scored = trained.predict("churn", customers()[["customer_id"]]).to_pandas()

    events = trained.monitoring.query_events("churn")
    assert {event.request_id for event in events} == set(scored["request_id"])
    assert trained.monitoring.get_metrics("churn").count == 240
    one = trained.monitoring.find_event("churn", scored["request_id"][5])
    assert one.prediction == scored["prediction"][5]
    assert one.features["tenure"] == customers()["tenure"][5]
    assert one.key == {"customer_id": 5}


def test_labels_by_request_id_and_by_key_measure_the_model(trained):
    frame = customers()
    scored = trained.predict("churn", frame[["customer_id"]]).to_pandas()
    half = pd.DataFrame({"request_id": scored["request_id"], "churned": frame["churned"]})[:100]

    by_id = trained.label("churn", half, "churned")
    by_key = trained.label(
        "churn", frame[100:][["customer_id", "churned"]], "churned", ("customer_id",)
    )

    assert (by_id.matched, by_key.matched) == (100, 140)
    measured = trained.watch("churn").performance.overall
    right = (scored["prediction"] == frame["churned"]).mean()
    assert measured.labelled == 240
    assert measured.metrics["accuracy"] == pytest.approx(right)


def test_a_later_label_corrects_and_one_without_a_prediction_is_counted(trained):
    scored = trained.predict("churn", customers()[["customer_id"]]).to_pandas()
    ids = [scored["request_id"][0], "0" * 32]
    trained.label("churn", {"request_id": ids, "label": ["yes", "no"]}, "label")

    again = trained.label("churn", {"request_id": ids[:1], "label": ["no"]}, "label")

    assert again.corrected == 1
    assert trained.monitoring.label("churn", ids[0]) == "no"


def test_a_key_with_several_predictions_needs_a_time(trained, clock):
    row = {"customer_id": [3]}
    trained.predict("churn", row)
    clock.advance(3600)
    second = trained.predict("churn", row)
    label = {"customer_id": [3], "churned": ["no"]}

    assert trained.label("churn", label, "churned", ("customer_id",)).ambiguous == 1
    late = {**label, "at": [pd.Timestamp(clock.now(), unit="us", tz="UTC")]}
    assert trained.label("churn", late, "churned", ("customer_id",), "at").matched == 1
    assert trained.monitoring.label("churn", second.request_ids[0]) == "no"


def test_a_prediction_leads_back_to_version_run_and_view(trained):
    answer = trained.predict_one("churn", {"customer_id": 7})

    found = trained.trace("churn", answer.request_id)

    assert found.version.version == "v1"
    assert found.job.version == "v1"
    assert [source.view for source in found.sources] == ["customers"]
    assert found.sources[0].features["tenure"] == customers()["tenure"][7]


def test_drift_names_what_moved_and_leaves_alone_what_did_not(trained):
    moved = customers(400, seed=1).assign(tenure=lambda f: f["tenure"] + 60)

    trained.predict("churn", moved[["tenure", "contract"]])

    report = trained.watch("churn").drift
    assert {c.name for c in report.moved if c.role == "feature"} == {"tenure"}
    assert report.columns[0].severity == "large"


@pytest.mark.parametrize(
    ("data", "target", "error", "message"),
    [
        ({"x": [], "y": []}, "y", EmptyTable, "the training data has no rows"),
        ({"x": [1, 2], "y": [1, 0]}, "z", KeyError, "no column 'z' in the table. Known: x, y."),
        ({"x": [1, 2], "y": [1, 1]}, "y", UnusableColumn, "column 'y' is 1 in every row"),
        (
            {"x": [1, 2], "y": [None, None]},
            "y",
            UnusableColumn,
            "column 'y' has no value in any row",
        ),
        (
            {"x": [1, 2], "y": [1.0, float("inf")]},
            "y",
            UnusableColumn,
            "column 'y' has infinite values",
        ),
        (
            {"x": [None, None], "y": [1, 0]},
            "y",
            EmptyTable,
            "the table has no column to learn from",
        ),
    ],
)
def test_bad_training_input_is_one_line_and_leaves_nothing_behind(
    workspace, data, target, error, message
):
    with pytest.raises(error) as refused:
        workspace.train(TrainingSpec(model_id="m", data=data, target=target))

    assert str(refused.value).startswith(message)
    assert len(str(refused.value).splitlines()) == 1
    assert workspace.training.list_jobs() == ()
    assert workspace.registry.list_models() == ()


def test_rows_that_cannot_be_used_are_refused_and_nothing_is_recorded(trained):
    with pytest.raises(MissingColumns) as refused:
        trained.predict("churn", {"tenure": [3]})
    with pytest.raises(UnusableColumn) as unusable:
        trained.predict("churn", {"tenure": ["three"], "contract": ["monthly"]})

    assert str(refused.value) == (
        "no column 'contract' in the row. Next: give customer_id=…, or all columns"
    )
    assert str(unusable.value) == (
        "column 'tenure' is integer, and 'three' is none (in 1 row). "
        "Next: correct these values, or leave them empty"
    )
    assert trained.monitoring.count() == 0


def test_unseen_categories_are_predicted_counted_and_named(trained):
    rows = {"tenure": [3, 4, 500], "contract": ["weekly", None, "weekly"]}

    answered = trained.predict("churn", rows)

    assert "contract: 2 unseen in training: 'weekly'" in answered.said
    assert "contract: 1 missing, and training had none missing" in answered.said
    assert any(said.startswith("tenure: 1 outside the") for said in answered.said)


def test_a_model_made_elsewhere_is_listed_and_monitored(workspace):
    made = Registration(model_id="theirs", framework="sklearn", artifact_uri="s3://bucket/model")
    workspace.registry.register_model(made)
    event = Event(model_id="theirs", version="v1", prediction="no", confidence=0.9, latency_ms=2.0)

    request_id = workspace.monitoring.record_inference(event)

    assert workspace.watch("theirs").metrics.count == 1
    assert workspace.watch("theirs").drift is None
    assert workspace.trace("theirs", request_id).version.framework == "sklearn"
    with pytest.raises(NoModelFile):
        workspace.predict("theirs", {"x": [1]})


def test_a_request_id_that_was_recorded_before_is_refused(workspace):
    event = Event(model_id="m", prediction=1, request_id="a" * 32)
    workspace.monitoring.record_inference(event)

    with pytest.raises(NameTaken):
        workspace.monitoring.record_inference(event)


def test_events_come_newest_first_and_both_bounds_are_inclusive(workspace):
    for moment in (10, 30, 20):
        event = Event(
            model_id="m", prediction=moment / 1, event_time=moment, features={"x": moment}
        )
        workspace.monitoring.record_inference(event)

    found = workspace.monitoring.query_events("m", start_time=10, end_time=20)

    assert [event.event_time for event in found] == [20, 10]
    assert [event.features["x"] for event in workspace.monitoring.query_events(limit=1)] == [30]
    nothing = workspace.monitoring.get_metrics("unknown")
    assert (nothing.count, nothing.avg_confidence, nothing.p95_latency_ms) == (0, None, None)


def test_a_dataset_is_stored_once_and_read_as_it_was(workspace):
    stored = workspace.upload([{"a": 2**60, "b": None}, {"a": 1, "b": "x"}], "telco")

    assert (stored.dataset_id, stored.row_count) == ("telco", 2)
    assert workspace.dataset("TELCO").rows() == [{"a": 2**60, "b": None}, {"a": 1, "b": "x"}]
    with pytest.raises(NameTaken):
        workspace.upload({"a": [1]}, "Telco")
    with pytest.raises(UnknownName):
        workspace.dataset("tleco")


def test_the_workspace_is_the_nearest_one_above_or_the_one_that_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert find_folder(deep) == deep / ".mlops"
    (tmp_path / ".mlops").mkdir()
    assert find_folder(deep) == tmp_path / ".mlops"
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "elsewhere"))
    assert find_folder(deep) == tmp_path / "elsewhere"


def test_the_same_seed_and_rows_give_the_same_model_and_held_out_rows_stay_held_out(workspace):
    frame = customers()
    key = ("customer_id",)
    spec = TrainingSpec(model_id="m", data=frame, target="churned", key=key)
    first, second = workspace.train(spec), workspace.train(spec)

    one, two = (workspace.registry.get_model("m", v) for v in ("v1", "v2"))
    assert first.metrics == second.metrics
    for name, array in workspace.registry.load(one).weights.items():
        np.testing.assert_array_equal(array, workspace.registry.load(two).weights[name])
    later = customers(400, seed=5)
    later["customer_id"] += 1000
    more = pd.concat([frame, later])
    workspace.train(TrainingSpec(model_id="m", data=more, target="churned", key=key))
    held = workspace.storage.log.read("held_out", "m").table.column("hash").values
    trained_later = workspace.storage.log.read("trained", "m@v3").table.column("hash").values
    assert not set(held.tolist()) & set(trained_later.tolist())


def test_a_row_given_by_hand_needs_no_view_where_an_imported_model_left_its_views_behind(
    trained, tmp_path
):
    path = trained.registry.export("churn", "v1", tmp_path / "churn.mlm")
    other = Workspace(tmp_path / "other")
    other.registry.import_(path)
    row = {"tenure": 3, "contract": "monthly"}

    here = trained.predict_one("churn", row, look_up=False)
    there = other.predict_one("churn", row, look_up=False)

    assert there.prediction == here.prediction
    assert there.confidence == here.confidence
    other.close()
