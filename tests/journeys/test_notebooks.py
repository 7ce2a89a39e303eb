"""Every committed notebook: stored executed, and executed again it says the same."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "notebooks"
SANITISER = REPOSITORY / "tests" / "notebooks.cfg"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
# where a home or a temporary folder lives, on each of the three systems
OWN_PATH = re.compile(r"(?:/(?:home|Users|root|tmp|private|mnt|srv)/|[A-Z]:\\\\?Users)[^\s\"']*")

each_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def test_there_is_a_notebook_to_begin_with():
    assert "01_the_loop.ipynb" in NOTEBOOKS


@each_notebook
def test_a_notebook_run_again_in_an_empty_workspace_says_the_same(name, tmp_path):
    folder = tmp_path / "notebooks"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".mlops", ".ipynb_checkpoints"))
    strict = [
        *(sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"),
        *("-c", os.devnull, f"--rootdir={folder}", "--nbval", "--nbval-current-env"),
        *("--nbval-sanitize-with", str(SANITISER), str(folder / name)),
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_NUMPY_")}
    environment["MLOPS_WORKSPACE"] = str(tmp_path / ".mlops")

    outcome = subprocess.run(
        strict, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )

    assert outcome.returncode == 0, outcome.stdout[-8000:] + outcome.stderr[-2000:]


def code_cells(name: str) -> list[dict]:
    cells = json.loads((FOLDER / name).read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@each_notebook
def test_a_notebook_is_stored_as_one_run_from_the_first_cell_to_the_last(name):
    counts = [cell["execution_count"] for cell in code_cells(name)]

    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_a_notebook_stores_no_error_but_those_it_is_about(name):
    failed = [
        (cell["execution_count"], output["evalue"])
        for cell in code_cells(name)
        for output in cell["outputs"]
        if output["output_type"] == "error"
        and "raises-exception" not in cell["metadata"].get("tags", [])
    ]

    assert failed == []


@each_notebook
def test_a_cell_that_announces_an_error_has_one(name):
    silent = [
        cell["execution_count"]
        for cell in code_cells(name)
        if "raises-exception" in cell["metadata"].get("tags", [])
        and not any(output["output_type"] == "error" for output in cell["outputs"])
    ]

    assert silent == []


@each_notebook
def test_a_notebook_stores_nothing_written_to_stderr(name):
    written = [
        (cell["execution_count"], output["text"])
        for cell in code_cells(name)
        for output in cell["outputs"]
        if output.get("name") == "stderr"
    ]

    assert written == []


@each_notebook
def test_a_notebook_tells_nothing_of_the_machine_that_ran_it(name):
    told = [
        (cell["execution_count"], found)
        for cell in code_cells(name)
        for output in cell["outputs"]
        for found in OWN_PATH.findall(json.dumps(output, ensure_ascii=False))
    ]

    assert told == []
