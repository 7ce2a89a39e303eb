"""The loop's notebook under papermill and nbconvert: a copy in a folder of its own, no person."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NAME = "01_the_loop.ipynb"

pytestmark = pytest.mark.slow  # each runs the whole notebook, half a minute


@pytest.fixture
def folder(tmp_path):
    """A copy of the notebooks and their data."""
    folder = tmp_path / "notebooks"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".mlops", ".ipynb_checkpoints"))
    return folder


def run(folder, *command):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_NUMPY_")}
    environment["MLOPS_WORKSPACE"] = str(folder.parent / ".mlops")
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


def shown(path):
    """The text of every output, cell by cell."""
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    return [
        [
            "".join(out["data"]["text/plain"]).split("\n")[0]
            for out in cell["outputs"]
            if "data" in out
        ]
        for cell in cells
        if "injected-parameters" not in cell["metadata"].get("tags", [])
    ]


def assert_it_says_what_the_stored_one_says(path):
    fresh, stored = shown(path), shown(FOLDER / NAME)
    assert [len(outputs) for outputs in fresh] == [len(outputs) for outputs in stored]
    assert fresh[1] == stored[1]
    kinds = {
        kind
        for cell in json.loads(path.read_text())["cells"]
        for out in cell.get("outputs", ())
        for kind in out.get("data", ())
    }
    assert kinds <= {"text/html", "text/plain"}


def test_nbconvert_executes_it(folder):
    run(
        folder,
        *("-m", "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", NAME),
    )

    assert_it_says_what_the_stored_one_says(folder / "done.ipynb")


def test_papermill_executes_it_with_a_parameter(folder):
    run(folder, *("-m", "papermill", "-k", "python3", "-p", "note", "nightly", NAME, "done.ipynb"))

    assert_it_says_what_the_stored_one_says(folder / "done.ipynb")
