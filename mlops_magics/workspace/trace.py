"""Where does a prediction come from?

From its event to the version, the training run, the views as they were then,
and the cells that made them.
"""

from typing import TYPE_CHECKING

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring.reports import Event
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.storage.cells import Cell, find

from .results import Trace, ViewSource

if TYPE_CHECKING:
    from .workspace import Workspace


def trace(workspace: "Workspace", model_id: str, request_id: str) -> Trace:
    """Walk from a prediction back to its features' source.

    Parameters
    ----------
    workspace : Workspace
        Where it was recorded.
    model_id : str
        The model.
    request_id : str
        The prediction.

    Returns
    -------
    Trace
        What is known of it; without a version for a model made elsewhere.

    Raises
    ------
    UnknownName
        If there is no such prediction.
    """
    event = workspace.monitoring.find_event(model_id, request_id)
    if event is None:
        recent = workspace.monitoring.query_events(model_id, limit=8)
        known = [found.request_id or "" for found in recent]
        step = f"%monitor {model_id} events"
        raise UnknownName(f"prediction of {model_id!r}", request_id, known, step)
    version = job = None
    sources: tuple[ViewSource, ...] = ()
    names = {v.model_id for v in workspace.registry.list_models()}
    if event.version is not None and model_id in names:
        version = workspace.registry.get_model(model_id, event.version)
        job_id = version.metadata.get("job_id")
        jobs = {found.job_id: found for found in workspace.training.list_jobs()}
        job = jobs.get(job_id) if job_id else None
        sources = tuple(
            _source(workspace, version, used["view"], used["number"], event)
            for used in version.metadata.get("views", ())
        )
    return Trace(
        event=event,
        version=version,
        job=job,
        sources=sources,
        label=workspace.monitoring.label(model_id, request_id),
        cell=_cell(workspace, event.cell_id),
    )


def _cell(workspace: "Workspace", cell_id: int | None) -> Cell | None:
    if cell_id is None:
        return None
    with workspace.storage.reading() as reading:
        return find(reading, cell_id)


def _source(
    workspace: "Workspace", model: ModelVersion, name: str, number: int, event: Event
) -> ViewSource:
    version = workspace.features.describe(name, number).current
    sources = model.metadata.get("sources", {})
    values = {n: v for n, v in event.features.items() if sources.get(n, [None])[0] == name}
    return ViewSource(
        view=name,
        number=number,
        sql=version.sql,
        cell=version.cell,
        cell_number=version.cell_number,
        features=values,
    )
