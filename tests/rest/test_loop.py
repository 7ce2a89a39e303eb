"""The loop over HTTP, on the workspace that a notebook has open."""

import json

from mlops_magics.workspace import Workspace
from mlops_magics.workspace import rollout as notebook_rollout

from .conftest import features, flights

XOR = [
    {"features": {"a": i % 2, "b": i // 2 % 2}, "label": (i % 2) ^ (i // 2 % 2)} for i in range(16)
]


def test_the_demonstration_of_the_seed_runs_with_the_names_of_the_seed(client):
    stored = client.post("/data/upload", {"rows": XOR, "datasetId": "xor"})
    trained = client.post("/train", {"modelId": "xor", "datasetId": "xor"})
    answer = client.post(
        "/predict", {"modelId": "xor", "modelVersion": "v1", "features": {"a": 1, "b": 0}}
    )
    recent = client.get("/monitoring/recent?model_id=xor")
    metrics = client.get("/monitoring/metrics?model_id=xor")

    assert stored.json == {
        "dataset_id": "xor",
        "row_count": 16,
        "message": "xor: 16 rows, 3 columns",
    }
    assert (trained.status, trained.json["version"], trained.json["accuracy"]) == (200, "v1", 1.0)
    assert trained.json["loss"] < 0.1
    assert (answer.json["prediction"], answer.json["version"]) == (1, "v1")
    assert recent.json["events"][0]["request_id"] == answer.json["request_id"]
    assert recent.json["events"][0]["features"] == {"a": 1, "b": 0}
    assert (metrics.json["count"], metrics.json["error_rate"]) == (1, 0.0)


def test_the_names_of_this_package_say_the_same(client):
    client.post("/data/upload", {"rows": flights(60, 1), "dataset_id": "flights"})
    trained = client.post(
        "/train",
        {"model_id": "again", "dataset_id": "flights", "target": "late", "epochs": 3},
    )

    assert trained.status == 200
    assert trained.json["measured_on"] == "held-out"
    assert set(trained.json["metrics"]) >= {"accuracy", "loss"}


def test_what_http_records_a_notebook_sees_and_the_other_way_round(server, client):
    notebook = Workspace(server.folder)
    over_http = client.post("/predict", {"model_id": "late", "features": features(1, 1)[0]}).json
    typed = notebook.predict_one("late", features(1, 2)[0])

    assert notebook.monitoring.find_event("late", over_http["request_id"]).prediction
    seen = [one["request_id"] for one in client.get("/monitoring/recent").json["events"]]
    assert seen == [typed.request_id, over_http["request_id"]]
    notebook.close()


def test_one_row_and_many_rows_get_the_same_answers(client):
    rows = features(5, 3)
    single = [client.post("/predict", {"model_id": "late", "features": row}).json for row in rows]
    many = client.post("/predict", {"model_id": "late", "rows": rows}).json

    assert many["version"] == "v1"
    for one, other in zip(single, many["predictions"], strict=True):
        assert one["prediction"] == other["prediction"]
        assert abs(one["confidence"] - other["confidence"]) < 1e-5
    shares = {share["label"]: share["probability"] for share in single[0]["probabilities"]}
    assert max(shares, key=shares.get) == single[0]["prediction"]


def test_an_answer_can_be_explained_and_bounded(client):
    asked = {"model_id": "late", "features": features(1, 4)[0], "explain": True, "coverage": 0.8}
    answer = client.post("/predict", asked).json

    assert {one["feature"] for one in answer["explanation"]} <= {"hour", "carrier", "distance"}
    assert set(answer["set"]) <= {"no", "yes"}


def test_what_is_unusual_in_a_row_is_said_and_the_row_is_answered(client):
    row = {**features(1, 5)[0], "carrier": "XX"}
    answer = client.post("/predict", {"model_id": "late", "features": row})

    assert answer.status == 200
    assert answer.json["warnings"] == ["carrier: 1 unseen in training: 'XX'"]


def test_labels_find_their_predictions(client):
    made = client.post("/predict", {"model_id": "late", "rows": features(4, 6)}).json
    rows = [{"request_id": one["request_id"], "label": "yes"} for one in made["predictions"]]
    written = client.post(
        "/labels", {"model_id": "late", "rows": [*rows, {"request_id": "none", "label": "no"}]}
    )

    assert written.json == {
        "model_id": "late",
        "matched": 4,
        "corrected": 0,
        "unmatched": 1,
        "ambiguous": 0,
        "missing": 0,
    }


def test_the_history_says_that_it_was_asked_over_http_and_from_where(client):
    client.post("/data/upload", {"rows": flights(60, 1), "dataset_id": "flights"})
    asked = {"model_id": "late", "dataset_id": "flights", "target": "late", "epochs": 2}
    assert client.post("/train", asked).json["version"] == "v2"
    refused = client.post("/models/late/promote", {"version": "v2"})
    forced = {"version": "v2", "force": True, "because": "it was asked for"}
    promoted = client.post("/models/late/promote", forced)
    back = client.post("/models/late/rollback")
    archived = client.post("/models/late/archive", {"version": "v2"})

    assert refused.status == 409
    assert refused.error.startswith("late@v2 was not promoted: ")
    assert (promoted.json["stage"], promoted.json["replaced"]) == ("production", "v1")
    assert (back.json["version"], archived.json["stage"]) == ("v1", "archived")
    changes = client.get("/models/late").json["changes"]
    asked_by = {(change["version"], change["stage"]): change["by"] for change in changes}
    assert asked_by["v1", "development"] == "python"
    assert asked_by["v2", "development"] == "http 127.0.0.1"
    assert asked_by["v2", "production"] == "http 127.0.0.1"
    assert [one["version"] for one in client.get("/models").json["models"]] == ["v1", "v2"]


def test_an_entity_is_looked_up_and_its_features_can_be_asked_for(folder, server, client):
    workspace = Workspace(folder)
    workspace.features.write_features(42, {"plan": "gold", "spend": 3.5}, view="people")
    workspace.close()

    found = client.get("/features/people/42")
    assert found.status == 200, found.body
    assert found.json["features"] == {"plan": "gold", "spend": 3.5}
    assert client.get("/features").json == {"views": ["people"]}
    assert client.get("/features/people/43").json["features"] == {}
    assert client.get("/features/people/42?at=2001-01-01").json["features"] == {}
    missing = client.get("/features/peopl/42")
    assert (missing.status, missing.error) == (
        404,
        "no feature view named 'peopl'. Did you mean 'people'?",
    )


def test_drift_names_what_moved(client):
    rows = [{**row, "hour": 23} for row in features(300, 7)]
    client.post("/predict", {"model_id": "late", "rows": rows})
    report = client.get("/monitoring/drift?model_id=late").json

    moved = [column["name"] for column in report["columns"] if column["severity"]]
    assert "hour" in moved
    assert report["count"] == 300


def test_what_prometheus_reads_counts_the_answers(client):
    client.post("/predict", {"model_id": "late", "features": features(1, 8)[0]})
    client.post("/predict", {"model_id": "nobody", "features": {}})
    text = client.get("/metrics").body.decode()

    assert 'mlops_requests_total{method="POST",route="/predict",status="200"} 1' in text
    assert 'mlops_requests_total{method="POST",route="/predict",status="404"} 1' in text
    assert 'mlops_predictions_total{model_id="late",version="v1"} 1' in text


def test_every_answer_is_described(client):
    described = json.loads(client.get("/openapi.json").body)

    operations = [(p, m) for p, methods in described["paths"].items() for m in methods]
    assert {p for p, _ in operations} >= {"/data/upload", "/train", "/predict", "/labels"}
    for path, method in operations:
        operation = described["paths"][path][method]
        assert operation["description"], path
        assert "200" in operation["responses"], path
    page = client.get("/docs")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert b"POST /predict" in page.body
    assert b"<script" not in page.body


def test_a_shadow_and_a_canary_answer_over_http_as_they_do_in_a_notebook(folder, server, client):
    notebook = Workspace(folder)
    client.post("/data/upload", {"rows": flights(200, 1), "dataset_id": "flights"})
    asked = {"model_id": "late", "dataset_id": "flights", "target": "late", "epochs": 2}
    client.post("/train", asked)
    rows = features(60, 9)

    notebook_rollout.canary(notebook, "late", "v2", 0.5)
    single = [client.post("/predict", {"model_id": "late", "features": row}).json for row in rows]
    many = client.post("/predict", {"model_id": "late", "rows": rows}).json["predictions"]
    notebook_rollout.shadow(notebook, "late", "v2")
    beside = client.post("/predict", {"model_id": "late", "features": rows[0]}).json
    notebook_rollout.off(notebook, "late")
    after = client.post("/predict", {"model_id": "late", "features": rows[0]}).json

    assert {answer["version"] for answer in single} == {"v1", "v2"}
    assert [a["version"] for a in single] == [a["version"] for a in many]
    assert "the canary of 50" in single[0]["routed"]
    assert (beside["version"], beside["routed"]) == (
        "v1",
        "v2 answered beside it as its shadow, recorded apart",
    )
    assert (after["version"], "routed" in after) == ("v1", False)
    notebook.close()
