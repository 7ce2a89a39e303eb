"""How are the weights found?

A loop in Python over compiled chunks of about 0.2 s, so that progress shows and an
interrupt is felt between two of them. It splits no rows, encodes nothing and
registers nothing.
"""

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

from .plan import FitPlan, Fitted, Progress
from .program import Data, Settings, State, initial_state, run
from .schedule import batches, bucket, learning_rates, member_rows, padded_outputs, round_up

STEPS_OF_A_CHUNK = 20
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
        Called with a Progress after each chunk.
    cancelled : callable, optional
        Asked after each chunk whether to stop.

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


class _Loop:
    """One attempt: the state between two chunks, and what was reported of them."""

    def __init__(
        self,
        matrix: NDArray[np.float32],
        targets: Targets,
        folds: NDArray[np.int64] | None,
        plan: FitPlan,
    ) -> None:
        self.plan = plan
        self.has_folds = folds is not None
        self.history: list[Progress] = []
        self.interrupted = False
        generator = np.random.default_rng(plan.seed)
        self.shape = Shape(inputs=matrix.shape[1], outputs=plan.outputs)
        params = initial_weights(self.shape, generator)
        if not plan.is_regression:
            shares = np.bincount(targets.astype(np.int64), minlength=plan.outputs) / len(targets)
            params["output"]["bias"][:] = np.log(shares + SMALLEST_PRIOR)
        own = member_rows(folds, len(matrix), self.shape.members, generator)
        self.batches = batches(len(matrix), plan.steps, generator)
        self.rates = learning_rates(plan.learning_rate, plan.steps)
        padded = _pad(params, self.shape)
        self.state: State = jax.device_put(initial_state(padded, plan.seed))
        rows = bucket(len(matrix)) - len(matrix)
        columns = round_up(matrix.shape[1], COLUMNS_OF_A_SHAPE) - matrix.shape[1]
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
        try:
            for start in range(0, self.plan.steps, STEPS_OF_A_CHUNK):
                self._chunk(start)
                reported = self.history[-1]
                held_out = reported.held_out_loss
                if not np.isfinite([reported.training_loss, held_out or 0.0]).all():
                    return False
                if progress is not None:
                    progress(reported)
                is_last = reported.step == self.plan.steps
                if cancelled is not None and not is_last and cancelled():
                    self.interrupted = True
                    break
                checks = (reported.step - reported.best_step) // STEPS_OF_A_CHUNK
                if self.has_folds and checks >= self.plan.patience:
                    break
        except KeyboardInterrupt:
            if not self.history:
                raise  # nothing has been learned that could be kept
            self.interrupted = True
        return True

    def _chunk(self, start: int) -> None:
        plan, stop = self.plan, min(start + STEPS_OF_A_CHUNK, self.plan.steps)
        schedule = (self.batches[start:stop], self.rates[start:stop])
        state, training, checked = run(
            self.state, self.data, schedule, self.settings, plan.is_regression, plan.dropout > 0
        )
        # NumPy's mean: JAX's would be compiled for itself. It also waits for the chunk.
        held_out = float(np.asarray(checked).mean()) if self.has_folds else None
        before = [p for p in self.history if p.held_out_loss is not None]
        best = min(before, key=lambda p: p.held_out_loss or 0.0, default=None)
        is_best = held_out is None or best is None or held_out < (best.held_out_loss or 0.0)
        now = Progress(
            step=stop,
            steps=plan.steps,
            training_loss=float(np.asarray(training)),
            held_out_loss=held_out,
            best_step=stop if is_best or best is None else best.step,
        )
        # both or neither, should an interrupt come in between
        self.state, self.history = state, [*self.history, now]

    def fitted(self) -> Fitted:
        """Return the best weights without their padding."""
        params: Any = self.state.best if self.has_folds else self.state.average
        return Fitted(
            weights=_unpad(flatten(params), self.shape),
            history=tuple(self.history),
            best_step=self.history[-1].best_step,
            steps=self.history[-1].step,
            interrupted=self.interrupted,
        )


def _pad(params: Params, shape: Shape) -> Params:
    """Return the weights of the padded shape: nothing flows through the padding."""
    inputs = round_up(shape.inputs, COLUMNS_OF_A_SHAPE) - shape.inputs
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
