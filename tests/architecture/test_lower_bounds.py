"""Each dependency's lower bound is a version that the tests were run on."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
# the rivals of benchmarks are no part of the package
EXTRAS = sorted(PROJECT["optional-dependencies"].keys() - {"bench"})
# rooms in which other libraries do the work; the others stand on these
ROOMS = ("tables", "storage", "model", "training", "inference", "magics")
# what pip says where it reaches no index, as against one that lacks a version
UNREACHABLE = ("NewConnectionError", "name resolution", "ConnectTimeoutError", "ProxyError")


def requirements():
    """Every requirement of the package and its tests, without what names the package itself."""
    lines = [*PROJECT["dependencies"]]
    for extra in EXTRAS:
        lines += PROJECT["optional-dependencies"][extra]
    found = [Requirement(line) for line in lines]
    return [one for one in found if one.name.replace("-", "_") != PROJECT["name"]]


@pytest.mark.parametrize("one", requirements(), ids=str)
def test_a_requirement_is_a_lower_bound_and_nothing_else(one):
    assert [bound.operator for bound in one.specifier] == [">="], f"{one} needs one lower bound"


@pytest.mark.slow
def test_the_fast_tests_of_the_rooms_that_others_work_in_pass_on_the_lower_bounds(tmp_path):
    bounds = [f"{one.name}=={next(iter(one.specifier)).version}" for one in requirements()]
    (tmp_path / "bounds.txt").write_text("\n".join(bounds))
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"

    wanted = f"{REPOSITORY}[{','.join(EXTRAS)}]"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    installed = _run([*pip, "--editable", wanted, "--constraint", str(tmp_path / "bounds.txt")])
    if installed.returncode and any(word in installed.stderr for word in UNREACHABLE):
        pytest.skip("no package index can be reached")
    assert installed.returncode == 0, installed.stderr[-4000:]

    rooms = [str(REPOSITORY / "tests" / room) for room in ROOMS]
    tested = _run([str(python), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *rooms])
    assert tested.returncode == 0, tested.stdout[-4000:]


def _run(command):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
