"""A real server over a workspace with a trained model, and a client that has its token."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def waited_for(found: Any, seconds: float = 60) -> Any:
    """Return what a function gives once it gives something; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not (made := found()):
        assert time.monotonic() < deadline, "it has not come in time"
        time.sleep(0.02)
    return made


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Any
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body, parse_constant=_refuse)

    @property
    def error(self) -> str:
        return self.json["error"]


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


class Client:
    """Asks a server, with its token; `None` as the token leaves it out."""

    def __init__(self, address: str, token: str | None) -> None:
        self.address, self.token = address, token

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, None, headers)

    def delete(self, path: str) -> Reply:
        return self.send("DELETE", path, None, {})

    def post(self, path: str, content: Any = None) -> Reply:
        """Post an object as JSON, or bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.send("POST", path, body, {"Content-Type": "application/json"})

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())


def flights(count: int, seed: int) -> list[dict[str, Any]]:
    """Rows in which the hour and the carrier say most of what is late."""
    chance = np.random.default_rng(seed)
    hours = chance.integers(5, 24, count)
    carriers = chance.choice(["AA", "UA", 'it\'s "<b>"'], count)
    distance = chance.normal(800, 300, count).round(1)
    score = (hours - 14) / 4 + (carriers == "UA") + chance.normal(0, 0.5, count)
    late = np.where(score > 0, "yes", "no")
    rows = zip(hours.tolist(), carriers.tolist(), distance.tolist(), late.tolist(), strict=True)
    return [
        {"hour": hour, "carrier": carrier, "distance": miles, "late": target}
        for hour, carrier, miles, target in rows
    ]


def features(count: int, seed: int) -> list[dict[str, Any]]:
    """The same without what is to be predicted."""
    return [
        {name: value for name, value in row.items() if name != "late"}
        for row in flights(count, seed)
    ]


class Server:
    """A server in this process over a workspace of its own; `client` has its token."""

    def __init__(self, folder: Path, **how: Any) -> None:
        from mlops_magics.rest import Server as Real

        self.folder = folder
        self.real = Real(folder, port=0, **how)
        self.real.start()
        self.client = Client(self.real.address, self.real.token)

    def close(self) -> None:
        self.real.stop()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the model `late` in production; a test takes a copy of it."""
    from mlops_magics import TrainingSpec
    from mlops_magics.workspace import Workspace

    workspace = Workspace(tmp_path_factory.mktemp("trained") / ".mlops")
    spec = TrainingSpec(model_id="late", data=flights(400, 0), target="late", epochs=30)
    workspace.train(spec)
    workspace.promote("late", "v1", force=True, because="a test needs one")
    workspace.close()
    return workspace.folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained workspace, for one test."""
    import shutil

    shutil.copytree(trained, tmp_path / ".mlops")
    return tmp_path / ".mlops"


@pytest.fixture
def server(folder: Path) -> Any:
    """A real server over the trained workspace: `client`, `folder`, `real`."""
    server = Server(folder)
    yield server
    server.close()


@pytest.fixture
def client(server: Server) -> Client:
    """A client that has the token: `get`, `post`, `delete`."""
    return server.client
