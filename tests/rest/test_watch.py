"""A server looks after its models: it judges what has closed, and retrains what waits."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.monitoring.retraining import Policy
from mlops_magics.rest import watch
from mlops_magics.workspace import Workspace, retrain

from .conftest import Server, features, waited_for

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0)


def test_what_moved_yesterday_is_an_alert_that_can_be_acknowledged(folder, monkeypatch):
    monkeypatch.setattr(watch.Watchman.__init__, "__defaults__", (0.1,))
    server = Server(folder)
    client = server.client
    rows = [
        {**row, "hour": 23, "at": (YESTERDAY + timedelta(minutes=place)).isoformat()}
        for place, row in enumerate(features(400, 1))
    ]
    client.post("/predict", {"model_id": "late", "rows": rows, "time": "at"})
    found = waited_for(
        lambda: client.get("/monitoring/alerts?model_id=late&state=open").json["alerts"]
    )
    place = f"/monitoring/alerts/late/{found[-1]['alert_id']}/acknowledge"
    seen = client.post(place, {"note": "a night flight"})
    server.close()

    assert "hour" in {alert["subject"] for alert in found}
    assert (seen.status, seen.json["acknowledged"]) == (200, "a night flight")


def test_where_nothing_waits_there_is_nothing_to_approve(client):
    assert client.get("/monitoring/alerts").json == {"alerts": []}
    assert client.get("/monitoring/retraining?model_id=late").json == {"requests": []}
    assert client.get("/monitoring/retraining?model_id=chrun").status == 404
    assert client.get("/monitoring/alerts?state=loud").status == 400
    assert client.post("/monitoring/alerts/late/7/acknowledge", {}).status == 404
    refused = client.post("/monitoring/retraining/late/approve")
    assert (refused.status, refused.error) == (409, "no challenger of 'late' waits for approval")
    assert client.post("/monitoring/retraining/late/reject", {"note": "no"}).status == 409


def rows(count, seed, turned):
    chance = np.random.default_rng(seed)
    table = chance.normal(size=(count, 3)).round(3)
    score = table @ np.array([-2.0, 2.0, 1.0] if turned else [2.0, 2.0, -1.0])
    late = np.where(chance.random(count) < 1 / (1 + np.exp(-score)), "yes", "no")
    return [
        dict(zip("abcy", (*row, y), strict=True))
        for row, y in zip(table.tolist(), late.tolist(), strict=True)
    ]


@pytest.mark.slow
def test_a_model_that_labels_show_to_be_worse_is_retrained_and_approved_over_http(
    tmp_path, monkeypatch
):
    workspace = Workspace(tmp_path / ".mlops")
    workspace.upload(rows(1000, 0, turned=False), "first")
    spec = TrainingSpec(model_id="m", data=workspace.dataset("first"), target="y", epochs=40)
    workspace.train(spec)
    workspace.promote("m")
    retrain.set_policy(workspace, "m", Policy())
    workspace.close()
    monkeypatch.setattr(watch.Watchman.__init__, "__defaults__", (0.5,))
    server = Server(tmp_path / ".mlops")
    client, begin = server.client, datetime.now(UTC) - timedelta(days=40)
    for week in range(5):
        made = rows(200, 10 + week, turned=week > 1)
        times = [begin + timedelta(days=7 * week, minutes=50 * n) for n in range(200)]
        sent = [
            {**{n: row[n] for n in "abc"}, "at": t.isoformat()}
            for row, t in zip(made, times, strict=True)
        ]
        answered = client.post("/predict", {"model_id": "m", "rows": sent, "time": "at"}).json
        known = [
            {
                "request_id": one["request_id"],
                "y": row["y"],
                "at": (t + timedelta(hours=2)).isoformat(),
            }
            for one, row, t in zip(answered["predictions"], made, times, strict=True)
        ]
        client.post("/labels", {"model_id": "m", "rows": known, "label": "y", "time": "at"})
    waits = "/monitoring/retraining?model_id=m&state=challenger%20waits%20for%20approval"
    found = waited_for(lambda: client.get(waits).json["requests"], 240)
    approved = client.post("/monitoring/retraining/m/approve")
    changes = client.get("/models/m").json["changes"]
    server.close()

    assert found[0]["challenger"] == "v2"
    assert (approved.status, approved.json["state"]) == (200, "promoted")
    asked_by = {(change["version"], change["stage"]): change["by"] for change in changes}
    assert asked_by["v2", "development"] == "retraining"
    assert asked_by["v2", "production"] == "http 127.0.0.1"
