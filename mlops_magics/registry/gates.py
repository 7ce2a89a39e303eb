"""May this version go to production?

A gate is a pure function of the evidence: it reads no store. What the evidence does
not know is 'no verdict', and no verdict does not pass. Error rates: a version that is
as good as the one in production is held back in 2.5 % of cases, one that knows nothing
passes the baseline in 2.5 %, perfect probabilities are called uncalibrated in 1 %.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mlops_magics.statistics.paired import LEAST_ROWS, Paired

from .versions import Verdict

# Below it an error of probabilities is no matter, however many rows make it certain.
TOLERATED_ERROR = 0.05
# Perfect probabilities are refused in one case of a hundred.
LEAST_CHANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A version beside something else on the same rows, which it has not learned from.

    Parameters
    ----------
    name : str
        What it is compared with: always 'no', or v1.
    rows : int
        Rows there are to compare on.
    paired : Paired or None
        How much better it is; None under 30 rows.
    looks : int, default=0
        Pairs of versions that held-out rows of the model have judged, with this one.

    Examples
    --------
    >>> Against(name="v1", rows=12, paired=None).rows
    12
    """

    name: str
    rows: int
    paired: Paired | None
    looks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilities:
    """Whether probabilities can be taken at their word.

    Parameters
    ----------
    error : float
        Expected calibration error on rows that it has not learned from.
    by_chance : float
        How often perfect probabilities show at least this error.
    rows : int
        Rows that were looked at.

    Examples
    --------
    >>> Probabilities(error=0.03, by_chance=0.4, rows=200).is_calibrated
    True
    """

    error: float
    by_chance: float
    rows: int

    @property
    def is_calibrated(self) -> bool:
        """Whether the error is small, or no more than chance makes."""
        return self.error <= TOLERATED_ERROR or self.by_chance >= LEAST_CHANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the gates look at; None is what nobody knows.

    Parameters
    ----------
    damage : str or None
        What is wrong with the file; None if it is what was registered.
    is_finite : bool or None
        Whether all weights are numbers; None where there is no file to look at.
    lacking : tuple of str or None
        Features that it looks up and that are not there.
    found : tuple of str, default=()
        Views in which it finds its features.
    baseline : Against or None
        Beside the best constant answer.
    production : Against or None
        Beside the version in production.
    is_first : bool, default=False
        Whether no other version is in production.
    has_classes : bool or None
        Whether it answers with probabilities.
    probabilities : Probabilities or None
        How good they are.
    is_interrupted : bool or None
        Whether its training was stopped before its time.
    leaks : tuple of str or None
        Columns that tell the target nearly alone.

    Examples
    --------
    >>> known = Evidence(damage=None, is_finite=True)
    >>> [verdict.passed for verdict in judge(known)][:3]
    [True, True, None]
    """

    damage: str | None
    is_finite: bool | None
    lacking: tuple[str, ...] | None = None
    found: tuple[str, ...] = ()
    baseline: Against | None = None
    production: Against | None = None
    is_first: bool = False
    has_classes: bool | None = None
    probabilities: Probabilities | None = None
    is_interrupted: bool | None = None
    leaks: tuple[str, ...] | None = None


def judge(evidence: Evidence) -> tuple[Verdict, ...]:
    """Return the verdict of every gate, in order.

    Parameters
    ----------
    evidence : Evidence
        What is known of the version.

    Returns
    -------
    tuple of Verdict
        One a gate.
    """
    return tuple(_verdict(name, *gate(evidence)) for name, gate in GATES.items())


Finding = tuple[bool | None, str]


def _verdict(gate: str, passed: bool | None, said: str) -> Verdict:
    return Verdict(gate=gate, passed=passed, said=f"no verdict: {said}" if passed is None else said)


def _intact(evidence: Evidence) -> Finding:
    if evidence.damage is None:
        return True, "the file is the one that was registered"
    # a model made elsewhere has no file that could be damaged
    return (None if evidence.damage == NO_FILE else False), evidence.damage


def _finite(evidence: Evidence) -> Finding:
    said = {
        True: "all weights are finite",
        False: "some weights are no numbers",
        None: "there is no file here to look at",
    }
    return evidence.is_finite, said[evidence.is_finite]


def _features(evidence: Evidence) -> Finding:
    if evidence.lacking is None:
        return None, "nobody has looked for its features"
    if evidence.lacking:
        return False, f"not there: {', '.join(evidence.lacking[:5])}{_more(evidence.lacking, 5)}"
    if not evidence.found:
        return True, "it looks none up"
    return True, f"all are in {', '.join(evidence.found)}"


def _baseline(evidence: Evidence) -> Finding:
    against = evidence.baseline
    if against is None:
        return None, "it was measured on no rows that it has not learned from"
    if against.paired is None:
        return None, f"{_rows(against.rows)} to measure on, {LEAST_ROWS} are needed"
    return against.paired.low > 0, f"{_difference(against)}; must be below beyond chance"


def _production(evidence: Evidence) -> Finding:
    if evidence.is_first:
        return True, "no other version is in production"
    against = evidence.production
    if against is None:
        return None, "nobody has compared it"
    if against.paired is None:
        said = f"{_rows(against.rows)} that neither it nor {against.name} has learned from"
        return None, f"{said}, {LEAST_ROWS} are needed"
    said = f"{_difference(against)}; must not be above beyond chance"
    if against.looks > 1:
        said += f"; held-out rows have judged {against.looks} pairs of versions"
    return against.paired.high >= 0, said


def _calibrated(evidence: Evidence) -> Finding:
    if evidence.has_classes is False:
        return True, "it answers with numbers, not with probabilities"
    found = evidence.probabilities
    if found is None:
        return None, f"its probabilities were seen on fewer than {LEAST_ROWS} rows"
    chance = f"perfect probabilities show as much in {found.by_chance:.1%} of cases"
    needs = f"must be {TOLERATED_ERROR:g} at most, or show in {LEAST_CHANCE:.0%}"
    return found.is_calibrated, f"error {found.error:.3f}, {chance}; {needs}"


def _interrupted(evidence: Evidence) -> Finding:
    said = {True: "its training was stopped before its time", False: "its training ran to its end"}
    if evidence.is_interrupted is None:
        return None, "nobody knows how it was trained"
    return not evidence.is_interrupted, said[evidence.is_interrupted]


def _leaks(evidence: Evidence) -> Finding:
    if evidence.leaks is None:
        return None, "nobody has looked for columns that tell the target"
    if not evidence.leaks:
        return True, "no column tells the target nearly alone"
    names = ", ".join(evidence.leaks[:5])
    more = _more(evidence.leaks, 5)
    return False, f"told nearly alone by {names}{more}: leave it out if it is known too late"


def _difference(against: Against) -> str:
    paired = against.paired
    assert paired is not None
    side, ends = "below", (paired.low, paired.high)
    if paired.gain < 0:
        side, ends = "above", (-paired.high, -paired.low)
    between = " to ".join(map(_figure, ends))
    loss = f"loss {_figure(abs(paired.gain))} {side} that of {against.name}"
    return f"{loss} ({between}) on {_rows(paired.rows)}"


def _figure(value: float) -> str:
    if abs(value) >= 1:
        return f"{value:.3g}"
    # what is nearly 0 keeps a digit and with it its side
    return f"{value:.1g}" if 0 < abs(value) < 0.0005 else f"{value:.3f}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _more(names: tuple[str, ...], shown: int) -> str:
    return f" and {len(names) - shown} more" if len(names) > shown else ""


NO_FILE = "there is no file here"
GATES: dict[str, Callable[[Evidence], Finding]] = {
    "intact": _intact,
    "finite": _finite,
    "features exist": _features,
    "better than the baseline": _baseline,
    "not worse than production": _production,
    "calibrated": _calibrated,
    "not interrupted": _interrupted,
    "no leakage warning": _leaks,
}
