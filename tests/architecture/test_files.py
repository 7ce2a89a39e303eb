"""The size and the manners of the files: STYLE.md's rules that a program can hold."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "mlops_magics"
FILES = sorted(PACKAGE.rglob("*.py"))

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40
MOST_PARAMETERS = 6
VAGUE_NAMES = {"utils", "common", "helpers", "core", "base", "manager"}
TOP_LEVEL = {"pyproject.toml", "README.md", "mlops_magics", "notebooks", "tests"}
# each of these runs what a file says, and nothing in a workspace may run
EXECUTING_MODULES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
EXECUTING_CALLS = {"eval", "exec"}
# the kernel's, the page's and the HTTP edge, where an unforeseen error must still become an answer
EDGES = ("magics", "rest", "widgets")
# a thread has nobody above it: what ended it is kept for whoever waits
THREADS = {"workspace/background.py"}

# qualified name: why it is better long than cut
LONG_FUNCTIONS: dict[str, str] = {}
# qualified name: why these parameters are no dataclass
MANY_PARAMETERS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function, list[str]]]:
    """Yield each function of the package: qualified name, node, lines of its file."""
    for path in FILES:
        text = path.read_text()
        module = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for name, node in nested(ast.parse(text), module):
            yield name, node, text.splitlines()


def nested(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}.{child.name}" if hasattr(child, "name") else prefix
        if isinstance(child, Function):
            yield name, child
        yield from nested(child, name if isinstance(child, Function | ast.ClassDef) else prefix)


def code_lines(node: Function, lines: list[str]) -> int:
    """Count the lines of a function that are neither docstring, comment nor blank."""
    docstring = range(0)
    if ast.get_docstring(node) is not None:
        docstring = range(node.body[0].lineno, node.body[0].end_lineno + 1)
    return sum(
        bool(lines[number - 1].strip()) and not lines[number - 1].lstrip().startswith("#")
        for number in range(node.lineno, node.end_lineno + 1)
        if number not in docstring
    )


def parameters(node: Function) -> int:
    """Count the parameters of a function without self or cls."""
    arguments = node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return len(names) + len(arguments.kwonlyargs) + len(rest)


def test_no_file_has_more_than_400_lines():
    lengths = {p.relative_to(REPOSITORY): len(p.read_text().splitlines()) for p in FILES}

    assert {p: n for p, n in lengths.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_no_function_has_more_than_40_lines_of_code_unless_listed_with_its_reason():
    long = {
        name: count
        for name, node, lines in functions()
        if (count := code_lines(node, lines)) > MOST_LINES_OF_A_FUNCTION
    }

    assert {name: count for name, count in long.items() if name not in LONG_FUNCTIONS} == {}
    assert LONG_FUNCTIONS.keys() - long.keys() == set(), "no longer needed in LONG_FUNCTIONS"


def test_no_function_has_more_than_6_parameters_unless_listed_with_its_reason():
    many = {
        name: count
        for name, node, _ in functions()
        if (count := parameters(node)) > MOST_PARAMETERS
    }

    assert {name: count for name, count in many.items() if name not in MANY_PARAMETERS} == {}
    assert MANY_PARAMETERS.keys() - many.keys() == set(), "no longer needed in MANY_PARAMETERS"


def test_every_file_and_folder_is_named_after_a_concept():
    paths = [*PACKAGE.rglob("*"), *(REPOSITORY / "tests").rglob("*")]

    vague = [p.relative_to(REPOSITORY) for p in paths if p.stem.strip("_") in VAGUE_NAMES]

    assert vague == []


def test_the_top_of_the_repository_holds_only_what_a_reader_needs():
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout

    top = {line.split("/")[0] for line in listed.splitlines()}

    assert {name for name in top if not name.startswith(".")} - TOP_LEVEL == set()


def test_nothing_in_the_package_can_execute_what_a_file_says():
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name.split(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [(node.module or "").split(".")[0]]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = [node.func.id] if node.func.id in EXECUTING_CALLS else []
            bad = EXECUTING_MODULES.union(EXECUTING_CALLS).intersection(names)
            found += [f"{path.relative_to(REPOSITORY)}:{node.lineno} {name}" for name in bad]

    assert found == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = [handler.type]
    if isinstance(handler.type, ast.Tuple):
        caught = handler.type.elts
    names = {None if kind is None else getattr(kind, "id", "") for kind in caught}
    # undoing something and then raising the same error again hides nothing
    last = handler.body[-1]
    raises_again = isinstance(last, ast.Raise) and last.exc is None
    return bool(names & {None, "Exception", "BaseException"}) and not raises_again


def test_no_error_is_caught_without_naming_it_except_at_the_edges():
    found = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path in FILES
        if path.relative_to(PACKAGE).parts[0] not in EDGES
        and path.relative_to(PACKAGE).as_posix() not in THREADS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]

    assert found == []
