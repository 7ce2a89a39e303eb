"""What is an alert, and what a rule of the user's?

The results as plain values, and what to type next for each kind. It finds nothing and
reads no store.
"""

from dataclasses import dataclass
from typing import Literal

from mlops_magics.statistics.drift import Severity

State = Literal["watch", "open", "closed"]
Kind = Literal[
    "drift",
    "missing",
    "unseen",
    "unit",
    "clock",
    "performance",
    "latency",
    "errors",
    "silence",
    "rule",
]
# what is about one column is one alert, whatever it is called at the moment
OF_COLUMNS: frozenset[str] = frozenset({"drift", "missing", "unseen", "unit", "clock"})
STEPS: dict[str, str] = {
    "performance": "performance",
    "latency": "metrics --every 1d",
    "errors": "events",
    "silence": "metrics --every 1d",
    "rule": "rule",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something about a model in use that is not as it was.

    Attributes
    ----------
    alert_id : int
        Its number among the alerts of the model.
    model_id, version : str
        The version that answered.
    subject : str
        The column, the metric, or the rule.
    kind : str
        drift, missing, unseen, unit, clock, performance, latency, errors, silence or rule.
    state : str
        watch: more than expected; open: beyond chance; closed: over again.
    severity : str
        small, moderate or large.
    opened_at, closed_at : int or None
        End of the window that opened it and of the one that closed it, microseconds;
        None for what was never open, and for what still is.
    window : (int, int)
        The window in which it showed first: since when.
    said : str
        What changed.
    by_chance : str
        How much that is against chance.
    slice : str or None
        The only rows in which it changed; None where it is in all of them.
    acknowledged : str or None
        The note of whoever has seen it.
    """

    alert_id: int
    model_id: str
    version: str
    subject: str
    kind: Kind
    state: State
    severity: Severity
    opened_at: int | None
    closed_at: int | None
    window: tuple[int, int]
    said: str
    by_chance: str
    slice: str | None = None
    acknowledged: str | None = None

    @property
    def next(self) -> str:
        """What to type next."""
        return f"%monitor {self.model_id} {STEPS.get(self.kind, 'drift')}"

    @property
    def key(self) -> tuple[str, str]:
        """What there is one open alert of."""
        return key_of(self.kind, self.subject)


def key_of(kind: str, subject: str) -> tuple[str, str]:
    """Return what there is one open alert of: a column, a metric or a rule.

    Examples
    --------
    >>> key_of("unit", "spend") == key_of("drift", "spend")
    True
    """
    return ("column" if kind in OF_COLUMNS else kind, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A limit that a user set.

    Attributes
    ----------
    rule_id : int
        Its number among the rules of the model.
    model_id : str
        The model.
    name : str
        What is looked at, such as p95_latency_ms.
    above : bool
        Whether it alerts above the limit; else below it.
    limit : float
        The limit.
    text : str
        The rule as it is written.
    """

    rule_id: int
    model_id: str
    name: str
    above: bool
    limit: float
    text: str
