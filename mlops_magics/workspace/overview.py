"""What is going on: in the workspace, and with each model?"""

from collections import Counter
from typing import TYPE_CHECKING

from . import datasets
from .results import ModelHistory, ModelSummary, Need, Overview

if TYPE_CHECKING:
    from mlops_magics.monitoring.retraining import RetrainingRequest

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
        needs=needs(workspace),
    )


def needs(workspace: "Workspace") -> tuple[Need, ...]:
    """Return what waits for a person: retraining first, then alerts, each with what to type."""
    found: list[Need] = []
    newest: dict[str, RetrainingRequest] = {}
    for request in workspace.monitoring.retraining():
        newest.setdefault(request.model_id, request)
    for name, request in newest.items():
        if request.need is not None:
            said, step = request.need
            found.append(Need(model_id=name, said=said, next=step))
    opened = Counter(alert.model_id for alert in workspace.monitoring.alerts(state="open"))
    for name, count in opened.items():
        said = "an alert is open" if count == 1 else f"{count} alerts are open"
        found.append(Need(model_id=name, said=said, next=f"%monitor {name} alerts"))
    return tuple(found)


def summaries(workspace: "Workspace") -> tuple[ModelSummary, ...]:
    """Return one summary a model, by name."""
    found = []
    versions = workspace.registry.list_models()
    alerts = [alert.model_id for alert in workspace.monitoring.alerts(state="open")]
    waiting = needs(workspace)
    for model_id in dict.fromkeys(v.model_id for v in versions):
        own = [v for v in versions if v.model_id == model_id]
        found.append(
            ModelSummary(
                model_id=model_id,
                production=next((v for v in own if v.stage == "production"), None),
                newest=own[-1],
                prediction_count=workspace.monitoring.count(model_id),
                open_alerts=alerts.count(model_id),
                needs=tuple(need for need in waiting if need.model_id == model_id),
            )
        )
    return tuple(found)


def history(workspace: "Workspace", model_id: str) -> ModelHistory:
    """Return the versions of a model and the history of their stages."""
    versions = workspace.registry.list_versions(model_id)
    name = versions[0].model_id
    changes = workspace.registry.history(name)
    return ModelHistory(model_id=name, versions=versions, changes=changes)
