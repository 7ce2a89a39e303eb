"""How is a model doing, and compared with what?

Asks monitoring about the version and the baseline that `watched` finds.
"""

from typing import TYPE_CHECKING

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.state import NoBaseline, NoModelFile
from mlops_magics.errors.tables import EmptyTable
from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring.comparison import Comparison
from mlops_magics.monitoring.health import judge
from mlops_magics.monitoring.reports import BaselineWrite, DriftReport, Performance
from mlops_magics.monitoring.retraining import policies
from mlops_magics.tables.table import Column, Table

from . import alerting, rollout
from .predict import How, load, predict
from .results import Dashboard
from .watched import Watched, baseline_of, find, importance_of, reference, report_of

if TYPE_CHECKING:
    from .workspace import Workspace

DAY = 24 * 3600 * 1_000_000
DEFAULT_WINDOW = 7 * DAY
# What a table of predictions has beside the features.
ANSWERS = frozenset({"prediction", "confidence", "request_id", "lower", "upper"})


def watch(workspace: "Workspace", ref: str, since: int | None) -> Dashboard:
    """Return everything about one model in use.

    Parameters
    ----------
    workspace : Workspace
        Where it is used.
    ref : str
        The model.
    since : int or None
        How far back from the newest event, microseconds; 7 days where None.

    Returns
    -------
    Dashboard
        Traffic, drift and performance in the window, and what they mean.
    """
    watched = find(workspace, ref)
    alerting.look(workspace, ref)
    begin = _begin(workspace, watched, DEFAULT_WINDOW if since is None else since)
    monitoring = workspace.monitoring
    found = baseline_of(workspace, watched)
    report = report_of(workspace, watched)
    drift = None
    if found is not None:
        how = Comparison(importance=importance_of(report), baseline_is=found[1])
        drift = monitoring.drift(watched.model_id, watched.version, found[0], begin, how)
    promised = reference(workspace, watched)
    measured = monitoring.performance(watched.model_id, watched.version, promised, begin)
    own = watched.version if "@" in ref else None
    metrics = monitoring.get_metrics(watched.model_id, begin, version=own)
    alerts = tuple(a for a in monitoring.alerts(watched.model_id) if a.state != "closed")
    return Dashboard(
        model_id=watched.model_id,
        version=watched.version,
        stage=None if watched.registered is None else watched.registered.stage,
        metrics=metrics,
        drift=drift,
        performance=measured,
        health=judge(metrics, drift, measured, alerts),
        since=begin,
        alerts=alerts,
        retraining=next((r for r in monitoring.retraining(watched.model_id) if r.is_open), None),
        policy=policies(workspace.storage).get(watched.model_id),
        beside=rollout.running(workspace, watched.model_id),
    )


def drift(
    workspace: "Workspace",
    ref: str,
    since: int | None = None,
    by: str | None = None,
    baseline: object = None,
) -> DriftReport:
    """Return what has moved.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    ref : str
        The model.
    since : int, optional
        How far back from the newest event, microseconds; 7 days by default.
    by : str, optional
        A feature whose groups are compared one by one.
    baseline : object, optional
        Any table to compare with, such as the same season of last year; training by
        default.

    Returns
    -------
    DriftReport
        What moved and matters most first.

    Raises
    ------
    NoBaseline
        If the model was made elsewhere and no baseline was learned for it.
    """
    watched = find(workspace, ref)
    begin = _begin(workspace, watched, DEFAULT_WINDOW if since is None else since)
    importance = importance_of(report_of(workspace, watched))
    if baseline is not None:
        table = tables.read_table(baseline, "the baseline")
        learned, _ = _learn(workspace, watched, table)
        how = Comparison(
            importance=importance, by=by, baseline_is="the named baseline", is_kept=False
        )
    else:
        found = baseline_of(workspace, watched)
        if found is None:
            raise NoBaseline(f"{watched.model_id} {watched.version}", watched.model_id)
        learned, named = found
        how = Comparison(importance=importance, by=by, baseline_is=named)
    monitoring = workspace.monitoring
    return monitoring.drift(watched.model_id, watched.version, learned, begin, how)


def performance(workspace: "Workspace", ref: str, since: int | None = None) -> Performance | None:
    """Return how good a version is.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    ref : str
        The model.
    since : int, optional
        How far back from the newest event, microseconds; all events by default.

    Returns
    -------
    Performance or None
        None where there is neither a label nor a probability.
    """
    watched = find(workspace, ref)
    begin = None if since is None else _begin(workspace, watched, since)
    promised = reference(workspace, watched)
    return workspace.monitoring.performance(watched.model_id, watched.version, promised, begin)


def learn_baseline(workspace: "Workspace", ref: str, data: object) -> BaselineWrite:
    """Learn from a table what a model is compared with from now on.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    ref : str
        The model, also one made elsewhere.
    data : object
        Any table: its features; for a model made elsewhere also `prediction` and
        `confidence`, where they are known.

    Returns
    -------
    BaselineWrite
        What was learned.

    Raises
    ------
    EmptyTable
        If it has no column that can be compared.
    """
    watched = find(workspace, ref)
    table = tables.read_table(data, "the baseline")
    learned, left_out = _learn(workspace, watched, table)
    if not learned.features:
        raise EmptyTable("the baseline", "column to compare", "give the model's features")
    workspace.monitoring.keep_baseline(watched.model_id, learned)
    return BaselineWrite(
        model_id=watched.model_id,
        row_count=table.row_count,
        columns=tuple(learned.features),
        left_out=left_out,
        has_predictions=learned.prediction is not None,
    )


def _begin(workspace: "Workspace", watched: Watched, window: int) -> int | None:
    newest = workspace.monitoring.newest(watched.model_id)
    return None if newest is None else newest - window


def _learn(
    workspace: "Workspace", watched: Watched, table: Table
) -> tuple[Baseline, dict[str, str]]:
    """Return the baseline of a table, and the columns that are left out of it and why."""
    if watched.registered is not None:
        try:
            load(workspace, watched.registered)
        except NoModelFile:
            return _learn_columns(table)
        answers = predict(workspace, watched.registered.name, table, How(record=False)).predictions
        answered = answers.prediction
        if answers.classes:
            texts = [None if v is None else str(v) for v in answered.to_list()]
            values = np.array([*(text or "" for text in texts), None], object)[:-1]
            answered = Column("category", values, answered.missing)
        used = set(answers.features.names)
        left_out = {n: "no feature of the model" for n in table.names if n not in used}
        return Baseline.fit(answers.features, answered, answers.confidence), left_out
    return _learn_columns(table)


def _learn_columns(table: Table) -> tuple[Baseline, dict[str, str]]:
    left_out, features = {}, {}
    for name, column in table.columns.items():
        if name in ANSWERS or name.startswith("p("):
            continue
        if column.kind in ("identifier", "text"):
            left_out[name] = f"{column.kind}: every row has its own"
        elif column.missing.all():
            left_out[name] = "missing in every row"
        else:
            features[name] = column
    answered = table.columns.get("prediction")
    sure = table.columns.get("confidence")
    confidence = None if sure is None or sure.missing.any() else sure.to_floats()
    if answered is not None and (confidence is not None or answered.stored_in != "float64"):
        texts = [None if v is None else str(v) for v in answered.to_list()]
        values = np.array([*(text or "" for text in texts), None], object)[:-1]
        answered = Column("category", values, answered.missing)
    return Baseline.fit(Table(features, table.row_count), answered, confidence), left_out
