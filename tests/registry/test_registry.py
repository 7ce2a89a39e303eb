"""Versions without gaps, stages with a history, and gates that hold."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from mlops_magics import model
from mlops_magics.errors import MLOpsError
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken, NothingToRollBack, NotPromotable
from mlops_magics.errors.storage import BrokenModel
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.registry import ModelRegistry, Registration
from mlops_magics.storage import Storage
from mlops_magics.training import TrainingProvider, TrainingSpec

XOR = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    """A real model of ours, as bytes."""
    storage = Storage(tmp_path_factory.mktemp("made") / ".mlops")
    registry = ModelRegistry(storage)
    TrainingProvider(storage, registry).train(TrainingSpec(model_id="xor", data=XOR, target="y"))
    return storage.artifacts.read(registry.get_model("xor").artifact_sha256)


@pytest.fixture
def registry(tmp_path):
    return ModelRegistry(Storage(tmp_path / ".mlops"))


def register(registry, artifact, count=1):
    for _ in range(count):
        registry.register_model(Registration(model_id="churn", artifact=artifact))


def put(registry, version, **more):
    """Promote past the gates that ask what only a workspace knows."""
    return registry.promote_model("churn", version, because="a test of the stages", **more)


def stages(registry):
    return {v.version: v.stage for v in registry.list_versions("churn")}


def test_versions_are_counted_without_gaps_by_two_processes_at_once(tmp_path):
    program = """
import sys
from pathlib import Path
from mlops_magics.registry import ModelRegistry, Registration
from mlops_magics.storage import Storage
registry = ModelRegistry(Storage(Path(sys.argv[1])))
for _ in range(15):
    registry.register_model(Registration(model_id="m", framework="x", artifact_uri="u"))
"""
    folder = tmp_path / ".mlops"
    writers = [subprocess.Popen([sys.executable, "-c", program, str(folder)]) for _ in range(2)]

    assert [writer.wait(120) for writer in writers] == [0, 0]
    found = ModelRegistry(Storage(folder)).list_versions("m")
    assert [v.version for v in found] == [f"v{n}" for n in range(1, 31)]


def test_a_version_name_of_the_callers_is_kept_as_an_alias_and_refused_twice(registry):
    made = Registration(
        model_id="churn", version="2024-06", framework="sklearn", artifact_uri="s3://m"
    )
    registry.register_model(made)

    assert registry.get_model("churn", "2024-06").version == "v1"
    with pytest.raises(NameTaken):
        registry.register_model(made)
    assert len(registry.list_versions("churn")) == 1


def test_promotion_replaces_the_version_in_production_and_says_so(registry, artifact):
    register(registry, artifact, 2)
    put(registry, "v1")

    promoted = put(registry, "v2")

    assert promoted.replaced == "v1"
    assert [v.gate for v in promoted.verdicts if v.passed] == ["intact", "finite"]
    assert {v.gate for v in promoted.verdicts if v.passed is None} == {
        "features exist",
        "better than the baseline",
        "not worse than production",
        "calibrated",
        "not interrupted",
        "no leakage warning",
    }
    assert stages(registry) == {"v1": "staging", "v2": "production"}


def test_a_damaged_file_passes_no_gate_and_changes_nothing(registry, artifact):
    register(registry, artifact)
    path = registry._storage.artifacts.path(registry.get_model("churn").artifact_sha256)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    with pytest.raises(NotPromotable) as refused:
        registry.promote_model("churn")

    assert "intact: the workspace's file" in str(refused.value)
    assert stages(registry) == {"v1": "development"}


def test_rollback_goes_to_the_newest_that_was_there_and_was_not_rolled_back_itself(
    registry, artifact
):
    register(registry, artifact, 3)
    for version in ("v1", "v2", "v3"):
        put(registry, version)

    assert registry.rollback("churn").version.version == "v2"
    assert registry.rollback("churn").version.version == "v1"
    with pytest.raises(NothingToRollBack):
        registry.rollback("churn")
    assert stages(registry) == {"v1": "production", "v2": "staging", "v3": "staging"}


def test_a_bare_name_means_production_else_the_newest_that_can_be_used(registry, artifact):
    register(registry, artifact, 3)
    registry.archive_model("churn", "v3")

    assert registry.resolve("churn").version == "v2"
    assert registry.resolve("churn@latest").version == "v3"
    put(registry, "v1")
    assert registry.resolve("churn").version == "v1"
    assert registry.resolve("churn@production").version == "v1"
    with pytest.raises(UnknownName):
        registry.resolve("churn@v9")


def test_one_truth_about_the_stage_for_every_view_of_it(registry, artifact):
    register(registry, artifact, 3)
    put(registry, "v1")
    put(registry, "v2")
    registry.rollback("churn")

    by_list = {v.version: v.stage for v in registry.list_models()}
    one_by_one = {v: registry.get_model("churn", v).stage for v in by_list}
    again = ModelRegistry(Storage(registry._storage.folder))

    assert by_list == one_by_one == stages(registry) == stages(again)


def test_a_model_goes_out_as_a_file_and_comes_into_another_workspace(registry, artifact, tmp_path):
    register(registry, artifact)
    path = registry.export("churn", "v1", tmp_path / "churn.mlm")
    other = ModelRegistry(Storage(tmp_path / "other"))

    imported = other.import_(path, model_id="copied")

    assert imported.name == "copied@v1"
    assert other.load(imported).signature == registry.load(registry.get_model("churn")).signature


def test_a_file_that_is_no_model_is_refused_and_nothing_is_registered(registry, tmp_path):
    path = tmp_path / "evil.mlm"
    path.write_bytes(b"PK not really")

    with pytest.raises(BrokenModel):
        registry.import_(path)

    assert registry.list_models() == ()


def test_metadata_can_be_added_and_the_registration_stays(registry, artifact):
    register(registry, artifact)

    changed = registry.update_metadata("churn", "v1", {"owner": "ada"})

    assert changed.metadata["owner"] == "ada"
    assert registry.get_model("churn").metadata["owner"] == "ada"


def external(registry, **changes):
    made = {"model_id": "m", "framework": "x", "artifact_uri": "u"} | changes
    return registry.register_model(Registration(**made))


@pytest.mark.parametrize("alias", ["v7", "latest", "production", "archived"])
def test_an_alias_that_means_another_version_now_or_later_is_refused(registry, alias):
    external(registry)

    with pytest.raises(BadArgument) as refused:
        external(registry, version=alias)

    assert str(refused.value) == (
        f"version is {alias!r}. Next: give v2, which is next, or a name of your own"
    )
    assert len(registry.list_versions("m")) == 1


def test_the_number_that_is_next_may_be_given_and_one_that_is_taken_may_not(registry):
    external(registry, version="v1")
    external(registry, version="v2")

    with pytest.raises(NameTaken) as refused:
        external(registry, version="v1")

    assert str(refused.value) == (
        "version of 'm' 'v1' exists already. Next: choose another version name"
    )
    assert [v.version for v in registry.list_versions("m")] == ["v1", "v2"]


def test_figures_of_numpy_are_kept_as_numbers_and_what_is_no_number_as_null(registry):
    metrics = {"auc": np.float32(0.5), "n": np.int64(2**60), "nan": float("nan"), "l": [np.inf, 1]}

    found = external(registry, metrics=metrics, metadata={"a": (np.bool_(True), None)})

    assert found.metrics == {"auc": 0.5, "n": 2**60, "nan": None, "l": [None, 1]}
    assert found.metadata == {"a": [True, None]}
    assert registry.get_model("m") == found


def test_what_json_does_not_have_is_refused_with_its_place_and_nothing_is_registered(registry):
    with pytest.raises(BadArgument) as refused:
        external(registry, metadata={"columns": [{"a"}]})

    assert str(refused.value) == (
        "metadata['columns'][0] is {'a'}. Next: give texts, numbers, lists and dicts, "
        "as JSON has them"
    )
    assert registry.list_models() == ()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda r: r.get_model("churm"),
            "no model named 'churm'. Did you mean 'churn'? Next: %model",
        ),
        (
            lambda r: r.get_model("churn", "v9"),
            "no version of 'churn' named 'v9'. Known: v1. Next: %model churn",
        ),
        (
            lambda r: r.resolve("churn@production"),
            "no version of 'churn' is in production. Next: %model churn promote vN",
        ),
        (
            lambda r: r.promote_model("churn", "v1", "archived"),
            "stage is 'archived'. Next: give staging or production",
        ),
        (
            lambda r: r.rollback("churn"),
            "'churn' cannot be rolled back: no version is in production. "
            "Next: %model churn promote",
        ),
        (
            lambda r: r.register_model(Registration(model_id="Churn", artifact_uri="u")),
            "model 'churn' exists already. Next: use 'churn', or another name",
        ),
        (
            lambda r: r.delete_model("churn", "v2"),
            "no version of 'churn' named 'v2'. Known: v1. Next: %model churn",
        ),
    ],
)
def test_what_cannot_be_done_is_told_why_and_what_to_do(registry, ask, message):
    external(registry, model_id="churn")

    with pytest.raises(MLOpsError) as refused:
        ask(registry)

    assert str(refused.value) == message
    assert {v.name: v.stage for v in registry.list_models()} == {"churn@v1": "development"}


def test_a_name_in_any_case_finds_its_model(registry):
    external(registry, model_id="Umsatz")

    assert registry.get_model("uMSATZ", "v1").name == "Umsatz@v1"
    assert registry.resolve("umsatz@latest").name == "Umsatz@v1"


def test_no_version_that_is_archived_is_promoted_unless_it_is_named(registry, artifact):
    register(registry, artifact, 2)
    registry.archive_model("churn", "v2")

    assert put(registry, None).version.version == "v1"
    assert put(registry, "v2").version.stage == "production"


def test_an_interrupted_version_is_not_what_a_bare_name_means(registry, artifact):
    register(registry, artifact)
    registry.register_model(
        Registration(model_id="churn", artifact=artifact, metadata={"interrupted": True})
    )

    assert registry.resolve("churn").version == "v1"
    assert registry.resolve("churn@v2").version == "v2"


def test_a_model_with_a_weight_that_is_no_number_passes_no_gate(registry, artifact):
    whole = model.package.from_bytes(artifact, "xor")
    names = sorted(whole.weights)
    spoiled = {name: np.array(array) for name, array in whole.weights.items()}
    spoiled[names[0]].flat[0] = np.nan
    broken = model.package.to_bytes(dataclasses.replace(whole, weights=spoiled))
    register(registry, broken)

    with pytest.raises(NotPromotable) as refused:
        registry.promote_model("churn")

    assert "finite: some weights are no numbers" in str(refused.value)
    assert stages(registry) == {"v1": "development"}


def test_metadata_is_added_to_and_every_change_is_kept(registry):
    external(registry, metadata={"a": 1, "b": {"c": 2}})
    registry.update_metadata("m", "v1", {"a": 3})
    changed = registry.update_metadata("m", "v1", {"d": "ж"})

    assert changed.metadata == {"a": 3, "b": {"c": 2}, "d": "ж"}
    with registry._storage.reading() as reading:
        kept = reading.execute("SELECT metadata FROM metadata_change ORDER BY seq").fetchall()
        first = reading.execute("SELECT metadata FROM model_version").fetchone()
    assert [json.loads(row[0])["a"] for row in kept] == [3, 3]
    assert json.loads(first[0]) == {"a": 1, "b": {"c": 2}}
