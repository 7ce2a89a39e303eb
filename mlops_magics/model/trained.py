"""What does a trained model answer for a table of rows?

Signature, encoding, weights and baseline in one immutable value. It reads no file,
checks no rows and records nothing.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics import model
from mlops_magics.tables.table import Table

from .baseline import Baseline
from .document import Document, Malformed
from .encoding import Encoding
from .forward import Forward, softmax
from .signature import Signature

Floats = NDArray[np.float64]

# Below, NumPy is quicker than handing rows to JAX (crossover between 32 and 1,000).
ROWS_FOR_JAX = 256
# Up to here NumPy is quicker than importing JAX and compiling first.
ROWS_TO_IMPORT_JAX = 20_000
# Rows that are encoded and answered at a time; their inputs take up to 40 MB.
ROWS_AT_A_TIME = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a regression target was standardised.

    Parameters
    ----------
    mean : float
        Of the training targets, in the target's unit.
    deviation : float
        Standard deviation of the training targets; 1 where they are constant.
    low : float
        Smallest training target; no prediction is below it.
    high : float
        Largest training target; no prediction is above it.

    Examples
    --------
    >>> scale = Scale.fit(np.array([1.0, 3.0]))
    >>> scale.standardise(np.array([1.0, 2.0])).tolist(), scale.mean
    ([-1.0, 0.0], 2.0)
    """

    mean: float
    deviation: float
    low: float
    high: float

    @classmethod
    def fit(cls, targets: Floats) -> "Scale":
        """Return the scale of the training targets."""
        deviation = float(targets.std()) or 1.0
        ends = float(targets.min()), float(targets.max())
        return cls(mean=float(targets.mean()), deviation=deviation, low=ends[0], high=ends[1])

    def standardise(self, targets: Floats) -> Floats:
        """Return targets with mean 0 and deviation 1, as the network learns them."""
        return (targets - self.mean) / self.deviation

    def restore(self, answers: NDArray[Any]) -> Floats:
        """Return what a network answered in the target's unit, within its training range."""
        values = answers.astype(np.float64) * self.deviation + self.mean
        return np.clip(values, self.low, self.high)

    def to_json(self) -> dict[str, float]:
        """Return the scale as strict JSON."""
        numbers = {"mean": self.mean, "deviation": self.deviation}
        return numbers | {"low": self.low, "high": self.high}

    @classmethod
    def from_json(cls, parsed: Any) -> "Scale":
        """Read a scale back, or raise `Malformed`."""
        document = Document(parsed)
        scale = cls(
            mean=document.real("mean"),
            deviation=document.real("deviation"),
            low=document.real("low"),
            high=document.real("high"),
        )
        if not scale.deviation > 0 or scale.low > scale.high:
            raise Malformed("a target scale without a range")
        return scale


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
        return self._answers(table, self.signature.outputs)

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
        return self._answers(table, 1)[:, 0]

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
        return combine(self._forward(inputs), self.scale)

    def _answers(self, table: Table, outputs: int) -> Floats:
        has_jax = "jax" in sys.modules or len(table) > ROWS_TO_IMPORT_JAX
        by_jax = has_jax and len(table) > ROWS_FOR_JAX
        if len(table) <= ROWS_AT_A_TIME:
            return self._answer_part(table, by_jax)
        answers = np.empty((len(table), outputs))
        for start in range(0, len(table), ROWS_AT_A_TIME):
            rows = np.arange(start, min(start + ROWS_AT_A_TIME, len(table)))
            answers[rows] = self._answer_part(table.take(rows), by_jax)
        return answers

    def _answer_part(self, table: Table, by_jax: bool) -> Floats:
        inputs = self.encoding.transform(table)
        if not by_jax:
            return self.answer(inputs)
        return combine(model.network.predict(self.weights, inputs), self.scale)


def combine(answers: NDArray[np.float32], scale: Scale | None) -> Floats:
    """Return what the ensemble answers, of what its members do.

    Parameters
    ----------
    answers : array of float32, shape (members, n, outputs)
        Logits of classes, or standardised values.
    scale : Scale or None
        Of a regression target; None for classes.

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
    return np.asarray(by_member.mean(axis=0), np.float64)
