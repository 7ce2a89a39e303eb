"""The explorers in real JupyterLab: a form moves an answer, a slider a moment, pickers versions."""

import pytest

pytestmark = pytest.mark.browser

SETUP = """
%load_ext mlops_magics
import numpy as np, pandas as pd
chance = np.random.default_rng(0)
count = 400
usage = pd.DataFrame({"k": 1, "calls": [4, 7, 9],
                      "at": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])})
rows = pd.DataFrame({"age": chance.integers(18, 90, count)})
rows["plan"] = chance.choice(["a", "b"], count)
rows["left"] = np.where(rows["age"] + 9 * (rows["plan"] == "a") > 50, "yes", "no")
%features usage --data usage --key k --time at ;
%train left --data rows --target left --epochs 20 ;
%train left --data rows --target left --columns age --epochs 20 ;
"""
FORM, VIEW, VERSIONS = "%predict left@v1 age=30 --live", "%features usage live", "%model left live"


def place(number):
    return f".jp-Cell:nth-child({number}) .jp-OutputArea"


def control(opened, number, label, kind):
    return opened.page.locator(f"{place(number)} label:has-text('{label}') {kind}")


def test_explorers_answer_their_controls_and_stay_when_the_kernel_is_another_one(notebook):
    opened = notebook(SETUP, FORM, VIEW, VERSIONS)
    opened.run()
    form, view, versions = place(2), place(3), place(4)
    opened.wait_for("nothing is changed yet", form)

    age = control(opened, 2, "age", "input")
    age.fill("85")
    opened.wait_for("after 1 change; at the start no", form)
    control(opened, 2, "plan", "select").select_option(label="another value …")
    plan = control(opened, 2, "plan", "input")
    plan.fill("<b>new</b>")
    opened.wait_for("plan: 1 unseen in training: '<b>new</b>'", form)
    age.fill("old")
    opened.wait_for("'old' is no", f"{form} .mlops-said")
    assert opened.page.locator(f"{form} button[name=reset]").is_enabled()

    slider = control(opened, 3, "as of", "input")
    assert "as of now" in opened.text(view)
    slider.fill("0")
    opened.wait_for("as of 1 Jan 2025: the values of 1 Jan 2025", view)

    control(opened, 4, "beside", "select").select_option(index=1)
    opened.wait_for("both are v1", versions)

    opened.page.wait_for_timeout(2500)  # the static pages follow what was asked last
    outputs = opened.save()
    opened.restart()
    opened.open()

    texts = ["".join(output["data"]["text/plain"]) for cell in outputs[1:] for output in cell]
    assert "after 2 changes; at the start no" in texts[0]
    assert "as of 1 Jan 2025" in texts[1]
    assert "both are v1" in texts[2]
    assert "as of 1 Jan 2025" in opened.text(view)
    assert opened.count(".mlops-controls") == 0
