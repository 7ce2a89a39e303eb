"""%serve: the notebook stays usable, and its token stays out of it."""

import json
import socket
import sys
import urllib.error
import urllib.request

import pytest


def get(address, path, token):
    request = urllib.request.Request(address + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def test_the_workspace_of_the_notebook_is_served_until_it_is_stopped(shell):
    shell.user_ns["rows"] = {"x": [1, 2]}
    served = shell.run_cell("served = %serve --port 0").error_in_exec or shell.user_ns["served"]
    shell.run_cell("%workspace upload numbers rows")

    assert get(served.address, "/data", served.token) == {"datasets": ["numbers"]}
    status = shell.run_cell("%serve status").result
    assert (status.address, status.request_count) == (served.address, 1)
    stopped = shell.run_cell("%serve stop").result
    assert not stopped.is_running
    with pytest.raises(urllib.error.URLError):
        get(served.address, "/health", served.token)
    assert shell.run_cell("%serve status").result.address == ""


def test_no_output_holds_the_token(shell):
    shell.run_cell("served = %serve --port 0")
    token = shell.user_ns["served"].token
    shell.run_cell("served")
    shell.run_cell("%serve status")
    shell.run_cell("print(served)")
    shell.run_cell("%serve stop")

    assert len(token) == 43
    assert len(shell.displayed) >= 3
    assert token not in json.dumps(shell.displayed)


def test_it_is_served_once_and_another_port_is_another_wish(shell):
    first = shell.run_cell("%serve --port 0").result
    again = shell.run_cell("%serve").result
    other = shell.run_cell("%serve --port 1").error_in_exec

    assert again.address == first.address
    assert str(other) == (
        "cannot serve at 127.0.0.1:1: this notebook is serving at "
        f"{first.address}. Next: %serve stop"
    )


def test_a_port_that_is_taken_is_refused_with_another_one(shell):
    port = int(shell.run_cell("%serve --port 0").result.address.rpartition(":")[2])
    shell.run_cell('%workspace "elsewhere"')  # which stops the server of this one

    with socket.create_server(("127.0.0.1", port)):
        refused = shell.run_cell(f"%serve --port {port}").error_in_exec
    impossible = shell.run_cell("%serve --port 99999").error_in_exec

    said = f"cannot serve at 127.0.0.1:{port}: address already in use. Next: --port {port + 1}"
    assert str(refused).startswith(said)
    assert str(impossible) == (
        "cannot serve at 127.0.0.1:99999: there is no such port. Next: --port 8900"
    )


def test_another_workspace_is_not_served_behind_ones_back(shell):
    served = shell.run_cell("%serve --port 0").result
    shell.run_cell("%workspace --temporary")

    with pytest.raises(urllib.error.URLError):
        get(served.address, "/health", served.token)


def test_without_the_extra_one_line_says_what_to_install(shell, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("mlops_magics.rest.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    refused = shell.run_cell("%serve").error_in_exec

    assert str(refused) == (
        "serving over HTTP needs fastapi, which is not installed. "
        "Next: pip install 'mlops_magics[rest]'"
    )


def test_the_server_of_a_kernel_ends_with_it(kernel):
    kernel.run("%load_ext mlops_magics\nserved = %serve --port 0")
    outputs = kernel.run("print(served.address, served.token)")
    address, token = outputs[0]["text"].split()
    assert get(address, "/health", token)["status"] == "ok"
    kernel.close()

    with pytest.raises(urllib.error.URLError):
        get(address, "/health", token)
