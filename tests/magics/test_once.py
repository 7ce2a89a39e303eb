"""A result is shown once, whichever way a cell says it: in a shell, a kernel and a terminal."""

import builtins
import subprocess
import sys

import pytest

ROWS = "rows = {'x': list(range(40)), 'y': [0, 1] * 20}"
SHOW = (
    "def look(line):\n"
    "    return get_ipython().run_line_magic('model', line)\n"
    "ws = get_ipython().mlops_magics_session.workspace"
)
PREPARE = ("%load_ext mlops_magics", ROWS, SHOW, "%train m --data rows --target y", "%model m;")

# a cell, and what it shows: the first word of each output's text
SITUATIONS = [
    ("%model m", ["m"]),
    ("%model m;", []),
    ("%model m ;  # quietly", []),
    ("%model;", []),
    ("found = %model;", []),
    ("found = %model m", ["m"]),
    ("found = %model m\nfound", ["m"]),
    ("found = %model m ;\nfound", ["m"]),
    ("found = %model m;\nfound;", []),
    ("%model m\n%model m@v1", ["m", "m@v1"]),
    ("%model m ;\n%model m@v1", ["m@v1"]),
    ("for _ in range(3):\n    %model m", ["m", "m", "m"]),
    ("for _ in range(3):\n    %model m ;", []),
    ("look('m')", ["m"]),
    ("look('m ;')", ["m"]),
    ("found = look('m')\nfound", ["m"]),
    ("look('m')\nlook('m@v1')", ["m", "m@v1"]),
    ("get_ipython().run_line_magic('model', 'm ;')", []),
    ("ws.registry.get_model('m')", ["m@v1"]),
    ("ws.registry.get_model('m');", []),
    ("%model m\nws.registry.get_model('m')", ["m", "m@v1"]),
    ("_ = ws.registry.get_model('m')", []),
    ("card = %model m@v1", ["m@v1"]),
    ("card", ["m@v1"]),  # the same object in a later cell
    ("display(card)", ["m@v1"]),
    ("display(card)\ndisplay(card)", ["m@v1"]),
    ("display(card)\ncard", ["m@v1"]),
    ("%time %model m ;", ["CPU"]),
    ("%model", ["1"]),
    ("models = %model", ["1"]),
    ("models", ["1"]),
    ("%features", ["no"]),
    ("scored = %predict m rows", ["40"]),
    ("scored = %predict m rows ;", []),
    ("scored = %predict m rows\nNone", ["40"]),
    ("%predict m rows;", []),
    ("%predict m rows", ["40", "prediction"]),
    ("%predict m x=3", ["answer"]),
]


def first_words(texts):
    return [text.split()[0] for text in texts]


def normal(words):
    """The answer itself is no matter of this file."""
    return ["answer" if word in ("0", "1") else word for word in words]


@pytest.fixture
def loop(shell):
    for cell in PREPARE[1:]:
        assert shell.run_cell(cell).success
    shell.forget()
    return shell


def test_in_a_shell_each_cell_shows_its_results_once(loop, capsys):
    for cell, expected in SITUATIONS:
        loop.forget()
        capsys.readouterr()

        assert loop.run_cell(cell).success, cell

        shown = [bundle["text/plain"] for bundle in loop.displayed] + [capsys.readouterr().out]
        assert normal(first_words(filter(str.strip, shown))) == normal(expected), cell


def test_in_a_kernel_too_and_an_output_is_html_and_text_and_nothing_else(kernel):
    for cell in PREPARE:
        kernel.run(cell)

    for cell, expected in SITUATIONS:
        shown = kernel.run(cell)

        texts = [
            out["text"] if out["output_type"] == "stream" else out["data"]["text/plain"]
            for out in shown
        ]
        assert normal(first_words(texts)) == normal(expected), cell
        kinds = {kind for out in shown for kind in out.get("data", {})}
        assert kinds <= {"text/html", "text/plain"}


def test_a_result_is_bound_where_python_finds_it(loop, monkeypatch):
    # a library that puts its gettext there keeps IPython from binding `_`
    monkeypatch.delitem(vars(builtins), "_", raising=False)
    first = loop.run_cell("%model m").result
    assert loop.user_ns["_"] is first
    count = loop.execution_count - 1
    assert loop.user_ns["Out"][count] is first
    assert loop.user_ns[f"_{count}"] is first

    loop.run_cell("%model m ;")
    assert loop.user_ns["_"] is not first


def test_an_object_that_has_the_address_of_one_that_is_gone_is_shown(loop):
    """Each result of the loop is freed at once: the next may get its address."""
    loop.run_cell("for _ in range(50):\n    ws.registry.get_model('m'); %model m ;\n%model m@v1 ;")
    loop.forget()

    loop.run_cell("for _ in range(50):\n    get_ipython().run_line_magic('model', 'm')")

    assert len(loop.displayed) == 50


def test_captured_output_holds_it_once(loop):
    loop.run_cell("%%capture caught\n%model m")

    assert loop.displayed == []
    # IPython keeps an empty one beside it for an object that shows itself
    assert len([output for output in loop.user_ns["caught"].outputs if output.data]) == 1


def test_a_terminal_shows_text_and_no_number_without_an_output(tmp_path):
    cells = [*PREPARE, "%model m", "m = %model m@v1", "m", "%model;", "%predict m rows", "6 * 7"]
    typed = "\n".join(cell + "\n" * ("\n" in cell) for cell in cells) + "\n"
    terminal = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner"]
    plain = ["--colors=NoColor", "--HistoryManager.enabled=False", "--no-confirm-exit"]

    done = subprocess.run(
        [*terminal, *plain], input=typed, capture_output=True, text=True, cwd=tmp_path, check=True
    )

    said = done.stdout[done.stdout.index("m · 1 version") :]
    numbered = [line[line.index("Out[") :] for line in said.splitlines() if "Out[" in line]
    assert said.count("m · 1 version") == 1
    assert said.count("m@v1 · development") == 2
    # the table that pandas shows, and Python's own number
    assert [line.partition("]:")[2].strip() for line in numbered] == ["", "42"]
    assert "prediction" in said
    assert done.stderr == ""


def test_the_cell_that_loads_the_extension_keeps_silent_too(kernel):
    shown = kernel.run("%load_ext mlops_magics\n%workspace ;")

    assert [out["data"]["text/plain"].split(" ")[0] for out in shown] == ["mlops_magics"]
