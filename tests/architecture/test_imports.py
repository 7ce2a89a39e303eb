"""Who imports whom: DESIGN.md's line of rooms, and the libraries with one home."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "mlops_magics"
ROOMS = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    # the package of `folder` is found before the installed one
    code = (
        "import sys; from importlinter.cli import lint_imports; "
        f"sys.path.insert(0, {str(folder)!r}); "
        f"sys.exit(lint_imports({str(REPOSITORY / 'pyproject.toml')!r}, no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_room_imports_only_from_the_rooms_below_it():
    outcome = lint(REPOSITORY)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("path", "line", "broken"),
    [
        ("features/store.py", "import mlops_magics.registry.registry", "a room imports only"),
        ("statistics/drift.py", "from mlops_magics import display", "a room imports only"),
        ("corner/new.py", "", "a room imports only"),
        ("corner/new.py", "import sqlite3", "sqlite3 is imported only in storage"),
        ("__init__.py", "import duckdb", "duckdb is imported only in tables"),
        ("storage/rows.py", "from duckdb import connect", "duckdb is imported only in tables"),
        ("display/show.py", "from IPython.display import HTML", "IPython is imported only"),
        ("storage/log.py", "def f():\n    import jax.numpy", "jax, flax and optax"),
    ],
)
def test_an_import_into_the_wrong_room_is_found(tmp_path, path, line, broken):
    for room in ["errors", "registry", "display", "storage", Path(path).parent.name]:
        (tmp_path / "mlops_magics" / room).mkdir(parents=True, exist_ok=True)
        (tmp_path / "mlops_magics" / room / "__init__.py").touch()
    (tmp_path / "mlops_magics" / "__init__.py").touch()
    (tmp_path / "mlops_magics" / "registry" / "registry.py").touch()
    (tmp_path / "mlops_magics" / path).write_text(line + "\n")

    outcome = lint(tmp_path)

    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    verdicts = [row for row in outcome.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(row.startswith(broken) for row in verdicts), outcome.stdout


def imports_of_the_top_package(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of what a file takes from `mlops_magics` itself."""
    package = path.parent.relative_to(REPOSITORY).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, "itself") for a in node.names if a.name == "mlops_magics")
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*above, *([node.module] if node.module else [])])
            if source == "mlops_magics":
                yield from ((node.lineno, alias.name) for alias in node.names)


def test_no_room_takes_a_name_from_the_top_package_except_another_room():
    top = PACKAGE / "__init__.py"
    taken = [
        f"{path.relative_to(REPOSITORY)}:{line} imports {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != top
        for line, name in imports_of_the_top_package(path)
        if name not in ROOMS
    ]

    assert taken == []
