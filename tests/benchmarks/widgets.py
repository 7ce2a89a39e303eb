"""How soon is there something to see, and how large is what is saved?

    python tests/benchmarks/widgets.py [ROWS] [EVIDENTLY]

In real JupyterLab: the time from Enter to the first change that the page shows for each
magic, and to its end; the dashboard over ROWS predictions (10^6 by default); the size of
the saved notebook with every output. EVIDENTLY is a Python that has Evidently: then its
drift report over as many rows is made and weighed as well. Needs Debian's chromium.
"""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
SETUP = """
%load_ext mlops_magics
import numpy as np, pandas as pd
chance = np.random.default_rng(0)

def rows(count):
    frame = pd.DataFrame({f"x{n}": chance.normal(size=count) for n in range(10)})
    frame["plan"] = chance.choice(["a", "b", "c"], count)
    frame["y"] = np.where(frame.x0 + frame.x1 + chance.normal(size=count) > 0, "yes", "no")
    return frame

small, large = rows(2000), rows(COUNT)
small["customer_id"] = range(2000)
large["at"] = pd.date_range("2026-01-01", periods=len(large), freq="5s", tz="UTC")
one = dict(small.iloc[0][[*(f"x{n}" for n in range(10)), "plan"]])
"""
LINES = (
    "%workspace",
    "%%features customers --key customer_id\nSELECT customer_id, x0, x1, plan FROM small",
    '%train churn --data {small.drop(columns="customer_id")} --target y',
    "%train again --data {small} --target y --background",
    "%model churn promote v1",
    "%model churn",
    "%predict churn {one}",
    "scored = %predict churn large --time at",
    "%monitor churn",
    "%monitor churn live",
    "%monitor churn --since 36500d",
)
IDLE = """() => window.jupyterapp && window.jupyterapp.shell.currentWidget
    ?.sessionContext?.session?.kernel?.status === 'idle'"""
# Runs one cell; remembers when its output first changed, and when it had ended.
RUN = """async place => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = place;
    const outputs = notebook.widgets[place].outputArea.node;
    const begun = performance.now();
    let first = null;
    const observer = new MutationObserver(() => {
        if (outputs.textContent.trim()) first ??= performance.now() - begun;
    });
    observer.observe(outputs, {childList: true, subtree: true, characterData: true});
    await window.jupyterapp.commands.execute('notebook:run-cell');
    await new Promise(resolve => setTimeout(resolve, 300));
    observer.disconnect();
    return [first, performance.now() - begun - 300];
}"""
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"


def fixtures():
    """Return the module that starts a JupyterLab for the tests."""
    spec = importlib.util.spec_from_file_location("fixtures", HERE.parents[1] / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(count):
    sources = [SETUP.replace("COUNT", str(count)), *LINES]
    return [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(sources)
    ]


def measure(page, place):
    first, whole = page.evaluate(RUN, place)
    return "-" if first is None else f"{first:.0f}", f"{whole:.0f}"


def rival(python, count):
    """Print how long Evidently takes for a page of drift alone, and what it weighs."""
    command = [python, str(HERE.parent / "evidently_report.py"), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    print(
        f"Evidently's drift report over {count:,} rows: {found['seconds']:.1f} s to a page", end=""
    )
    print(f" of {found['bytes'] / 1e3:,.0f} kB")


def main(count, evidently=None):
    from playwright.sync_api import sync_playwright

    tests = fixtures()
    home = Path(tempfile.mkdtemp(prefix="widgets_benchmark_"))
    for variable in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        os.environ[variable] = str(home / variable.lower())
    lab = tests.Lab(home)
    named = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": named}}
    path = lab.root / "book.ipynb"
    path.write_text(json.dumps({**notebook, "cells": cells(count)}))
    with contextlib.closing(lab), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(tests.CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(600_000)
        page.goto(lab.address("book.ipynb"))
        page.wait_for_function(IDLE)
        begun = time.perf_counter()
        page.evaluate(RUN, 0)
        print(f"setup {time.perf_counter() - begun:.1f} s, {count:,} rows to predict")
        print(f"{'first':>8} {'end':>8}  milliseconds from Enter")
        for place, line in enumerate(LINES, start=1):
            first, whole = measure(page, place)
            print(f"{first:>8} {whole:>8}  {line.splitlines()[0]}", flush=True)
        page.evaluate(SAVE)
        browser.close()
    outputs = [o for cell in json.loads(path.read_text())["cells"] for o in cell["outputs"]]
    failed = [o["evalue"] for o in outputs if o["output_type"] == "error"]
    print(*(f"failed: {said}" for said in failed), sep="\n")
    print(f"saved notebook with every output: {path.stat().st_size / 1e3:,.0f} kB")
    if evidently:
        rival(evidently, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, *sys.argv[2:3])
