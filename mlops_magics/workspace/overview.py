"""What is going on: in the workspace, with each model, with one?"""

from typing import TYPE_CHECKING

from mlops_magics.errors.state import NoModelFile

from . import datasets
from .predict import load
from .results import Dashboard, ModelHistory, ModelSummary, Overview

if TYPE_CHECKING:
    from .workspace import Workspace

DAY = 24 * 3600 * 1_000_000
DEFAULT_WINDOW = 7 * DAY


def overview(workspace: "Workspace") -> Overview:
    """Return what a workspace holds."""
    versions = workspace.registry.list_models()
    return Overview(
        folder=str(workspace.folder),
        exists=workspace.storage.exists,
        model_count=len({v.model_id for v in versions}),
        view_count=len(workspace.features.list_views()),
        dataset_count=len(datasets.names(workspace)),
        prediction_count=workspace.monitoring.count(),
        byte_count=workspace.storage.byte_count(),
        open_in=workspace.storage.presence.others(),
    )


def summaries(workspace: "Workspace") -> tuple[ModelSummary, ...]:
    """Return one summary a model, by name."""
    found = []
    versions = workspace.registry.list_models()
    for model_id in dict.fromkeys(v.model_id for v in versions):
        own = [v for v in versions if v.model_id == model_id]
        found.append(
            ModelSummary(
                model_id=model_id,
                production=next((v for v in own if v.stage == "production"), None),
                newest=own[-1],
                prediction_count=workspace.monitoring.count(model_id),
            )
        )
    return tuple(found)


def history(workspace: "Workspace", model_id: str) -> ModelHistory:
    """Return the versions of a model and the history of their stages."""
    versions = workspace.registry.list_versions(model_id)
    name = versions[0].model_id
    changes = workspace.registry.history(name)
    return ModelHistory(model_id=name, versions=versions, changes=changes)


def watch(workspace: "Workspace", ref: str, since: int | None) -> Dashboard:
    """Return everything about one model in use.

    Parameters
    ----------
    workspace : Workspace
        Where it is used.
    ref : str
        The model.
    since : int or None
        How far back from the newest event, microseconds; 7 days where None.

    Returns
    -------
    Dashboard
        Traffic, drift and performance in the window.
    """
    version = workspace.registry.resolve(ref)
    newest = workspace.monitoring.newest(version.model_id)
    window = DEFAULT_WINDOW if since is None else since
    begin = None if newest is None else newest - window
    monitoring = workspace.monitoring
    try:
        baseline = load(workspace, version).baseline
        drift = monitoring.drift(version.model_id, version.version, baseline, begin)
    except NoModelFile:
        drift = None
    return Dashboard(
        version=version,
        metrics=monitoring.get_metrics(version.model_id, begin),
        drift=drift,
        performance=monitoring.performance(
            version.model_id, version.version, version.metrics, begin
        ),
        since=begin,
    )
