"""A model that labels show to be worse is retrained, judged, and replaced or not."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.__main__ import main
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import Busy, LeaseLost, NoChallenger, NoTrainingRows, TooFewLabels
from mlops_magics.features import ViewDefinition
from mlops_magics.monitoring import retraining
from mlops_magics.monitoring.retraining import Policy
from mlops_magics.storage.lease import leased
from mlops_magics.training.kept_rows import content
from mlops_magics.workspace import Workspace, retrain
from mlops_magics.workspace.due import best_approved
from mlops_magics.workspace.evaluation import labelled_predictions

DAY = 86_400_000_000
MONDAY = 1_767_571_200_000_000  # 2026-01-05 00:00 UTC
BEFORE, AFTER = (2.0, 2.0, -1.0, 0.0), (-2.0, 2.0, 1.0, 1.0)
AUTO = Policy(approve="auto")


def rows(count, seed, weights=BEFORE):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(chance.normal(size=(count, 4)), columns=list("abcd"))
    share = 1 / (1 + np.exp(-frame.to_numpy() @ np.array(weights)))
    frame["y"] = np.where(chance.random(count) < share, "yes", "no")
    return frame


def a_week(workspace, number, weights=BEFORE, count=200, delay=3 * DAY, model_id="m", **changed):
    """Predict for a week, and label what was predicted some days later."""
    frame = rows(count, 100 + number, weights).assign(**changed)
    at = MONDAY + 7 * DAY * number + np.arange(count) * (7 * DAY // count)
    frame["at"] = pd.to_datetime(at, unit="us", utc=True)
    answered = workspace.predict(model_id, frame.drop(columns="y"), time="at").to_pandas()
    known = pd.to_datetime(at + delay, unit="us", utc=True)
    late = {"request_id": answered["request_id"], "y": frame["y"], "known": known}
    workspace.label(model_id, pd.DataFrame(late), "y", time="known")


def train(workspace, data, model_id="m"):
    spec = TrainingSpec(model_id=model_id, data=data, target="y", epochs=40)
    workspace.train(spec)
    workspace.promote(model_id)


def stages(workspace, model_id="m"):
    return {v.version: v.stage for v in workspace.registry.list_versions(model_id)}


def copied(made, folder):
    made.storage.close()
    shutil.copytree(made.folder, folder)
    return Workspace(folder)


@pytest.fixture(scope="module")
def stable(tmp_path_factory):
    """A model in production, and two weeks in which nothing changed."""
    workspace = Workspace(tmp_path_factory.mktemp("stable") / ".mlops")
    workspace.upload(rows(1000, 0), "first")
    train(workspace, workspace.dataset("first"))
    for number in range(2):
        a_week(workspace, number)
    return workspace


@pytest.fixture(scope="module")
def changed(stable, tmp_path_factory):
    """The same, and then three weeks in which the relation is another one."""
    workspace = copied(stable, tmp_path_factory.mktemp("changed") / ".mlops")
    for number in range(2, 5):
        a_week(workspace, number, AFTER)
    return workspace


@pytest.fixture(scope="module")
def challenged(changed, tmp_path_factory):
    """The same, with a challenger that a person has to approve."""
    workspace = copied(changed, tmp_path_factory.mktemp("challenged") / ".mlops")
    retrain.set_policy(workspace, "m", Policy())
    retrain.run_waiting(workspace)
    return workspace


@pytest.fixture
def worse(changed, tmp_path):
    workspace = copied(changed, tmp_path / ".mlops")
    yield workspace
    workspace.close()


@pytest.fixture
def waiting(challenged, tmp_path):
    workspace = copied(challenged, tmp_path / ".mlops")
    yield workspace
    workspace.close()


@pytest.fixture
def quiet(stable, tmp_path):
    workspace = copied(stable, tmp_path / ".mlops")
    yield workspace
    workspace.close()


@pytest.fixture
def fresh(tmp_path):
    """An empty workspace on the wall clock, by which the weeks of these tests are over."""
    workspace = Workspace(tmp_path / ".mlops")
    yield workspace
    workspace.close()


def test_weeks_as_they_were_ask_for_nothing(quiet):
    retrain.set_policy(quiet, "m", AUTO)

    assert retrain.run_waiting(quiet) == ()

    found = retrain.standing(quiet, "m")
    assert found.request is None
    assert found.waits_for.startswith("nothing is beyond chance in the newest week (loss 0.")


def test_a_worse_relation_ends_in_a_challenger_that_a_person_decides_on(waiting):
    request = retrain.open_request(waiting, "m")

    assert request.state == "challenger waits for approval"
    assert (request.reason, request.champion, request.challenger) == ("performance", "v1", "v2")
    assert "standard errors more" in request.evidence[-1]
    assert "200 labelled predictions of 2026-02-02 to 2026-02-08" in request.evidence[-1]
    assert request.since == MONDAY + 14 * DAY
    verdicts = {verdict.question: verdict.passed for verdict in request.verdicts}
    assert verdicts["better on the newest rows"] is True
    assert "not worse on older rows" in verdicts  # shown, and not decisive
    assert verdicts["not worse than production"] is True
    assert stages(waiting) == {"v1": "production", "v2": "development"}


def test_a_prediction_says_what_waits_and_runs_nothing(waiting):
    answered = waiting.predict("m", rows(3, 1).drop(columns="y"))

    said = "challenger v2 waits for approval. Next: %monitor m retrain approve"
    assert answered.said[-1] == said
    assert [(n.said, n.next) for n in waiting.overview().needs] == [tuple(said.split(". Next: "))]


def test_what_is_approved_is_promoted_through_the_gates_and_on_record(waiting):
    done = retrain.approve(waiting, "m")

    assert done.request.said == "v2 is in production, v1 was there before, approved by a person"
    assert stages(waiting) == {"v1": "staging", "v2": "production"}
    assert retrain.open_request(waiting, "m") is None
    last = waiting.registry.history("m")[-1]
    assert (last.why, last.by, len(last.verdicts)) == ("promoted", "python", 8)
    with pytest.raises(NoChallenger):
        retrain.approve(waiting, "m")


def test_what_is_rejected_is_archived_with_the_reason(waiting):
    done = retrain.reject(waiting, "m", "the campaign ends on Friday")

    assert done.request.state == "rejected"
    assert done.request.said == "v2 was rejected by a person: the campaign ends on Friday"
    assert stages(waiting) == {"v1": "production", "v2": "archived"}


def test_the_challenger_has_learned_from_no_row_that_it_is_judged_on(waiting):
    request = retrain.open_request(waiting, "m")
    champion = waiting.registry.get_model("m", "v1")

    kept = labelled_predictions(waiting, champion)
    kept = kept.take(kept.event_time >= request.judged_from)

    learned = waiting.storage.log.read("trained", "m@v2").table.column("content").values
    assert len(kept) == 200
    assert not np.isin(content(kept.table), learned.view(np.uint64)).any()
    lineage = waiting.registry.get_model("m", "v2").metadata["retraining"]
    # as many rows as the first training had, the newest
    assert (lineage["first_rows"], lineage["predicted_rows"]) == (200, 800)


def test_a_second_look_asks_for_nothing_new_and_cools_down(waiting):
    before = retrain.requests(waiting, "m")

    assert retrain.run_waiting(waiting) == ()
    assert retrain.consider(waiting, "m") is None

    assert retrain.requests(waiting, "m") == before


def test_one_that_passes_goes_into_production_by_itself_where_the_policy_says_so(worse):
    retrain.set_policy(worse, "m", AUTO)

    (done,) = retrain.run_waiting(worse)

    assert done.request.state == "promoted"
    assert stages(worse) == {"v1": "staging", "v2": "production"}
    assert worse.registry.history("m")[-1].by == "retraining"
    # a model of old and new rows is no yardstick for the next one
    now = worse.registry.resolve("m")
    assert now.metrics["loss"] > best_approved(worse, now).loss
    assert best_approved(worse, now).version == "v1"


def test_a_challenger_that_is_no_better_is_refused_with_the_figure(fresh):
    first = rows(3000, 0)
    train(fresh, first)
    a_week(fresh, 0)

    done = retrain.run(fresh, "m", because="a try", data=first)

    assert done.request.state == "refused"
    assert done.request.said.startswith("v2 was refused: better on the newest rows: loss 0.")
    assert done.request.evidence == ("a try",)
    assert [verdict.question for verdict in done.request.verdicts] == [
        "better on the newest rows",
        "not worse on older rows",
        "better on all rows",
    ]
    assert stages(fresh) == {"v1": "production", "v2": "development"}


def test_of_two_kernels_with_one_policy_one_asks(worse):
    with worse.storage.transaction() as transaction:
        retraining.add_policy(transaction, "m", AUTO)
    kernels = [Workspace(worse.folder) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda kernel: retrain.consider(kernel, "m"), kernels))

    assert len(retrain.requests(worse, "m")) == 1
    assert sum(request is not None for request in asked) == 1
    for kernel in kernels:
        kernel.close()


def test_one_process_at_a_time_retrains_and_the_others_go_on_at_once(worse):
    retrain.set_policy(worse, "m", AUTO)
    other = Workspace(worse.folder)

    with leased(other.storage, "retraining"):
        assert retrain.run_waiting(worse) == ()
        with pytest.raises(Busy):
            retrain.run(worse, "m")

    assert retrain.open_request(worse, "m").state == "waiting"
    other.close()


def test_who_lost_the_lease_while_training_registers_nothing(worse):
    def steal(progress):
        with worse.storage.transaction() as transaction:
            transaction.execute("UPDATE lease SET token = 'of another'")

    with pytest.raises(LeaseLost, match="took retraining over"):
        retrain.run(worse, "m", progress=steal)

    assert stages(worse) == {"v1": "production"}
    assert retrain.open_request(worse, "m").state == "running"


def test_a_retraining_that_was_killed_is_done_by_the_next_process(worse, capfd):
    retrain.set_policy(worse, "m", AUTO)
    folder = str(worse.folder)
    command = [sys.executable, "-m", "mlops_magics", "retrain", "--workspace", folder]
    with subprocess.Popen(command) as victim:
        while not retrain.requests(worse, state="running"):
            assert victim.poll() is None
            time.sleep(0.02)
        victim.kill()
        victim.wait(30)
    assert retrain.open_request(worse, "m").state == "running"
    capfd.readouterr()

    code = main(["retrain", "--workspace", folder])

    assert code == 0
    assert capfd.readouterr().out == "m: promoted: v2 is in production, v1 was there before\n"
    assert stages(worse) == {"v1": "staging", "v2": "production"}
    assert [request.state for request in retrain.requests(worse, "m")] == ["promoted"]


def test_who_takes_over_goes_on_where_the_dead_one_was(waiting):
    request = retrain.open_request(waiting, "m")
    with waiting.storage.transaction() as transaction:
        retraining.add_change(transaction, replace(request, state="running"))
    retrain.set_policy(waiting, "m", AUTO)

    (done,) = retrain.run_waiting(waiting)

    # the challenger that was registered is judged, and none is trained again
    assert (done.request.state, done.request.challenger) == ("promoted", "v2")
    assert stages(waiting) == {"v1": "staging", "v2": "production"}


def test_features_that_were_looked_up_are_joined_again_as_the_champion_has_them(fresh):
    frame = rows(600, 0).assign(customer_id=np.arange(600))
    early = pd.to_datetime(MONDAY - 30 * DAY, unit="us", utc=True)
    view = ViewDefinition(view="customers", key=("customer_id",), time="seen_at")
    fresh.features.write(view, frame.drop(columns="y").assign(seen_at=early), history=True)
    before = MONDAY - 20 * DAY + np.arange(600) * 1_000_000
    spine = frame[["customer_id", "y"]].assign(at=pd.to_datetime(before, unit="us", utc=True))
    fresh.upload(spine, "outcomes")
    spec = {"model_id": "m", "target": "y", "features": ("customers",), "time": "at"}
    fresh.train(TrainingSpec(data=fresh.dataset("outcomes"), **spec, epochs=20))
    fresh.promote("m", force=True, because="to start with")
    live = frame[["customer_id", "y"]].sample(300, random_state=1)
    at = MONDAY + np.arange(300) * (13 * DAY // 300)
    live["at"] = pd.to_datetime(at, unit="us", utc=True)
    fresh.predict("m", live.drop(columns="y"), time="at")
    known = live.assign(at=pd.to_datetime(at + DAY, unit="us", utc=True))
    fresh.label("m", known, "y", key=("customer_id",), time="at")

    done = retrain.run(fresh, "m")

    assert done.request.state in ("refused", "challenger waits for approval", "promoted")
    made = fresh.registry.get_model("m", "v2").metadata
    assert made["sources"] == fresh.registry.get_model("m", "v1").metadata["sources"]
    assert made["retraining"]["first_rows"] == 600
    assert fresh.predict_one("m@v2", {"customer_id": 7}).prediction in ("yes", "no")


def test_rows_that_came_from_a_variable_are_asked_for(fresh):
    frame = rows(400, 0)
    train(fresh, frame, "loose")
    for number in range(2):
        a_week(fresh, number, count=100, model_id="loose")

    with pytest.raises(NoTrainingRows) as told:
        retrain.run(fresh, "loose")

    assert str(told.value) == (
        "the 400 rows that loose v1 learned from are not in this workspace. Next: %workspace "
        "upload NAME DATA with the same rows, which is enough for every time, or %monitor loose "
        "retrain now --data DATA"
    )
    assert retrain.requests(fresh, "loose")[0].state == "failed"
    # under whatever name they come back
    fresh.upload(frame.sample(frac=1, random_state=1), "again")
    assert retrain.run(fresh, "loose").request.state in ("refused", "promoted")
    metadata = fresh.registry.get_model("loose", "v2").metadata
    assert metadata["retraining"]["first_rows"] == 400


def test_without_labels_nothing_is_asked_for_and_it_is_said_how_many_are_needed(fresh):
    train(fresh, rows(400, 0), "young")
    found = retrain.set_policy(fresh, "young", Policy(min_labels=60))

    assert found.waits_for == "waits for labels of predictions that are old enough: 0 of 60"
    assert retrain.run_waiting(fresh) == ()
    with pytest.raises(TooFewLabels):
        retrain.run(fresh, "young")


def test_a_week_whose_inputs_were_broken_asks_for_mending_and_teaches_nothing(fresh):
    train(fresh, rows(1000, 0).assign(a=lambda frame: np.exp(frame["a"])))
    broken = np.exp(rows(400, 100)["a"]) * 1000
    a_week(fresh, 0, count=400, a=broken)

    found = retrain.set_policy(fresh, "m", AUTO)

    assert found.waits_for == (
        "the loss is larger, but a was broken from 2026-01-05 on: mend what feeds it"
    )
    assert retrain.run_waiting(fresh) == ()
    with pytest.raises(TooFewLabels, match="has 0 labelled predictions"):
        retrain.run(fresh, "m")


def test_a_policy_is_a_row_that_can_be_ended_and_refuses_what_it_cannot_be(worse):
    retrain.set_policy(worse, "m", Policy(drift=True, age=30 * DAY))
    assert retrain.policy(worse, "m").when == ("performance", "drift", "age>30d")
    assert retrain.open_request(worse, "m").state == "waiting"

    found = retrain.off(worse, "m")

    assert found.policy is None
    assert found.history[0].said == "retraining was switched off"
    with pytest.raises(BadArgument, match="approve is 'me'"):
        Policy(approve="me")


def test_an_old_model_is_retrained_where_age_is_asked_for(quiet):
    retrain.set_policy(quiet, "m", Policy(performance=False, age=30 * DAY))
    quiet.storage.clock.now = lambda: time.time_ns() // 1000 + 40 * DAY

    request = retrain.consider(quiet, "m")

    assert (request.reason, request.evidence) == ("age", ("v1 is 40 days old",))


def test_a_workspace_that_is_none_is_said_on_the_command_line(tmp_path, capfd):
    (tmp_path / "notes.txt").write_text("")

    assert main(["retrain", "--workspace", str(tmp_path)]) == 1

    assert "is no workspace: it holds 'notes.txt'" in capfd.readouterr().err
