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


@pytest.mark.slow
def test_a_cell_that_is_run_again_has_one_dashboard(notebook):
    opened = notebook(USED, FOLLOW)

    opened.run()
    opened.run()
    opened.wait_for("predictions")

    assert opened.count("select[name=window]") == 1


WORSE = """
%load_ext mlops_magics
import numpy as np, pandas as pd

def rows(count, seed, weights):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(chance.normal(size=(count, 3)), columns=list("abc"))
    share = 1 / (1 + np.exp(-frame.to_numpy() @ np.array(weights)))
    return frame.assign(y=np.where(chance.random(count) < share, "yes", "no"))

%workspace upload first {rows(1000, 0, (2, 2, -1))}
%train m --data dataset:first --target y --epochs 40
%model m promote v1
for week in range(5):
    frame = rows(200, 100 + week, (2, 2, -1) if week < 2 else (-2, 2, 1))
    frame["at"] = pd.date_range("2026-01-05", periods=200, freq="50min", tz="UTC") + pd.Timedelta(
        days=7 * week
    )
    answered = %predict m {frame.drop(columns="y")} --time at ;
    known = frame["at"] + pd.Timedelta(days=3)
    late = pd.DataFrame({"request_id": answered.request_id, "y": frame.y, "known": known})
    %monitor m labels late --label y --time known
%monitor m retrain --when performance
"""


@pytest.mark.slow
def test_a_worse_model_is_retrained_by_who_follows_it_and_approved_by_a_button(notebook):
    opened = notebook(WORSE, "%monitor m live --every 1s")
    opened.page.set_default_timeout(120_000)

    opened.run()
    opened.page.wait_for_selector("button[name=approve]")
    asked = opened.page.locator(".mlops").last.inner_text()
    opened.page.click("button[name=approve]")
    opened.wait_for("m v2, production")

    assert "loss" in asked
    assert opened.count("button[name=approve]") == 0
    assert opened.count("button[name=reject]") == 0
