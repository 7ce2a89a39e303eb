"""How does a table become a model?

Split, encode, fit, evaluate on held-out rows, capture the baseline: pure steps
on arrays, each handing on to the next. It stores and registers nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.categories import Targets
from mlops_magics.model.encoding import Encoding
from mlops_magics.model.forward import Forward
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.model.trained import Scale, TrainedModel, combine
from mlops_magics.tables.table import Column, Table

from .fit import fit, out_of_fold
from .job import Report
from .measure import Metrics, measure, measure_intervals, measure_simple
from .plan import FitPlan, Fitted, Progress
from .row_hashes import Hashes, row_hashes
from .spec import TrainingSpec
from .split import Split, split
from .target import Target, choose_columns, labelled, read_target

MADE_WITH = ("mlops_magics", "jax", "flax", "optax", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """The rows of a training, split.

    Attributes
    ----------
    features : Table
        The columns that are used, all rows.
    target : Target
        What is learned, all rows.
    hashes : array of uint64, shape (n,)
        Which row each is.
    rows : Split
        Which rows are learned from.
    left_out : mapping of str to str
        Columns that are not used, and why.
    notes : tuple of str
        What was repaired or inferred.
    """

    features: Table
    target: Target
    hashes: Hashes
    rows: Split
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembled:
    """A model that was fitted and measured, not yet stored.

    Attributes
    ----------
    model : TrainedModel
        The model.
    metrics : dict of str to float or None
        On the held-out rows, else on the training rows.
    report : Report
        What it learned from.
    fitted : Fitted
        How the fit went.
    """

    model: TrainedModel
    metrics: Metrics
    report: Report
    fitted: Fitted


def prepare(table: Table, spec: TrainingSpec, kept: Hashes | None) -> Prepared:
    """Check a table and split its rows; nothing is fitted if anything is wrong.

    Parameters
    ----------
    table : Table
        All rows and columns.
    spec : TrainingSpec
        What is asked for.
    kept : array of uint64, optional
        Rows that earlier versions held out.

    Returns
    -------
    Prepared
        What the fit needs.
    """
    rows, said = labelled(table, spec)
    target = read_target(rows.column(spec.target), spec)
    features, left_out = choose_columns(rows, spec)
    named = rows.select(spec.key) if spec.key else features
    hashes = row_hashes(named, spec.model_id)
    times = None if spec.time is None else rows.column(spec.time).values
    found = split(hashes, target.values, times=times, kept=None if spec.time else kept)
    notes = (target.said, *table.repairs, *filter(None, [said]))
    return Prepared(
        features=features,
        target=target,
        hashes=hashes,
        rows=found,
        left_out=left_out,
        notes=notes,
    )


def assemble(
    prepared: Prepared,
    spec: TrainingSpec,
    progress: Callable[[Progress], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Assembled:
    """Encode, fit and measure.

    Parameters
    ----------
    prepared : Prepared
        The rows.
    spec : TrainingSpec
        What is asked for.
    progress, cancelled : callable, optional
        As of `fit`.

    Returns
    -------
    Assembled
        The model with what it says of itself.

    Raises
    ------
    FitFailed
        If the fit's numbers go wrong.
    """
    target, rows = prepared.target, prepared.rows
    learned, targets = prepared.features.take(rows.training), target.values[rows.training]
    plan = _plan(target, spec)
    scale = None if target.classes else Scale.fit(targets.astype(np.float64))
    numbers = _numbers(targets, len(target.classes), scale)
    means = None if rows.folds is None else Targets(numbers, rows.folds)
    encoded = Encoding.fit_transform(learned, means, plan.bins)
    goals = targets if scale is None else scale.standardise(targets.astype(np.float64))
    fitted = fit(encoded.matrix, goals, rows.folds, plan, progress, cancelled)
    unseen = encoded.encoding.transform(prepared.features.take(rows.held_out))
    answers = _unseen_answers(fitted, unseen, encoded.matrix, rows, scale)
    model = TrainedModel(
        signature=_signature(learned, target, spec),
        encoding=encoded.encoding,
        weights=fitted.weights,
        baseline=_baseline(learned, answers, target),
        scale=scale,
        environment={name: installed(name) for name in MADE_WITH},
    )
    return _measured(model, prepared, spec, fitted)


def _plan(target: Target, spec: TrainingSpec) -> FitPlan:
    if target.classes:
        return FitPlan.for_classes(spec.model_id, len(target.classes), spec.seed)
    return FitPlan.for_regression(spec.model_id, spec.seed)


def _numbers(targets: NDArray[Any], classes: int, scale: Scale | None) -> NDArray[np.float64]:
    """Return the target as the columns whose means tell the levels of a category."""
    if scale is not None:
        return scale.standardise(targets.astype(np.float64))[:, None]
    if classes == 2:
        return targets.astype(np.float64)[:, None]
    return np.asarray(np.eye(classes)[targets], np.float64)


def _unseen_answers(
    fitted: Fitted,
    unseen: NDArray[np.float32],
    matrix: NDArray[np.float32],
    rows: Split,
    scale: Scale | None,
) -> NDArray[np.float64]:
    """Return what is answered for rows that were not learned from, as later rows will be.

    For the held-out rows; where there are none, for each training row by the member
    that has not seen it; without folds, for the training rows.
    """
    if len(unseen):
        return combine(Forward.of(fitted.weights)(unseen), scale)
    if rows.folds is None:
        return combine(Forward.of(fitted.weights)(matrix), scale)
    return combine(out_of_fold(fitted.weights, matrix, rows.folds)[None], scale)


def _signature(learned: Table, target: Target, spec: TrainingSpec) -> Signature:
    features = tuple(_feature(name, column) for name, column in learned.columns.items())
    return Signature(
        features=features,
        target=spec.target,
        task=target.task,
        classes=target.classes,
        target_kind=target.kind,  # type: ignore[arg-type]
    )


def _feature(name: str, column: Column) -> Feature:
    present = column.values[~column.missing]
    seen = bool(column.missing.any())
    if column.stored_in == "text":
        values, counts = np.unique(present.astype(str), return_counts=True)
        common = np.lexsort((values, -counts))
        levels = tuple(values[common].tolist())
        return Feature(name=name, kind=column.kind, levels=levels, missing_seen=seen)
    low = high = None
    if len(present) and column.stored_in != "bool":
        low, high = present.min().item(), present.max().item()
    whole = column.stored_in != "float64" or bool((present == np.round(present)).all())
    return Feature(name=name, kind=column.kind, low=low, high=high, missing_seen=seen, whole=whole)


def _baseline(learned: Table, answers: NDArray[np.float64], target: Target) -> Baseline:
    nothing = np.zeros(len(answers), bool)
    if not target.classes:
        return Baseline.fit(learned, Column("number", answers[:, 0], nothing), None)
    chosen = answers.argmax(axis=1)
    names = np.array([*(str(target.classes[c]) for c in chosen), None], dtype=object)[:-1]
    return Baseline.fit(learned, Column("category", names, nothing), answers.max(axis=1))


def _measured(
    model: TrainedModel, prepared: Prepared, spec: TrainingSpec, fitted: Fitted
) -> Assembled:
    rows, target = prepared.rows, prepared.target
    measured_on = rows.held_out if len(rows.held_out) else rows.training
    sample = prepared.features.take(measured_on)
    answers = model.probabilities(sample) if target.classes else model.values(sample)
    goals, learned = target.values[measured_on], target.values[rows.training]
    metrics = measure(answers, goals)
    is_honest = bool(len(rows.held_out))
    report = Report(
        task=target.task,
        target=spec.target,
        classes=target.classes,
        row_count=len(target.values),
        training_count=len(rows.training),
        held_out_count=len(rows.held_out),
        used=prepared.features.names,
        left_out=prepared.left_out,
        split=_split_said(rows, spec),
        steps=fitted.steps,
        best_step=fitted.best_step,
        history=tuple((p.step, p.training_loss, p.held_out_loss) for p in fitted.history),
        simple=measure_simple(learned, goals, len(target.classes)) if is_honest else {},
        intervals=measure_intervals(answers, goals) if is_honest else {},
        notes=prepared.notes,
    )
    return Assembled(model=model, metrics=metrics, report=report, fitted=fitted)


def _split_said(rows: Split, spec: TrainingSpec) -> str:
    if not len(rows.held_out):
        count = len(rows.training)
        return f"learned from all {count:,} rows; too few to hold any out"
    by = "the newest" if spec.time else "by hash"
    return f"{by} {len(rows.held_out):,} of {len(rows.held_out) + len(rows.training):,} rows"
