"""Is a challenger better than the champion, on rows that neither has seen?

Paired, row by row: on the newest rows, which were kept for it, on the older ones, and on
all of them. Then what the gates of the registry look at.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from mlops_magics.monitoring.retraining import Judgement, RetrainingRequest
from mlops_magics.registry.gates import Against, Evidence
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.statistics.paired import LEAST_ROWS, Paired, student

from .compare import Comparison, Period, compare
from .promote import gather

if TYPE_CHECKING:
    from .workspace import Workspace

# One-sided: a challenger that is as good as the champion passes in one case of twenty.
LEVEL = 0.90
# How much worse is not worse: nats of log loss, or a share of the squared error.
MARGIN_OF_CLASSES, MARGIN_OF_NUMBERS = 0.02, 0.02


def judge(
    workspace: "Workspace", request: RetrainingRequest, challenger: ModelVersion
) -> tuple[tuple[Judgement, ...], bool]:
    """Compare a challenger with the champion.

    Parameters
    ----------
    workspace : Workspace
        Where both are.
    request : RetrainingRequest
        Why it was trained, and from when on it has learned nothing.
    challenger : ModelVersion
        The version.

    Returns
    -------
    tuple of Judgement, bool
        What was found, and whether it shall replace the champion. Where labels show
        that the relation itself has changed, the older rows tell of what was: they are
        shown and do not decide.
    """
    start = request.judged_from

    def beside(period: Period) -> Comparison:
        name = challenger.model_id
        return compare(workspace, name, request.champion, challenger.version, period)

    new = _superior("better on the newest rows", beside(Period(since=start)), request.champion)
    old = _not_worse("not worse on older rows", beside(Period(until=start)), request.champion)
    if request.reason == "performance":
        return (new, old), new.passed is True
    whole = _superior("better on all rows", beside(Period()), request.champion)
    is_better = whole.passed is True or (new.passed is True and old.passed is True)
    return (new, old, whole), is_better


def evidence(
    workspace: "Workspace", request: RetrainingRequest, challenger: ModelVersion
) -> Evidence:
    """Return what the gates look at.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    request : RetrainingRequest
        Why it was trained.
    challenger : ModelVersion
        The version.

    Returns
    -------
    Evidence
        As for any promotion. Where the relation has changed, it is compared with the
        version in production on the newest rows alone, and with that version as it is now.
    """
    found = gather(workspace, challenger)
    if request.reason != "performance" or found.production is None:
        return found
    period = Period(since=request.judged_from)
    name = found.production.name
    recent = compare(workspace, challenger.model_id, name, challenger.version, period)
    return replace(found, production=Against(name=name, rows=recent.rows, paired=recent.paired))


def _superior(question: str, found: Comparison, champion: str) -> Judgement:
    if found.paired is None:
        return _too_few(question, found)
    low = found.paired.gain - _reach(found.paired)
    said = f"{_difference(found, champion)}; by {low:.3g} at least, must be above 0"
    return Judgement(question=question, passed=low > 0, said=said)


def _not_worse(question: str, found: Comparison, champion: str) -> Judgement:
    if found.paired is None or found.losses is None:
        return _too_few(question, found)
    margin = MARGIN_OF_CLASSES
    if found.accuracies is None:
        margin = MARGIN_OF_NUMBERS * found.losses[0]
    most = _reach(found.paired) - found.paired.gain
    said = f"{_difference(found, champion)}; worse by {max(most, 0):.3g} at most, must be below"
    return Judgement(question=question, passed=most < margin, said=f"{said} {margin:.3g}")


def _too_few(question: str, found: Comparison) -> Judgement:
    said = f"{found.rows:,} rows that neither has seen, {LEAST_ROWS} are needed"
    return Judgement(question=question, passed=None, said=said)


def _reach(paired: Paired) -> float:
    """Return how far a one-sided bound is from the middle."""
    degrees = paired.rows - 1
    return (paired.high - paired.low) / 2 / student(degrees) * student(degrees, LEVEL)


def _difference(found: Comparison, champion: str) -> str:
    assert found.losses is not None
    before, now = found.losses
    return f"loss {now:.3g}, {before:.3g} of {champion}, on {found.rows:,} rows"
