"""What was acknowledged is there, whatever happens to the server afterwards."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from mlops_magics.errors.state import Occupied
from mlops_magics.rest import bounds
from mlops_magics.rest.predictor import Predictor
from mlops_magics.workspace import Workspace
from mlops_magics.workspace.together import Asked

from .conftest import Client, features, waited_for

TOKEN = "t" * 40


class Process:
    """A server in a process of its own, as `python -m mlops_magics serve` starts it."""

    def __init__(self, folder: Path) -> None:
        (folder.parent / "token").write_text(TOKEN)
        command = [sys.executable, "-m", "mlops_magics", "serve", "--workspace", str(folder)]
        command += ["--port", "0", "--token-file", str(folder.parent / "token")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.client = Client(self.line.split()[0], TOKEN)
        waited_for(self._is_ready)

    def _is_ready(self) -> bool:
        try:
            return self.client.get("/ready").status == 200
        except OSError:
            assert self.process.poll() is None
            return False

    def end(self, how: signal.Signals) -> int:
        os.kill(self.process.pid, how)
        code = self.process.wait(120)
        self.process.stdout.close()
        return code


@pytest.fixture
def process(folder):
    process = Process(folder)
    yield process
    if process.process.poll() is None:
        process.end(signal.SIGKILL)


def ask_until_it_is_gone(client, end, clients=8):
    """Return the ids that so many clients were given while the server was ended."""
    acknowledged, rows = [], features(50, 0)

    def ask(place):
        with suppress(OSError):
            while True:
                row = rows[place % len(rows)]
                reply = client.post("/predict", {"model_id": "late", "features": row})
                if reply.status == 200:
                    acknowledged.append(reply.json["request_id"])
                place += clients

    with ThreadPoolExecutor(clients) as pool:
        for place in range(clients):
            pool.submit(ask, place)
        waited_for(lambda: len(acknowledged) >= 200)
        end()
    return acknowledged


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_every_acknowledged_prediction_is_found_after_the_server_was_ended_under_load(
    process, folder, how
):
    acknowledged = ask_until_it_is_gone(process.client, lambda: process.end(how))

    workspace = Workspace(folder)
    stored = {event.request_id for event in workspace.monitoring.query_events("late")}
    assert len(acknowledged) >= 200
    assert set(acknowledged) <= stored
    assert len(set(acknowledged)) == len(acknowledged)
    workspace.close()


@pytest.mark.slow
def test_a_signal_ends_a_training_at_its_best_so_far_and_the_server_without_an_error(
    process, folder
):
    rows = {"rows": [{**row, "late": i % 2} for i, row in enumerate(features(300, 1))]}
    process.client.post("/data/upload", {**rows, "dataset_id": "flights"})
    asked = {"model_id": "long", "dataset_id": "flights", "target": "late", "epochs": 100_000}
    job_id = process.client.post("/train?wait=0", asked).json["job_id"]

    assert process.end(signal.SIGTERM) == 0
    workspace = Workspace(folder)
    assert workspace.training.get_job(job_id).status in ("cancelled", "completed")
    workspace.close()


def test_predictions_that_wait_are_committed_together(server, client):
    service, (row, *rows) = server.real._service, features(20, 0)

    def ask(row):
        return client.post("/predict", {"model_id": "late", "features": row})

    with ThreadPoolExecutor(20) as pool:
        # another kernel writes: nobody can commit, and those behind the first gather
        with Workspace(server.folder).storage.transaction():
            first = pool.submit(ask, row)
            time.sleep(0.5)
            others = [pool.submit(ask, row) for row in rows]
            waited_for(lambda: service.predictor.waiting == len(rows))
        answers = [one.result() for one in (first, *others)]

    assert [answer.status for answer in answers] == [200] * 20
    assert service.predictor.commits == 2
    assert client.get("/monitoring/metrics?model_id=late").json["count"] == 20


def test_one_wrong_row_among_many_that_wait_is_refused_by_itself(server, client):
    rows = [*features(6, 0), {"hour": "eight"}, {**features(1, 0)[0], "hour": "eight"}]
    with ThreadPoolExecutor(8) as pool:
        asked = [{"model_id": "late", "features": row} for row in rows]
        answers = list(pool.map(lambda one: client.post("/predict", one), asked))

    assert [answer.status for answer in answers] == [200] * 6 + [422] * 2
    assert client.get("/monitoring/metrics?model_id=late").json["count"] == 6


def test_who_comes_when_too_many_wait_is_told_to_come_again(folder):
    workspace = Workspace(folder)
    predictor = Predictor(workspace, most_waiting=3)
    asked = [Asked(ref="late", values=row) for row in features(6, 0)]

    async def ask():
        with pytest.raises(Occupied) as refused:
            await asyncio.gather(*(predictor.ask(one) for one in asked))
        return str(refused.value)

    with Workspace(folder).storage.transaction():
        said = asyncio.run(ask())
    predictor.stop()
    assert said == "3 predictions are waiting. Next: ask again later"
    workspace.close()


def test_over_http_that_is_503_with_the_time_to_wait(server, client, monkeypatch):
    monkeypatch.setattr(server.real._service.predictor, "_most_waiting", 0)
    refused = client.post("/predict", {"model_id": "late", "features": features(1, 0)[0]})

    assert (refused.status, refused.headers["Retry-After"]) == (503, str(bounds.RETRY_SECONDS))
    assert refused.error == "0 predictions are waiting"


def test_a_stopped_server_leaves_its_port_and_its_threads(server):
    service = server.real._service
    server.close()

    assert not service.predictor.is_working
    with socket.create_server(("127.0.0.1", server.real.port)):
        pass
