"""What does a prediction consist of?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.table import Column, Table, Value

from .explanation import Explanation
from .findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """The answers for several rows, in their order.

    Attributes
    ----------
    prediction : Column, n rows
        The class in its own type, or the number.
    confidence : array of float64, shape (n,), or None
        The largest probability; None for regression.
    probabilities : array of float64, shape (n, classes), or None
        In the order of `classes`; None for regression.
    classes : tuple of value
        The classes in their own type.
    lower, upper : array of float64, shape (n,), or None
        Ends of the intervals of a regression; None where the model has none.
    features : Table
        The rows as they were used, in the kinds of training.
    sets : array of bool, shape (n, classes), or None
        Which classes hold the true one as often as was asked for; None where it was not.
    findings : tuple of Finding
        What was unusual in the rows, with counts per column.
    ignored : tuple of str
        Columns that the model does not take.
    """

    prediction: Column
    confidence: NDArray[np.float64] | None
    probabilities: NDArray[np.float64] | None
    classes: tuple[Value, ...]
    lower: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None
    features: Table
    sets: NDArray[np.bool_] | None = None
    findings: tuple[Finding, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was unusual in the rows, one line a column and problem."""
        return tuple(found.said for found in self.findings)

    def __len__(self) -> int:
        return len(self.prediction)

    def set_of(self, row: int) -> tuple[Value, ...]:
        """Return the classes of the set of one row, the likeliest first; none without sets."""
        if self.sets is None or self.probabilities is None:
            return ()
        likeliest = np.argsort(-self.probabilities[row], kind="stable").tolist()
        return tuple(self.classes[place] for place in likeliest if self.sets[row, place])

    def to_table(self) -> Table:
        """Return the prediction and what is known of it.

        Returns
        -------
        Table
            With prediction; confidence and one p(class) a class, or lower and upper.
        """
        columns = {"prediction": self.prediction}
        present = np.zeros(len(self), bool)
        if self.confidence is not None and self.probabilities is not None:
            columns["confidence"] = Column("number", self.confidence, present)
            for place, value in enumerate(self.classes):
                columns[f"p({value})"] = Column("number", self.probabilities[:, place], present)
        if self.lower is not None and self.upper is not None:
            columns["lower"] = Column("number", self.lower, present)
            columns["upper"] = Column("number", self.upper, present)
        if self.sets is not None:
            texts = [", ".join(map(str, self.set_of(row))) for row in range(len(self))]
            array = np.array([*texts, None], dtype=object)[:-1]
            columns["set"] = Column("category", array, present)
        return Table.of(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The answer for one row.

    Attributes
    ----------
    prediction : value
        The class in its own type, or the number.
    confidence : float or None
        The largest probability; None for regression.
    probabilities : mapping of class to float
        Empty for regression.
    lower, upper : float or None
        Ends of the interval of a regression, where the model has one.
    set : tuple of value
        The classes that hold the true one as often as was asked for, the likeliest
        first; empty where it was not asked.
    explanation : Explanation or None
        What pushed the answer up and down, where it was asked for.
    features : mapping of str to value
        The row as it was used.
    warnings : tuple of str
        What was unusual in it.
    request_id, model_id, version : str or None
        Where it was recorded, and what answered; None before.
    ages : mapping of str to int
        For looked-up features, their age in microseconds.
    routed : str or None
        Why this version answered, or which one answered beside it, where a shadow or a
        canary is running.
    """

    prediction: Value
    confidence: float | None
    probabilities: Mapping[Value, float]
    lower: float | None = None
    upper: float | None = None
    set: tuple[Value, ...] = ()
    explanation: Explanation | None = None
    features: Mapping[str, Value]
    warnings: tuple[str, ...] = ()
    request_id: str | None = None
    model_id: str | None = None
    version: str | None = None
    stage: str | None = None
    ages: Mapping[str, int]
    routed: str | None = None
