"""Alerts across components: looked for, read, told, and seen."""

import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage.clock import Clock
from mlops_magics.workspace import Workspace, alerting, overview, webhooks

DAY = 86_400_000_000


class StandingClock(Clock):
    """The test's own clock, for what is made once for several tests."""

    def __init__(self):
        super().__init__()
        self.time = 1_767_603_600_000_000

    def now(self):
        return self.time


def customers(count=400, seed=0, older=0):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, count) + older,
            "contract": chance.choice(["monthly", "yearly"], count),
        }
    )
    odds = (frame["tenure"] - 30) / 6 + (frame["contract"] == "yearly") * 2
    frame["churned"] = np.where(chance.random(count) < 1 / (1 + np.exp(odds)), "yes", "no")
    return frame


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A model that answered for five days, on the last two of them for older customers."""
    clock = StandingClock()
    workspace = Workspace(tmp_path_factory.mktemp("built") / ".mlops", clock=clock)
    workspace.train(TrainingSpec(model_id="churn", data=customers(), target="churned"))
    for day in range(5):
        rows = customers(150, day + 1, older=40 if day > 2 else 0)[["tenure", "contract"]]
        workspace.predict("churn", rows)
        clock.time += DAY
    workspace.close()
    return workspace.folder


@pytest.fixture
def used(built, clock, monkeypatch, tmp_path):
    """The same in a folder of its own, at the begin of the sixth day."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    shutil.copytree(built, tmp_path / ".mlops")
    clock.time = StandingClock().time + 5 * DAY
    workspace = Workspace(tmp_path / ".mlops", clock=clock)
    yield workspace
    workspace.close()


def test_a_look_tells_what_has_changed_and_the_next_one_nothing(used):
    told = []
    used.monitoring.on_alert(told.append)

    changed = used.check("churn")

    assert {a.subject for a in changed if a.state == "open"} >= {"tenure"}
    assert told == [a for a in changed if a.state != "watch"]
    assert used.check("churn") == ()
    assert used.check("churn@v1") == ()


def test_two_workspaces_over_one_folder_judge_a_window_once(used, clock):
    other = Workspace(used.folder, clock=clock)

    first, second = used.check("churn"), other.check("churn")

    assert first
    assert second == ()
    assert other.alerts("churn") == used.alerts("churn")
    other.close()


def test_every_function_is_called_and_what_one_raises_comes_after_everything_is_recorded(used):
    told = []

    def broken(alert):
        raise ZeroDivisionError(alert.subject)

    used.monitoring.on_alert(broken)
    used.monitoring.on_alert(told.append)

    with pytest.raises(ZeroDivisionError):
        used.check("churn")

    assert told
    assert used.alerts("churn", "open")


def test_the_page_has_what_is_open_and_the_overview_how_many(used):
    found = used.watch("churn")

    assert {alert.state for alert in found.alerts} <= {"open", "watch"}
    assert "tenure" in {alert.subject for alert in found.alerts}
    (summary,) = overview.summaries(used)
    assert summary.open_alerts == len(used.alerts("churn", "open")) > 0


def test_an_alert_that_somebody_has_seen_says_so(used):
    alert = used.check("churn")[0]

    used.acknowledge("churn", alert.alert_id, "a new campaign")

    history = alerting.history(used, "churn", alert.alert_id)
    assert [change.alert.acknowledged for change in history.changes][-1] == "a new campaign"
    with pytest.raises(UnknownName, match="no alert named '77'"):
        alerting.history(used, "churn", 77)


def test_a_state_or_a_model_that_there_is_not_is_an_error(used):
    with pytest.raises(BadArgument, match=r"state is 'opne'. Next: give watch or open or closed"):
        used.alerts("churn", "opne")
    with pytest.raises(UnknownName, match="Did you mean 'churn'"):
        used.alerts("chrun")


def test_who_may_only_read_still_sees_the_page(used, clock):
    used.check("churn")
    used.predict("churn", customers(150, 9, older=40)[["tenure", "contract"]])
    clock.time += DAY
    used.close()
    for path in [*used.folder.rglob("*"), used.folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.access(used.folder, os.W_OK):
        pytest.skip("this user may write anywhere")

    found = Workspace(used.folder, clock=clock).watch("churn")

    assert found.alerts


def test_an_address_is_kept_for_the_user_and_never_in_the_workspace(used):
    given = "https://hooks.example.org/T0/secret"

    found = webhooks.put(used, "churn", given)

    assert found.address == given
    used.close()
    held = b"".join(p.read_bytes() for p in used.folder.rglob("*") if p.is_file())
    assert b"secret" not in held
    assert webhooks.put(used, "churn", None).address is None
    with pytest.raises(BadArgument):
        webhooks.put(used, "churn", "file:///etc/passwd")


def test_a_copy_of_a_workspace_sends_nothing(used, clock, tmp_path):
    webhooks.put(used, "churn", "https://hooks.example.org/T0/secret")
    used.close()
    shutil.copytree(used.folder, tmp_path / "copy" / ".mlops")
    copy = Workspace(tmp_path / "copy" / ".mlops", clock=clock)

    assert webhooks.show(copy, "churn").address is None
    copy.check("churn")
    assert copy.couriers == {}
    copy.close()


def test_a_look_does_not_wait_for_an_address_and_a_thread_sends(used, monkeypatch):
    may_answer, got = threading.Event(), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            may_answer.wait(20)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "*")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    webhooks.put(used, "churn", f"http://127.0.0.1:{server.server_port}/hook")

    changed = used.check("churn")  # returns while the address has answered nothing
    assert used.couriers["churn"].is_alive()
    may_answer.set()
    used.couriers["churn"].join(20)

    assert [m["alert_id"] for m in got] == [a.alert_id for a in changed if a.state == "open"]
    assert {a.outcome for a in webhooks.show(used, "churn").attempts} == {"sent, 200"}
    server.shutdown()
    server.server_close()
