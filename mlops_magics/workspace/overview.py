"""What is going on: in the workspace, and with each model?"""

from typing import TYPE_CHECKING

from . import datasets
from .results import ModelHistory, ModelSummary, Overview

if TYPE_CHECKING:
    from .workspace import Workspace


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
    alerts = [alert.model_id for alert in workspace.monitoring.alerts(state="open")]
    for model_id in dict.fromkeys(v.model_id for v in versions):
        own = [v for v in versions if v.model_id == model_id]
        found.append(
            ModelSummary(
                model_id=model_id,
                production=next((v for v in own if v.stage == "production"), None),
                newest=own[-1],
                prediction_count=workspace.monitoring.count(model_id),
                open_alerts=alerts.count(model_id),
            )
        )
    return tuple(found)


def history(workspace: "Workspace", model_id: str) -> ModelHistory:
    """Return the versions of a model and the history of their stages."""
    versions = workspace.registry.list_versions(model_id)
    name = versions[0].model_id
    changes = workspace.registry.history(name)
    return ModelHistory(model_id=name, versions=versions, changes=changes)
