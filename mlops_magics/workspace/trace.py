"""Where does a prediction come from?

From its event to the version, the training run, the views as they were then,
and the cells that made them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlops_magics.errors.unknown import UnknownName
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
            _source(workspace, used["view"], used["number"], event.features)
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
    workspace: "Workspace", name: str, number: int, features: Mapping[str, object]
) -> ViewSource:
    view = workspace.features.describe(name)
    version = next(v for v in view.versions if v.number == number)
    own = {field.name for field in view.features}
    values = {n: v for n, v in features.items() if n in own}
    return ViewSource(
        view=name,
        number=number,
        sql=version.sql,
        cell=version.cell,
        cell_number=version.cell_number,
        features=values,
    )
