"""A notebook that is open in JupyterLab, for the tests of what is live in it."""

import json
import re

import pytest

# The kernel itself: the page's own "idle" sign comes before the kernel is connected.
IDLE = """() => window.jupyterapp && window.jupyterapp.shell.currentWidget
    ?.sessionContext?.session?.kernel?.status === 'idle'"""
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
COMMAND = "name => window.jupyterapp.commands.execute(name)"
BEGIN = "name => { void window.jupyterapp.commands.execute(name) }"
SAYS = """([selector, said]) => [...document.querySelectorAll(selector)]
    .some(found => found.textContent.includes(said))"""
MILLISECONDS = 60_000
# JupyterLab's own, at a restart while its debugger asks
OWN_ERRORS = ("Could not restore the debugger state",)


class Notebook:
    """A notebook of a few cells, open in JupyterLab."""

    def __init__(self, lab, page, name, cells):
        self.lab, self.page = lab, page
        self.path = f"{name}/{name}.ipynb"
        (lab.root / name).mkdir()
        (lab.root / self.path).write_text(json.dumps(document(cells)))
        page.set_default_timeout(MILLISECONDS)
        self.open()

    def open(self):
        """Load the page; a kernel that runs goes on."""
        self.page.goto(self.lab.address(self.path))
        self.page.wait_for_function(IDLE)

    def run(self):
        """Run every cell, to the end."""
        self.page.evaluate(COMMAND, "notebook:run-all-cells")
        self.page.wait_for_function(IDLE)

    def start(self):
        """Begin to run every cell."""
        self.page.evaluate(BEGIN, "notebook:run-all-cells")

    def restart(self):
        """Give it a new kernel."""
        self.page.evaluate(f"() => {KERNEL}.restart()")

    def save(self):
        """Save it, and return its outputs, one list a cell."""
        self.page.evaluate(COMMAND, "docmanager:save")
        cells = json.loads((self.lab.root / self.path).read_text())["cells"]
        return [cell["outputs"] for cell in cells]

    def wait_for(self, said, where=".mlops"):
        """Wait until the page says something."""
        self.page.wait_for_function(SAYS, arg=[where, said])

    def wait_until_static(self):
        """Wait until the output itself is the last page of each view that has ended."""
        self.page.wait_for_function("() => !document.querySelector('[data-mlops-live]')")

    def text(self, where=".mlops"):
        """Return what the page says at a place."""
        return self.page.inner_text(where)

    def count(self, where):
        """Return how many elements there are."""
        return self.page.locator(where).count()


def document(cells):
    """Return a notebook that was never run."""
    written = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(cells)
    ]
    named = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": named}, "cells": written}


@pytest.fixture
def notebook(lab, page, request):
    """Open a notebook: `notebook(cell, …)`; no console error and nobody asked outside."""
    name = re.sub(r"[^a-z_]", "", request.node.name)[:60]
    yield lambda *cells: Notebook(lab, page, name, cells)
    assert [said for said in page.console_errors if not said.startswith(OWN_ERRORS)] == []
    assert page.outside_requests == []
