"""What does a trained model answer for a table of rows?

Signature, encoding, weights and baseline in one immutable value. It reads no file,
checks no rows and records nothing.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics import model
from mlops_magics.statistics import calibration
from mlops_magics.tables.table import Table

from .baseline import Baseline
from .encoding import Encoding
from .forward import Forward, softmax
from .reach import Reach
from .scale import Scale
from .signature import Signature

Floats = NDArray[np.float64]

# Below, NumPy is quicker than handing rows to JAX (crossover between 32 and 1,000).
ROWS_FOR_JAX = 256
# Up to here NumPy is quicker than importing JAX and compiling first.
ROWS_TO_IMPORT_JAX = 20_000
# Rows that are encoded and answered at a time; their inputs take up to 40 MB.
ROWS_AT_A_TIME = 16_384
# Of intervals and sets, where nothing else is asked for.
COVERAGE = 0.9


class Bounded(NamedTuple):
    """Predicted numbers, each with the interval around it.

    Parameters
    ----------
    values : array of float64, shape (n,)
        In the target's unit.
    lower, upper : array of float64, shape (n,), or None
        Ends of the intervals; None where the model has none for this coverage.

    Examples
    --------
    >>> Bounded(np.array([2.0]), np.array([1.0]), np.array([3.0])).upper.tolist()
    [3.0]
    """

    values: Floats
    lower: Floats | None
    upper: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedModel:
    """A model: what it takes, how it sees it, what it learned, what it was trained on.

    Parameters
    ----------
    signature : Signature
        Features, target and classes.
    encoding : Encoding
        From a table to a network's inputs.
    weights : mapping of str to array of float32
        The ensemble's weights by name, as training returns them.
    baseline : Baseline
        What training saw, for drift.
    scale : Scale or None, default=None
        Of the target, for regression only.
    shares : array of float64, shape (members,), or None, default=None
        How much each member counts; None where all count alike.
    temperature : float, default=1
        What the logits of classes are divided by.
    reach : Reach or None, default=None
        How far an answer may be off; None where too few rows told.
    lineage : mapping of str to JSON, default={}
        Where it comes from; plain values only.
    environment : mapping of str to str, default={}
        Versions of what made it.

    Examples
    --------
    >>> from mlops_magics.model.package import from_bytes  # doctest: +SKIP
    >>> model = from_bytes(path.read_bytes())  # doctest: +SKIP
    >>> model.probabilities(table).shape  # doctest: +SKIP
    (200, 2)
    """

    signature: Signature
    encoding: Encoding
    weights: Mapping[str, NDArray[np.float32]]
    baseline: Baseline
    scale: Scale | None = None
    shares: Floats | None = None
    temperature: float = 1.0
    reach: Reach | None = None
    lineage: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    _forward: Forward = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_forward", Forward.of(self.weights))

    def probabilities(self, table: Table) -> Floats:
        """Return the probability of each class.

        Parameters
        ----------
        table : Table
            Rows with the features, of the kinds of training.

        Returns
        -------
        array of float64, shape (n, classes)
            In the order of the signature's classes; the mean over members.
        """
        assert self.signature.classes, "a regression model has no probabilities"
        return self._answers(table, self.signature.outputs, lambda _, found: found)

    def values(self, table: Table) -> Floats:
        """Return the predicted number of each row.

        Parameters
        ----------
        table : Table
            Rows with the features, of the kinds of training.

        Returns
        -------
        array of float64, shape (n,)
            In the target's unit, within the training range; the mean over members.
        """
        assert self.scale is not None, "a model of classes has no values"
        return self._answers(table, 1, lambda _, found: found)[:, 0]

    def bounded(self, table: Table, coverage: float = COVERAGE) -> Bounded:
        """Return the predicted number of each row and the interval around it.

        Parameters
        ----------
        table : Table
            Rows with the features, of the kinds of training.
        coverage : float, default=0.9
            Share of later rows whose true number shall lie in its interval.

        Returns
        -------
        Bounded
            The interval may leave the training range, the value does not.
        """
        scale, reach = self.scale, self.reach
        assert scale is not None, "a model of classes has no values"
        if (
            reach is None
            or reach.of(np.zeros((0, self.encoding.width), np.float32), coverage) is None
        ):
            return Bounded(self.values(table), None, None)

        def ends(inputs: NDArray[np.float32], found: Floats) -> Floats:
            middle, half = scale.standardise(found[:, 0]), reach.of(inputs, coverage)
            assert half is not None
            sides = [scale.restore_freely(middle - half), scale.restore_freely(middle + half)]
            return np.stack([found[:, 0], *sides], axis=1)

        columns = self._answers(table, 3, ends).T
        return Bounded(columns[0], columns[1], columns[2])

    def answer(self, inputs: NDArray[np.float32]) -> Floats:
        """Return the mean answer of the members for encoded rows.

        Parameters
        ----------
        inputs : array of float32, shape (n, inputs)
            Rows as the encoding makes them.

        Returns
        -------
        array of float64, shape (n, outputs)
            Probabilities of classes, or one value in the target's unit.
        """
        return self.combined(self._forward(inputs))

    def combined(self, answers: NDArray[np.float32]) -> Floats:
        """Return what the ensemble answers, of what its members do."""
        found = combine(answers, self.scale, self.shares)
        return found if self.scale else calibration.scale(found, self.temperature)

    def _answers(
        self,
        table: Table,
        outputs: int,
        finish: Callable[[NDArray[np.float32], Floats], Floats],
    ) -> Floats:
        """Return what is made of the answers, some rows at a time."""
        has_jax = "jax" in sys.modules or len(table) > ROWS_TO_IMPORT_JAX
        by_jax = has_jax and len(table) > ROWS_FOR_JAX
        if len(table) <= ROWS_AT_A_TIME:
            return finish(*self._answer_part(table, by_jax))
        answers = np.empty((len(table), outputs))
        for start in range(0, len(table), ROWS_AT_A_TIME):
            rows = np.arange(start, min(start + ROWS_AT_A_TIME, len(table)))
            answers[rows] = finish(*self._answer_part(table.take(rows), by_jax))
        return answers

    def _answer_part(self, table: Table, by_jax: bool) -> tuple[NDArray[np.float32], Floats]:
        inputs = self.encoding.transform(table)
        if not by_jax:
            return inputs, self.answer(inputs)
        return inputs, self.combined(model.network.predict(self.weights, inputs))


def combine(
    answers: NDArray[np.float32], scale: Scale | None, shares: Floats | None = None
) -> Floats:
    """Return what the ensemble answers, of what its members do.

    Parameters
    ----------
    answers : array of float32, shape (members, n, outputs)
        Logits of classes, or standardised values.
    scale : Scale or None
        Of a regression target; None for classes.
    shares : array of float64, shape (members,), optional
        How much each member counts, 1 together; all alike by default.

    Returns
    -------
    array of float64, shape (n, outputs)
        Mean probabilities, or mean values in the target's unit.

    Examples
    --------
    >>> combine(np.zeros((8, 1, 2), np.float32), None).tolist()
    [[0.5, 0.5]]
    """
    by_member = softmax(answers) if scale is None else scale.restore(answers)
    if shares is None:
        return np.asarray(by_member.mean(axis=0), np.float64)
    return np.asarray(np.einsum("m,mno->no", shares, by_member), np.float64)
