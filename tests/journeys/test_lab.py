"""Every notebook in real JupyterLab: opened, run, looked at in both themes."""

import json
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
# the first and the last in every run; the whole course with the slow tests
QUICK = ("00", "06")
EACH = [
    pytest.param(name, marks=() if name.startswith(QUICK) else pytest.mark.slow)
    for name in NOTEBOOKS
]
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# The kernel itself: the page's own "idle" sign comes before the kernel is connected.
IDLE = """() => window.jupyterapp && window.jupyterapp.shell.currentWidget
    ?.sessionContext?.session?.kernel?.status === 'idle'"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
# a change of theme covers the page for a moment with JupyterLab's own splash
THEME_SHOWN = """light => document.body.dataset.jpThemeLight === String(light)
    && !document.getElementById('jupyterlab-splash')"""

pytestmark = pytest.mark.browser


def unrun(path: Path) -> str:
    """Return the text of a notebook without its outputs, so that any output is new."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook)


@pytest.mark.parametrize("name", EACH)
def test_a_notebook_runs_in_jupyterlab_and_asks_nobody_outside(name, lab, page, tmp_path):
    own = lab.root / Path(name).stem  # and so a workspace of its own
    shutil.copytree(FOLDER, own, ignore=shutil.ignore_patterns(".mlops", ".ipynb_checkpoints"))
    (own / name).write_text(unrun(FOLDER / name))

    page.goto(lab.address(f"{own.name}/{name}"), timeout=60_000)
    page.wait_for_function(IDLE, timeout=90_000)
    page.set_default_timeout(300_000)
    page.evaluate(RUN_ALL)
    page.wait_for_function(IDLE)
    pictures = {}
    for theme, its_name in THEMES.items():
        page.evaluate(THEME, its_name)
        page.wait_for_function(THEME_SHOWN, arg=theme == "light")
        pictures[theme] = page.screenshot(path=str(tmp_path / f"{Path(name).stem}-{theme}.png"))
    page.evaluate(SAVE)

    cells = json.loads((own / name).read_text())["cells"]
    ran = [cell for cell in cells if cell["cell_type"] == "code"]
    failed = [c for c in ran if any(o["output_type"] == "error" for o in c["outputs"])]
    announced = [c for c in ran if "raises-exception" in c["metadata"].get("tags", [])]
    assert [c["source"] for c in failed if c not in announced] == []
    assert [c["execution_count"] for c in ran] == list(range(1, len(ran) + 1))
    assert pictures["light"] != pictures["dark"]
    assert page.console_errors == []
    assert page.outside_requests == []


# A notebook that somebody else has run: not trusted, so without our style sheet.
BROKEN_PICTURES = """() => [...document.querySelectorAll('.mlops img')]
    .filter(img => !img.complete || img.naturalWidth === 0).length"""
PICTURES = "() => document.querySelectorAll('.mlops img').length"
SHEETS = "() => document.querySelectorAll('.mlops style').length"
TOO_WIDE = """() => [...document.querySelectorAll('.mlops')]
    .filter(part => part.scrollWidth > part.clientWidth + 1)
    .map(part => part.textContent.slice(0, 80))"""


@pytest.mark.parametrize("name", EACH)
def test_a_notebook_of_somebody_else_shows_every_picture_without_a_kernel_run(name, lab, page):
    own = lab.root / f"{Path(name).stem}-untrusted"
    shutil.copytree(FOLDER, own, ignore=shutil.ignore_patterns(".mlops", ".ipynb_checkpoints"))
    notebook = json.loads((own / name).read_text())
    # not the very text that this server has run and signed
    notebook["metadata"]["owner"] = "somebody else"
    stored = json.dumps(notebook)
    (own / name).write_text(stored)

    page.set_viewport_size({"width": 700, "height": 20_000})  # tall: nothing waits for a scroll
    page.goto(lab.address(f"{own.name}/{name}"), timeout=60_000)
    page.wait_for_function(IDLE, timeout=90_000)
    page.wait_for_function(f"() => ({PICTURES})() === {stored.count('<img alt=')}")

    assert page.evaluate(PICTURES) > 5
    assert page.evaluate(SHEETS) == 0
    assert page.evaluate(BROKEN_PICTURES) == 0
    assert page.evaluate(TOO_WIDE) == []
    assert page.console_errors == []
    assert page.outside_requests == []
