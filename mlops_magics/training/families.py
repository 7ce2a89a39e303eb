"""Which kind of input do the networks of an ensemble see?

Two families are fitted on the same folds: one on all inputs, one without the pieces of
numbers and nearly without dropout. Rows that their members had not seen say which one
answers, or both. Pieces are what a threshold needs; where numbers act smoothly they
only add noise.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.encoding import Encoding
from mlops_magics.model.scale import Scale
from mlops_magics.model.trained import combine

from .fit import Targets, fit, out_of_fold
from .measure import row_losses
from .plan import FitPlan, Fitted, Progress
from .schedule import steps_of

Floats = NDArray[np.float64]

# Below so many numbers the two families hardly differ.
LEAST_NUMBERS = 3
MANY_ROWS, MANY_PIECES = 2048, 256
# Shares of the plain family that are tried where both together may be best.
SHARES = (0.25, 0.75)
# Pieces end where the training rows do and so go wrong less far when numbers move:
# without them a network must be clearly better.
GAIN_OF_PLAIN = 0.02
# Out of fold two networks are averaged where one is judged alone, which gains about this
# much by itself (tuning tables); the ensembles of eight do not gain it again.
GAIN_OF_AVERAGING = 0.03


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """The fit that answers.

    Attributes
    ----------
    fitted : Fitted
        Weights of all members that answer, over all inputs.
    shares : array of float64, shape (members,), or None
        How much each counts; None where all count alike.
    out_of_fold : array of float64, shape (n, outputs), or None
        Answers for the training rows, each by members that had not seen it; None
        without folds.
    name : str
        pieces, plain or both.
    """

    fitted: Fitted
    shares: Floats | None
    out_of_fold: Floats | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """What both families learn from.

    Attributes
    ----------
    matrix : array of float32, shape (n, inputs)
        The encoded training rows.
    goals : array, shape (n,)
        Codes of classes, or standardised numbers.
    folds : array of int, shape (n,), or None
        Fold of each row.
    targets : array, shape (n,)
        Codes of classes, or numbers in their own unit.
    scale : Scale or None
        Of a number.
    """

    matrix: NDArray[np.float32]
    goals: Targets
    folds: NDArray[np.int64] | None
    targets: Targets
    scale: Scale | None

    def answers(self, fitted: Fitted) -> Floats:
        """Return what the members answer out of fold."""
        assert self.folds is not None
        return combine(out_of_fold(fitted.weights, self.matrix, self.folds)[None], self.scale)

    def losses(self, answers: Floats) -> Floats:
        """Return the loss of each row, in the unit that members learn to make small."""
        if self.scale is None:
            return row_losses(answers, self.targets)
        learned = self.scale.standardise(answers[:, 0])
        return row_losses(learned, self.goals.astype(np.float64))


def fit_families(
    rows: Rows,
    encoding: Encoding,
    plan: FitPlan,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Chosen:
    """Fit one family or both, and choose by what they answer out of fold.

    Parameters
    ----------
    rows : Rows
        The encoded training rows.
    encoding : Encoding
        Tells which inputs are plain.
    plan : FitPlan
        The recipe of the first family.
    progress, cancelled : callable, optional
        As of `fit`; steps are counted over both families.

    Returns
    -------
    Chosen
        The first family alone for tiny tables, for few numbers, and where it was
        stopped before its end.
    """
    is_plain = encoding.plain()
    has_two = rows.folds is not None and len(encoding.numerics.varying) >= LEAST_NUMBERS
    has_two = has_two and not is_plain.all()
    every = 2 if has_two else 1
    seconds = None if plan.seconds is None else plan.seconds / every
    # one fit tells its own steps; of two the second is counted on
    steps = steps_of(plan, len(rows.matrix))
    told = _counted(progress, 0, steps * 2) if has_two else progress
    first = fit(
        rows.matrix, rows.goals, rows.folds, replace(plan, seconds=seconds), told, cancelled
    )
    if rows.folds is None:
        return Chosen(fitted=first, shares=None, out_of_fold=None, name="pieces")
    if not has_two or first.interrupted:
        return Chosen(fitted=first, shares=None, out_of_fold=rows.answers(first), name="pieces")
    told = _counted(progress, first.steps, first.steps + steps)
    second = fit(
        np.ascontiguousarray(rows.matrix[:, is_plain]),
        rows.goals,
        rows.folds,
        replace(
            plan.plain(),
            seconds=seconds,
            columns=_columns(rows.matrix, is_plain),
            reference=first.best_loss,
        ),
        told,
        cancelled,
    )
    second = replace(second, weights=_widened(second.weights, is_plain))
    return _choose(rows, first, second)


def _columns(matrix: NDArray[np.float32], is_plain: NDArray[np.bool_]) -> int:
    """Return the inputs to pad to: those of the first family, unless that costs more.

    A program of its own takes two seconds to compile; on many rows and inputs its steps
    are so much cheaper that it pays.
    """
    pieces = int((~is_plain).sum())
    return 0 if len(matrix) >= MANY_ROWS and pieces > MANY_PIECES else matrix.shape[1]


def _counted(
    progress: Callable[[Progress], None] | None, before: int, steps: int
) -> Callable[[Progress], None] | None:
    """Return a progress that counts the steps of both families."""
    if progress is None:
        return None

    def tell(one: Progress) -> None:
        step, best = one.step + before, one.best_step + before
        progress(replace(one, step=step, steps=steps, best_step=best))

    return tell


def _choose(rows: Rows, first: Fitted, second: Fitted) -> Chosen:
    answers = rows.answers(first), rows.answers(second)
    alone = [float(rows.losses(one).mean()) for one in answers]
    best = int(alone[1] < (1 - GAIN_OF_PLAIN) * alone[0])
    mixed = [(1 - share) * answers[0] + share * answers[1] for share in SHARES]
    together = [float(rows.losses(one).mean()) for one in mixed]
    place = int(np.argmin(together))
    interrupted = second.interrupted
    out_of_time = first.out_of_time or second.out_of_time
    if together[place] >= (1 - GAIN_OF_AVERAGING) * alone[best]:
        fitted = replace((first, second)[best], interrupted=interrupted, out_of_time=out_of_time)
        name = ("pieces", "plain")[best]
        return Chosen(fitted=fitted, shares=None, out_of_fold=answers[best], name=name)
    weights = {
        name: np.concatenate([array, second.weights[name]]) for name, array in first.weights.items()
    }
    members = len(first.weights["input_scale"])
    share = SHARES[place]
    shares = np.repeat([(1 - share) / members, share / members], members)
    fitted = replace(
        (first, second)[best], weights=weights, interrupted=interrupted, out_of_time=out_of_time
    )
    return Chosen(fitted=fitted, shares=shares, out_of_fold=mixed[place], name="both")


def _widened(
    weights: dict[str, NDArray[np.float32]], is_plain: NDArray[np.bool_]
) -> dict[str, NDArray[np.float32]]:
    """Return weights over all inputs, to which those that were not seen bring nothing."""
    scale, kernel = weights["input_scale"], weights["hidden.0.kernel"]
    wide_scale = np.ones((len(scale), len(is_plain)), np.float32)
    wide_kernel = np.zeros((len(kernel), len(is_plain), kernel.shape[2]), np.float32)
    wide_scale[:, is_plain], wide_kernel[:, is_plain] = scale, kernel
    return weights | {"input_scale": wide_scale, "hidden.0.kernel": wide_kernel}
