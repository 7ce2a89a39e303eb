"""What somebody sees who follows a model, and when it is worth looking again."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics.training.spec import TrainingSpec
from mlops_magics.workspace import Workspace, following
from mlops_magics.workspace.following import Wish

DAY = 24 * 3600 * 1_000_000


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A workspace with a model that answered 400 rows over four days."""
    chance = np.random.default_rng(0)
    rows = pd.DataFrame({"x": chance.normal(size=800), "plan": chance.choice(["a", "b"], 800)})
    rows["y"] = np.where(rows.x + chance.normal(size=800) > 0, "yes", "no")
    workspace = Workspace(tmp_path_factory.mktemp("used") / ".mlops")
    spec = TrainingSpec(model_id="churn", data=rows[:400], target="y", epochs=5)
    workspace.train(spec)
    later = rows[400:].drop(columns="y")
    later["at"] = pd.date_range("2026-03-01", periods=400, freq="864s", tz="UTC")
    workspace.predict("churn", later, time="at")
    yield workspace
    workspace.close()


def test_a_follower_sees_the_dashboard_and_its_traffic(used):
    seen = following.see(used, Wish(ref="churn"))

    assert seen.dashboard.metrics.count == 400
    assert sum(one.count for one in seen.traffic) == 400
    assert seen.hours == 6
    assert seen.columns == ("plan",)
    assert seen.groups is None


def test_the_groups_of_a_column_that_is_picked_are_compared_one_by_one(used):
    seen = following.see(used, Wish(ref="churn@v1", since=4000 * DAY, by="plan"))

    assert sorted(one.value for one in seen.groups.slices) == ["a", "b"]


def test_the_pulse_changes_with_what_is_written_and_not_by_looking(used):
    before = following.pulse(used, "churn")
    following.see(used, Wish(ref="churn"))
    looked = following.pulse(used, "churn")
    used.predict_one("churn", {"x": 0.1, "plan": "a"})
    answered = following.pulse(used, "churn")
    used.promote("churn", "v1", stage="staging")
    promoted = following.pulse(used, "churn")

    assert looked == before
    assert len({before, answered, promoted}) == 3


def test_a_model_without_predictions_can_be_followed(workspace, table):
    workspace.train(TrainingSpec(model_id="new", data=table, target="churned", epochs=2))

    seen = following.see(workspace, Wish(ref="new"))

    assert seen.dashboard.metrics.count == 0
    assert seen.traffic == ()
