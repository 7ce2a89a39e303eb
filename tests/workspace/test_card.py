"""The model card: what, from where, how good, where not, and what was forced."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.display import render
from mlops_magics.features import ViewDefinition
from mlops_magics.registry import Registration
from mlops_magics.workspace import Workspace
from mlops_magics.workspace.card import card


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A model over a view that is often wrong where the contract is yearly."""
    workspace = Workspace(tmp_path_factory.mktemp("card") / ".mlops")
    chance = np.random.default_rng(0)
    count = 2000
    frame = pd.DataFrame(
        {
            "customer_id": range(count),
            "tenure": chance.integers(0, 72, count),
            "contract": chance.choice(["monthly", "yearly"], count, p=[0.7, 0.3]),
        }
    )
    clear = np.where(frame["tenure"] > 36, "no", "yes")
    noise = chance.random(count) < np.where(frame["contract"] == "yearly", 0.4, 0.05)
    frame["churned"] = np.where(noise, np.where(clear == "no", "yes", "no"), clear)
    view = ViewDefinition(view="customers", key=("customer_id",))
    workspace.features.write(view, frame.drop(columns="churned"))
    spec = TrainingSpec(
        model_id="churn",
        data=frame[["customer_id", "churned"]],
        target="churned",
        features=("customers",),
        note="who gets a call",
        seed=3,
    )
    workspace.train(spec)
    workspace.promote("churn", force=True, because="shown in a test")
    yield workspace
    workspace.close()


def test_the_card_says_how_good_each_class_is_on_rows_that_it_has_not_learned_from(made):
    found = card(made, "churn@v1")

    held_out = found.job.report.held_out_count
    assert found.quality.rows == held_out
    by_class = {c.value: c for c in found.quality.classes}
    assert by_class["no"].rows + by_class["yes"].rows == held_out
    right = sum(c.recall * c.rows for c in found.quality.classes)
    assert right / held_out == pytest.approx(found.job.accuracy)


def test_the_card_names_where_the_model_is_worse(made):
    found = card(made, "churn@v1")

    assert found.quality.slices[0].where == (("contract", "yearly"),)
    assert any(limit.startswith("worse where contract yearly: wrong in ") for limit in found.limits)


def test_the_lineage_has_the_data_the_seed_the_view_and_the_run(made):
    found = card(made, "churn@v1")

    metadata = found.version.metadata
    assert metadata["data"]["row_count"] == 2000
    assert len(metadata["data"]["fingerprint"]) == 16
    assert metadata["seed"] == 3
    assert [(view["view"], view["number"]) for view in metadata["views"]] == [("customers", 1)]
    assert found.job.job_id == metadata["job_id"]
    text = render(found).text
    for part in ("who gets a call", "customers v1", "for each customer_id", "0 to 71"):
        assert part in text


def test_lineage_and_signature_travel_in_the_file(made, tmp_path):
    path = made.registry.export("churn", "v1", tmp_path / "churn.mlm")
    other = Workspace(tmp_path / "other")
    other.registry.import_(path)

    here, there = card(made, "churn@v1"), card(other, "churn@v1")

    assert there.signature == here.signature
    assert there.version.metrics == here.version.metrics
    assert there.version.metadata["data"] == here.version.metadata["data"]
    assert there.version.metadata["views"] == here.version.metadata["views"]
    assert there.limits[0] == "came from the file churn.mlm: what it learned from is not here"
    assert "no honest estimate" in there.limits[1]
    other.close()


def test_what_was_forced_stays_on_the_card_after_any_number_of_later_changes(workspace):
    xor = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}
    workspace.train(TrainingSpec(model_id="xor", data=xor, target="y"))
    workspace.promote("xor", force=True, because="a toy")
    workspace.promote("xor", "v1", stage="staging")
    workspace.registry.archive_model("xor", "v1")

    found = card(workspace, "xor@v1")

    assert found.limits[0] == (
        "went into production past better than the baseline, calibrated, because a toy"
    )
    assert "because a toy" in render(found).text


def test_the_card_of_a_damaged_file_and_of_a_model_made_elsewhere_say_what_is_known(workspace):
    xor = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}
    workspace.train(TrainingSpec(model_id="xor", data=xor, target="y"))
    version = workspace.registry.get_model("xor")
    workspace.storage.artifacts.path(version.artifact_sha256).unlink()
    made = Registration(model_id="theirs", framework="sklearn", artifact_uri="s3://bucket/model")
    workspace.registry.register_model(made)

    damaged, theirs = card(workspace, "xor@v1"), card(workspace, "theirs@v1")

    assert damaged.limits[0].endswith(".mlm' is missing")
    assert damaged.job.metrics["accuracy"] == 1.0
    assert theirs.limits == ("theirs@v1 was made elsewhere (sklearn) and has no model here",)


def test_a_card_is_exported_as_markdown_and_as_html_and_never_over_a_file(shell):
    shell.user_ns["xor"] = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}
    assert shell.run_cell("%train toy --data xor --target y").success

    assert shell.run_cell('%model toy export v1 "toy.md"').success
    assert shell.run_cell('%model toy@v1 export "toy.html"').success

    from pathlib import Path

    assert Path("toy.md").read_text().startswith("# toy@v1 · development")
    assert "%train toy --data xor --target y" in Path("toy.md").read_text()
    assert Path("toy.html").read_text().startswith("<!doctype html>")
    again = shell.run_cell('%model toy export v1 "toy.md"')
    assert str(again.error_in_exec) == (
        "the file 'toy.md' exists already. Next: choose another path"
    )
