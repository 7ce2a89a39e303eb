"""A training in JupyterLab: followed while it runs, stopped by its button, a page in the end."""

import pytest

pytestmark = pytest.mark.browser

ROWS = """
%load_ext mlops_magics
import numpy as np, pandas as pd
chance = np.random.default_rng(0)
rows = pd.DataFrame({f"x{n}": chance.normal(size=3000) for n in range(6)})
rows["y"] = np.where(rows.x0 + rows.x1 + chance.normal(size=3000) > 0, "yes", "no")
"""


def test_a_training_is_followed_and_its_button_ends_it_at_the_best_so_far(notebook):
    opened = notebook(ROWS, "%train churn --data rows --target y --epochs 5000", "print('went on')")

    opened.start()
    opened.wait_for("rows a second")
    followed = opened.page.locator(".mlops").last.inner_text()
    opened.page.click("button[name=stop]")
    opened.wait_for("interrupted: the best so far")
    opened.wait_for("went on", ".jp-OutputArea-output")
    _, (trained,), _ = opened.save()

    assert "churn · fitting, at most" in followed
    assert "rows a second" in followed
    assert opened.count("button[name=stop]") == 0
    assert trained["data"]["text/plain"][0].startswith("churn v1 · AUC ")


@pytest.mark.slow
def test_a_training_that_is_refused_leaves_no_page_that_goes_on(notebook):
    opened = notebook(ROWS, "%train churn --data rows --target none")

    opened.start()
    opened.wait_for("no column", ".jp-OutputArea-output")
    _, (page, error) = opened.save()

    assert page["data"]["text/plain"] == ["%train churn: no result"]
    assert error["output_type"] == "error"


def test_a_training_in_the_background_has_its_page_in_its_cell_and_a_button_that_ends_it(notebook):
    begin = "begun = %train churn --data rows --target y --background --epochs 5000"
    opened = notebook(ROWS, begin, "print(begun.status)")

    opened.run()
    opened.page.click("button[name=cancel]")
    opened.wait_for("cancelled: the best so far")
    opened.wait_until_static()
    _, (page,), (printed,) = opened.save()

    assert printed["text"] == ["running\n"]
    assert page["data"]["text/plain"][0].startswith("churn v1 · AUC ")
    assert opened.count(".mlops-controls") == 0
