"""What is loaded, and what is not, before somebody asks for it."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = {"jax", "flax", "optax", "duckdb", "numpy", "pandas", "altair", "sqlite3", "IPython"}
# IPython itself keeps its history in SQLite; the workspace's line needs the catalogue
HEAVY_FOR_THE_EXTENSION = {
    *("jax", "jaxlib", "flax", "optax", "altair", "sklearn", "scipy"),
    *("anywidget", "ipywidgets"),
}

LOADED = "import json, sys; print(json.dumps(sorted(sys.modules)))"
LOAD_EXTENSION = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "mlops_magics")
"""


@pytest.fixture
def modules_after(tmp_path):
    def run(code: str) -> set[str]:
        environment = {**os.environ, "MLOPS_WORKSPACE": str(tmp_path / ".mlops")}
        outcome = subprocess.run(
            [sys.executable, "-c", f"{code}\n{LOADED}"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stderr
        return set(json.loads(outcome.stdout.splitlines()[-1]))

    return run


def test_importing_the_package_loads_nothing_heavy(modules_after):
    loaded = modules_after("import mlops_magics")

    assert loaded & HEAVY == set()


def test_loading_the_extension_into_ipython_loads_no_jax_and_no_charts(modules_after):
    loaded = modules_after(LOAD_EXTENSION)

    assert "mlops_magics" in loaded
    assert loaded & HEAVY_FOR_THE_EXTENSION == set()
