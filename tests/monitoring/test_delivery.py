"""Alerts that are sent to an address the user gave: what goes, how often, and where."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mlops_magics.errors.request import BadArgument
from mlops_magics.monitoring import alerts, delivery
from mlops_magics.monitoring.alerts import Change, Past
from mlops_magics.monitoring.findings import of_silence


@pytest.fixture
def address(monkeypatch):
    """An address of this machine; `statuses` are its next answers, `got` what was posted."""
    got, statuses = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, json.loads(body)))
            self.send_response(statuses.pop(0) if statuses else 204)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "*")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    class Address(str):
        __slots__ = ("got", "statuses")

    found = Address(f"http://127.0.0.1:{server.server_port}/hook/secret")
    found.got, found.statuses = got, statuses
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def alert(storage):
    """An alert that is open."""
    found = of_silence(active_days=28, days=28, empty_days=9, longest=0)
    where = alerts.fresh("churn", "v1", (0, 86_400_000_000))
    with storage.transaction() as transaction:
        (change,) = alerts.advance((), [found], Past(found=(), resting=frozenset()), where)
        numbered = Change(alert=_numbered(change.alert), at=change.at)
        return alerts.append(transaction, [numbered])[0]


def _numbered(alert):
    from dataclasses import replace

    return replace(alert, alert_id=-1)


def test_what_opened_is_sent_once_and_says_what_the_page_says(storage, alert, address):
    delivery.send_due(storage, "churn", address, 0)
    delivery.send_due(storage, "churn", address, 0)

    ((path, body),) = address.got
    assert path == "/hook/secret"
    assert body["said"] == alert.said
    assert body["text"] == "churn alert 1 open: no predictions for 9 days"
    assert body["next"] == "%monitor churn metrics --every 1d"
    (attempt,) = delivery.attempts(storage, "churn")
    assert (attempt.alert_id, attempt.attempt, attempt.outcome) == (1, 1, "sent, 204")
    assert attempt.host == address.split("/")[2]


def test_an_address_that_fails_is_asked_again_and_then_let_be(storage, alert, address):
    address.statuses += [500, 503]
    delivery.send_due(storage, "churn", address, 0, pauses=(0.0, 0.0))

    said = [one.outcome for one in delivery.attempts(storage, "churn")]
    assert said == ["sent, 204", "failed: 503", "failed: 500"]


def test_an_address_that_never_answers_has_three_attempts_and_no_more(storage, alert, address):
    address.statuses += [500] * 10
    delivery.send_due(storage, "churn", address, 0, pauses=(0.0, 0.0))
    delivery.send_due(storage, "churn", address, 0, pauses=(0.0, 0.0))

    assert len(address.got) == delivery.MOST_ATTEMPTS == 3
    assert delivery.due(storage, "churn", 0) == []


def test_an_address_that_sends_on_to_another_one_is_not_followed(storage, alert, address):
    address.statuses += [302, 307, 308]
    delivery.send_due(storage, "churn", address, 0, pauses=(0.0, 0.0))

    assert [path for path, _ in address.got] == ["/hook/secret"] * 3
    assert delivery.attempts(storage, "churn")[0].outcome == "failed: 308"


def test_nobody_listening_is_an_outcome_and_no_error(storage, alert):
    delivery.send_due(storage, "churn", "http://127.0.0.1:9/hook", 0, pauses=())

    (attempt,) = delivery.attempts(storage, "churn")
    assert attempt.outcome.startswith("failed: ")


def test_what_another_process_is_sending_is_not_sent_twice(storage, alert, address, clock):
    ((seq, _),) = delivery.due(storage, "churn", 0)
    with storage.transaction() as transaction:
        transaction.execute(
            "INSERT INTO delivery VALUES (?, 'churn', ?, 'h', 1, 'begun', ?)",
            (transaction.take_seq(), seq, transaction.now),
        )
    delivery.send_due(storage, "churn", address, 0)
    assert address.got == []

    clock.time += 61_000_000  # it was killed
    delivery.send_due(storage, "churn", address, 0)
    assert len(address.got) == 1


def test_what_opened_before_the_address_was_given_is_not_sent(storage, alert, clock):
    assert delivery.due(storage, "churn", clock.time + 1) == []


def test_a_note_is_nothing_to_send_and_an_end_is(storage, alert, clock):
    first = clock.time
    clock.time += 1
    alerts.acknowledge(storage, "churn", alert.alert_id, "seen")
    assert [seq for seq, _ in delivery.due(storage, "churn", first + 1)] == []

    over = alerts.advance(
        [alert], [], Past(found=(), resting=frozenset()), alerts.fresh("churn", "v1", (1, 2))
    )
    with storage.transaction() as transaction:
        alerts.append(transaction, over)
    assert [a.state for _, a in delivery.due(storage, "churn", first + 1)] == ["closed"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.example.org",
        "file:///etc/passwd",
        "ftp://a/b",
        "http://",
        "http://a b",
        "http://[a",
    ],
)
def test_what_is_no_http_address_is_refused(address):
    with pytest.raises(BadArgument, match="the address is"):
        delivery.checked(address)
