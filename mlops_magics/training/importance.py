"""Which columns does a model live on?

The loss on held-out rows with one column's values shuffled, against the loss without:
what the model would lose, not what the world depends on.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.forward import Forward
from mlops_magics.model.trained import TrainedModel
from mlops_magics.statistics.resampling import mean_interval
from mlops_magics.tables.table import Table

from .findings import Importance
from .measure import row_losses

# The interval is over rows; more of them cost time for every column.
MOST_ROWS, LEAST_ROWS, ROWS_OF_ALL_COLUMNS = 512, 64, 60_000
# Shuffles of one column, so that the luck of one does not decide.
SHUFFLES, SHUFFLES_OF_MANY, MANY_COLUMNS = 3, 1, 60


def permutation_importance(
    model: TrainedModel,
    table: Table,
    targets: NDArray[np.int64] | NDArray[np.float64],
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Importance, ...]:
    """Return how much worse the model is without each column, the most important first.

    Parameters
    ----------
    model : TrainedModel
        The model.
    table : Table
        Held-out rows with its features; at least two.
    targets : array, shape (n,)
        Codes of classes, or numbers.
    cancelled : callable, optional
        Asked before each column whether to stop; nothing is returned then.

    Returns
    -------
    tuple of Importance
        One a column. Breiman (2001), with 95 % intervals over rows; the encoded inputs
        of a column are shuffled together, so a category counts as one.

    Examples
    --------
    >>> permutation_importance(model, held_out, codes)[0].column  # doctest: +SKIP
    'tenure'
    """
    chance = np.random.default_rng(0)
    columns = len(model.signature.features)
    most = min(MOST_ROWS, max(LEAST_ROWS, ROWS_OF_ALL_COLUMNS // columns))
    if len(targets) > most:
        some = np.sort(chance.choice(len(targets), most, replace=False))
        table, targets = table.take(some), targets[some]
    shuffled = _Shuffled.of(model, table)
    owners = model.encoding.owners()
    unit = 1.0 if model.scale is None else float(targets.var()) or 1.0
    usual = _losses(model, shuffled.forward.finish(shuffled.sums), targets)
    shuffles = SHUFFLES if columns <= MANY_COLUMNS else SHUFFLES_OF_MANY
    found = []
    for place, feature in enumerate(model.signature.features):
        if cancelled is not None and cancelled():
            return ()
        own = np.flatnonzero(owners == place)
        worse = np.zeros(len(targets))
        for _ in range(shuffles if len(own) else 0):
            answers = shuffled.answers(own, chance.permutation(len(targets)))
            worse += (_losses(model, answers, targets) - usual) / (shuffles * unit)
        increase, low, high = mean_interval(worse)
        found.append(Importance(column=feature.name, increase=increase, low=low, high=high))
    return tuple(sorted(found, key=lambda one: -one.increase))


@dataclass(frozen=True, slots=True, eq=False)
class _Shuffled:
    """Rows whose first layer is added up once: a column changes only its own part."""

    forward: Forward
    inputs: NDArray[np.float32]
    sums: NDArray[np.float32]

    @classmethod
    def of(cls, model: TrainedModel, table: Table) -> "_Shuffled":
        forward, inputs = Forward.of(model.weights), model.encoding.transform(table)
        return cls(forward, inputs, forward.sums(inputs))

    def answers(self, own: NDArray[np.intp], order: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the members' answers where these inputs are those of other rows."""
        change = self.inputs[:, own][order] - self.inputs[:, own]
        changed = self.sums + change @ self.forward.first[own]
        return self.forward.finish(changed.astype(np.float32, copy=False))


def _losses(
    model: TrainedModel,
    answers: NDArray[np.float32],
    targets: NDArray[np.int64] | NDArray[np.float64],
) -> NDArray[np.float64]:
    combined = model.combined(answers)
    return row_losses(combined if model.scale is None else combined[:, 0], targets)
