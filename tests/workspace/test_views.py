"""What a model reads of the feature views, and what it feels when they change."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.tables import MissingColumns
from mlops_magics.features import ViewDefinition
from mlops_magics.workspace import views
from mlops_magics.workspace.results import Listing

COUNT = 120
CHANCE = np.random.default_rng(3)
CUSTOMERS = pd.DataFrame({"k": np.arange(COUNT), "tenure": CHANCE.integers(0, 72, COUNT)})
OUTCOMES = pd.DataFrame(
    {
        "k": np.arange(COUNT),
        "amount": CHANCE.integers(1, 9, COUNT),
        "churned": np.where(CUSTOMERS["tenure"] > 30, "no", "yes"),
    }
)
BY_SQL = ViewDefinition(view="customers", key=("k",), sql="FROM a")


def train(workspace, *features, data=OUTCOMES, **more):
    spec = TrainingSpec(model_id="churn", data=data, target="churned", features=features, **more)
    return workspace.train(spec)


def kept(workspace):
    with workspace.storage.reading() as reading:
        return [tuple(row) for row in reading.execute("SELECT view, number FROM online_view")]


def test_a_view_that_a_production_model_reads_is_kept_by_key_and_let_go_of_again(workspace):
    workspace.features.write(BY_SQL, CUSTOMERS)
    train(workspace, "customers")
    assert kept(workspace) == []

    workspace.promote("churn", force=True, because="a test of views")
    assert kept(workspace) == [("customers", 1)]

    workspace.features.write(ViewDefinition(view="customers", key=("k",), sql="FROM b"), CUSTOMERS)
    train(workspace, "customers")
    workspace.promote("churn", force=True, because="a test of views")
    assert kept(workspace) == [("customers", 2)]

    assert workspace.rollback("churn").version.version == "v1"
    assert kept(workspace) == [("customers", 1)]


def test_a_model_reads_the_version_of_the_view_that_it_has_learned_from(workspace):
    workspace.features.write(BY_SQL, CUSTOMERS)
    train(workspace, "customers")
    before = workspace.predict("churn", OUTCOMES[["k", "amount"]], record=False).to_pandas()

    other = CUSTOMERS.assign(tenure=CUSTOMERS["tenure"] * 365.0)
    workspace.features.write(ViewDefinition(view="customers", key=("k",), sql="FROM b"), other)

    after = workspace.predict("churn", OUTCOMES[["k", "amount"]], record=False).to_pandas()
    one = workspace.predict_one("churn", {"k": "7", "amount": "3"}, record=False)
    pd.testing.assert_frame_equal(after, before)
    assert one.features["tenure"] == CUSTOMERS["tenure"][7]


def test_a_change_that_a_production_model_would_feel_is_said_before_and_with_it(workspace):
    workspace.features.write(BY_SQL, CUSTOMERS)
    train(workspace, "customers")
    workspace.promote("churn", force=True, because="a test of views")
    changed = ViewDefinition(view="customers", key=("k",), sql="FROM b")

    tried = views.write(workspace, changed, CUSTOMERS, dry_run=True)
    written = views.write(workspace, changed, CUSTOMERS)

    assert tried.warnings[0] == (
        "churn v1 in production reads v1, which would get no new rows; train it again on v2"
    )
    assert written.warnings[0] == (
        "churn v1 in production reads v1, which gets no new rows; train it again on v2"
    )
    assert views.write(workspace, changed, CUSTOMERS).warnings == ()


def test_a_view_says_how_it_grew_what_it_lacked_and_who_reads_it(workspace, clock):
    start = pd.Timestamp("2026-01-01", tz="UTC")
    table = pd.DataFrame(
        {
            "k": np.arange(COUNT),
            "t": start + pd.to_timedelta(np.arange(COUNT), unit="min"),
            "v": np.where(np.arange(COUNT) < 60, 1.0, np.nan),
            "w": np.arange(COUNT) % 7,
        }
    )
    workspace.features.write(ViewDefinition(view="v", key=("k",), time="t"), table)
    train(workspace, "v")

    report = views.report(workspace, "v")
    (summary,) = views.list_views(workspace)

    assert report.growth.rows == (10,) * 11 + (10,)
    assert report.growth.missing == {"v": (0.0,) * 6 + (1.0,) * 6, "w": (0.0,) * 12}
    assert report.age == summary.age == clock.now() - report.view.newest
    assert [(r.model_id, r.version, r.number) for r in report.readers] == [("churn", "v1", 1)]
    assert (report.row_count, [f.name for f in report.features]) == (COUNT, ["v", "w"])
    listed = Listing([summary]).to_pandas()
    assert listed[["view", "version", "row_count"]].values.tolist() == [["v", "v1", COUNT]]
    assert summary.read_by == ("churn v1",)
    assert [(w.new_count, w.is_history) for w in report.writes] == [(COUNT, True)]


def test_two_loads_of_history_in_two_cells_train_as_one(workspace, clock):
    start = pd.Timestamp("2025-01-01", tz="UTC")
    table = CUSTOMERS.assign(t=start + pd.to_timedelta(np.arange(COUNT), unit="D"))
    asked = OUTCOMES.assign(t=table["t"] + pd.Timedelta("1h"))
    whole = ViewDefinition(view="whole", key=("k",), time="t")
    workspace.features.write(whole, table)
    halves = [ViewDefinition(view="half", key=("k",), time="t", sql=f"FROM {n}") for n in "ab"]

    workspace.features.write(halves[0], table[:60])
    clock.advance(3600)
    named = workspace.features.write(halves[1], table[60:], history=True)

    assert named.version.number == 1
    joined = [
        workspace.features.join(asked, [view]).columns["tenure"] for view in ("whole", "half")
    ]
    assert joined[0].to_list() == joined[1].to_list() == table["tenure"].tolist()
    jobs = [train(workspace, view, data=asked, time="t") for view in ("whole", "half")]
    assert jobs[0].metrics == jobs[1].metrics


def define(workspace, sql, name="spending"):
    workspace.features.write(ViewDefinition(view=name, sql=sql, on_demand=True))


def test_a_request_time_feature_is_the_same_in_training_and_in_prediction(workspace):
    workspace.features.write(BY_SQL, CUSTOMERS)
    define(workspace, "SELECT amount // 2 AS half, amount / (tenure + 1) AS share FROM request")
    job = train(workspace, "customers", "spending")

    joined = workspace.features.join(OUTCOMES, ["customers", "spending"])
    scored = workspace.predict("churn", OUTCOMES[["k", "amount"]]).to_pandas()
    events = {e.request_id: e for e in workspace.monitoring.query_events("churn")}
    # a table that has the amounts as numbers is computed as the integers of training
    as_numbers = OUTCOMES[["k", "amount"]].astype({"amount": float})
    again = workspace.predict("churn", as_numbers, record=False).to_pandas()

    assert job.report.used == ("k", "amount", "tenure", "half", "share")
    for place, request_id in enumerate(scored["request_id"]):
        for name in ("half", "share"):
            value = events[request_id].features[name]
            assert value == joined.columns[name].to_list()[place]
    assert again["confidence"].tolist() == scored["confidence"].tolist()


def test_a_prediction_is_traced_to_the_sql_of_a_request_time_feature_and_its_values(workspace):
    workspace.features.write(BY_SQL, CUSTOMERS)
    define(workspace, "SELECT amount / (tenure + 1) AS share FROM request")
    train(workspace, "customers", "spending")
    found = workspace.predict_one("churn", {"k": 7, "amount": 3})

    stored, computed = workspace.trace("churn", found.request_id).sources

    assert stored.features == {"tenure": CUSTOMERS["tenure"][7]}
    assert computed.sql == "SELECT amount / (tenure + 1) AS share FROM request"
    assert computed.features == {"share": 3 / (CUSTOMERS["tenure"][7] + 1)}


def test_one_request_gives_the_raw_values_and_gets_the_feature(workspace):
    workspace.features.write(BY_SQL, CUSTOMERS)
    define(workspace, "SELECT amount / (tenure + 1) AS share FROM request")
    train(workspace, "customers", "spending")

    found = workspace.predict_one("churn", {"k": "7", "amount": "3"}, record=False)
    replaced = workspace.predict_one(
        "churn", {"k": "7", "amount": "3", "tenure": "2"}, record=False
    )
    given = workspace.predict_one("churn", {"k": 7, "amount": 3, "share": 0.25}, record=False)

    assert found.features["share"] == 3 / (CUSTOMERS["tenure"][7] + 1)
    assert replaced.features["share"] == 1.0
    assert given.features["share"] == 0.25


def test_a_request_without_what_the_feature_is_computed_from_is_told_so(workspace):
    define(workspace, "SELECT amount * 2 AS twice FROM request")
    train(workspace, "spending", exclude=("k",))

    with pytest.raises(MissingColumns) as refused:
        workspace.predict_one("churn", {"k": 7}, record=False)

    assert str(refused.value) == (
        "no column 'amount' in the row. Next: give amount, which the view 'spending' computes with"
    )


def test_a_request_time_feature_never_sees_the_target(workspace):
    define(workspace, "SELECT churned = 'yes' AS leak FROM request")

    with pytest.raises(MissingColumns, match=r"^no column 'churned' in the row\."):
        train(workspace, "spending")
