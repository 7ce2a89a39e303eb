"""A training goes on while its client waits, or no longer does."""

import pytest

from mlops_magics.rest import jobs
from mlops_magics.workspace import Workspace

from .conftest import flights, waited_for

LONG = {"model_id": "late", "dataset_id": "flights", "target": "late", "epochs": 100_000}


@pytest.fixture
def flying(client):
    """A client of a server that has the dataset `flights`."""
    client.post("/data/upload", {"rows": flights(300, 1), "dataset_id": "flights"})
    return client


def test_who_waits_no_longer_is_told_where_to_ask_and_can_end_it(flying):
    begun = flying.post("/train?wait=0", LONG)
    place = begun.headers["Location"]
    asked = flying.get(place)
    ended = flying.delete(place)

    assert (begun.status, begun.json["status"]) == (202, "running")
    assert place == f"/train/{begun.json['job_id']}"
    assert (asked.status, asked.headers["Location"]) == (202, place)
    assert 0 <= asked.json["progress"] < 1
    assert (ended.status, ended.json["status"]) == (200, "cancelled")
    assert ended.json["version"] == "v2"
    assert flying.get(place).json == ended.json


def test_what_came_of_a_training_is_known_after_the_server_that_ran_it(folder, server, flying):
    from .conftest import Server

    made = flying.post("/train", {**LONG, "epochs": 2}).json
    server.close()
    other = Server(folder)
    found = other.client.get(f"/train/{made['job_id']}")
    other.close()

    assert (found.status, found.json) == (200, made)


def test_few_run_at_a_time_and_the_others_are_told_to_come_again(flying, monkeypatch):
    monkeypatch.setattr(jobs, "JOBS_AT_ONCE", 1)
    first = flying.post("/train?wait=0", LONG)
    second = flying.post("/train?wait=0", LONG)
    flying.delete(first.headers["Location"])

    assert (second.status, second.headers["Retry-After"]) == (503, "2")
    assert second.error == "1 trainings are running"


def test_a_server_that_stops_registers_what_its_trainings_have_learned(folder, server, flying):
    job_id = flying.post("/train?wait=0", LONG).json["job_id"]
    waited_for(lambda: server.real._service.jobs.find(job_id).progress)
    server.close()

    workspace = Workspace(folder)
    job = workspace.training.get_job(job_id)
    assert (job.status, job.version) == ("cancelled", "v2")
    assert workspace.registry.get_model("late", "v2").is_interrupted
    workspace.close()


def test_what_is_wrong_with_a_training_is_said_also_by_who_asks_later(flying):
    wrong = {**LONG, "target": "lateness"}
    refused = flying.post("/train", wrong)
    name = flying.post("/train", {**LONG, "model_id": "../x"})

    assert (refused.status, refused.json["details"]) == (422, [{"column": "lateness"}])
    assert refused.error == "no column 'lateness' in the table. Did you mean 'late'?"
    assert (name.status, name.error) == (
        400,
        "'../x' cannot name a model: it begins with '.'",
    )
    assert flying.get("/train/nothing").status == 404
    assert flying.delete("/train/nothing").status == 404


def test_a_fit_that_fails_is_500_with_error_and_details(flying, monkeypatch):
    from mlops_magics.training import provider

    # weights that became no numbers: what a fit on hopeless numbers ends with
    monkeypatch.setattr(provider.model.package, "all_finite", lambda *_: False)
    failed = flying.post("/train", {**LONG, "epochs": 2})

    assert (failed.status, failed.json["details"]) == (500, [])
    assert failed.error == "its weights became no numbers"
