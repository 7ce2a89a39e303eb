"""What did training see of every column, and what did the model answer there?

The cells of each feature, of the prediction and of the confidence, captured once
with the model. It counts no window; `cells` does, a column at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.table import Column, Table

from .cells import ColumnBaseline
from .document import Document, Malformed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """What training saw of all features, and what the model answered there.

    Parameters
    ----------
    features : mapping of str to ColumnBaseline
        One a feature.
    prediction : ColumnBaseline
        Of the predicted classes, or of the predicted numbers.
    confidence : ColumnBaseline or None
        Of the largest probability; None for regression.

    Examples
    --------
    >>> age = Column("integer", np.arange(40), np.zeros(40, bool))
    >>> baseline = Baseline.fit(Table.of({"age": age}), age, None)
    >>> baseline.features["age"].rows
    40
    """

    features: dict[str, ColumnBaseline]
    prediction: ColumnBaseline
    confidence: ColumnBaseline | None

    @classmethod
    def fit(
        cls, table: Table, prediction: Column, confidence: NDArray[np.float64] | None
    ) -> "Baseline":
        """Capture the baseline of a training sample.

        Parameters
        ----------
        table : Table
            The features of the training rows.
        prediction : Column
            What the model answers for rows like these: out of fold, so that it is
            not surer than it will be.
        confidence : array of float, shape (n,), or None
            The largest probability of each; None for regression.

        Returns
        -------
        Baseline
            One ColumnBaseline a column.
        """
        features = {name: ColumnBaseline.fit(table.columns[name]) for name in table}
        sure = None
        if confidence is not None:
            column = Column("number", confidence, np.zeros(len(confidence), bool))
            sure = ColumnBaseline.fit(column)
        answered = ColumnBaseline.fit(prediction, by_value=confidence is not None)
        return cls(features=features, prediction=answered, confidence=sure)

    def columns(self) -> Sequence[ColumnBaseline]:
        """Return all columns, features first, in a fixed order."""
        confidence = [] if self.confidence is None else [self.confidence]
        return [*self.features.values(), self.prediction, *confidence]

    def to_json(self) -> dict[str, Any]:
        """Return everything but the samples as strict JSON."""
        return {
            "features": {name: column.to_json() for name, column in self.features.items()},
            "prediction": self.prediction.to_json(),
            "confidence": None if self.confidence is None else self.confidence.to_json(),
        }

    @classmethod
    def from_json(cls, parsed: Any, samples: Sequence[NDArray[np.float32]]) -> "Baseline":
        """Read it back, or raise `Malformed`.

        Parameters
        ----------
        parsed : object
            As `to_json` made it.
        samples : sequence of array of float32
            Sample of each column, in the order of `columns`.

        Returns
        -------
        Baseline
            Equal to the one that was written.
        """
        document = Document(parsed)
        written = document.mapping("features")
        sure = document.value("confidence")
        parts = [*written.values(), document.value("prediction"), *([] if sure is None else [sure])]
        if len(parts) != len(samples):
            raise Malformed("another number of samples than columns")
        read = [ColumnBaseline.from_json(*both) for both in zip(parts, samples, strict=True)]
        return cls(
            features=dict(zip(written, read, strict=False)),
            prediction=read[len(written)],
            confidence=None if sure is None else read[-1],
        )
