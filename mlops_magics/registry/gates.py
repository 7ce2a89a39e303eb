"""May this version go to production?

A gate is a pure function of the evidence: it reads no store. So far two:
the file is what was registered, and every number in it is finite.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .versions import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the gates look at.

    Parameters
    ----------
    damage : str or None
        What is wrong with the file; None if it is what was registered.
    is_finite : bool or None
        Whether all weights are numbers; None where there is no file to look at.

    Examples
    --------
    >>> [verdict.passed for verdict in judge(Evidence(damage=None, is_finite=True))]
    [True, True]
    """

    damage: str | None
    is_finite: bool | None


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
    return tuple(gate(evidence) for gate in GATES)


def _intact(evidence: Evidence) -> Verdict:
    said = evidence.damage or "the file is the one that was registered"
    return Verdict(gate="intact", passed=evidence.damage is None, said=said)


def _finite(evidence: Evidence) -> Verdict:
    said = {
        True: "all weights are finite",
        False: "some weights are no numbers",
        None: "no verdict: there is no file here to look at",
    }[evidence.is_finite]
    return Verdict(gate="finite", passed=evidence.is_finite is True, said=said)


GATES: tuple[Callable[[Evidence], Verdict], ...] = (_intact, _finite)
