"""How good is a model, and may it be trusted?

Everything that a report says of a fitted model, on the rows that it has not seen: the
metrics with intervals beside simple models, calibration, coverage, threshold, what
matters, what leaks. It changes no model.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.trained import COVERAGE, TrainedModel
from mlops_magics.statistics import calibration, intervals
from mlops_magics.statistics.resampling import mean_interval
from mlops_magics.tables.table import Table

from . import linear
from .assembly import Learned, Prepared
from .findings import Beside, Calibration, Coverage, Leak, Threshold, Unseen
from .importance import permutation_importance
from .job import Report
from .leaks import find_leaks
from .measure import Metrics, measure, measure_intervals, row_losses, why_undefined
from .spec import TrainingSpec
from .target import Target
from .threshold import find_threshold

Floats = NDArray[np.float64]
Targets = NDArray[np.int64] | NDArray[np.float64]

# Below, an interval of an accuracy is about 20 points wide.
FEW_ROWS = 100
RARE_CLASS_ROWS = 30
CLASSES_NAMED = 5
LEAST_UNSEEN = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A model's answers on the rows that it is measured on.

    Attributes
    ----------
    table : Table
        Those rows.
    targets : array, shape (m,)
        Codes of classes, or numbers.
    answers : array of float64, shape (m, classes) or (m,)
        What the model answers there.
    groups : array of int64, shape (m,), or None
        Entity of each row, where the split went by entities.
    """

    table: Table
    targets: Targets
    answers: Floats
    groups: NDArray[np.int64] | None

    @classmethod
    def of(cls, model: TrainedModel, prepared: Prepared) -> "Measured":
        """Answer for the held-out rows, or for the training rows where there are none."""
        rows = prepared.rows
        places = rows.held_out if len(rows.held_out) else rows.training
        table = prepared.features.take(places)
        groups = None
        if rows.by == "group" and prepared.entities is not None:
            groups = prepared.entities[places].view(np.int64)
        is_classes = bool(prepared.target.classes)
        answers = model.probabilities(table) if is_classes else model.values(table)
        return cls(
            table=table,
            targets=prepared.target.values[places],
            answers=answers,
            groups=groups,
        )


def evaluate(
    learned: Learned,
    prepared: Prepared,
    spec: TrainingSpec,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Metrics, Report]:
    """Judge a model.

    Parameters
    ----------
    learned : Learned
        The model.
    prepared : Prepared
        The rows, those it learned from and those that it did not.
    spec : TrainingSpec
        What was asked for.
    cancelled : callable, optional
        Asked between columns whether to leave out what takes longest.

    Returns
    -------
    tuple of (dict, Report)
        The metrics, and all that is to be said beside them.
    """
    measured = Measured.of(learned.model, prepared)
    metrics = measure(measured.answers, measured.targets)
    report = _learned_from(learned, prepared, spec)
    report = replace(
        report,
        undefined=why_undefined(metrics, measured.targets),
        leaks=_leaks(prepared),
    )
    if len(prepared.rows.held_out):
        report = replace(
            report,
            intervals=measure_intervals(measured.answers, measured.targets, measured.groups),
            baselines=_baselines(learned, prepared, measured),
            calibration=_calibration(learned.model, prepared.target, measured),
            coverage=_coverage(learned.model, measured),
            threshold=_threshold(learned, prepared, measured),
            unseen=_unseen(prepared, measured),
        )
        report = _with_importance(report, learned.model, measured, cancelled)
    return metrics, replace(report, warnings=_warnings(report, measured))


def _with_importance(
    report: Report,
    model: TrainedModel,
    measured: Measured,
    cancelled: Callable[[], bool] | None,
) -> Report:
    """Add what takes longest, unless it is interrupted: the model is worth more."""
    try:
        found = permutation_importance(model, measured.table, measured.targets, cancelled)
    except KeyboardInterrupt:
        found = ()
    if found:
        return replace(report, importance=found)
    return replace(report, notes=(*report.notes, "which columns matter was not measured"))


def _learned_from(learned: Learned, prepared: Prepared, spec: TrainingSpec) -> Report:
    """Return what there is to say without any held-out row."""
    rows, target, fitted = prepared.rows, prepared.target, learned.fitted
    return Report(
        task=target.task,
        target=spec.target,
        classes=target.classes,
        row_count=len(target.values),
        training_count=len(rows.training),
        held_out_count=len(rows.held_out),
        used=prepared.features.names,
        left_out=prepared.left_out,
        split=prepared.split_said,
        steps=fitted.steps,
        best_step=fitted.best_step,
        history=tuple((p.step, p.training_loss, p.held_out_loss) for p in fitted.history),
        intervals={},
        notes=(*prepared.notes, *learned.notes, *_stopped(learned, spec)),
    )


def _leaks(prepared: Prepared) -> tuple[Leak, ...]:
    rows, target = prepared.rows, prepared.target
    if rows.folds is None:
        return ()
    table = prepared.features.take(rows.training)
    return find_leaks(table, target.values[rows.training], rows.folds, len(target.classes))


def _stopped(learned: Learned, spec: TrainingSpec) -> tuple[str, ...]:
    if not learned.fitted.out_of_time or spec.seconds is None:
        return ()
    said = f"stopped after {spec.seconds:g} s as asked, at step {learned.fitted.steps:,}"
    return (f"{said}: the best so far is kept",)


def _baselines(learned: Learned, prepared: Prepared, measured: Measured) -> tuple[Beside, ...]:
    """Return the simple models that ours must be better than."""
    rows, classes = prepared.rows, len(prepared.target.classes)
    targets = prepared.target.values[rows.training]
    is_plain = learned.model.encoding.plain()
    inputs = learned.matrix[:, is_plain]
    later = learned.model.encoding.transform(measured.table)[:, is_plain]
    if classes:
        codes = targets.astype(np.int64)
        shares = np.bincount(codes, minlength=classes) / len(codes)
        simple = np.tile(shares, (len(later), 1))
        straight = linear.shares(linear.fit_classes(inputs, codes, classes)(later))
    else:
        numbers = targets.astype(np.float64)
        simple = np.full(len(later), numbers.mean())
        straight = linear.fit_numbers(inputs, numbers)(later)[:, 0]
        straight = np.clip(straight, numbers.min(), numbers.max())
    name = "always the commonest" if classes else "always the mean"
    return (_beside(name, simple, measured), _beside("linear", straight, measured))


def _beside(name: str, answers: Floats, measured: Measured) -> Beside:
    gains = row_losses(answers, measured.targets) - row_losses(measured.answers, measured.targets)
    if measured.groups is not None:
        # rows of one entity are not independent; its mean is
        _, member = np.unique(measured.groups, return_inverse=True)
        gains = np.bincount(member, gains) / np.bincount(member)
    gain, low, high = mean_interval(gains) if len(gains) > 1 else (None, None, None)
    return Beside(
        name=name,
        metrics=measure(answers, measured.targets),
        intervals=measure_intervals(answers, measured.targets, measured.groups),
        gain=gain,
        gain_ends=None if low is None or high is None else (low, high),
    )


def _calibration(model: TrainedModel, target: Target, measured: Measured) -> Calibration | None:
    """Return the curve of the second class's probability, or of the predicted one's."""
    if not target.classes:
        return None
    codes, answers = measured.targets.astype(np.int64), measured.answers
    if len(target.classes) == 2:
        of, happened, said = f"p({target.classes[1]})", codes == 1, answers[:, 1]
    else:
        of, happened, said = "the predicted class", answers.argmax(1) == codes, answers.max(1)
    error = calibration.error(happened, said)
    chance = calibration.error_by_chance(happened, said)
    if error is None or chance is None or len(codes) < calibration.LEAST_ROWS:
        return None
    return Calibration(
        of=of,
        temperature=model.temperature,
        points=calibration.curve(happened, said),
        error=error,
        by_chance=chance,
    )


def _coverage(model: TrainedModel, measured: Measured) -> Coverage | None:
    if model.reach is None:
        return None
    if model.scale is None:
        held = model.reach.sets(measured.answers, COVERAGE)
        if held is None:
            return None
        inside = held[np.arange(len(held)), measured.targets.astype(np.int64)]
        width = float(held.sum(axis=1).mean())
    else:
        found = model.bounded(measured.table, COVERAGE)
        if found.lower is None or found.upper is None:
            return None
        inside = (found.lower <= measured.targets) & (measured.targets <= found.upper)
        width = float((found.upper - found.lower).mean())
    ends = intervals.wilson(int(inside.sum()), len(inside))
    assert ends is not None
    return Coverage(
        kind="set" if model.scale is None else "interval",
        asked=COVERAGE,
        found=float(inside.mean()),
        ends=(ends.low, ends.high),
        width=width,
    )


def _threshold(learned: Learned, prepared: Prepared, measured: Measured) -> Threshold | None:
    target = prepared.target
    if len(target.classes) != 2 or learned.out_of_fold is None:
        return None
    codes = target.values[prepared.rows.training].astype(np.int64)
    held_out = measured.targets.astype(np.int64), measured.answers
    return find_threshold(target.classes, (codes, learned.out_of_fold), held_out)


def _unseen(prepared: Prepared, measured: Measured) -> Unseen | None:
    """Return the metrics for entities that only the held-out rows have."""
    if prepared.rows.by == "group" or prepared.entities is None:
        return None
    known = prepared.entities[prepared.rows.training]
    is_new = ~np.isin(prepared.entities[prepared.rows.held_out], known)
    count = int(is_new.sum())
    if count < LEAST_UNSEEN:
        return None
    return Unseen(
        row_count=count, metrics=measure(measured.answers[is_new], measured.targets[is_new])
    )


def _warnings(report: Report, measured: Measured) -> tuple[str, ...]:
    said = []
    for leak in report.leaks:
        score = f"{'AUC' if leak.metric == 'auc' else 'R²'} {leak.score:.2f}"
        step = f"--exclude {_quoted(leak.column)}"
        said.append(
            f"{leak.column} alone reaches {score}: does it restate {report.target}? {step} if so"
        )
    if not report.held_out_count:
        return tuple(said)
    said += [
        f"not better than {one.name} beyond chance" for one in report.baselines if not one.is_beaten
    ]
    if report.held_out_count < FEW_ROWS:
        count = report.held_out_count
        said.append(f"{count} held-out rows are few: the intervals say how little is known")
    if report.classes:
        counts = np.bincount(measured.targets.astype(np.int64), minlength=len(report.classes))
        few = min(RARE_CLASS_ROWS, len(measured.targets) / 10)
        both = zip(report.classes, counts.tolist(), strict=True)
        rare = [f"{name!r} ({count})" for name, count in both if count < few]
        if rare:
            more = f" and {len(rare) - CLASSES_NAMED} more" if len(rare) > CLASSES_NAMED else ""
            said.append(f"rare in the held-out rows: {', '.join(rare[:CLASSES_NAMED])}{more}")
    return tuple(said)


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'
