"""What needs a person, and who is told?

Judges the windows of a model's versions that have closed since the last look, and
tells it: to functions of this process and to the address that the user gave. Looking
again changes nothing, also from several kernels at once.
"""

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import Deleted
from mlops_magics.errors.storage import ReadOnlyWorkspace, WorkspaceBusy
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring import alerts as states
from mlops_magics.monitoring import events, judging, rules, silence, worse
from mlops_magics.monitoring.alert import Alert, Rule
from mlops_magics.monitoring.closing import DAY
from mlops_magics.monitoring.performance import Z
from mlops_magics.monitoring.story import Judged

from . import due, rollout, webhooks
from . import watched as versions
from .results import AlertHistory
from .watched import Watched

if TYPE_CHECKING:
    from .workspace import Workspace

STATES = ("watch", "open", "closed")


def check(workspace: "Workspace", ref: str) -> tuple[Alert, ...]:
    """Judge what has closed since the last look, and tell whoever wants to know.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    ref : str
        A model; all its versions that answer, unless one is named.

    Returns
    -------
    tuple of Alert
        What has changed.
    """
    watched = versions.find(workspace, ref)
    seen = _glance(workspace, watched.model_id)
    changed: tuple[Alert, ...] = ()
    if workspace.glances.get(ref) != seen:
        changed = _judge(workspace, watched, is_one="@" in ref)
        workspace.glances[ref] = seen
    rollout.end_if_alerted(workspace, watched.model_id)
    webhooks.deliver(workspace, watched.model_id)
    told = [alert for alert in changed if alert.state != "watch"]
    calls = [(callback, alert) for alert in told for callback in workspace.monitoring.callbacks]
    with ExitStack() as stack:  # every function is called, whatever another one raises
        for callback, alert in reversed(calls):  # a stack begins with its last one
            stack.callback(callback, alert)
    return changed


def look(workspace: "Workspace", ref: str) -> None:
    """Check where that is allowed: who may only read still sees what was written."""
    with suppress(ReadOnlyWorkspace, WorkspaceBusy):
        check(workspace, ref)


def _glance(workspace: "Workspace", model_id: str) -> tuple[int, ...]:
    """Return what must have changed for a look to be worth it; it costs nearly nothing."""
    today = workspace.storage.clock.now() // DAY
    with workspace.storage.reading() as reading:
        newest = [
            reading.execute(
                f"SELECT coalesce(max(seq), 0) FROM {table} WHERE model_id = ?",  # noqa: S608 - ours
                (model_id,),
            ).fetchone()[0]
            for table in ("label", "rule", "stage_change")
        ]
    return (today, workspace.monitoring.count(model_id), *newest)


def _judge(workspace: "Workspace", watched: Watched, is_one: bool) -> tuple[Alert, ...]:
    storage, changed = workspace.storage, list[Alert]()
    judged_now = [watched] if is_one else [*_others(workspace, watched), watched]
    for one in judged_now:
        found = judged(workspace, one)
        changed += judging.judge_events(storage, found)
        changed += worse.judge_labels(storage, found)
    if not is_one:
        main = judged(workspace, watched)
        changed += silence.judge_silence(storage, main)
        changed += silence.retire(storage, main)
    return tuple(changed)


def judged(workspace: "Workspace", watched: Watched) -> Judged:
    """Return a version with what it is compared with."""
    found = versions.baseline_of(workspace, watched)
    return Judged(
        model_id=watched.model_id,
        version=watched.version,
        baseline=None if found is None else found[0],
        approved=_approved(workspace, watched),
    )


def _approved(workspace: "Workspace", watched: Watched) -> tuple[float, float] | None:
    """Return the best loss that was ever approved, as retraining has it, and its error."""
    if watched.registered is not None:
        best = due.best_approved(workspace, watched.registered)
        if best is not None:
            return best.loss, best.error
    promised = versions.reference(workspace, watched)
    loss = promised.metrics.get("loss")
    if loss is None:
        return None
    low, high = promised.intervals.get("loss", (loss, loss))
    return loss, (high - low) / 2 / Z


def _others(workspace: "Workspace", watched: Watched) -> list[Watched]:
    """Return the other versions that answered and are still here."""
    found = []
    for name in events.streams(workspace.storage, watched.model_id):
        version = name.rpartition("@")[2]
        if version == watched.version:
            continue
        # deleted, or recorded under a version that nobody registered
        with suppress(UnknownName, Deleted):
            found.append(versions.find(workspace, f"{watched.model_id}@{version}"))
    return found


def alerts(
    workspace: "Workspace", model_id: str | None = None, state: str | None = None
) -> tuple[Alert, ...]:
    """Return alerts as they are now, without looking for new ones.

    Parameters
    ----------
    workspace : Workspace
        Where the models are used.
    model_id : str, optional
        Of one model; of all by default.
    state : str, optional
        watch, open or closed; all by default.

    Returns
    -------
    tuple of Alert
        The newest first.

    Raises
    ------
    UnknownName
        If there is no such model.
    BadArgument
        If there is no such state.
    """
    if state is not None and state not in STATES:
        raise BadArgument("state", state, " or ".join(STATES))
    name = None if model_id is None else versions.find(workspace, model_id).model_id
    return workspace.monitoring.alerts(name, state)


def acknowledge(workspace: "Workspace", model_id: str, alert_id: int, note: str) -> Alert:
    """Note that somebody has seen an alert.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.
    alert_id : int
        The number of the alert.
    note : str
        What they say.

    Returns
    -------
    Alert
        With the note.
    """
    name = versions.find(workspace, model_id).model_id
    return states.acknowledge(workspace.storage, name, alert_id, note)


def history(workspace: "Workspace", model_id: str, alert_id: int) -> AlertHistory:
    """Return what happened to an alert.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.
    alert_id : int
        The number of the alert.

    Returns
    -------
    AlertHistory
        One change after the other.

    Raises
    ------
    UnknownName
        If there is no such alert.
    """
    name = versions.find(workspace, model_id).model_id
    changes = states.history(workspace.storage, name, alert_id)
    if not changes:
        known = [str(alert.alert_id) for alert in workspace.monitoring.alerts(name)]
        raise UnknownName("alert", str(alert_id), known, f"%monitor {name} alerts")
    return AlertHistory(changes=changes)


def add_rule(workspace: "Workspace", model_id: str, text: str) -> Rule:
    """Set a limit, such as "p95_latency_ms > 50", that the next closed windows are held to.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.
    text : str
        A declared name, > or <, and a number.

    Returns
    -------
    Rule
        With its number.
    """
    return rules.add(workspace.storage, versions.find(workspace, model_id).model_id, text)


def remove_rule(workspace: "Workspace", model_id: str, rule_id: int) -> Rule:
    """Take a limit back.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.
    rule_id : int
        The number of the rule.

    Returns
    -------
    Rule
        The one that is gone.
    """
    return rules.remove(workspace.storage, versions.find(workspace, model_id).model_id, rule_id)
