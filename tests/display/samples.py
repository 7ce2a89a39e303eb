"""One small result of each kind, made by hand."""

# ruff: noqa: E501  # one line a value reads better here

from dataclasses import replace

import numpy as np

from mlops_magics.features.growth import Growth
from mlops_magics.features.history import History
from mlops_magics.features.view import FeatureWrite, View, ViewVersion, ViewWrite
from mlops_magics.inference.answers import Prediction, Predictions
from mlops_magics.inference.explanation import Contribution, Explanation
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.monitoring import reports as m
from mlops_magics.monitoring import retraining as r
from mlops_magics.monitoring.alert import Alert, Rule
from mlops_magics.monitoring.alerts import Change
from mlops_magics.monitoring.delivery import Attempt
from mlops_magics.monitoring.health import judge
from mlops_magics.registry.rollouts import Rollout
from mlops_magics.registry.versions import Deletion, ModelVersion, Promotion, StageChange, Verdict
from mlops_magics.statistics.calibration import CurvePoint
from mlops_magics.statistics.drift import Drift
from mlops_magics.statistics.estimates import Estimate, Gap
from mlops_magics.statistics.paired import Paired
from mlops_magics.storage.cells import Cell
from mlops_magics.storage.packing import Field
from mlops_magics.tables.summaries import ColumnProfile
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.findings import (
    Beside,
    Calibration,
    Coverage,
    Importance,
    Leak,
    Threshold,
    Unseen,
)
from mlops_magics.training.job import Report, TrainingJob
from mlops_magics.workspace import results as w
from mlops_magics.workspace import views as v
from mlops_magics.workspace.beside import Side, SideBySide
from mlops_magics.workspace.card import ClassFigures, ModelCard, Quality
from mlops_magics.workspace.compare import Comparison
from mlops_magics.workspace.exploring import ViewExploration
from mlops_magics.workspace.predict import Answered
from mlops_magics.workspace.what_if import Input, WhatIf

BAD = "<script>alert(1)</script>"
QUOTED = 'it\'s "<b>" & co'
FIRST, LAST = 1_356_998_400_000_000, 1_388_361_600_000_000  # 1 Jan 2013, 30 Dec 2013

VIEW_VERSION = ViewVersion(
    view="weather", number=1, key=(Field("origin", "category", "text"),), time="observed_at",
    ttl=None, sql=f"SELECT *\nFROM w -- {BAD}", sha256="", cell=None, cell_number=3, written_at=LAST,
)  # fmt: skip
NUMBER = ColumnProfile(
    name="temp_f", kind="number", row_count=100, missing_count=0, distinct_count=60,
    low=11.0, high=100.04, bars=(1, 3, 6, 8, 10, 8, 4, 2),
)  # fmt: skip
ODD = ColumnProfile(
    name=BAD, kind="category", row_count=100, missing_count=80, distinct_count=2,
    top=((QUOTED, 15), ("JFK", 5)), bars=(15, 5),
)  # fmt: skip
WRITE = FeatureWrite(
    version=VIEW_VERSION, new_count=26112, existing_count=0, entity_count=3, first=FIRST, last=LAST,
    is_history=True, is_new_version=True, profile=(NUMBER, ODD), warnings=(f"{BAD} is mostly missing.",),
)  # fmt: skip
VIEW = View(
    current=VIEW_VERSION, versions=(VIEW_VERSION,), features=(Field(BAD, "number", "float64"),),
    row_count=26112, newest=LAST,
)  # fmt: skip
WRITES = tuple(
    ViewWrite(number=1, new_count=n, existing_count=0, is_history=n > 1, sql=None, sha256="", cell=None, cell_number=3, written_at=LAST)
    for n in (26111, 1)
)  # fmt: skip
READERS = (
    v.Reader(model_id="late", version="v1", stage="development", view="weather", number=1),
    v.Reader(model_id="late", version="v2", stage="production", view="weather", number=1),
)
HOUR = 3_600_000_000
VIEW_SUMMARY = v.ViewSummary(
    view="weather", version="v1", key=("origin",), features=(BAD,), row_count=26112, newest=LAST, age=HOUR, read_by=v.names(READERS),
)  # fmt: skip
RATIO_SUMMARY = v.ViewSummary(
    view="ratio", version="v1", key=(), features=(), row_count=0, newest=None, age=None, read_by=(),
)  # fmt: skip
VIEW_REPORT = v.ViewReport(
    view=VIEW, age=30 * HOUR, writes=WRITES, readers=READERS,
    growth=Growth(first=FIRST, last=LAST, rows=(13000, 0, 13112), missing={BAD: (0.1, None, 0.6)}),
)  # fmt: skip
V2 = ViewVersion(
    view="weather", number=2, key=VIEW_VERSION.key, time="observed_at", ttl=None, sql="SELECT 1", sha256="ab", cell=None,
    cell_number=None, written_at=LAST,
)  # fmt: skip
NEW_VERSION = FeatureWrite(
    version=V2, new_count=26112, existing_count=0, entity_count=3, first=FIRST, last=LAST, is_history=True,
    is_new_version=True, profile=(NUMBER,), warnings=("late v2 in production reads v1",), changes=(f"-FROM w -- {BAD}", "+FROM w"),
    is_dry_run=True,
)  # fmt: skip
RATIO = ViewVersion(
    view="ratio", number=1, key=(), time=None, ttl=None, sql="SELECT a / b AS ratio FROM request", sha256="", cell=None,
    cell_number=4, written_at=LAST, on_demand=True,
)  # fmt: skip
ON_DEMAND = FeatureWrite(
    version=RATIO, new_count=0, existing_count=0, entity_count=0, first=None, last=None, is_history=False,
    is_new_version=True, profile=(), warnings=(),
)  # fmt: skip
RATIO_VIEW = View(current=RATIO, versions=(RATIO,), features=(), row_count=0, newest=None)
RATIO_REPORT = v.ViewReport(
    view=RATIO_VIEW, age=None, growth=Growth(first=None, last=None, rows=(), missing={}), writes=(), readers=(),
)  # fmt: skip
REPORT = Report(
    task="binary", target="late", classes=("no", "yes"), row_count=6227, training_count=4981,
    held_out_count=1246, used=("a", BAD), left_out={"flight_id": "identifier"},
    split="the newest 1,246 of 6,227 rows", steps=240, best_step=180, history=((1, 0.7, 0.69), (120, 0.5, 0.51), (180, 0.45, 0.5), (240, 0.4, 0.52)),
    intervals={"auc": (0.7012, 0.7734)}, undefined={"r2": f"undefined: {BAD}"},
    baselines=(
        Beside(name="always the commonest", metrics={"accuracy": 0.8, "loss": 0.5, "auc": 0.5}, intervals={}, gain=0.07, gain_ends=(0.05, 0.09)),
        Beside(name="linear", metrics={"accuracy": 0.81, "loss": 0.45, "auc": 0.7}, intervals={"auc": (0.66, 0.74)}, gain=0.02, gain_ends=(0.01, 0.03)),
    ),
    calibration=Calibration(
        of="p(yes)", temperature=1.0, error=0.021, by_chance=0.4,
        points=(CurvePoint(predicted=0.1, observed=0.12, low=0.1, high=0.14, rows=623), CurvePoint(predicted=0.3, observed=0.28, low=0.25, high=0.31, rows=623)),
    ),
    coverage=Coverage(kind="set", asked=0.9, found=0.91, ends=(0.89, 0.93), width=1.234),
    threshold=Threshold(of="yes", probability=0.31, precision=0.5, recall=0.6, usual_recall=0.2),
    importance=(Importance(column=BAD, increase=0.05, low=0.04, high=0.06), Importance(column="a", increase=0.01, low=-0.01, high=0.03)),
    leaks=(Leak(column=BAD, metric="auc", score=0.99),), unseen=Unseen(row_count=120, metrics={"auc": 0.61}),
    warnings=(f"{BAD} alone reaches AUC 0.99",), notes=(QUOTED,),
)  # fmt: skip
JOB = TrainingJob(
    job_id="j", model_id="late", version="v1", status="completed",
    metrics={"accuracy": 0.8123, "loss": 0.4321, "auc": 0.7412}, measured_on="held-out",
    start_time=FIRST, end_time=LAST, report=REPORT,
)  # fmt: skip
FAILED = TrainingJob(
    job_id="j", model_id="late", version=None, status="failed", metrics={}, measured_on=None,
    start_time=0, end_time=1, error=f"no rows {BAD}",
)  # fmt: skip
V1 = ModelVersion(
    model_id="late", version="v1", alias=None, framework="flax", artifact_uri="", artifact_sha256=None,
    metrics=JOB.metrics, metadata={"task": "binary", "target": "late", "row_count": 6227}, registered_at=LAST,
    stage="production", stage_since=LAST,
)  # fmt: skip
THEIRS = replace(V1, framework="sklearn", artifact_uri=BAD, metadata={}, metrics={"auc": 0.7})
CHANGE = StageChange(version="v1", stage="production", why=QUOTED, written_at=LAST)
PROMOTED = Promotion(
    version=V1, replaced="v0",
    verdicts=(Verdict(gate="intact", passed=True, said="digest matches"), Verdict(gate="finite", passed=False, said=BAD)),
)  # fmt: skip
UNKNOWN = Verdict(
    gate="calibrated",
    passed=None,
    said="no verdict: its probabilities were seen on fewer than 30 rows",
)
FORCED = Promotion(version=V1, verdicts=(UNKNOWN,), because=BAD)
REFUSED = Promotion(version=V1, verdicts=(UNKNOWN,), is_refused=True)
COMPARED = Comparison(
    first=V1, second=replace(V1, version="v2"), held_out=300, labelled=120, learned=12, lacking=3,
    losses=(0.4321, 0.4012), accuracies=(0.81, 0.83), mid_p=0.04,
    paired=Paired(gain=0.0309, low=0.0102, high=0.0516, rows=420), looks=3,
)  # fmt: skip
TOO_FEW = Comparison(
    first=V1, second=replace(V1, version="v2"), held_out=0, labelled=0, learned=420, lacking=0
)
PAST = StageChange(
    version="v1", stage="production", why="promoted past its gates", written_at=LAST, verdicts=(UNKNOWN,), because=BAD,
    by=f"http {QUOTED}",
)  # fmt: skip
CARD = ModelCard(
    version=replace(
        V1, artifact_sha256="ab" * 32,
        metadata={**V1.metadata, "note": QUOTED, "seed": 0, "git_commit": "c" * 40, "job_id": "j", "cell": f"%train late # {BAD}",
                  "cell_number": 4, "data": {"row_count": 6227, "fingerprint": "00ff", "columns": 9},
                  "views": [{"view": "weather", "number": 1, "key": ["origin"]}]},
    ),
    job=JOB, changes=(CHANGE, PAST),
    signature=Signature(
        features=(Feature(name="hour", kind="integer", low=0, high=23), Feature(name=BAD, kind="category", levels=(QUOTED, "b"), missing_seen=True)),
        target="late", task="binary", classes=("no", BAD), target_kind="category",
    ),
    quality=Quality(
        rows=1246, slices=(),
        classes=(ClassFigures(value="no", rows=1000, precision=0.9, recall=0.95), ClassFigures(value=BAD, rows=246, precision=None, recall=0.0)),
    ),
    environment={"jax": "0.10.2"}, limits=(f"worse where {BAD}",), prediction_count=3,
)  # fmt: skip
PREDICTION = Prediction(
    prediction="late", confidence=0.78, probabilities={"late": 0.78}, features={"hour": 18, BAD: QUOTED},
    warnings=(f"unseen {QUOTED}",), version="v3", stage="production", ages={"hour": 22 * 60_000_000},
)  # fmt: skip
CLASSES = np.array(["no", BAD, "no", "no"], dtype=object)
SHARES = np.array([[0.9, 0.1], [0.3, 0.7], [0.8, 0.2], [0.6, 0.4]])
PRESENT = np.zeros(4, bool)
ANSWERED = Answered(
    version=V1, request_ids=("a", "b", "c", "d"), said=(f"{BAD}: 1 outside the 0 to 1 of training",),
    predictions=Predictions(
        prediction=Column("category", CLASSES, PRESENT), confidence=SHARES.max(axis=1), probabilities=SHARES,
        classes=("no", BAD), features=Table.of({}),
    ),
)  # fmt: skip
NUMBERS = Column("number", np.array([1.0, 2.0, 4.0, 8.0]), PRESENT)
ESTIMATED = Answered(
    version=V1, request_ids=None, said=(),
    predictions=Predictions(
        prediction=NUMBERS, confidence=None, probabilities=None, classes=(), features=Table.of({})
    ),
)  # fmt: skip
MANY = Prediction(
    prediction="b", confidence=0.5, probabilities={"a": 0.2, "b": 0.5, BAD: 0.3}, features={"x": 1.0}, ages={},
    model_id="late", version="v3",
)  # fmt: skip
FIGURE = Prediction(
    prediction=12.5, confidence=None, probabilities={}, lower=10.25, upper=15.0, features={"x": None}, ages={},
    model_id="late", version="v3",
)  # fmt: skip
EXPLAINED = replace(
    PREDICTION,
    set=("late", "no"),
    explanation=Explanation(
        of="late",
        typical=0.3,
        answer=0.78,
        contributions=(
            Contribution(feature="hour", value=18, typical=12, amount=0.5),
            Contribution(feature=BAD, value=QUOTED, typical="b", amount=-0.02),
            Contribution(feature="same", value=1, typical=1, amount=0.0),
        ),
    ),
)
MOVED_BY = replace(ANSWERED, moved_by={"hour": 0.2, BAD: 0.013, "same": 0.0}, explained_count=4)
METRICS = m.Metrics(
    model_id="late", count=24812, avg_confidence=0.81, avg_latency_ms=0.5, p50_latency_ms=0.4,
    p95_latency_ms=0.9, p99_latency_ms=1.1, error_rate=0.0, first=FIRST, last=LAST,
    versions={"v1": 24812}, predictions={"no": 20000, BAD: 4812},
)  # fmt: skip
MOVED = m.ColumnDrift(
    name=BAD, role="feature", severity="large", adjusted=1e-9, unseen={QUOTED: 4}, base=(0.1, 0.3, 0.4, 0.2), window=(0.0, 0.1, 0.4, 0.5),
    drift=Drift(state="measured", rows=1000, psi=0.33, size=0.31, p_value=1e-9, critical=0.05, degrees=3),
)  # fmt: skip
CALM = m.ColumnDrift(
    name="carrier", role="feature", severity=None, adjusted=0.31, unseen={}, base=(0.5, 0.3, 0.2), window=(0.48, 0.31, 0.21),
    drift=Drift(state="measured", rows=1000, psi=0.02, size=0.01, p_value=0.31, critical=0.05, degrees=2),
)  # fmt: skip
FEW = replace(METRICS, count=12, versions={"v1": 12}, predictions={"no": 12})
SLIPPED = replace(
    MOVED, name="spend", unseen={}, adjusted=1e-9, unit=1000.0, outside=400, outside_by_chance=3, range=(0.5, 80.0),
    missing=(0.0, 0.25), invalid=2, importance=0.5,
)  # fmt: skip
CLOCK = m.ColumnDrift(
    name="at", role="feature", severity=None, unseen={}, base=(1.0,), window=(1.0,), hours=-5, importance=0.1,
    drift=Drift(state="too few rows", rows=12),
)  # fmt: skip
PART = m.SliceDrift(by="origin", value=BAD, count=400, columns=(MOVED,))
DRIFT = m.DriftReport(
    model_id="late", version="v1", count=1000, first=FIRST, last=LAST, columns=(MOVED, SLIPPED, CALM, CLOCK),
    pairs=(m.PairDrift(first=BAD, second="spend", before=0.7, now=0.1, adjusted=1e-6),), slices=(PART,),
    baseline_rows=4981,
)  # fmt: skip
BY = replace(
    DRIFT, by="origin", slices=(PART, m.SliceDrift(by="origin", value="JFK", count=12, columns=()))
)
BASELINE = m.BaselineWrite(
    model_id="theirs",
    row_count=2000,
    columns=("age", BAD),
    left_out={"name": QUOTED},
    has_predictions=True,
)
WINDOW = m.PerformanceWindow(
    name="2013-04", count=12000, labelled=11000, metrics={"auc": 0.648, "loss": 0.61},
    intervals={"auc": (0.637, 0.659), "loss": (0.59, 0.63)}, positive_share=0.3, predicted_share=0.22,
    estimated={"auc": Estimate(0.74, 0.74, 0.74), "loss": Estimate(0.44, 0.42, 0.46)}, unusable=3,
    gaps={"loss": Gap(0.17, 0.15, 0.19, 1e-12)},
)  # fmt: skip
NEXT = m.PerformanceWindow(
    name="2013-05", count=9000, labelled=0, metrics={}, intervals={}, positive_share=None, predicted_share=None,
)  # fmt: skip
LATER = m.PerformanceWindow(
    name="2013-06", count=9000, labelled=8000, metrics={"auc": 0.7, "loss": 0.5},
    intervals={"auc": (0.68, 0.72)}, positive_share=0.2, predicted_share=0.21, is_mature=False,
)  # fmt: skip
PERFORMANCE = m.Performance(
    model_id="late",
    version="v1",
    overall=WINDOW,
    windows=(WINDOW, NEXT, LATER),
    reference=JOB.metrics,
    horizon=30 * 24 * 3_600_000_000,
)
LABELS = m.LabelWrite(
    model_id="late",
    matched=24000,
    corrected=2,
    unmatched=3,
    ambiguous=1,
    delay=3 * 3_600_000_000,
    ambiguous_keys=(BAD,),
    missing=4,
)
EVENT = m.Event(
    model_id="late", prediction=QUOTED, version="v1", confidence=0.78, event_time=LAST,
    request_id="0" * 32, features={BAD: 3.14159},
)  # fmt: skip
SOURCE = w.ViewSource(
    view="weather", number=1, sql=VIEW_VERSION.sql, cell=None, cell_number=3, features={BAD: 1.5}
)
SERVING = w.Serving(
    address="http://127.0.0.1:8900",
    token=f"secret {BAD}",
    folder=BAD,
    is_running=True,
    is_local=True,
)

ALERT = Alert(
    alert_id=3, model_id="late", version="v1", subject=BAD, kind="unseen", state="open", severity="large",
    opened_at=LAST, closed_at=None, window=(LAST - 24 * HOUR, LAST), said=f"{BAD}: '{QUOTED}' unseen in training, 12 % of rows",
    by_chance="p < 0.0001 over 14 columns", slice=f"origin is {BAD}",
)  # fmt: skip
WORSE = Alert(
    alert_id=4, model_id="late", version="v1", subject="loss", kind="performance", state="open", severity="moderate",
    opened_at=LAST, closed_at=None, window=(LAST - 48 * HOUR, LAST), said="loss 0.52 on 412 labels, 0.43 when trained",
    by_chance="4.2 standard errors; chance stays below 3.1", acknowledged=QUOTED,
)  # fmt: skip
OVER = replace(
    ALERT,
    alert_id=1,
    subject="hour",
    kind="drift",
    state="closed",
    severity="small",
    closed_at=LAST,
    said="hour is higher, size 0.06",
    slice=None,
)
WATCHED = replace(OVER, alert_id=2, state="watch", opened_at=None, closed_at=None)
RULE = Rule(
    rule_id=1,
    model_id="late",
    name="p95_latency_ms",
    above=True,
    limit=50.0,
    text="p95_latency_ms > 50",
)
SENT = Attempt(
    alert_id=3, host="hooks.example.org", attempt=2, outcome=f"failed: {BAD}", written_at=LAST
)
DAYS = np.array([FIRST, FIRST + 24 * HOUR, FIRST + 48 * HOUR])
HISTORY = History(
    version=VIEW_VERSION, entity={"origin": BAD}, event_time=DAYS, known_at=DAYS + np.array([0, 0, 80 * HOUR]), row_count=4,
    table=Table.of({
        "temp_f": Column("number", np.array([30.5, 28.0, np.nan]), np.array([False, False, True])),
        BAD: Column("category", np.array([QUOTED, "a", "b"], dtype=object), np.zeros(3, bool)),
    }),
)  # fmt: skip
EXPLORED = ViewExploration(
    view=VIEW, age=30 * HOUR, profile=(NUMBER, ODD), profiled=10000, hidden=988, entities=({"origin": BAD}, {"origin": "JFK"}), history=HISTORY,
).at(FIRST + 50 * HOUR)  # fmt: skip
UNKNOWN_ENTITY = replace(
    EXPLORED,
    history=replace(HISTORY, table=HISTORY.table.take(np.arange(0)), event_time=DAYS[:0], known_at=DAYS[:0], row_count=0),
).at(FIRST, is_now=True)  # fmt: skip
V2_OF_LATE = replace(
    V1, version="v2", stage="development", metadata={**V1.metadata, "row_count": 7000, "note": BAD}
)
ONE_SIDE = Side(
    version=V1, job=JOB, signature=CARD.signature, damage="", verdicts=PROMOTED.verdicts
)
OTHER_SIDE = Side(
    version=V2_OF_LATE, job=JOB, damage="", verdicts=(UNKNOWN,),
    signature=replace(CARD.signature, features=(Feature(name="hour", kind="number", low=0, high=23), Feature(name="a", kind="boolean"))),
)  # fmt: skip
BESIDE = SideBySide(
    versions=(V1, V2_OF_LATE), first=ONE_SIDE, second=OTHER_SIDE, comparison=COMPARED
)
NOT_COMPARED = replace(
    BESIDE, comparison=None, why_not=QUOTED,
    second=Side(version=replace(THEIRS, version="v2"), job=None, signature=None, damage=BAD, verdicts=()),
)  # fmt: skip
INPUTS = (
    Input(feature=Feature(name="hour", kind="integer", low=0, high=23), value=18, start=3, origin="looked up", is_changed=True, importance=0.2),
    Input(feature=Feature(name=BAD, kind="category", levels=(QUOTED, "b")), value=QUOTED, start=QUOTED, origin="given"),
)  # fmt: skip
TRIED = WhatIf(
    version=V1, prediction=replace(EXPLAINED, set=()), start=replace(PREDICTION, prediction="no", confidence=0.6),
    inputs=INPUTS, said=(f"not given, so as in a typical row: {BAD}",),
)  # fmt: skip
UNCHANGED = replace(
    TRIED,
    prediction=replace(FIGURE, explanation=Explanation(of=None, typical=12.5, answer=12.5, contributions=())),
    start=FIGURE,
    inputs=tuple(replace(one, is_changed=False, value=one.start) for one in INPUTS * 7),
)  # fmt: skip

REQUEST = r.RetrainingRequest(
    request_no=2,
    model_id="late",
    state="challenger waits for approval",
    reason="performance",
    evidence=(
        "loss 0.61 in 412 labelled predictions of 2013-07-01 to 2013-07-07, 0.48 when v1 was approved: 4.2 standard errors more",
    ),
    requested_at=FIRST,
    champion="v1",
    challenger="v2",
    judged_from=LAST,
    verdicts=(
        r.Judgement(
            question="better on the newest rows",
            passed=True,
            said="loss 0.5, 0.61 of v1, on 412 rows; by 0.06 at least, must be above 0",
        ),
        r.Judgement(
            question="not worse on older rows",
            passed=None,
            said="12 rows that neither has seen, 30 are needed",
        ),
        r.Judgement(
            question="no leakage warning", passed=False, said=f"told nearly alone by {BAD}"
        ),
    ),
    said="v2 is better and passes every gate: a person decides",
)
ASKED = r.RetrainingRequest(
    request_no=1,
    model_id="late",
    state="failed",
    reason="asked",
    evidence=(QUOTED,),
    requested_at=FIRST,
    champion="v1",
    said=f"no rows: {BAD}",
)
CARD = replace(CARD, retrainings=(REQUEST,))
NEED = w.Need(
    model_id="late", said="challenger v2 waits for approval", next="%monitor late retrain approve"
)
STANDING = w.RetrainingStanding(
    model_id="late",
    policy=r.Policy(drift=True, age=30 * 24 * HOUR),
    request=REQUEST,
    history=(REQUEST, ASKED),
)
CANARY = Rollout(model_id="late", version="v3", kind="canary", parts=1000, since=FIRST)
SAMPLES = {
    "canary": CANARY, "shadow": replace(CANARY, kind="shadow", parts=0),
    "rollout ended": replace(CANARY, kind="off", why=f"alert 3: {BAD}"),
    "routed": replace(PREDICTION, routed=f"v3 answered as the canary of 10 % by {BAD}"),
    "retraining": w.Retraining(request=replace(REQUEST, state="promoted", said="v2 is in production, v1 was there before")),
    "retraining failed": w.Retraining(request=ASKED), "retraining standing": STANDING,
    "retraining waits": replace(STANDING, policy=r.Policy(approve="auto"), request=None, history=(), waits_for="waits for labels of predictions that are old enough: 12 of 50"),
    "retraining only when asked": replace(STANDING, policy=None, request=None, history=()),
    "requests": w.Listing((REQUEST, ASKED)),
    "write": WRITE, "views": w.Listing((VIEW_SUMMARY, RATIO_SUMMARY)), "view": VIEW,
    "view_report": VIEW_REPORT, "new_version": NEW_VERSION, "on_demand": ON_DEMAND, "ratio_report": RATIO_REPORT,
    "job": JOB, "failed": FAILED, "version": V1,
    "history": w.ModelHistory(model_id="late", versions=(V1,), changes=(CHANGE,)),
    "card": CARD, "a card of theirs": ModelCard(version=THEIRS, job=None, changes=()), "promotion": PROMOTED,
    "rollback": Promotion(version=V1, replaced="v2"), "forced": FORCED, "refused": REFUSED,
    "explored": EXPLORED, "unknown entity": UNKNOWN_ENTITY, "beside": BESIDE, "not compared": NOT_COMPARED,
    "one version": replace(BESIDE, second=ONE_SIDE, comparison=None, why_not="there is only one version"),
    "computed view": ViewExploration(view=RATIO_VIEW, age=None, profile=(), profiled=0, hidden=0), "tried": TRIED, "unchanged": UNCHANGED,
    "compared": COMPARED, "too few": TOO_FEW, "deleted": Deletion(name="late@v1", byte_count=412_000), "prediction": PREDICTION, "explained": EXPLAINED, "moved by": MOVED_BY, "many classes": MANY,
    "a number": FIGURE, "answered": ANSWERED, "estimated": ESTIMATED, "metrics": METRICS,
    "dashboard": w.Dashboard(
        model_id="late", version="v1", stage="production", metrics=METRICS, drift=DRIFT, performance=PERFORMANCE,
        health=judge(METRICS, DRIFT, PERFORMANCE), since=FIRST,
    ),
    "alarmed": w.Dashboard(
        model_id="late", version="v1", stage=None, metrics=METRICS, drift=None, performance=None,
        health=judge(METRICS, None, None, (WATCHED, ALERT, WORSE)), since=FIRST, alerts=(WATCHED, ALERT, WORSE), retraining=REQUEST, policy=STANDING.policy, beside=CANARY,
    ),
    "alerts": w.Listing((OVER, WATCHED, ALERT, WORSE)), "an alert": WORSE, "an alert of the past": w.AlertHistory(changes=tuple(Change(alert=a, at=LAST) for a in (WATCHED, replace(OVER, state="open", closed_at=None), OVER))),
    "rules": w.Listing((RULE,)), "rule": RULE, "webhook": w.Webhook(model_id="late", address=f"https://{QUOTED}", attempts=(SENT,)),
    "no webhook": w.Webhook(model_id="late", address=None),
    "alarming models": w.Listing((w.ModelSummary(model_id="late", production=V1, newest=V1, prediction_count=12408, open_alerts=2), w.ModelSummary(model_id="calm", production=None, newest=V1, prediction_count=0))),
    "early": w.Dashboard(
        model_id="late", version="v1", stage=None, metrics=FEW, drift=None, performance=None,
        health=judge(FEW, None, None), since=FIRST,
    ),
    "drift": DRIFT, "drift by": BY, "baseline": BASELINE, "over time": w.Listing((METRICS, FEW)), "performance": PERFORMANCE, "labels": LABELS, "events": w.Listing((EVENT,)),
    "trace": w.Trace(event=EVENT, version=V1, job=JOB, sources=(SOURCE,), label=None, cell=Cell(source=f"%predict late {BAD}", number=7)),
    "overview": w.Overview(folder="/h/.mlops", exists=True, model_count=2, view_count=3, dataset_count=1, prediction_count=12408, byte_count=1_500_000, needs=(NEED,)),
    "serving": SERVING, "serving others": replace(SERVING, is_local=False, request_count=12, prediction_count=9),
    "stopped": replace(SERVING, is_running=False, request_count=1), "nothing served": w.Serving.nothing(),
    "dataset": w.Dataset(dataset_id="telco", row_count=7043, message=f"stored {BAD}"),
    "models": w.Listing((w.ModelSummary(model_id="late", production=V1, newest=V1, prediction_count=12408, needs=(NEED,)),)),
}  # fmt: skip
