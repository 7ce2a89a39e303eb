"""InferenceEngine: what does a model answer?

Takes a model and rows, and gives answers. It looks nothing up and records
nothing; the workspace does.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.request import BadArgument
from mlops_magics.model.trained import COVERAGE, TrainedModel
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Table, Value

from .answers import Prediction, Predictions
from .validation import validate


class InferenceEngine:
    """Answers with trained models.

    Examples
    --------
    >>> InferenceEngine().predict_one(model, {"tenure": 3})  # doctest: +SKIP
    Prediction(prediction='no', confidence=0.91, ...)
    """

    def predict(self, model: TrainedModel, rows: object, coverage: float = COVERAGE) -> Predictions:
        """Return the answers for several rows.

        Parameters
        ----------
        model : TrainedModel
            The model.
        rows : Table, pandas.DataFrame, list of dict, dict of sequences or path
            With at least the model's columns, in any order.
        coverage : float, default=0.9
            Share of rows whose true number shall lie between lower and upper.

        Returns
        -------
        Predictions
            One a row, in order.

        Raises
        ------
        MissingColumns, UnusableColumn
            If the rows cannot be used.
        BadArgument
            If the coverage is not between 0 and 1.
        """
        if not 0 < coverage < 1:
            raise BadArgument("coverage", coverage, "a share between 0 and 1, such as 0.9")
        checked = validate(model.signature, tables.read_table(rows, "the rows"))
        signature = model.signature
        if signature.task == "regression":
            found = model.bounded(checked.table, coverage)
            return Predictions(
                prediction=Column("number", found.values, np.zeros(len(found.values), bool)),
                confidence=None,
                probabilities=None,
                classes=(),
                lower=found.lower,
                upper=found.upper,
                features=checked.table,
                findings=checked.findings,
                ignored=checked.ignored,
            )
        probabilities = model.probabilities(checked.table)
        return Predictions(
            prediction=_as_classes(probabilities.argmax(axis=1), signature.classes),
            confidence=probabilities.max(axis=1),
            probabilities=probabilities,
            classes=signature.classes,
            features=checked.table,
            findings=checked.findings,
            ignored=checked.ignored,
        )

    def predict_one(self, model: TrainedModel, features: Mapping[str, Value]) -> Prediction:
        """Return the answer for one row.

        Parameters
        ----------
        model : TrainedModel
            The model.
        features : mapping of str to value
            All of the model's columns; None where missing.

        Returns
        -------
        Prediction
            The answer.
        """
        columns = {name: from_values(name, [value]).column for name, value in features.items()}
        return one(self.predict(model, Table.of(columns)))


def one(answers: Predictions) -> Prediction:
    """Return the only answer of several."""
    probabilities: dict[Value, float] = {}
    if answers.probabilities is not None:
        shares = answers.probabilities[0].tolist()
        probabilities = dict(zip(answers.classes, shares, strict=True))
    return Prediction(
        prediction=answers.prediction.to_list()[0],
        confidence=None if answers.confidence is None else float(answers.confidence[0]),
        probabilities=probabilities,
        lower=None if answers.lower is None else float(answers.lower[0]),
        upper=None if answers.upper is None else float(answers.upper[0]),
        features=answers.features.rows()[0],
        warnings=answers.warnings,
        ages={},
    )


def _as_classes(codes: NDArray[np.int64], classes: tuple[Value, ...]) -> Column:
    """Return classes in their own type, by their codes."""
    whole = from_values("prediction", list(classes)).column
    return whole.take(codes)
