"""Two versions beside each other, also where they cannot be compared."""

import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.registry.versions import Registration


def train(workspace, table, **more):
    values = {"model_id": "churn", "data": table, "target": "churned", "seconds": 5} | more
    return workspace.train(TrainingSpec(**values))


@pytest.fixture
def two(workspace, table):
    train(workspace, table, exclude=("decided_at",))
    train(workspace, table, exclude=("decided_at", "contract"))
    return workspace


def names(found):
    return found.first.version.version, found.second.version.version


def test_the_version_in_production_stands_beside_the_newest_and_any_two_can_be_named(two):
    assert names(two.beside("churn")) == ("v1", "v2")
    two.promote("churn", "v2", force=True, because="a test")
    assert names(two.beside("churn")) == ("v2", "v1")
    assert names(two.beside("CHURN", "v1", "v2")) == ("v1", "v2")
    assert names(two.beside("churn", second="v2")) == ("v1", "v2")

    with pytest.raises(UnknownName):
        two.beside("churn", "v1", "v9")


def test_what_differs_is_told_with_the_verdict_and_the_gates_of_both(two):
    found = two.beside("churn")

    assert [(name, a.kind, b) for name, a, b in found.columns] == [("contract", "category", None)]
    assert found.comparison.held_out > 0
    assert found.why_not == ""
    assert {v.gate: v.passed for v in found.second.verdicts}["intact"] is True


def test_of_one_version_there_is_nothing_to_compare(workspace, table):
    train(workspace, table)

    found = workspace.beside("churn")

    assert names(found) == ("v1", "v1")
    assert (found.comparison, found.why_not) == (None, "there is only one version")


def test_versions_that_answer_different_questions_or_were_made_elsewhere_say_why_not(
    workspace, table
):
    train(workspace, table)
    train(workspace, table, target="paperless")
    theirs = Registration(model_id="churn", framework="sklearn", metrics={"auc": 0.8})
    workspace.registry.register_model(theirs)

    asked = workspace.beside("churn", "v1", "v2")
    made = workspace.beside("churn", "v1", "v3")

    assert asked.why_not == (
        "v1 answers with a class of 'churned', v2 answers with a class of 'paperless'"
    )
    assert asked.second.verdicts
    assert made.why_not == "churn@v3 was made elsewhere (sklearn) and has no model here"
    assert (made.second.signature, made.columns) == (None, ())
