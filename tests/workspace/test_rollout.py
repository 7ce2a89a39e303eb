"""A version answers beside production: as a shadow, recorded apart, or as a canary."""

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics import TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NoneInStage, NotRunning
from mlops_magics.workspace import Workspace, alerting, rollout
from mlops_magics.workspace.predict import place_of
from mlops_magics.workspace.together import Asked, answer_together

keys = st.lists(st.integers(0, 10**9) | st.text(max_size=8), min_size=1, max_size=50)
MONDAY = 1_767_571_200_000_000  # 2026-01-05 00:00 UTC


def customers(count, seed=0):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in chance.permutation(count)],
            "tenure": chance.normal(size=count),
            "charges": chance.normal(size=count),
        }
    )
    odds = 2 * frame["tenure"] - frame["charges"]
    frame["churned"] = np.where(chance.random(count) < 1 / (1 + np.exp(-odds)), "yes", "no")
    return frame


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A model with v1 in production, and v2 that has learned less."""
    workspace = Workspace(tmp_path_factory.mktemp("made") / ".mlops")
    spec = {"model_id": "m", "data": customers(500), "target": "churned", "epochs": 20}
    workspace.train(TrainingSpec(**spec))
    workspace.promote("m")
    workspace.train(TrainingSpec(**spec | {"epochs": 1}))
    return workspace


@pytest.fixture
def two(made, tmp_path, clock):
    made.storage.close()
    shutil.copytree(made.folder, tmp_path / ".mlops")
    workspace = Workspace(tmp_path / ".mlops", clock=clock)
    yield workspace
    workspace.close()


def label(workspace, rows, answered):
    known = {"request_id": answered.request_ids, "y": rows["churned"]}
    workspace.label("m", pd.DataFrame(known), "y")


def test_a_shadow_answers_the_same_rows_and_is_no_traffic_of_the_model(two):
    rows = customers(120, 1)
    rollout.shadow(two, "m", "v2")

    answered = two.predict("m", rows.drop(columns="churned"))

    assert answered.said[0] == "v2 answered beside it as its shadow, recorded apart"
    assert answered.version.version == "v1"
    assert two.monitoring.count("m") == 120
    assert two.monitoring.get_metrics("m").versions == {"v1": 120}
    label(two, rows, answered)
    seen = two.watch("m@v2")
    assert (seen.version, seen.metrics.count) == ("v2:shadow", 120)
    assert seen.performance.overall.labelled == 120
    alone = two.predict("m@v2", rows.drop(columns="churned"), record=False).to_pandas()
    recorded = two.monitoring.query_events("m", version="v2:shadow")
    by_id = {event.request_id: event.confidence for event in recorded}
    assert [by_id[i] for i in answered.request_ids] == pytest.approx(alone["confidence"].tolist())


def test_one_prediction_says_that_a_shadow_answered_too(two):
    rollout.shadow(two, "m", "v2")

    answer = two.predict_one("m", {"tenure": 1.0, "charges": 0.5})
    named = two.predict_one("m@v1", {"tenure": 1.0, "charges": 0.5})

    assert (answer.version, answer.routed) == (
        "v1",
        "v2 answered beside it as its shadow, recorded apart",
    )
    assert named.routed is None
    (event,) = two.monitoring.query_events("m", version="v2:shadow")
    assert event.request_id == answer.request_id


def test_a_shadow_that_cannot_answer_does_not_touch_productions_answer(two):
    only = customers(400, 5)
    only["discount"] = only["tenure"] * 0.5
    two.train(TrainingSpec(model_id="m", data=only, target="churned", epochs=5))
    rollout.shadow(two, "m", "v3")

    answer = two.predict_one("m", {"tenure": 1.0, "charges": 0.5})

    assert answer.request_id is not None
    assert answer.routed == "its shadow v3 could not answer: no column 'discount' in the rows"


def test_a_canary_answers_for_its_entities_each_time_and_rows_stay_in_order(two):
    rows = customers(300, 1)
    asked = rows.drop(columns="churned")
    rollout.canary(two, "m", "v2", 0.3)

    answered = two.predict("m", asked)
    again = two.predict("m", asked.iloc[::-1])

    found = answered.to_pandas()
    share = (found["version"] == "v2").mean()
    assert 0.2 < share < 0.4
    said = f"v2 answered {round(share * 300)} of 300 rows: the canary of 30 % by customer_id"
    assert answered.said[0] == said
    assert again.to_pandas()["version"].tolist() == found["version"].tolist()[::-1]
    for version in ("v1", "v2"):
        alone = two.predict(f"m@{version}", asked, record=False).to_pandas()
        own = (found["version"] == version).to_numpy()
        assert found["p(yes)"][own].tolist() == pytest.approx(alone["p(yes)"][own].tolist())
        assert two.monitoring.count("m") == 600
        recorded = two.monitoring.query_events("m", version=version)
        assert {e.request_id for e in recorded} >= set(found["request_id"][own])
    for row in asked.head(20).to_dict("records"):
        one = two.predict_one("m", row)
        assert one.version == found["version"][asked["customer_id"] == row["customer_id"]].item()
        assert "the canary of 30 % by customer_id" in one.routed


def test_without_a_key_the_values_of_the_row_say_who_answers(two):
    rollout.canary(two, "m", "v2", 0.5)
    row = {"tenure": 0.25, "charges": 1.5}

    first, second = two.predict_one("m", row), two.predict_one("m", row)

    assert first.version == second.version
    assert "by the values of the row" in first.routed


def test_a_file_is_answered_in_the_same_shares(two, tmp_path):
    asked = customers(200, 1).drop(columns="churned")
    rollout.canary(two, "m", "v2", 0.5)

    two.predict_file("m", asked, tmp_path / "scored.parquet")

    by_file = pd.read_parquet(tmp_path / "scored.parquet")["version"].tolist()
    assert by_file == two.predict("m", asked, record=False).to_pandas()["version"].tolist()


@given(keys)
def test_an_entity_has_one_place_whatever_stands_beside_it(given_keys):
    entities = [{"id": key} for key in given_keys]

    places = place_of("m@v2", entities)

    assert places.min() >= 0
    assert places.max() < 10_000
    for entity, place in zip(entities, places.tolist(), strict=True):
        assert place_of("m@v2", [entity])[0] == place
    # a larger share keeps the entities of a smaller one
    assert set(np.flatnonzero(places < 1000)) <= set(np.flatnonzero(places < 5000))


def test_shares_are_kept_and_another_canary_has_other_entities():
    entities = [{"id": number} for number in range(20_000)]

    one, other = place_of("m@v2", entities), place_of("m@v3", entities)

    assert (one < 1000).mean() == pytest.approx(0.1, abs=0.01)
    assert ((one < 1000) & (other < 1000)).mean() == pytest.approx(0.01, abs=0.003)


def test_single_predictions_of_many_callers_find_their_versions_too(two):
    rollout.canary(two, "m", "v2", 0.5)
    rows = customers(40, 1).drop(columns="churned").to_dict("records")

    answered = answer_together(two, [Asked(ref="m", values=row) for row in rows])

    alone = [two.predict_one("m", row).version for row in rows]
    assert [answer.version for answer in answered] == alone
    assert set(alone) == {"v1", "v2"}


def test_live_labelled_rows_compare_production_with_what_answers_beside_it(two):
    rows = customers(400, 1)
    rollout.canary(two, "m", "v2", 0.5)
    answered = two.predict("m", rows.drop(columns="churned"))
    label(two, rows, answered)

    found = two.compare("m", "production", "v2")

    assert (found.first.version, found.second.version) == ("v1", "v2")
    assert found.labelled == 400
    assert found.paired.rows == found.rows


def test_it_ends_by_promotion_by_hand_and_when_its_version_is_archived(two):
    rollout.canary(two, "m", "v2", 0.1)
    assert rollout.off(two, "m").why == "switched off"
    with pytest.raises(NotRunning, match="neither a shadow nor a canary of 'm' is running"):
        rollout.off(two, "m")

    rollout.shadow(two, "m", "v2")
    two.registry.archive_model("m", "v2")
    assert rollout.running(two, "m") is None


def test_it_ends_when_it_is_promoted_and_does_not_come_back_with_a_rollback(two):
    rollout.canary(two, "m", "v2", 0.1)
    two.promote("m", "v2", force=True, because="a try")
    assert rollout.running(two, "m") is None

    two.rollback("m")

    assert rollout.running(two, "m") is None
    assert two.predict_one("m", {"tenure": 1.0, "charges": 0.5}).routed is None


def test_a_canary_whose_alert_opens_ends_by_itself(two, clock):
    alerting.add_rule(two, "m", "p95_latency_ms > 0")
    rollout.canary(two, "m", "v2", 0.6)
    clock.advance(3600)
    rows = customers(600, 1).drop(columns="churned")
    rows["at"] = pd.to_datetime(clock.now() + np.arange(600) * 1_000_000, unit="us", utc=True)
    two.predict("m", rows, time="at")
    clock.advance(2 * 24 * 3600)

    alerting.check(two, "m")

    assert rollout.running(two, "m") is None
    with two.storage.reading() as reading:
        why = reading.execute("SELECT why FROM rollout ORDER BY seq DESC").fetchone()[0]
    assert why.startswith("alert ")


def test_what_cannot_stand_in_for_production_is_refused(two):
    two.train(TrainingSpec(model_id="other", data=customers(200), target="churned", epochs=2))
    with pytest.raises(NoneInStage):
        rollout.shadow(two, "other", "v1")
    with pytest.raises(BadArgument, match="another one than that in production"):
        rollout.shadow(two, "m", "v1")
    with pytest.raises(BadArgument, match="more than 0% and less than 100%"):
        rollout.canary(two, "m", "v2", 1.0)
    two.train(TrainingSpec(model_id="m", data=customers(200), target="charges", epochs=2))
    with pytest.raises(BadArgument, match="a version that predicts 'churned' as v1 does"):
        rollout.shadow(two, "m", "v3")
