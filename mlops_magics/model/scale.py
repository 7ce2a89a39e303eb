"""In which unit does a network learn a number?

Root or logarithm where the target is skewed, then mean 0 and deviation 1; and the way
back. It knows no network.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .document import Document, Malformed

Floats = NDArray[np.float64]
Bend = Literal["none", "root", "log"]

# Of two targets alike but for their skew, the less skewed one is learned better; the
# logarithm of a target that needs none is learned worse (facts/tabular.md, D).
MOST_SKEW = 1.0
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a regression target was bent and standardised.

    Parameters
    ----------
    mean : float
        Of the bent training targets.
    deviation : float
        Standard deviation of the bent training targets; 1 where they are constant.
    low : float
        Smallest training target; no prediction is below it.
    high : float
        Largest training target; no prediction is above it.
    bend : str, default="none"
        none, root or log: what is taken of a target first.

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
    bend: Bend = "none"

    @classmethod
    def fit(cls, targets: Floats) -> "Scale":
        """Return the scale of the training targets."""
        bend = _chosen(targets)
        bent = _bent(targets, bend)
        deviation = float(bent.std()) or 1.0
        ends = float(targets.min()), float(targets.max())
        mean = float(bent.mean())
        return cls(mean=mean, deviation=deviation, low=ends[0], high=ends[1], bend=bend)

    def standardise(self, targets: Floats) -> Floats:
        """Return targets as the network learns them."""
        return (_bent(targets, self.bend) - self.mean) / self.deviation

    def restore(self, answers: NDArray[Any]) -> Floats:
        """Return what a network answered in the target's unit, within its training range."""
        return np.clip(self.restore_freely(answers), self.low, self.high)

    def restore_freely(self, answers: NDArray[Any]) -> Floats:
        """Return what a network answered in the target's unit, wherever that is."""
        bent = answers.astype(np.float64) * self.deviation + self.mean
        if self.bend == "root":
            return np.maximum(bent, 0.0) ** 2
        if self.bend == "log":
            return np.expm1(np.minimum(bent, LARGEST_EXPONENT))
        return bent

    def to_json(self) -> dict[str, Any]:
        """Return the scale as strict JSON."""
        numbers = {"mean": self.mean, "deviation": self.deviation}
        return numbers | {"low": self.low, "high": self.high, "bend": self.bend}

    @classmethod
    def from_json(cls, parsed: Any) -> "Scale":
        """Read a scale back, or raise `Malformed`."""
        document = Document(parsed)
        scale = cls(
            mean=document.real("mean"),
            deviation=document.real("deviation"),
            low=document.real("low"),
            high=document.real("high"),
            bend=document.choice("bend", get_args(Bend)),
        )
        if not scale.deviation > 0 or scale.low > scale.high:
            raise Malformed("a target scale without a range")
        if scale.bend != "none" and scale.low < 0:
            raise Malformed("a root or logarithm of targets below 0")
        return scale


def _bent(targets: Floats, bend: Bend) -> Floats:
    if bend == "none":
        return targets
    # a label that comes later may lie below every training target
    positive = np.maximum(targets, 0.0)
    return np.sqrt(positive) if bend == "root" else np.log1p(positive)


def _chosen(targets: Floats) -> Bend:
    """Return the weakest bend that leaves a skew of at most 1, else the strongest."""
    if targets.min() < 0 or _skew(targets) <= MOST_SKEW:
        return "none"
    return "root" if _skew(np.sqrt(targets)) <= MOST_SKEW else "log"


def _skew(targets: Floats) -> float:
    deviation = targets.std()
    if deviation == 0:
        return 0.0
    # scaled first: the cube of 1e150 is no number
    return float((((targets - targets.mean()) / deviation) ** 3).mean())
