"""How does one challenger come about, and how does it end?

It is trained, judged, and promoted, left for a person or refused; each step is one
commit under the lease, so that whoever takes over goes on from the last one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlops_magics.errors.error import MLOpsError
from mlops_magics.errors.state import FitFailed, LeaseLost, NotPromotable
from mlops_magics.monitoring import retraining
from mlops_magics.monitoring.retraining import Judgement, Policy, RetrainingRequest
from mlops_magics.registry.gates import judge
from mlops_magics.registry.stages import check_verdicts
from mlops_magics.registry.versions import Promotion
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.lease import Lease

from . import challenge, lessons
from .promote import promote_on
from .results import Retraining

if TYPE_CHECKING:
    from .workspace import Workspace

# Of a model that is retrained only when a person asks.
UNWATCHED = Policy()
Watch = Callable[[Any], None] | None


def carry_out(
    workspace: "Workspace",
    lease: Lease,
    request: RetrainingRequest,
    progress: Watch,
    data: object,
) -> Retraining:
    """Train, judge and promote; every step is committed only while the lease is held.

    Parameters
    ----------
    workspace : Workspace
        Where the champion answers.
    lease : Lease
        Of who does it.
    request : RetrainingRequest
        What is asked for; one whose owner died goes on where that was.
    progress : callable or None
        Called a few times a second while it trains.
    data : object
        The rows of the first training, where they are not in the workspace; else None.

    Returns
    -------
    Retraining
        The request with what came of it.

    Raises
    ------
    LeaseLost
        If another process took it over; nothing is written then.
    MLOpsError
        If it cannot be done; the request has failed and says why.
    """
    with workspace.storage.asked_by("retraining"):
        request = _changed(workspace, lease, replace(request, state="running"))
        try:
            if request.challenger is None:
                request = _train(workspace, lease, request, progress, data)
            return _decide(workspace, lease, request)
        except LeaseLost:
            raise
        except MLOpsError as error:
            _changed(workspace, lease, replace(request, state="failed", said=str(error)))
            raise


def _train(
    workspace: "Workspace",
    lease: Lease,
    request: RetrainingRequest,
    progress: Watch,
    data: object,
) -> RetrainingRequest:
    """Train a challenger; that it is there and whose it is are one commit."""
    champion = workspace.registry.get_model(request.model_id, request.champion)
    least = _policy(workspace, request).min_labels
    found = lessons.gather(workspace, champion, request, least, data)
    request = replace(request, judged_from=found.judged_from)
    made: list[RetrainingRequest] = []

    def confirm(transaction: Transaction, version: str | None) -> None:
        lease.confirm(transaction)
        made.append(retraining.add_change(transaction, replace(request, challenger=version)))

    job = workspace.training.train(found.spec, progress, confirm)
    if not made:
        step = f"%monitor {request.model_id} retrain now"
        raise FitFailed(request.model_id, (job.error or "").split(". Next:")[0], step)
    workspace.storage.sweep()
    return made[0]


def _decide(workspace: "Workspace", lease: Lease, request: RetrainingRequest) -> Retraining:
    """Judge the challenger; promote it, leave it for approval, or refuse it."""
    challenger = workspace.registry.get_model(request.model_id, request.challenger)
    verdicts, is_better = challenge.judge(workspace, request, challenger)
    request = replace(request, verdicts=verdicts)
    if not is_better:
        failed = "; ".join(f"{v.question}: {v.said}" for v in verdicts if not v.passed)
        said = f"{challenger.version} was refused: {failed}"
        return Retraining(
            request=_changed(workspace, lease, replace(request, state="refused", said=said))
        )
    found = challenge.evidence(workspace, request, challenger)
    gates = judge(found)
    asked = tuple(Judgement(question=v.gate, passed=v.passed, said=v.said) for v in gates)
    request = replace(request, verdicts=(*verdicts, *asked))
    is_auto = _policy(workspace, request).approve == "auto"
    try:
        check_verdicts(challenger, gates, None)
        if not is_auto:
            said = f"{challenger.version} is better and passes every gate: a person decides"
            request = replace(request, state="challenger waits for approval", said=said)
            return Retraining(request=_changed(workspace, lease, request))
        with workspace.storage.transaction() as transaction:
            lease.confirm(transaction)
            promotion = promote_on(workspace, challenger, found)
            request = replace(request, state="promoted", said=promoted_said(promotion))
            request = retraining.add_change(transaction, request)
        return Retraining(request=request, promotion=promotion)
    except NotPromotable as refused:
        said = str(refused).split(". Next:")[0]
        request = replace(request, state="refused", said=said)
        return Retraining(request=_changed(workspace, lease, request), promotion=refused.refusal)


def promoted_said(promotion: Promotion) -> str:
    """Return what a promotion did, in half a sentence."""
    before = f", {promotion.replaced} was there before" if promotion.replaced else ""
    return f"{promotion.version.version} is in production{before}"


def _changed(workspace: "Workspace", lease: Lease, request: RetrainingRequest) -> RetrainingRequest:
    with workspace.storage.transaction() as transaction:
        lease.confirm(transaction)
        return retraining.add_change(transaction, request)


def _policy(workspace: "Workspace", request: RetrainingRequest) -> Policy:
    return retraining.policies(workspace.storage).get(request.model_id, UNWATCHED)
