"""How far from the truth may an answer be?

Scores of training rows that were answered by a member that had not seen them, sorted,
and for numbers how much farther some rows reach than others. It fits nothing; training
does.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import conformal

from .document import Document, Malformed

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """What an interval or a set of classes needs.

    Parameters
    ----------
    scores : array of float32, shape (s,)
        Sorted. Of classes: 1 - the probability of the true one. Of numbers: how far off
        the answer was, in standardised units, over the width of its row.
    kernel : array of float32, shape (inputs,)
        Logarithm of a row's width, by encoded input; no elements where all rows have
        one width.
    bias : float, default=0
        Logarithm of the width where all inputs are 0.
    low, high : float, default=0
        Least and largest logarithm that training rows had; no row goes beyond.

    Examples
    --------
    >>> reach = Reach(scores=np.arange(1, 20, dtype=np.float32), kernel=np.zeros(0, np.float32))
    >>> reach.of(np.zeros((2, 3), np.float32), 0.9).tolist()
    [18.0, 18.0]
    """

    scores: NDArray[np.float32]
    kernel: NDArray[np.float32]
    bias: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def widths(self, inputs: NDArray[np.float32]) -> Floats:
        """Return the relative width of each row."""
        if not len(self.kernel):
            return np.ones(len(inputs))
        logs = (inputs @ self.kernel).astype(np.float64) + self.bias
        return np.exp(np.clip(logs, self.low, self.high))

    def of(self, inputs: NDArray[np.float32], coverage: float) -> Floats | None:
        """Return how far each row reaches to both sides.

        Parameters
        ----------
        inputs : array of float32, shape (n, inputs)
            Encoded rows.
        coverage : float
            Share of later rows that shall be held.

        Returns
        -------
        array of float64, shape (n,), or None
            In standardised units; None where training had too few rows for it.
        """
        farthest = conformal.reach(self.scores, coverage)
        return None if farthest is None else farthest * self.widths(inputs)

    def sets(self, probabilities: Floats, coverage: float) -> NDArray[np.bool_] | None:
        """Return the classes that hold the true one so often, never none.

        Parameters
        ----------
        probabilities : array of float, shape (n, classes)
            As the model answers them.
        coverage : float
            Share of later rows that shall be held.

        Returns
        -------
        array of bool, shape (n, classes), or None
            None where training had too few rows for it.
        """
        farthest = conformal.reach(self.scores, coverage)
        if farthest is None:
            return None
        first = probabilities == probabilities.max(axis=1, keepdims=True)
        # scores are float32: the row that made the score must itself be held
        return np.asarray((probabilities >= 1 - farthest - 1e-6) | first)

    def to_json(self) -> dict[str, float]:
        """Return what is not an array as strict JSON."""
        return {"bias": self.bias, "low": self.low, "high": self.high}

    @classmethod
    def from_json(
        cls, parsed: Any, scores: NDArray[np.float32], kernel: NDArray[np.float32]
    ) -> "Reach":
        """Read it back, or raise `Malformed`.

        Parameters
        ----------
        parsed : object
            As `to_json` made it.
        scores, kernel : array of float32
            As a model file keeps them apart.

        Returns
        -------
        Reach
            Equal to the one that was written.
        """
        document = Document(parsed)
        if scores.ndim != 1 or kernel.ndim != 1 or (np.diff(scores) < 0).any():
            raise Malformed("scores that are not sorted")
        ends = {name: document.real(name) for name in ("bias", "low", "high")}
        if ends["low"] > ends["high"]:
            raise Malformed("widths without a range")
        return cls(scores=scores, kernel=kernel, **ends)
