"""How does a version answer beside the one in production, and how does that end?

As a shadow or as a canary; by being promoted, switched off, or, for a canary, when an
alert about it opens.
"""

from typing import TYPE_CHECKING

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NotRunning
from mlops_magics.registry import rollouts
from mlops_magics.registry.rollouts import PARTS, Rollout
from mlops_magics.registry.versions import ModelVersion

from .answering import load

if TYPE_CHECKING:
    from .workspace import Workspace


def shadow(workspace: "Workspace", model_id: str, version: str) -> Rollout:
    """Let a version answer every row beside production, recorded apart.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id, version : str
        Which version.

    Returns
    -------
    Rollout
        In the place of a shadow or canary that was running.

    Raises
    ------
    NoneInStage
        If no version is in production.
    BadArgument
        If the version cannot stand in for that one.
    """
    found = _stand_in(workspace, model_id, version)
    with workspace.storage.transaction() as transaction:
        return rollouts.add(transaction, found, "shadow")


def canary(workspace: "Workspace", model_id: str, version: str, share: float) -> Rollout:
    """Let a version answer for a share of the entities.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id, version : str
        Which version.
    share : float
        Above 0 and below 1. A larger share keeps the entities of a smaller one.

    Returns
    -------
    Rollout
        In the place of a shadow or canary that was running.

    Raises
    ------
    NoneInStage, BadArgument
        As of `shadow`, and if the share is none.
    """
    parts = round(share * PARTS)
    if not 0 < parts < PARTS:
        raise BadArgument("share", f"{share * 100:g}%", "more than 0% and less than 100%")
    found = _stand_in(workspace, model_id, version)
    with workspace.storage.transaction() as transaction:
        return rollouts.add(transaction, found, "canary", parts)


def off(workspace: "Workspace", model_id: str, why: str = "switched off") -> Rollout:
    """End the shadow or canary of a model; production answers everything again.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.
    why : str, optional
        Kept with it.

    Returns
    -------
    Rollout
        The one that has ended.

    Raises
    ------
    NotRunning
        If neither is running.
    """
    name = workspace.registry.list_versions(model_id)[0].model_id
    with workspace.storage.transaction() as transaction:
        found = rollouts.running(transaction, name)
        if found is None:
            raise NotRunning(name)
        version = workspace.registry.get_model(name, found.version)
        return rollouts.add(transaction, version, "off", why=why)


def running(workspace: "Workspace", model_id: str) -> Rollout | None:
    """Return what answers beside production; None where nothing does."""
    with workspace.storage.reading() as reading:
        return rollouts.running(reading, model_id)


def end_if_alerted(workspace: "Workspace", model_id: str) -> Rollout | None:
    """End a canary about which an alert has opened since it began.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.

    Returns
    -------
    Rollout or None
        The one that has ended; None where there was no reason.
    """
    found = running(workspace, model_id)
    if found is None or found.kind != "canary":
        return None
    for alert in workspace.monitoring.alerts(model_id, "open"):
        if alert.version == found.version and (alert.opened_at or 0) >= found.since:
            return off(workspace, model_id, f"alert {alert.alert_id}: {alert.said}")
    return None


def _stand_in(workspace: "Workspace", model_id: str, version: str) -> ModelVersion:
    """Return a version that can answer in the place of production."""
    current = workspace.registry.resolve(f"{model_id}@production")
    found = workspace.registry.get_model(model_id, version)
    if found.version == current.version:
        raise BadArgument("version", version, "another one than that in production")
    if found.stage == "archived":
        raise BadArgument("version", version, "one that is not archived")
    asked = [load(workspace, one).signature for one in (current, found)]
    same = asked[0].target == asked[1].target
    if not same or bool(asked[0].classes) != bool(asked[1].classes):
        said = f"a version that predicts {asked[0].target!r} as {current.version} does"
        raise BadArgument("version", version, said)
    return found
