"""Files from elsewhere: each refused in one line, nothing executed and nothing written."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.storage import BrokenModel
from mlops_magics.model import package
from mlops_magics.registry import ModelRegistry
from mlops_magics.storage import Storage
from mlops_magics.training import TrainingProvider, TrainingSpec

PROGRAM = Path(__file__).with_name("hostile.py")
SPEC = importlib.util.spec_from_file_location("hostile", PROGRAM)
HOSTILE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(HOSTILE)
XOR = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A real model file."""
    folder = tmp_path_factory.mktemp("made")
    storage = Storage(folder / ".mlops")
    registry = ModelRegistry(storage)
    TrainingProvider(storage, registry).train(TrainingSpec(model_id="xor", data=XOR, target="y"))
    return registry.export("xor", "v1", folder / "xor.mlm")


@pytest.fixture
def registry(tmp_path):
    return ModelRegistry(Storage(tmp_path / ".mlops"))


@pytest.mark.parametrize("name", HOSTILE.CORPUS)
def test_a_hostile_file_is_refused_in_one_line_and_nothing_is_written(
    model, registry, tmp_path, name
):
    path = tmp_path / "evil.mlm"
    path.write_bytes(HOSTILE.CORPUS[name](model.read_bytes()))

    with pytest.raises(MLOpsError) as refused:
        registry.import_(path)

    assert str(refused.value).isprintable()
    assert ". Next: " in str(refused.value)
    assert len(str(refused.value)) < 400
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.mlm"]


def test_reading_hostile_files_imports_executes_and_writes_nothing(model, tmp_path):
    done = subprocess.run(
        [sys.executable, PROGRAM, model, tmp_path], capture_output=True, text=True, check=True
    )

    found = json.loads(done.stdout)
    assert len(found["answers"]) == len(HOSTILE.CORPUS)
    assert "registered" not in found["answers"]
    assert found["seen"] == []
    assert found["exists"] is False


def test_a_pipe_a_folder_and_a_device_are_no_files(registry, tmp_path):
    os.mkfifo(tmp_path / "pipe.mlm")
    for path in (tmp_path / "pipe.mlm", tmp_path, Path("/dev/zero")):
        with pytest.raises(BrokenModel, match=r"it is no file\. Next: check the path"):
            registry.import_(path)


def test_a_file_that_is_larger_than_any_model_is_not_read_whole(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(package, "MOST_BYTES", 1000)
    path = tmp_path / "large.mlm"
    with path.open("wb") as file:
        file.truncate(10**12)  # a hole of a terabyte

    with pytest.raises(BrokenModel, match="it has more than 1,000 bytes"):
        registry.import_(path)


def test_the_name_of_the_file_may_be_of_any_bytes(model, registry, tmp_path):
    path = tmp_path / os.fsdecode(b"m\xff\x1b[31m.mlm")
    path.write_bytes(model.read_bytes())

    imported = registry.import_(path)

    assert imported.name == "xor@v1"
    assert imported.metadata["imported_from"] == "m\ufffd\x1b[31m.mlm"
    assert registry.get_model("xor") == imported


def test_what_names_something_in_the_other_workspace_does_not_come_along(model, registry):
    imported = registry.import_(model)

    assert "job_id" not in imported.metadata
    assert imported.metadata["columns"] == ["a", "b"]
