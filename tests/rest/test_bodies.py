"""What is no body is refused with its place, and nothing of it is stored."""
# ruff: noqa: E501 - a body, its status and its error stand in one line

import json

import pytest

from mlops_magics.rest import bounds, rows, strict_json

from .conftest import features, flights

ROW = json.dumps(features(1, 0)[0])
# body of /predict, status, error
MALFORMED = [
    ("", 400, "'body': field required"),
    ("{", 400, "the body is no JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
    ('{"model_id": "late", "features": {"hour": 1', 400, "the body is no JSON: Expecting ',' delimiter at line 1, column 44"),
    ("\x00", 400, "the body is no JSON: Expecting value at line 1, column 1"),
    ("[]", 400, "'body': it is no JSON object"),
    ("null", 400, "'body': it is no JSON object"),
    ("1e5", 400, "'body': it is no JSON object"),
    ('{"a": ' * 100_000, 400, "the body has too many brackets within brackets"),
    ('{"model_id": ' + "9" * 5000 + "}", 400, "the body has a number that is too long"),
    ('{"model_id": "late"}', 400, "'body': give one of features, rows and entity; there is none of them"),
    ('{"features": {}}', 400, "'model_id': field required"),
    ('{"model_id": 3, "features": {}}', 400, "'model_id': input should be a valid string"),
    ('{"model_id": "late", "modelId": "late", "features": {}}', 400, "'modelId': extra inputs are not permitted"),
    ('{"model_id": "late", "features": {}, "rows": []}', 400, "'body': give one of features, rows and entity; there is features and rows"),
    ('{"model_id": "late", "features": [1]}', 400, "'features': input should be a valid dictionary"),
    ('{"model_id": "late", "features": {}, "exploin": true}', 400, "'exploin': extra inputs are not permitted"),
    ('{"model_id": "late", "model_id": "late", "features": {}}', 400, "'model_id': the name stands twice in one object"),
    ('{"model_id": "late", "features": {"hour": NaN}}', 422, "column 'hour': NaN is no JSON; null says that a value is missing"),
    ('{"model_id": "late", "features": {"hour": 1e999}}', 422, "column 'hour': the number is too large for 64 bits"),
    ('{"model_id": "late", "features": {"hour": [1]}}', 422, "column 'hour': a list is no value of a table"),
    ('{"model_id": "late", "features": {"hour": {"a": 1}}}', 422, "column 'hour': an object is no value of a table"),
    ('{"model_id": "late", "features": {"carrier": "\\ud800"}}', 422, "column 'carrier': half a letter: \\ud800 to \\udfff stand in pairs"),
    ('{"model_id": "late", "features": {"hour": 8}}', 422, "no columns 'carrier', 'distance' in the rows"),
    (f'{{"model_id": "late", "rows": [{ROW}, {{"hour": 1, "hour": 2}}]}}', 422, "row 1, column 'hour': the name stands twice in one object"),
    (f'{{"model_id": "late", "rows": [{ROW}, -Infinity]}}', 422, "row 1: -Infinity is no JSON; null says that a value is missing"),
    (f'{{"model_id": "late", "rows": [{ROW}, 7]}}', 422, "row 1: a row is an object of names and values"),
    ('{"model_id": "late", "rows": []}', 422, "the table has no rows"),
    ('{"model_id": "late", "rows": [{}]}', 422, "the rows has no columns"),
    ('{"model_id": "chrun", "features": {}}', 404, "no model named 'chrun'. Known: late"),
    ('{"model_id": "late", "version": "v7", "features": {}}', 404, "no version of 'late' named 'v7'. Known: v1"),
    ('{"model_id": "late", "version": "staging", "features": {}}', 404, "no version of 'late' is in staging"),
    ('{"model_id": "late", "features": {}, "time": "at"}', 400, "'body': time names a column of rows; one row is of now"),
    (f'{{"model_id": "late", "rows": [{ROW}], "explain": true}}', 400, "'body': explain is for one row; give features or entity"),
    ('{"model_id": "late", "coverage": 2, "features": {}}', 400, "'coverage': input should be less than 1"),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(trained, tmp_path_factory):
    """One server for all: what is refused changes nothing."""
    import shutil

    from .conftest import Server

    folder = shutil.copytree(trained, tmp_path_factory.mktemp("bodies") / ".mlops")
    server = Server(folder)
    yield server.client
    assert server.real._service.workspace.monitoring.count() == 0
    server.close()


@pytest.mark.parametrize(("body", "status", "error"), MALFORMED)
def test_every_malformed_body_is_refused_in_one_line_that_says_where(client, body, status, error):
    refused = client.post("/predict", body.encode("utf-8", "surrogatepass"))

    assert (refused.status, refused.error) == (status, error)
    assert refused.headers["Content-Type"] == "application/json"


def test_bytes_that_are_no_utf8_and_a_body_that_is_no_json_are_told_apart(client):
    assert client.post("/predict", b'{"\xff"').error == "the body is no UTF-8 at byte 2"
    said = client.send("POST", "/predict", b"a=1", {"Content-Type": "text/plain"})
    assert (said.status, said.error) == (415, "the body is no application/json")


def test_the_row_and_the_column_of_a_value_of_another_kind_are_named(client):
    sent = [*features(2, 0), {**features(1, 0)[0], "hour": "eight"}]
    refused = client.post("/predict", {"model_id": "late", "rows": sent})

    assert (refused.status, refused.json["details"]) == (422, [{"row": 2, "column": "hour"}])
    assert refused.error == "column 'hour' is integer, and 'eight' is none (in 1 row)"


def test_a_missing_dataset_is_400_and_an_unknown_one_404_and_no_sample_is_trained_on(client):
    missing = client.post("/train", {"model_id": "m"})
    unknown = client.post("/train", {"model_id": "m", "dataset_id": "nothing"})

    assert (missing.status, missing.error) == (400, "'dataset_id': field required")
    assert (unknown.status, unknown.error) == (404, "no dataset named 'nothing'. Known: none yet")
    assert client.get("/models/m").status == 404


def test_rows_and_columns_over_the_bound_are_refused_with_the_bound(client, monkeypatch):
    monkeypatch.setattr(rows, "ROWS", 2)
    monkeypatch.setattr(rows, "COLUMNS", 3)
    many = client.post("/data/upload", {"rows": features(3, 0)})
    wide = client.post("/data/upload", {"rows": flights(1, 0)})
    long = client.post("/data/upload", {"rows": [{"x" * 300: 1}]})
    text = client.post("/data/upload", {"rows": [{"x": "y" * (bounds.TEXT_LETTERS + 1)}]})

    assert (many.status, many.error) == (413, "the table has 3 rows, and 2 is the most")
    assert (wide.status, wide.error) == (413, "a row has 4 columns, and 3 is the most")
    assert (long.status, long.error.partition(": ")[2]) == (
        422,
        "a name of 300 letters, and 256 is the most",
    )
    assert text.error == "row 0, column 'x': a text of 65,537 letters, and 65,536 is the most"
    assert client.get("/data").json == {"datasets": []}


def test_a_dataset_is_stored_once_under_a_name(client):
    stored = {"rows": features(2, 0), "dataset_id": "Once"}

    assert client.post("/data/upload", stored).status == 200
    again = client.post("/data/upload", {**stored, "dataset_id": "once"})
    assert (again.status, again.error) == (409, "dataset 'Once' exists already")


def test_a_whole_number_beyond_53_bits_comes_back_as_it_was_sent(client):
    sent = [{"n": 2**60 + 1, "t": str(i)} for i in range(3)]
    stored = client.post("/data/upload", {"rows": sent, "dataset_id": "large"})

    assert stored.status == 200, stored.body


def test_what_is_no_number_is_written_as_null_with_its_reason():
    said = json.loads(strict_json.write({"a": [1.5, float("nan")], "b": {"c": float("-inf")}}))

    assert said == {
        "a": [1.5, None],
        "b": {"c": None},
        "undefined": {"a[1]": "it is not a number", "b.c": "it is infinite"},
    }


def test_metrics_of_a_model_without_predictions_are_null_with_their_reason(client):
    metrics = client.get("/monitoring/metrics?model_id=late").json

    assert (metrics["count"], metrics["avg_confidence"]) == (0, None)
    assert metrics["reasons"]["avg_confidence"] == "there are no predictions in the window"


@pytest.mark.slow
def test_one_row_and_a_hundred_thousand_rows_are_answered(folder):
    from .conftest import Server

    server = Server(folder)
    many = server.client.post("/predict", {"model_id": "late", "rows": features(100_000, 0)})
    count = server.client.get("/monitoring/metrics?model_id=late").json["count"]
    server.close()

    assert (many.status, len(many.json["predictions"]), count) == (200, 100_000, 100_000)
