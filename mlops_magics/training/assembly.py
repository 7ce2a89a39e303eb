"""How does a table become a model?

Split, encode, fit, calibrate, capture the baseline: pure steps on arrays, each handing
on to the next. It judges no model (`evaluation` does) and stores nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version as installed
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.request import BadArgument
from mlops_magics.model.baseline import Baseline
from mlops_magics.model.categories import Targets
from mlops_magics.model.encoding import Encoding
from mlops_magics.model.forward import Forward
from mlops_magics.model.reach import Reach
from mlops_magics.model.scale import Scale
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.model.trained import TrainedModel, combine
from mlops_magics.statistics import calibration
from mlops_magics.statistics.classification import log_loss
from mlops_magics.tables.table import Column, Table

from .confidence import find_temperature, reach_of_classes, reach_of_numbers
from .families import Chosen, Rows, fit_families
from .memory import bytes_free, bytes_needed, check_memory
from .plan import FitPlan, Fitted, Progress
from .row_hashes import Hashes
from .sides import choose_sides
from .spec import TrainingSpec
from .split import Split
from .target import Target, choose_columns, labelled, read_target

MADE_WITH = ("mlops_magics", "jax", "flax", "optax", "numpy")
MOST_ROWS_OF_WIDTHS = 20_000

Floats = NDArray[np.float64]


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
    hashed : tuple of str
        The columns that the hashes are of.
    rows : Split
        Which rows are learned from.
    entities : array of uint64, shape (n,), or None
        Entity of each row, where entities have several.
    split_said : str
        How the held-out rows were chosen.
    left_out : mapping of str to str
        Columns that are not used, and why.
    notes : tuple of str
        What was repaired or inferred.
    """

    features: Table
    target: Target
    hashes: Hashes
    hashed: tuple[str, ...]
    rows: Split
    entities: Hashes | None
    split_said: str
    left_out: Mapping[str, str]
    notes: tuple[str, ...]

    def on(self, rows: Split) -> "Prepared":
        """Return the same table with its rows on other sides."""
        return replace(self, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """A model that was fitted, not yet judged.

    Attributes
    ----------
    model : TrainedModel
        The model.
    fitted : Fitted
        How the fit went.
    matrix : array of float32, shape (t, inputs)
        The training rows as the network saw them.
    out_of_fold : array of float64, shape (t, classes) or (t,), or None
        Calibrated probabilities or numbers for the training rows, each from the member
        that had not seen it; None without folds.
    notes : tuple of str
        What should be known of it.
    """

    model: TrainedModel
    fitted: Fitted
    matrix: NDArray[np.float32]
    out_of_fold: Floats | None
    notes: tuple[str, ...]


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
    if spec.seconds is not None and not spec.seconds > 0:
        raise BadArgument("seconds", spec.seconds, "a number above 0")
    if spec.epochs is not None and spec.epochs < 1:
        raise BadArgument("epochs", spec.epochs, "a whole number from 1")
    rows, said = labelled(table, spec)
    target = read_target(rows.column(spec.target), spec)
    features, left_out = choose_columns(rows, spec)
    sides = choose_sides(rows, features, target, spec, kept)
    plan, count = plan_of(target, features, spec), len(sides.rows.training)
    needed = bytes_needed(features, plan.bins, plan.outputs, count)
    check_memory(spec.model_id, needed, count, bytes_free())
    return Prepared(
        features=features,
        target=target,
        hashes=sides.hashes,
        hashed=sides.hashed,
        rows=sides.rows,
        entities=sides.entities,
        split_said=sides.said,
        left_out=left_out,
        notes=(target.said, *table.repairs, *filter(None, [said]), *sides.notes),
    )


def learn(
    prepared: Prepared,
    spec: TrainingSpec,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Learned:
    """Encode, fit and calibrate.

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
    Learned
        The model, with what its members answer for rows that they had not seen.

    Raises
    ------
    FitFailed
        If the fit's numbers go wrong.
    """
    target, rows = prepared.target, prepared.rows
    table, targets = prepared.features.take(rows.training), target.values[rows.training]
    plan = plan_of(target, table, spec)
    scale = None if target.classes else Scale.fit(targets.astype(np.float64))
    goals = targets if scale is None else scale.standardise(targets.astype(np.float64))
    means = None if rows.folds is None else Targets(_numbers(goals, target), rows.folds)
    encoded = Encoding.fit_transform(table, means, plan.bins)
    given = Rows(matrix=encoded.matrix, goals=goals, folds=rows.folds, targets=targets, scale=scale)
    chosen = fit_families(given, encoded.encoding, plan, progress, cancelled)
    unseen = encoded.encoding.transform(prepared.features.take(rows.held_out))
    sure = _Sure.of(prepared, chosen, given, unseen)
    model = TrainedModel(
        signature=_signature(table, target, spec),
        encoding=encoded.encoding,
        weights=chosen.fitted.weights,
        baseline=_baseline(table, sure.later, target),
        scale=scale,
        shares=chosen.shares,
        temperature=sure.temperature,
        reach=sure.reach,
        environment={name: installed(name) for name in MADE_WITH},
    )
    return Learned(
        model=model,
        fitted=chosen.fitted,
        matrix=encoded.matrix,
        out_of_fold=sure.out_of_fold,
        notes=sure.notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sure:
    """How sure a fit may be, and what it will answer for later rows."""

    temperature: float
    reach: Reach | None
    out_of_fold: Floats | None
    later: Floats
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, prepared: Prepared, chosen: Chosen, given: Rows, unseen: NDArray[np.float32]
    ) -> "_Sure":
        """Judge a fit by the rows that its members had not seen, then by the held-out rows."""
        forward = Forward.of(chosen.fitted.weights)
        # later rows will be answered as the held-out ones, or else as those out of fold are
        inputs = unseen if len(unseen) else given.matrix
        later = combine(forward(inputs), given.scale, chosen.shares)
        answers, folds = chosen.out_of_fold, given.folds
        if answers is None or folds is None:
            return cls(temperature=1.0, reach=None, out_of_fold=None, later=later, notes=())
        if given.scale is not None:
            off = given.scale.standardise(answers[:, 0]) - given.goals
            some = slice(None, None, max(1, len(off) // MOST_ROWS_OF_WIDTHS))
            return cls(
                temperature=1.0,
                reach=reach_of_numbers(given.matrix[some], off[some], folds[some]),
                out_of_fold=answers[:, 0],
                later=later if len(unseen) else answers,
                notes=(),
            )
        codes = given.targets.astype(np.int64)
        temperature = find_temperature(codes, answers, folds)
        held = prepared.target.values[prepared.rows.held_out].astype(np.int64)
        temperature, notes = _kept(temperature, held, later if len(unseen) else None)
        answers = calibration.scale(answers, temperature)
        return cls(
            temperature=temperature,
            reach=reach_of_classes(codes, answers),
            out_of_fold=answers,
            later=calibration.scale(later, temperature) if len(unseen) else answers,
            notes=notes,
        )


def _kept(
    temperature: float, held: NDArray[np.int64], answers: Floats | None
) -> tuple[float, tuple[str, ...]]:
    """Return the temperature, or 1 where it makes held-out rows worse."""
    if temperature == 1.0 or answers is None:
        return temperature, ()
    before = log_loss(held, answers) or 0.0
    after = log_loss(held, calibration.scale(answers, temperature)) or 0.0
    if after < before:
        change = "softened" if temperature > 1 else "sharpened"
        return temperature, (f"probabilities are {change} by a temperature of {temperature:.2f}",)
    said = f"a temperature of {temperature:.2f} helped out of fold and not on the held-out rows"
    return 1.0, (f"{said}: it is left out",)


def plan_of(target: Target, features: Table, spec: TrainingSpec) -> FitPlan:
    """Return the recipe for a target and its columns, with what was asked for."""
    has_categories = any(column.stored_in == "text" for column in features.columns.values())
    if target.classes:
        classes = len(target.classes)
        plan = FitPlan.for_classes(spec.model_id, classes, spec.seed, has_categories)
    else:
        plan = FitPlan.for_regression(spec.model_id, spec.seed)
    return replace(plan, seconds=spec.seconds, epochs=spec.epochs)


def _numbers(goals: NDArray[Any], target: Target) -> Floats:
    """Return the target as the columns whose means tell the levels of a category."""
    if len(target.classes) > 2:
        return np.asarray(np.eye(len(target.classes))[goals], np.float64)
    return goals.astype(np.float64)[:, None]


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
