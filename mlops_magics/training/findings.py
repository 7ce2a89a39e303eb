"""What does a training find out about its model and its columns?

Plain values, as a report holds them and a notebook draws them. Nothing is computed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlops_magics.statistics.calibration import CurvePoint

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A simple model on the same held-out rows, and whether ours is better than it.

    Attributes
    ----------
    name : str
        always the commonest, always the mean, or linear.
    metrics : mapping of str to float or None
        As of the model itself.
    intervals : mapping of str to (float, float)
        Their 95 % intervals, where there are any.
    gain : float or None
        How much smaller our loss is, mean over rows: nats, or squared units.
    gain_ends : (float, float) or None
        95 % interval of the gain; None for fewer than two rows.
    """

    name: str
    metrics: Mapping[str, float | None]
    intervals: Mapping[str, Ends]
    gain: float | None
    gain_ends: Ends | None

    @property
    def is_beaten(self) -> bool:
        """Whether our loss is smaller beyond chance."""
        return self.gain_ends is not None and self.gain_ends[0] > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Whether probabilities can be taken at their word.

    Attributes
    ----------
    of : str
        Whose probability the curve is of: the second class, or the predicted one.
    temperature : float
        What logits are divided by; 1 where that did not help.
    points : tuple of CurvePoint
        Predicted against observed, from the smallest probability up.
    error : float
        Expected calibration error on the held-out rows.
    by_chance : float
        How often perfect probabilities show at least this error.
    """

    of: str
    temperature: float
    points: tuple[CurvePoint, ...]
    error: float
    by_chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often the truth is within what the model says it is within.

    Attributes
    ----------
    kind : str
        interval for numbers, set for classes.
    asked : float
        Share of rows that shall be held: 0.9.
    found : float
        Share of the held-out rows that were.
    ends : (float, float)
        95 % interval of that share.
    width : float
        Mean width of the intervals in the target's unit, or mean number of classes in
        a set.
    """

    kind: Literal["interval", "set"]
    asked: float
    found: float
    ends: Ends
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From which probability on the rare class would best be called.

    Attributes
    ----------
    of : value
        The rare class, in its own type.
    probability : float
        Where its F1 is largest on rows that were answered out of fold.
    precision, recall : float or None
        There, on the held-out rows; None where none is called, or none occurs.
    usual_recall : float or None
        At one half, which predictions use.
    """

    of: Any
    probability: float
    precision: float | None
    recall: float | None
    usual_recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much worse the model is where one column's values are shuffled.

    Attributes
    ----------
    column : str
        The column.
    increase : float
        Of the loss: nats for classes, share of the target's variance for numbers.
    low, high : float
        95 % interval over the rows.
    """

    column: str
    increase: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A column that tells the target nearly alone.

    Attributes
    ----------
    column : str
        The column.
    metric : str
        auc, or r2 of the ranks.
    score : float
        What this column reaches alone, out of fold.
    """

    column: str
    metric: Literal["auc", "r2"]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """How good the model is for entities that it has not learned from.

    Attributes
    ----------
    row_count : int
        Held-out rows of such entities.
    metrics : mapping of str to float or None
        As of the model itself.
    """

    row_count: int
    metrics: Mapping[str, float | None]


def read_findings(parsed: dict[str, Any]) -> dict[str, Any]:
    """Return the findings of a stored report as values again.

    Parameters
    ----------
    parsed : dict
        A report as JSON gave it back; it is not changed.

    Returns
    -------
    dict
        Fields of a Report.

    Examples
    --------
    >>> leak = {"column": "x", "metric": "auc", "score": 0.99}
    >>> nothing = dict.fromkeys(["calibration", "coverage", "threshold", "unseen"])
    >>> read_findings({"baselines": [], "importance": [], "leaks": [leak], **nothing})["leaks"]
    (Leak(column='x', metric='auc', score=0.99),)
    """
    return {
        "baselines": tuple(_beside(one) for one in parsed["baselines"]),
        "importance": tuple(Importance(**one) for one in parsed["importance"]),
        "leaks": tuple(Leak(**one) for one in parsed["leaks"]),
        "calibration": _calibration(parsed["calibration"]),
        "coverage": _coverage(parsed["coverage"]),
        "threshold": None if parsed["threshold"] is None else Threshold(**parsed["threshold"]),
        "unseen": None if parsed["unseen"] is None else Unseen(**parsed["unseen"]),
    }


def _beside(one: dict[str, Any]) -> Beside:
    ends = one["gain_ends"]
    read = {"gain_ends": None if ends is None else tuple(ends)}
    return Beside(
        **{**one, **read, "intervals": {k: tuple(v) for k, v in one["intervals"].items()}}
    )


def _calibration(one: dict[str, Any] | None) -> Calibration | None:
    if one is None:
        return None
    return Calibration(**{**one, "points": tuple(CurvePoint(**p) for p in one["points"])})


def _coverage(one: dict[str, Any] | None) -> Coverage | None:
    return None if one is None else Coverage(**{**one, "ends": tuple(one["ends"])})
