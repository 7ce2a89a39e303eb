"""A live output in real JupyterLab: it changes in place, answers, and stays as a page."""

import pytest

pytestmark = pytest.mark.browser

OPEN = """
from mlops_magics import widgets
from mlops_magics.display.page import Headline, page
from mlops_magics.errors import MLOpsError
from mlops_magics.widgets import Button, Field, Number, Picker, Slider

used = []

def answer(name, value):
    if name == "refuse":
        raise MLOpsError("no such thing. Next: another")
    used.append(f"{name} {value!r}")
    draw(", ".join(used))

def draw(said):
    view.show(page(Headline("Used:", said)), (
        Button("press", "Press", main=True), Button("refuse", "Refuse"),
        Picker("version", "Version", (("v1", "first"), ("v2", "second")), "v1"),
        Slider("hour", "Hour", 0, 23, 12), Number("tenure", "tenure", 3),
        Field("city", "<b>city</b>", "Oslo", choices=("Oslo", "Bergen")),
    ))

view = widgets.View(get_ipython(), answer)
draw("nothing yet")
"""
CLOSE = "view.close(page(Headline('closed', 'for good')))"
BUSY = """
import time
for number in range(30):
    draw(f"number {number}")
    time.sleep(0.1)
"""


def test_every_control_is_answered_and_what_it_answers_stands_in_place(notebook):
    opened = notebook(OPEN)
    opened.run()
    page = opened.page

    page.click("button[name=press]")
    opened.wait_for("press None")
    page.select_option("select[name=version]", "1")
    opened.wait_for("version 'v2'")
    page.fill("input[name=tenure]", "4,5")
    opened.wait_for("tenure None")
    page.fill("input[name=city]", "<b>Bergen</b>")
    opened.wait_for("city '<b>Bergen</b>'")
    page.locator("input[name=hour]").fill("20")
    opened.wait_for("hour 20.0")
    page.click("button[name=refuse]")
    opened.wait_for("no such thing. Next: another", ".mlops-said")

    assert opened.count(".mlops b") == 1  # a name is text, never markup
    assert opened.count(".mlops-controls b") == 1  # what the slider stands at


def test_a_page_changes_while_its_kernel_is_busy(notebook):
    opened = notebook(OPEN, BUSY)

    opened.start()

    opened.wait_for("number 1")
    opened.wait_for("number 29")


def test_a_loaded_page_is_live_again_and_without_its_kernel_says_so_and_keeps_its_figures(
    notebook,
):
    opened = notebook(OPEN)
    opened.run()
    opened.save()

    opened.open()
    opened.page.click("button[name=press]")
    opened.wait_for("press None")
    opened.restart()
    opened.wait_for("The kernel is gone", ".mlops-said")
    is_disabled = opened.page.is_disabled("button[name=press]")
    opened.open()

    assert is_disabled
    assert "nothing yet" in opened.text()
    assert opened.count(".mlops-controls") == 0


def test_a_closed_view_is_saved_as_its_last_page_and_nothing_else(notebook):
    opened = notebook(OPEN, CLOSE)

    opened.run()
    opened.wait_for("closed for good")
    first, second = opened.save()

    assert [sorted(output["data"]) for output in first] == [["text/html", "text/plain"]]
    assert first[0]["data"]["text/plain"] == ["closed for good"]
    assert "data-mlops-live" not in "".join(first[0]["data"]["text/html"])
    assert second == []
    assert opened.count(".mlops-controls") == 0
