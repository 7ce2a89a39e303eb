"""From which rows does a challenger learn, and on which is it judged?

From those of the first training and the predictions whose label has come, up to the
newest of them, which are kept to judge it on. It trains nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.state import NoTrainingRows, TooFewLabels
from mlops_magics.inference.validation import validate
from mlops_magics.monitoring import cohorts, quality
from mlops_magics.monitoring.cohorts import WEEK, week_of
from mlops_magics.monitoring.outcomes import Outcomes
from mlops_magics.monitoring.retraining import RetrainingRequest
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.statistics.paired import LEAST_ROWS
from mlops_magics.tables.conversion import below
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Table, Value
from mlops_magics.training.kept_rows import content
from mlops_magics.training.spec import TrainingSpec

from .evaluation import Labelled, fitted, labelled_predictions
from .joining import join_for_prediction
from .lineage import made_from
from .origin import first_of, rows_of
from .predict import load
from .promote import job_of
from .train import times_of

if TYPE_CHECKING:
    from .workspace import Workspace

# More rows tell no more that matters, and are better learned from.
MOST_TO_JUDGE = 2_000
# What a later prediction needs to find the same features and to name its entity.
KEPT = ("features", "sources", "views", "request", "identifiers")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Rows with what turned out, as the champion takes them.

    Attributes
    ----------
    table : Table
        The features.
    labels : list of value
        What turned out, as a class of the champion's or a number.
    times : array of int64, shape (n,)
        When each was true, microseconds.
    keys : list of mapping
        What names the entity of each.
    """

    table: Table
    labels: list[Value]
    times: NDArray[np.int64]
    keys: list[Mapping[str, Value]]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, places: NDArray[Any]) -> "Rows":
        """Return the rows of these positions."""
        return Rows(
            table=self.table.take(places),
            labels=[self.labels[place] for place in places.tolist()],
            times=self.times[places],
            keys=[self.keys[place] for place in places.tolist()],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What a challenger is to be trained on.

    Attributes
    ----------
    spec : TrainingSpec
        With its rows.
    judged_from : int
        It learns from no prediction of then or later, microseconds of event_time.
    """

    spec: TrainingSpec
    judged_from: int


def gather(
    workspace: "Workspace",
    champion: ModelVersion,
    request: RetrainingRequest,
    least: int,
    data: object = None,
) -> Lessons:
    """Put together what a challenger learns from.

    Parameters
    ----------
    workspace : Workspace
        Where the champion answers.
    champion : ModelVersion
        The version that it shall replace.
    request : RetrainingRequest
        Why. Where the relation between inputs and truth has changed, old rows teach
        what is no longer true: the newest are taken, as many as the first training had.
    least : int
        Labelled predictions without which there is nothing to learn.
    data : object, optional
        The rows of the first training, where they are not in the workspace.

    Returns
    -------
    Lessons
        The training as it was first asked for, on other rows.

    Raises
    ------
    TooFewLabels, NoTrainingRows, NoModelFile
        If it lacks labels, the rows of the first training, or the champion's file.
    """
    model = load(workspace, champion)
    first = first_of(workspace, champion) or champion
    job = job_of(workspace, first)
    spec = TrainingSpec(model_id=champion.model_id, data=None, target=model.signature.target)
    if job is not None:
        spec = workspace.training.spec_of(job.job_id)
    fresh = _predicted(workspace, champion, model)
    least = max(least, 2 * LEAST_ROWS)
    if fresh is None or len(fresh) < least:
        raise TooFewLabels(champion.model_id, 0 if fresh is None else len(fresh), least)
    judged_from = _judged_from(fresh.times, least)
    fresh = fresh.take(np.flatnonzero(fresh.times < judged_from))
    first_count = int(first.metadata.get("row_count") or 0)
    most = first_count if request.reason == "performance" and first_count else None
    old = None
    if most is None or len(fresh) < most:
        given = None if data is None else tables.read_table(data, "the training rows")
        found = given or rows_of(workspace, first, spec)
        if found is None:
            raise NoTrainingRows(champion.model_id, first.version, first_count)
        old = _newest(_asked(workspace, first, spec, model, found), most, len(fresh))
    fresh = _newest(fresh, most, 0)
    lineage = {name: first.metadata[name] for name in KEPT if name in first.metadata}
    counts = {"first_rows": 0 if old is None else len(old), "predicted_rows": len(fresh)}
    asked = {"request_no": request.request_no, "reason": request.reason}
    lineage["retraining"] = {"first": first.version, "from": champion.version} | asked | counts
    spec = _on(spec, model.signature.names, old, fresh)
    lineage |= made_from(spec.data, Path.cwd()) | {"seed": spec.seed}
    return Lessons(spec=replace(spec, lineage=lineage), judged_from=judged_from)


def _predicted(workspace: "Workspace", champion: ModelVersion, model: Any) -> Rows | None:
    """Return the labelled predictions of all versions that are old enough, oldest first."""
    parts = []
    for version in workspace.registry.list_versions(champion.model_id):
        rows = labelled_predictions(workspace, version)
        table = None if rows is None else fitted(model, rows)
        if rows is None or table is None:
            continue
        which = (version.model_id, version.version)
        until = cohorts.measure(workspace.storage, which, LEAST_ROWS).until or 0
        labels, usable = _as_classes(model.signature.classes, rows.labels)
        usable &= (rows.event_time <= until) & ~_is_broken(workspace, version, rows)
        keys = [json.loads(key) if key else {} for key in rows.keys]
        whole = Rows(table=table, labels=labels, times=rows.event_time, keys=keys)
        parts.append(whole.take(np.flatnonzero(usable)))
    if not parts:
        return None
    joined = parts[0]
    for part in parts[1:]:
        joined = _below(joined, part)
    return joined.take(np.argsort(joined.times, kind="stable"))


def _as_classes(
    classes: Sequence[Value], labels: Sequence[Value]
) -> tuple[list[Value], NDArray[np.bool_]]:
    """Return labels as classes or numbers, and which of them can be used."""
    nothing = np.zeros(len(labels), np.int64)
    read = Outcomes(
        event_time=nothing,
        known_at=nothing,
        labels=labels,
        shares=None,
        classes=classes,
        values=None,
        widths=None,
    )
    if not classes:
        numbers = read.numbers()
        return numbers.tolist(), np.isfinite(numbers)
    codes = read.codes()
    return [classes[max(code, 0)] for code in codes.tolist()], codes >= 0


def _is_broken(workspace: "Workspace", version: ModelVersion, rows: Labelled) -> NDArray[np.bool_]:
    """Return which rows are of weeks in which what fed the model was broken."""
    weeks = sorted({week_of(moment) for moment in rows.event_time.tolist()})
    baseline = load(workspace, version).baseline
    which = (version.model_id, version.version)
    spans = [(week, week + WEEK) for week in weeks]
    broken = np.zeros(len(rows), bool)
    for (start, end), _ in quality.broken_spans(workspace.storage, which, baseline, spans):
        broken |= (rows.event_time >= start) & (rows.event_time < end)
    return broken


def _judged_from(times: NDArray[np.int64], least: int) -> int:
    """Return from when on rows are kept to judge: about the newest week, at most half of all."""
    in_a_week = int((times > times[-1] - WEEK).sum())
    kept = min(max(in_a_week, least // 2), MOST_TO_JUDGE, len(times) // 2)
    return int(times[len(times) - kept])


def _asked(
    workspace: "Workspace", first: ModelVersion, spec: TrainingSpec, model: Any, table: Table
) -> Rows:
    """Return the rows of the first training with its features, as the champion takes them."""
    times = times_of(workspace, table, spec.time)
    wide = table if spec.time is None else table.with_columns({spec.time: times})
    if first.metadata.get("features"):
        wide = wide.with_columns(
            dict(join_for_prediction(workspace, wide, first.metadata, times).columns)
        )
    target = wide.column(spec.target, "give the rows that it learned from")
    features = validate(model.signature, wide).table
    labels, usable = _as_classes(model.signature.classes, target.to_list())
    names = [name for name in spec.key if name in wide]
    keys: list[Mapping[str, Value]] = list(wide.select(names).rows())
    rows = Rows(table=features, labels=labels, times=times.values, keys=keys)
    return rows.take(np.flatnonzero(usable & ~target.missing))


def _newest(rows: Rows, most: int | None, others: int) -> Rows:
    """Return as many of the newest rows as there is room for beside the others."""
    if most is None or len(rows) <= most - others:
        return rows
    # rows of one moment, such as of a table without time, in an order that is always the same
    order = np.lexsort((content(rows.table), rows.times))
    return rows.take(np.sort(order[len(rows) - max(most - others, 0) :]))


def _on(spec: TrainingSpec, names: Sequence[str], old: Rows | None, fresh: Rows) -> TrainingSpec:
    """Return the first training on these rows; all of them are of known features."""
    rows = fresh if old is None else _below(old, fresh)
    columns = dict(rows.table.select(names).columns)
    columns[spec.target] = from_values(spec.target, rows.labels).column
    is_known = [name for name in spec.key if all(name in key for key in rows.keys)]
    key = tuple(is_known) if len(is_known) == len(spec.key) else ()
    for name in key:
        columns[name] = from_values(name, [row[name] for row in rows.keys]).column
    if spec.time is not None:
        columns[spec.time] = Column("time", rows.times, np.zeros(len(rows), bool))
    return replace(
        spec,
        data=Table.of(columns),
        columns=tuple(names),
        exclude=(),
        features=(),
        key=key,
        group=None,
        # the newest rows are kept to judge on already; holding out more of them only
        # makes it learn later
        split=None if spec.time is None else "random",
        note=None,
    )


def _below(first: Rows, second: Rows) -> Rows:
    return Rows(
        table=below(first.table, second.table),
        labels=[*first.labels, *second.labels],
        times=np.concatenate([first.times, second.times]),
        keys=[*first.keys, *second.keys],
    )
