"""How is a model retrained: by whom is it asked for, who runs it, what comes of it?

A request is a row. One process at a time runs them, under a lease that is taken over
when its owner dies. The challenger is trained, judged against the champion on rows that
neither has seen, and goes into production through the gates, or not, with the reason.
"""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mlops_magics.errors.error import MLOpsError
from mlops_magics.errors.state import Busy, LeaseLost, NoChallenger
from mlops_magics.errors.storage import ReadOnlyWorkspace, WorkspaceBusy
from mlops_magics.monitoring import retraining
from mlops_magics.monitoring.retraining import RAN, Policy, RetrainingRequest
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.lease import leased

from . import alerting, challenge, due
from .promote import promote_on
from .results import Retraining, RetrainingStanding
from .trial import Watch, carry_out, promoted_said

if TYPE_CHECKING:
    from .workspace import Workspace

LEASE = "retraining"


def set_policy(workspace: "Workspace", model_id: str, wanted: Policy) -> RetrainingStanding:
    """Store when a model is retrained by itself.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.
    wanted : Policy
        The new policy; the old ones stay on record.

    Returns
    -------
    RetrainingStanding
        With it.
    """
    name = _name(workspace, model_id)
    with workspace.storage.transaction() as transaction:
        retraining.add_policy(transaction, name, wanted)
    return standing(workspace, name)


def policy(workspace: "Workspace", model_id: str) -> Policy | None:
    """Return the policy of a model; None where it has none."""
    return retraining.policies(workspace.storage).get(model_id)


def watched(workspace: "Workspace") -> tuple[str, ...]:
    """Return the models that have a policy, by name."""
    return tuple(retraining.policies(workspace.storage))


def off(workspace: "Workspace", model_id: str) -> RetrainingStanding:
    """End the policy of a model, and the request that waits for its turn."""
    name = _name(workspace, model_id)
    with workspace.storage.transaction() as transaction:
        retraining.add_policy(transaction, name, None)
        for request in requests(workspace, name, "waiting"):
            said = "retraining was switched off"
            retraining.add_change(transaction, replace(request, state="rejected", said=said))
    return standing(workspace, name)


def requests(
    workspace: "Workspace", model_id: str | None = None, state: str | None = None
) -> tuple[RetrainingRequest, ...]:
    """Return requests as they now are, the newest first.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    model_id : str, optional
        Of this model; of all by default.
    state : str, optional
        Only those in this state.

    Returns
    -------
    tuple of RetrainingRequest
        Also those that were ended.
    """
    return retraining.requests(workspace.storage, model_id, state)


def open_request(workspace: "Workspace", model_id: str) -> RetrainingRequest | None:
    """Return the one request of a model with which something is still to be done."""
    found = requests(workspace, model_id)
    return next((request for request in found if request.is_open), None)


def standing(workspace: "Workspace", model_id: str) -> RetrainingStanding:
    """Return the policy of a model, what it waits for, and the history of its requests.

    What the policy asks for at this moment is among them.
    """
    name = _name(workspace, model_id)
    with suppress(ReadOnlyWorkspace, WorkspaceBusy):
        consider(workspace, name)
    own, current = requests(workspace, name), policy(workspace, name)
    opened = next((request for request in own if request.is_open), None)
    waits_for = ""
    if current is not None and opened is None:
        waits_for = _look(workspace, name, current, own).waits_for
    return RetrainingStanding(
        model_id=name,
        policy=current,
        request=opened,
        history=own,
        waits_for=waits_for,
    )


def consider(workspace: "Workspace", model_id: str) -> RetrainingRequest | None:
    """Ask for a retraining if the policy of a model does; at most once for the same labels.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.

    Returns
    -------
    RetrainingRequest or None
        The new request; it replaces one that still waits. None where there is nothing
        new, and while one is running.
    """
    current = policy(workspace, model_id)
    if current is None:
        return None
    if current.drift:
        alerting.look(workspace, model_id)
    if not _has_news(workspace, model_id):
        return None
    own = requests(workspace, model_id)
    if any(request.state == "running" for request in own):
        return None
    found = _look(workspace, model_id, current, own)
    opened = next((request for request in own if request.is_open), None)
    if found.reason is None or (opened is not None and opened.until == found.until):
        return None
    with workspace.storage.transaction() as transaction:
        if requests(workspace, model_id) != own:
            return None  # another kernel was quicker
        return _open(workspace, transaction, model_id, found)


def run(
    workspace: "Workspace",
    model_id: str,
    because: str | None = None,
    progress: Watch = None,
    data: object = None,
) -> Retraining:
    """Retrain a model now: the request that waits, or one of its own.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.
    because : str, optional
        Why it is asked for, where nothing did by itself.
    progress : callable, optional
        Called a few times a second while it trains.
    data : object, optional
        The rows of the first training, where they are not in the workspace.

    Returns
    -------
    Retraining
        The request with what came of it.

    Raises
    ------
    Busy
        If another process is retraining.
    TooFewLabels, NoTrainingRows, FitFailed
        If it cannot be done; the request says so too.
    """
    name = _name(workspace, model_id)
    with leased(workspace.storage, LEASE) as lease:
        own = requests(workspace, name)
        wanted = next((request for request in own if request.state in ("waiting", "running")), None)
        if wanted is None:
            asked = due.Due(reason="asked", evidence=(because,) if because else ())
            with workspace.storage.transaction() as transaction:
                wanted = _open(workspace, transaction, name, asked)
        return carry_out(workspace, lease, wanted, progress, data)


def run_waiting(workspace: "Workspace", progress: Watch = None) -> tuple[Retraining, ...]:
    """Look at every model with a policy and run what waits, one after the other.

    Parameters
    ----------
    workspace : Workspace
        Where the models are.
    progress : callable, optional
        As in `run`.

    Returns
    -------
    tuple of Retraining
        Empty where there is nothing to do, and at once where another process does it. A
        request that failed says why.
    """
    for model_id in retraining.policies(workspace.storage):
        # one whose file is broken, say, does not keep the others from their turn
        with suppress(MLOpsError):
            consider(workspace, model_id)
    if not _to_run(workspace):
        return ()
    done: list[Retraining] = []
    try:
        with leased(workspace.storage, LEASE) as lease:
            for request in _to_run(workspace):
                try:
                    done.append(carry_out(workspace, lease, request, progress, None))
                except LeaseLost:
                    raise
                except MLOpsError:
                    again = requests(workspace, request.model_id)
                    done += [
                        Retraining(request=one)
                        for one in again
                        if one.request_no == request.request_no
                    ]
    except (Busy, LeaseLost):
        pass
    return tuple(done)


def approve(workspace: "Workspace", model_id: str) -> Retraining:
    """Put the challenger that waits for approval into production, through the gates.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.

    Returns
    -------
    Retraining
        The request, promoted.

    Raises
    ------
    NoChallenger
        If none waits.
    NotPromotable, Overtaken
        As of any promotion; the challenger goes on waiting.
    """
    request = _awaiting(workspace, model_id)
    challenger = workspace.registry.get_model(request.model_id, request.challenger)
    found = challenge.evidence(workspace, request, challenger)
    with workspace.storage.transaction() as transaction:
        request = _awaiting(workspace, model_id)
        promotion = promote_on(workspace, challenger, found)
        said = promoted_said(promotion) + ", approved by a person"
        request = replace(request, state="promoted", said=said)
        request = retraining.add_change(transaction, request)
    return Retraining(request=request, promotion=promotion)


def reject(workspace: "Workspace", model_id: str, note: str | None = None) -> Retraining:
    """Turn down the challenger that waits for approval; it is archived.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.
    note : str, optional
        Why; kept with the request.

    Returns
    -------
    Retraining
        The request, rejected.

    Raises
    ------
    NoChallenger
        If none waits.
    """
    with workspace.storage.transaction() as transaction:
        request = _awaiting(workspace, model_id)
        workspace.registry.archive_model(request.model_id, request.challenger or "")
        said = f"{request.challenger} was rejected by a person" + (f": {note}" if note else "")
        request = replace(request, state="rejected", said=said)
        return Retraining(request=retraining.add_change(transaction, request))


def _open(
    workspace: "Workspace", transaction: Transaction, model_id: str, found: due.Due
) -> RetrainingRequest:
    """Store a new request, in the place of one that is still open."""
    own = requests(workspace, model_id)
    number = 1 + max((request.request_no for request in own), default=0)
    for request in own:
        if request.is_open:
            said = f"request {number} took its place"
            retraining.add_change(transaction, replace(request, state="replaced", said=said))
    assert found.reason is not None
    request = RetrainingRequest(
        request_no=number,
        model_id=model_id,
        state="waiting",
        reason=found.reason,
        evidence=found.evidence,
        requested_at=transaction.now,
        champion=workspace.registry.resolve(model_id).version,
        since=found.since,
        until=found.until,
    )
    return retraining.add_change(transaction, request)


def _to_run(workspace: "Workspace") -> list[RetrainingRequest]:
    """Return the requests that wait, and those whose owner may have died, oldest first."""
    found = [r for r in requests(workspace) if r.state in ("waiting", "running")]
    return found[::-1]


def _awaiting(workspace: "Workspace", model_id: str) -> RetrainingRequest:
    name = _name(workspace, model_id)
    for request in requests(workspace, name, "challenger waits for approval"):
        return request
    raise NoChallenger(name)


def _look(
    workspace: "Workspace", model_id: str, current: Policy, own: tuple[RetrainingRequest, ...]
) -> due.Due:
    champion = workspace.registry.resolve(model_id)
    if champion.artifact_sha256 is None:
        return due.Due(waits_for=f"{champion.version} was made elsewhere: train it there")
    ran = (r for r in own if r.state in RAN and (r.challenger or r.state == "failed"))
    return due.look(workspace, current, champion, next(ran, None))


def _has_news(workspace: "Workspace", model_id: str) -> bool:
    """Tell whether labels, a day, a policy or a version are new since the last look here."""
    day = workspace.storage.clock.now() // retraining.DAY
    with workspace.storage.reading() as reading:
        found = reading.execute(
            "SELECT (SELECT max(seq) FROM label WHERE model_id = ?),"
            " (SELECT max(seq) FROM retraining_policy WHERE model_id = ?),"
            " (SELECT max(seq) FROM retraining_change WHERE model_id = ?),"
            " (SELECT max(seq) FROM stage_change WHERE model_id = ?),"
            " (SELECT max(seq) FROM alert WHERE model_id = ?)",
            (model_id,) * 5,
        ).fetchone()
    news = (day, *tuple(found))
    if workspace.looked.get(model_id) == news:
        return False
    workspace.looked[model_id] = news
    return True


def _name(workspace: "Workspace", model_id: str) -> str:
    """Return the name of a model as it was first written."""
    return workspace.registry.list_versions(model_id)[0].model_id
