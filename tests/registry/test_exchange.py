"""A model goes into a file and comes out of one, or nothing happens."""

import numpy as np
import pytest

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken, NoModelFile
from mlops_magics.errors.storage import BrokenFile, BrokenModel
from mlops_magics.model import package
from mlops_magics.registry import ModelRegistry, Registration
from mlops_magics.storage import Storage
from mlops_magics.training import TrainingProvider, TrainingSpec

XOR = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A workspace with one real model, and the model's file."""
    folder = tmp_path_factory.mktemp("trained")
    storage = Storage(folder / ".mlops")
    registry = ModelRegistry(storage)
    TrainingProvider(storage, registry).train(TrainingSpec(model_id="xor", data=XOR, target="y"))
    return registry, registry.export("xor", "v1", folder / "xor.mlm")


@pytest.fixture
def registry(tmp_path):
    return ModelRegistry(Storage(tmp_path / ".mlops"))


def test_a_model_that_was_exported_and_imported_is_the_same_to_the_last_byte(
    trained, registry, tmp_path
):
    source, path = trained

    imported = registry.import_(path)
    again = registry.export("xor", "v1", tmp_path / "again.mlm")

    assert again.read_bytes() == path.read_bytes()
    assert imported.name == "xor@v1"
    assert imported.artifact_sha256 == source.get_model("xor").artifact_sha256
    assert imported.metadata["imported_from"] == "xor.mlm"
    assert imported.stage == "development"
    there, here = source.load(source.get_model("xor")), registry.load(imported)
    assert package.to_bytes(here) == package.to_bytes(there)


def test_the_metrics_of_an_imported_model_are_those_of_its_training(trained, registry):
    source, path = trained

    assert registry.import_(path).metrics == source.get_model("xor").metrics


def test_importing_twice_makes_two_versions_of_one_file(trained, registry):
    _, path = trained

    first, second = registry.import_(path), registry.import_(path)

    assert [first.version, second.version] == ["v1", "v2"]
    assert first.artifact_sha256 == second.artifact_sha256


@pytest.mark.parametrize("place", np.linspace(0, 0.999, 12).tolist())
def test_a_file_with_one_byte_changed_anywhere_is_refused(trained, registry, tmp_path, place):
    _, path = trained
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 0xFF
    changed = tmp_path / "changed.mlm"
    changed.write_bytes(data)

    with pytest.raises(BrokenModel) as refused:
        registry.import_(changed)

    assert str(refused.value).startswith(f"{str(changed)!r} is not a readable model: ")
    assert registry.list_models() == ()


def test_a_file_that_was_cut_short_or_is_not_there_is_refused(trained, registry, tmp_path):
    _, path = trained
    short = tmp_path / "short.mlm"
    short.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(BrokenModel):
        registry.import_(short)
    with pytest.raises(BrokenModel) as refused:
        registry.import_(tmp_path / "nowhere.mlm")

    assert str(refused.value) == (
        f"{str(tmp_path / 'nowhere.mlm')!r} is not a readable model: there is no such file. "
        "Next: check the path"
    )
    assert registry.list_models() == ()


def test_a_file_that_is_there_is_never_overwritten(trained, tmp_path):
    registry, _ = trained
    path = tmp_path / "mine.mlm"
    path.write_text("mine")

    with pytest.raises(NameTaken) as refused:
        registry.export("xor", "v1", path)

    assert str(refused.value) == f"the file {str(path)!r} exists already. Next: choose another path"
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_said(trained, tmp_path):
    registry, _ = trained
    path = tmp_path / "nowhere" / "x.mlm"

    with pytest.raises(BadArgument) as refused:
        registry.export("xor", "v1", path)

    assert (
        str(refused.value) == f"path is {str(path)!r}. Next: give a file in a folder that is there"
    )


def test_a_model_that_was_made_elsewhere_has_no_file_to_load_or_export(registry, tmp_path):
    made = Registration(model_id="m", framework="sklearn", artifact_uri="s3://bucket/m")
    version = registry.register_model(made)

    for act in (
        lambda: registry.load(version),
        lambda: registry.export("m", "v1", tmp_path / "m.mlm"),
    ):
        with pytest.raises(NoModelFile) as refused:
            act()
        assert str(refused.value) == (
            "m@v1 was made elsewhere (sklearn) and has no model here. "
            "Next: predict with its own library and record with ws.monitoring.record_inference"
        )
    assert not (tmp_path / "m.mlm").exists()


def test_a_registered_file_that_is_gone_is_named(trained, registry):
    _, path = trained
    version = registry.import_(path)
    registry._storage.artifacts.path(version.artifact_sha256).unlink()

    with pytest.raises(BrokenFile, match=f"artifacts/{version.artifact_sha256}.mlm' is missing"):
        registry.load(version)
