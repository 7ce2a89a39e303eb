"""InferenceEngine: what does a model answer?

Takes a model and rows, and gives answers. It looks nothing up and records
nothing; the workspace does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.request import BadArgument
from mlops_magics.model.trained import COVERAGE, TrainedModel
from mlops_magics.statistics import conformal
from mlops_magics.tables.kinds import from_value, from_values
from mlops_magics.tables.table import Column, Table, Value

from .answers import Prediction, Predictions
from .explanation import Explanation, explain_row
from .validation import Checked, validate


class InferenceEngine:
    """Answers with trained models.

    Examples
    --------
    >>> InferenceEngine().predict_one(model, {"tenure": 3})  # doctest: +SKIP
    Prediction(prediction='no', confidence=0.91, ...)
    """

    def predict(
        self, model: TrainedModel, rows: object, coverage: float | None = None
    ) -> Predictions:
        """Return the answers for several rows.

        Parameters
        ----------
        model : TrainedModel
            The model.
        rows : Table, pandas.DataFrame, list of dict, dict of sequences or path
            With at least the model's columns, in any order.
        coverage : float, optional
            Share of rows whose true number shall lie between lower and upper (0.9 by
            default), or whose true class shall be in the set (no set by default).

        Returns
        -------
        Predictions
            One a row, in order.

        Raises
        ------
        MissingColumns, UnusableColumn, UnusableColumns
            If the rows cannot be used.
        BadArgument
            If no model, or not this one, can promise that coverage.
        """
        if coverage is not None:
            _check_coverage(model, coverage)
        checked = validate(model.signature, tables.read_table(rows, "the rows"))
        answered = answer(model, checked, coverage)
        return replace(answered, findings=checked.findings, ignored=checked.ignored)

    def explain(
        self, model: TrainedModel, rows: Table, apart: Sequence[str] | None = None
    ) -> Explanation:
        """Return what pushed the answer for one row up and down.

        Parameters
        ----------
        model : TrainedModel
            The model.
        rows : Table
            One row, as a prediction used it.
        apart : sequence of str, optional
            Only these features are taken apart; all by default.

        Returns
        -------
        Explanation
            Contributions that add up to the answer.
        """
        return explain_row(model, rows, apart)

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
        columns = {name: from_value(name, value) for name, value in features.items()}
        return one(self.predict(model, Table.of(columns)))


def answer(model: TrainedModel, checked: Checked, coverage: float | None = None) -> Predictions:
    """Return the answers for rows that have been looked at already.

    Parameters
    ----------
    model : TrainedModel
        The model.
    checked : Checked
        Its columns, in the kinds of training.
    coverage : float, optional
        As `InferenceEngine.predict` takes it, and possible.

    Returns
    -------
    Predictions
        One a row, in order, without findings.
    """
    if model.signature.task == "regression":
        return _numbers(model, checked, COVERAGE if coverage is None else coverage)
    return _classes(model, checked, coverage)


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
        set=answers.set_of(0),
        features=answers.features.rows()[0],
        warnings=answers.warnings,
        ages={},
    )


def _numbers(model: TrainedModel, checked: Checked, coverage: float) -> Predictions:
    found = model.bounded(checked.table, coverage)
    return Predictions(
        prediction=Column("number", found.values, np.zeros(len(found.values), bool)),
        confidence=None,
        probabilities=None,
        classes=(),
        lower=found.lower,
        upper=found.upper,
        features=checked.table,
    )


def _classes(model: TrainedModel, checked: Checked, coverage: float | None) -> Predictions:
    probabilities, sets = model.probabilities(checked.table), None
    if coverage is not None and model.reach is not None:
        sets = model.reach.sets(probabilities, coverage)
    return Predictions(
        prediction=_as_classes(probabilities.argmax(axis=1), model.signature.classes),
        confidence=probabilities.max(axis=1),
        probabilities=probabilities,
        classes=model.signature.classes,
        features=checked.table,
        sets=sets,
    )


def _as_classes(codes: NDArray[np.int64], classes: tuple[Value, ...]) -> Column:
    """Return classes in their own type, by their codes."""
    whole = from_values("prediction", list(classes)).column
    return whole.take(codes)


def _check_coverage(model: TrainedModel, coverage: float) -> None:
    """Refuse a coverage that no rank of the scores of training can promise."""
    if not 0 < coverage < 1:
        raise BadArgument("coverage", coverage, "a share between 0 and 1, such as 0.9")
    if model.reach is None:
        why = "training had too few rows to tell how far its answers may be off"
        raise BadArgument("coverage", coverage, f"none: {why}")
    scores = len(model.reach.scores)
    if conformal.rank(scores, coverage) is None:
        most = math.floor(scores / (scores + 1) * 1000) / 1000
        said = f"at most {most:g}, which the {scores:,} scores of training can promise"
        raise BadArgument("coverage", coverage, said)
