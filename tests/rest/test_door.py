"""Who comes in, and with how much."""

import socket

import pytest

from mlops_magics.rest import bounds, door
from mlops_magics.rest.door import Hosts

from .conftest import Client, Server, features


def test_without_its_token_nothing_of_a_workspace_can_be_read_or_written(server, client):
    for path in ("/models", "/metrics", "/data", "/monitoring/recent", "/features/x/1"):
        for token in (None, "", server.real.token[:-1], server.real.token.upper()):
            refused = Client(client.address, token).get(path)
            assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    stranger = Client(client.address, "x" * 43)
    for path in ("/data/upload", "/train", "/predict", "/labels", "/models/late/rollback"):
        assert stranger.post(path, {"model_id": "late"}).status == 401

    assert Client(client.address, None).get("/health").json["status"] == "ok"
    assert Client(client.address, None).get("/ready").json["status"] == "ok"
    assert client.get("/models/late").json["versions"][0]["stage"] == "production"


def test_a_name_that_is_none_of_the_server_is_refused_before_its_token_is_looked_at(client):
    refused = client.get("/models", Host="evil.example")

    assert (refused.status, refused.error) == (421, "this server is not 'evil.example'")
    assert client.get("/models", Host="localhost:1").status == 200


@pytest.mark.parametrize(
    ("host", "header", "is_known"),
    [
        ("127.0.0.1", "127.0.0.1:8900", True),
        ("127.0.0.1", "LOCALHOST.", True),
        ("127.0.0.1", "[::1]:8900", True),
        ("127.0.0.1", "192.168.0.7", False),
        ("127.0.0.1", "", False),
        ("0.0.0.0", "192.168.0.7:8900", True),
        ("0.0.0.0", "rebound.example", False),
        ("::", "[fe80::1]:8900", True),
    ],
)
def test_an_address_is_a_name_of_a_server_that_others_reach(host, header, is_known):
    assert Hosts(host).has(header) is is_known


def test_a_page_of_the_web_is_not_let_in(client):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    preflight = client.send("OPTIONS", "/predict", None, asked)
    answered = client.get("/models", Origin="https://evil.example")

    assert preflight.status == 405
    for reply in (preflight, answered):
        assert not [name for name in reply.headers if name.lower().startswith("access-control")]


def test_a_body_over_the_bound_is_refused_with_the_bound_also_where_its_size_is_not_announced(
    client, monkeypatch
):
    monkeypatch.setattr(door, "BODY_BYTES", 1000)
    announced = client.post("/data/upload", b"[" + b" " * 2000 + b"]")
    host, port = client.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST /data/upload HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n"
        head += f"Authorization: Bearer {client.token}\r\nContent-Type: application/json\r\n\r\n"
        connection.sendall(head.encode() + b"7d0\r\n" + b" " * 2000 + b"\r\n0\r\n\r\n")
        whole = connection.recv(10_000)

    assert announced.status == 413
    assert announced.error == "the body has 2,002 bytes, and 1,000 is the most"
    assert whole.startswith(b"HTTP/1.1 413 ")
    assert b"and 1,000 is the most" in whole


def test_all_bodies_together_are_bounded_and_who_is_too_much_may_come_again(client, monkeypatch):
    monkeypatch.setattr(door, "BYTES_AT_ONCE", 10)
    refused = client.post("/predict", {"model_id": "late", "features": features(1, 0)[0]})
    monkeypatch.undo()

    assert (refused.status, refused.headers["Retry-After"]) == (503, str(bounds.RETRY_SECONDS))
    assert (
        client.post("/predict", {"model_id": "late", "features": features(1, 0)[0]}).status == 200
    )


def test_a_body_that_does_not_come_is_not_waited_for(client, monkeypatch):
    monkeypatch.setattr(door, "SECONDS_TO_SEND", 0.1)
    host, port = client.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST /predict HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n"
        head += f"Authorization: Bearer {client.token}\r\n\r\n{{"
        connection.sendall(head.encode())
        answer = connection.recv(10_000)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_fault_of_ours_says_nothing_of_the_inside_and_the_next_request_is_served(
    server, client, monkeypatch, caplog
):
    def fail(*_):
        raise RuntimeError("a secret\nof the inside")

    monkeypatch.setattr(type(server.real._service.workspace.registry), "list_models", fail)
    failed = client.get("/models")
    monkeypatch.undo()

    assert (failed.status, failed.error) == (500, "the server failed; its log says more")
    assert "/models failed: RuntimeError('a secret\\nof the inside')" in caplog.text
    assert server.real.token not in caplog.text
    assert client.get("/models").status == 200


def test_the_token_stands_in_no_repr_and_in_no_answer(server, client):
    token = server.real.token

    assert token not in repr(server.real) + repr(server.real.status())
    for path in ("/docs", "/openapi.json", "/metrics", "/health", "/nothing"):
        assert token.encode() not in client.get(path).body
    other = Server(server.folder)
    other.close()
    assert other.real.token != token
