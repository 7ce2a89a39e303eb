"""How are the weights found?

A loop in Python over compiled pieces of at most about 0.2 s, so that progress shows and
an interrupt is felt between two of them. It splits no rows, encodes nothing and
registers nothing.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.state import FitFailed
from mlops_magics.model import compile_cache
from mlops_magics.model.forward import Forward
from mlops_magics.model.network import Params, Shape, flatten, initial_weights, unflatten

from .pace import Pace
from .plan import FitPlan, Fitted, Progress
from .program import Data, Piece, Settings, State, initial_state, run
from .schedule import (
    STEPS_BETWEEN_CHECKS,
    batches,
    bucket,
    learning_rates,
    member_rows,
    padded_outputs,
    round_up,
    steps_of,
)

# Without folds nothing says when to stop, and every row counts.
STEPS_WITHOUT_FOLDS = 400
MASKED = -1e9
# A class that the training part lacks must still have a finite prior.
SMALLEST_PRIOR = 1e-4
COLUMNS_OF_A_SHAPE = 32

Report = Callable[[Progress], None]
Targets = NDArray[np.int64] | NDArray[np.float64]


def fit(
    matrix: NDArray[np.float32],
    targets: Targets,
    folds: NDArray[np.int64] | None,
    plan: FitPlan,
    progress: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Fitted:
    """Train an ensemble on encoded rows.

    Parameters
    ----------
    matrix : array of float32, shape (n, inputs)
        Encoded rows, finite.
    targets : array, shape (n,)
        Codes of classes, or standardised numbers.
    folds : array of int, shape (n,), or None
        Fold of each row, 0 to 7; None for tiny tables: all members learn from all
        rows for 400 steps, without dropout and without early stopping.
    plan : FitPlan
        The recipe.
    progress : callable, optional
        Called with a Progress before the first step, after each check, and in between
        where checks are rare.
    cancelled : callable, optional
        Asked at least a few times a second whether to stop.

    Returns
    -------
    Fitted
        The same bits for the same arguments on one machine.

    Raises
    ------
    FitFailed
        If the loss is no number, with a quarter of the learning rate as well.

    Examples
    --------
    >>> rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 2, np.float32)
    >>> exclusive = np.array([0, 1, 1, 0] * 2)
    >>> found = fit(rows, exclusive, None, FitPlan.for_classes("xor", 2))
    >>> Forward.of(found.weights)(rows).mean(axis=0).argmax(axis=1).tolist()
    [0, 1, 1, 0, 0, 1, 1, 0]
    """
    if folds is None:
        plan = replace(plan, steps=STEPS_WITHOUT_FOLDS, dropout=0.0)
    compile_cache.enable()
    slower = replace(plan, learning_rate=plan.learning_rate / 4)
    for attempt in (plan, slower):
        loop = _Loop(matrix, targets, folds, attempt)
        if loop.run(progress, cancelled):
            return loop.fitted()
    next_step = "look for extreme values with %%features, or leave a column out"
    raise FitFailed(plan.model_id, "its loss became no number", next_step)


def simple_loss(targets: Targets, is_regression: bool) -> float:
    """Return the loss of always answering the shares of the classes, or the mean.

    Parameters
    ----------
    targets : array, shape (n,)
        Codes of classes, or numbers.
    is_regression : bool
        Whether they are numbers.

    Returns
    -------
    float
        Nats, or the variance.

    Examples
    --------
    >>> round(simple_loss(np.array([0, 1]), False), 3), simple_loss(np.array([1.0, 3.0]), True)
    (0.693, 1.0)
    """
    if is_regression:
        return float(np.var(targets))
    counts = np.bincount(targets.astype(np.int64))
    shares = counts[counts > 0] / len(targets)
    return float(-(shares * np.log(shares)).sum())


class _Loop:
    """One attempt: the state between two chunks, and what was reported of them."""

    def __init__(
        self,
        matrix: NDArray[np.float32],
        targets: Targets,
        folds: NDArray[np.int64] | None,
        plan: FitPlan,
    ) -> None:
        self.plan = plan = replace(plan, steps=steps_of(plan, len(matrix)))
        self.pace = Pace(plan.seconds, time.monotonic())
        self.has_folds = folds is not None
        self.row_count = len(matrix)
        self.history: list[Progress] = []
        self.interrupted = False
        self.out_of_time = False
        generator = np.random.default_rng(plan.seed)
        self.shape = Shape(inputs=matrix.shape[1], outputs=plan.outputs)
        params = initial_weights(self.shape, generator)
        if not plan.is_regression:
            shares = np.bincount(targets.astype(np.int64), minlength=plan.outputs) / len(targets)
            params["output"]["bias"][:] = np.log(shares + SMALLEST_PRIOR)
        self.simple_loss = simple_loss(targets, plan.is_regression)
        own = member_rows(folds, len(matrix), self.shape.members, generator)
        self.batches = batches(len(matrix), plan.steps, generator)
        width = round_up(max(matrix.shape[1], plan.columns), COLUMNS_OF_A_SHAPE)
        padded = _pad(params, self.shape, width)
        self.state: State = jax.device_put(initial_state(padded, plan.seed))
        rows, columns = bucket(len(matrix)) - len(matrix), width - matrix.shape[1]
        dtype = np.float32 if plan.is_regression else np.int32
        self.data: Data = jax.device_put(
            Data(
                np.pad(matrix, ((0, rows), (0, columns))),
                np.pad(targets.astype(dtype), (0, rows)),
                *own,
            )
        )
        outputs = np.arange(padded_outputs(plan.outputs))
        mask = np.where(outputs < plan.outputs, 0, MASKED).astype(np.float32)
        decay = np.float32(plan.weight_decay)
        self.settings: Settings = jax.device_put(Settings(np.float32(plan.dropout), decay, mask))

    def run(self, progress: Report | None, cancelled: Callable[[], bool] | None) -> bool:
        """Run chunks to the end, to a stop or to an interrupt; False if a loss is no number."""
        steps = self.plan.steps
        if progress is not None:
            progress(self._progress(0, self.simple_loss, None, 0))
        try:
            for start in range(0, steps, STEPS_BETWEEN_CHECKS):
                if self._chunk(start, progress, cancelled):
                    self.interrupted = True
                    break
                reported = self.history[-1]
                held_out = reported.held_out_loss
                if not np.isfinite([reported.training_loss, held_out or 0.0]).all():
                    return False
                if progress is not None:
                    progress(reported)
                self.interrupted = cancelled is not None and reported.step < steps and cancelled()
                self.out_of_time = reported.step < steps and self.pace.is_over(time.monotonic())
                checks = (reported.step - reported.best_step) // STEPS_BETWEEN_CHECKS
                is_enough = self.has_folds and checks >= self.plan.patience
                is_enough = is_enough or self.plan.is_hopeless(reported, self.simple_loss)
                if self.interrupted or self.out_of_time or is_enough:
                    break
        except KeyboardInterrupt:
            if not self.history:
                raise  # nothing has been learned that could be kept
            self.interrupted = True
        return True

    def _chunk(
        self, start: int, progress: Report | None, cancelled: Callable[[], bool] | None
    ) -> bool:
        """Run the steps up to the next check, piece by piece; True if it was cancelled."""
        plan, stop = self.plan, min(start + STEPS_BETWEEN_CHECKS, self.plan.steps)
        horizon = self.pace.horizon(start, plan.steps, time.monotonic())
        rates = learning_rates(plan.learning_rate, plan.steps, horizon)[start:stop]
        done, total = 0, 0.0
        while done < stop - start:
            begun = time.monotonic()
            upto = min(done + self.pace.steps_of_a_piece, stop - start)
            is_last = upto == stop - start
            piece = Piece(self.batches[start:stop], rates, done, upto, is_last and self.has_folds)
            self.state, losses, checked = run(
                self.state, self.data, piece, self.settings, plan.is_regression, plan.dropout > 0
            )
            total += float(np.asarray(losses))  # waits for the piece
            self.pace.measure(upto - done, begun, time.monotonic())
            done = upto
            if is_last:
                break
            if self.history and cancelled is not None and cancelled():
                return True
            if progress is not None and self.history and self.pace.is_due(time.monotonic()):
                progress(replace(self.history[-1], step=start + done, training_loss=total / done))
        # NumPy's mean: JAX's would be compiled for itself
        self._report(stop, total / done, float(np.asarray(checked).mean()))
        self.pace.is_due(time.monotonic())
        return False

    def _report(self, step: int, training_loss: float, checked: float) -> None:
        held_out = checked if self.has_folds else None
        before = [p for p in self.history if p.held_out_loss is not None]
        best = min(before, key=lambda p: p.held_out_loss or 0.0, default=None)
        is_best = held_out is None or best is None or held_out < (best.held_out_loss or 0.0)
        best_step = step if is_best or best is None else best.step
        self.history.append(self._progress(step, training_loss, held_out, best_step))

    def _progress(
        self, step: int, training_loss: float, held_out_loss: float | None, best_step: int
    ) -> Progress:
        return Progress(
            step=step,
            steps=self.plan.steps,
            training_loss=training_loss,
            held_out_loss=held_out_loss,
            best_step=best_step,
            rows_of_a_step=self.batches.shape[1],
            rows=self.row_count,
            simple_loss=self.simple_loss,
        )

    def fitted(self) -> Fitted:
        """Return the best weights without their padding."""
        params: Any = self.state.best if self.has_folds else self.state.average
        return Fitted(
            weights=_unpad(flatten(params), self.shape),
            history=tuple(self.history),
            best_step=self.history[-1].best_step,
            steps=self.history[-1].step,
            interrupted=self.interrupted,
            out_of_time=self.out_of_time,
        )


def _pad(params: Params, shape: Shape, width: int) -> Params:
    """Return the weights of the padded shape: nothing flows through the padding."""
    inputs = width - shape.inputs
    outputs = padded_outputs(shape.outputs) - shape.outputs
    widths = {
        "input_scale": ((0, 0), (0, inputs)),
        "hidden.0.kernel": ((0, 0), (0, inputs), (0, 0)),
        "output.kernel": ((0, 0), (0, 0), (0, outputs)),
        "output.bias": ((0, 0), (0, outputs)),
    }
    weights = flatten(params)
    return unflatten(weights | {name: np.pad(weights[name], widths[name]) for name in widths})


def _unpad(weights: dict[str, NDArray[np.float32]], shape: Shape) -> dict[str, Any]:
    cut = {
        "input_scale": weights["input_scale"][:, : shape.inputs],
        "hidden.0.kernel": weights["hidden.0.kernel"][:, : shape.inputs],
        "output.kernel": weights["output.kernel"][:, :, : shape.outputs],
        "output.bias": weights["output.bias"][:, : shape.outputs],
    }
    return {name: array.copy() for name, array in (weights | cut).items()}


def out_of_fold(
    weights: dict[str, NDArray[np.float32]],
    matrix: NDArray[np.float32],
    folds: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Return what the one member that did not learn from a row answers for it.

    Parameters
    ----------
    weights : dict of str to array of float32
        Of a fit with these folds.
    matrix : array of float32, shape (n, inputs)
        The training rows, encoded with target means out of fold.
    folds : array of int, shape (n,)
        Fold of each row.

    Returns
    -------
    array of float32, shape (n, outputs)
        Logits, or standardised values; slightly too good, because the fold also
        chose the member's best step.

    Examples
    --------
    >>> weights = flatten(initial_weights(Shape(inputs=2, outputs=1), np.random.default_rng(0)))
    >>> out_of_fold(weights, np.zeros((16, 2), np.float32), np.arange(16) % 8).shape
    (16, 1)
    """
    answers = np.empty((len(matrix), weights["output.bias"].shape[1]), np.float32)
    for fold in np.unique(folds).tolist():
        own = folds == fold
        alone = {name: array[fold : fold + 1] for name, array in weights.items()}
        answers[own] = Forward.of(alone)(matrix[own])[0]
    return answers
