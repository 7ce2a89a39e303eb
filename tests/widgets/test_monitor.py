"""The dashboard in JupyterLab, live: it follows the workspace, whoever writes, and can be asked."""

import pandas as pd
import pytest

from mlops_magics.workspace import Workspace

pytestmark = pytest.mark.browser

USED = """
%load_ext mlops_magics
import numpy as np, pandas as pd
chance = np.random.default_rng(0)
rows = pd.DataFrame({"x": chance.normal(size=1200), "plan": chance.choice(["a", "b"], 1200)})
rows["y"] = np.where(rows.x + chance.normal(size=1200) > 0, "yes", "no")
%train churn --data {rows[:600]} --target y --epochs 5 ;
later = rows[600:].drop(columns="y")
later["at"] = pd.date_range("2026-03-01", periods=600, freq="1h", tz="UTC")
scored = %predict churn later --time at ;
"""
FOLLOW = "seen = %monitor churn live --every 1s"


def test_a_dashboard_is_asked_by_its_pickers_and_follows_what_another_process_writes(notebook):
    opened = notebook(USED, FOLLOW, "print(seen.metrics.count)")
    opened.run()
    page = opened.page
    week = opened.text(".mlops:has-text('churn v1')")

    page.select_option("select[name=window]", label="all")
    opened.wait_for("600 predictions")
    page.select_option("select[name=by]", label="by plan")
    opened.wait_for("By plan")
    other = Workspace(opened.lab.root / opened.path.split("/")[0] / ".mlops")
    one = {"x": [0.3], "plan": ["b"], "at": pd.to_datetime(["2026-03-27"], utc=True)}
    other.predict("churn", pd.DataFrame(one), time="at")
    other.close()
    opened.wait_for("601 predictions")
    page.click("button[name=stop]")
    page.wait_for_function("() => !document.querySelector('.mlops-controls')")
    *_, (stored,), (printed,) = opened.save()

    assert "churn v1" in week
    assert "600 predictions" not in week  # seven days, as %monitor has it
    assert "601 predictions" in "".join(stored["data"]["text/plain"])
    assert "By plan" in "".join(stored["data"]["text/plain"])
    assert printed["text"] == ["169\n"]


def test_a_cell_that_is_run_again_has_one_dashboard(notebook):
    opened = notebook(USED, FOLLOW)

    opened.run()
    opened.run()
    opened.wait_for("predictions")

    assert opened.count("select[name=window]") == 1
