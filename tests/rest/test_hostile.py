"""No path, SQL, address, page or log line can be made from what a client sends."""

import html
import json
from urllib.parse import quote

from mlops_magics import display
from mlops_magics.workspace import Workspace

COLUMNS = [
    *("a/b", "../x", "%asd", "my model", "select", "Rate", "rate", "[x]", "'; DROP TABLE hot; --"),
    *(
        '"quoted"',
        "<script>alert(1)</script>",
        "日本語",
        "1",
        "f0",
        "c0",
        "seq",
        "a\nb",
        "\x00",
        "é",
    ),
    *("CON", "features:x", "$name", "{x}", "\u202egnirts", "x" * 256),
]
NAMES = [
    *(
        "a/b",
        "../x",
        "..",
        ".",
        "%asd",
        "my model",
        "",
        "x" * 300,
        "a\x00b",
        "<b>",
        "'; DROP TABLE",
    ),
    *("a\nb: c", "status", "v2", "\ud800".encode("unicode_escape").decode(), "~", "$(id)", "a@v1"),
]
ROWS = [{name: f"{name} {i % 2}" for name in COLUMNS} | {"label": i % 2} for i in range(60)]


def test_hostile_names_survive_everywhere_or_are_refused(server, client, tmp_path, caplog):
    before = {path for path in tmp_path.rglob("*") if ".mlops" not in path.parts}
    for name in NAMES:
        rows = {"rows": [{"x": 1}], "dataset_id": name}
        assert client.post("/data/upload", rows).status == 400, name
        model = {"model_id": name, "dataset_id": "odd"}
        assert client.post("/train", model).status in (400, 404), name
        assert client.post("/predict", {"model_id": name, "features": {}}).status in (400, 404)
        for path in ("/models/{}", "/train/{}", "/features/{}/1", "/monitoring/drift?model_id={}"):
            asked = client.get(path.format(quote(name, safe="")))
            assert asked.status in (400, 404, 405) or not name, (path, name, asked.body)
    stored = client.post("/data/upload", {"rows": ROWS, "dataset_id": "odd"})
    trained = client.post("/train", {"model_id": "odd", "dataset_id": "odd", "epochs": 2})
    row = {name: value for name, value in ROWS[0].items() if name != "label"}
    answer = client.post("/predict", {"model_id": "odd", "features": row})
    event = client.get("/monitoring/recent?model_id=odd").json["events"][0]
    wrong = client.post("/predict", {"model_id": "odd", "features": {"x": 1}})

    assert (stored.status, trained.status, answer.status) == (200, 200, 200), trained.body
    used = set(event["features"])
    assert used <= set(COLUMNS)
    assert {"'; DROP TABLE hot; --", "Rate", "rate", "a/b"} <= used
    assert all(event["features"][name] == row[name] for name in used)
    assert (wrong.status, len(wrong.json["details"])) == (422, len(used))
    assert "\n" not in wrong.error
    assert {path for path in tmp_path.rglob("*") if ".mlops" not in path.parts} == before
    assert caplog.text == ""
    for line in client.get("/metrics").body.decode().splitlines():
        assert line.startswith(("# ", "mlops_"))
    workspace = Workspace(server.folder)
    shown = display.render(workspace.watch("odd")).html
    workspace.close()
    assert "<script" not in shown
    assert html.escape("<script>alert(1)</script>") in shown or "script" not in shown


def test_what_is_in_an_address_is_data(client):
    for path in ("/models/%2e%2e%2fx", "/../../etc/passwd", "/features/%00/%00", "/models/%ff"):
        reply = client.get(path)
        assert reply.status in (400, 404), path
        assert json.loads(reply.body)["details"] == []
    counted = client.get("/metrics").body.decode()
    assert 'mlops_requests_total{method="any",route="none",status="404"} 2' in counted
    assert "passwd" not in counted
