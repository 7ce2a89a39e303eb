"""/monitoring: traffic, events and drift of a model in use."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring.reports import ColumnDrift, DriftReport, Event, Metrics
from mlops_magics.workspace import Workspace, watching

from . import answered
from .bounds import EVENTS, NAME_LETTERS
from .routing import answer, by, problems, router, service_of
from .strict_json import moment

ROUTER = router("monitoring")
SECOND = 1_000_000
HOUR = 3_600
MOST_SECONDS = 100 * 366 * 24 * HOUR
Wanted = Annotated[
    str, Query(min_length=1, max_length=NAME_LETTERS, description="the model", examples=["late"])
]
Some = Annotated[
    str | None, Query(min_length=1, max_length=NAME_LETTERS, description="all models by default")
]
Limit = Annotated[int, Query(ge=1, le=EVENTS, description="at most so many")]
Since = Annotated[float, Query(gt=0, le=MOST_SECONDS, description="seconds back from now")]
Back = Annotated[
    float | None,
    Query(gt=0, le=MOST_SECONDS, description="seconds back from the newest prediction"),
]
NO_EVENTS = "there are no predictions in the window"


@ROUTER.get("/monitoring/recent", response_model=answered.Events, responses=problems(404))
async def recent(
    request: Request, model_id: Some = None, limit: Limit = 10, since: Since = float(HOUR)
) -> Response:
    """Return the newest predictions, newest first."""
    service = service_of(request)

    def read() -> list[dict[str, Any]]:
        workspace = service.workspace
        name = None if model_id is None else known(workspace, model_id)
        begin = workspace.storage.clock.now() - int(since * SECOND)
        found = workspace.monitoring.query_events(name, start_time=begin, limit=limit)
        return [event(one) for one in found]

    return answer({"events": await service.call(by(request), read)})


@ROUTER.get("/monitoring/metrics", response_model=answered.Metrics, responses=problems(404))
async def metrics(request: Request, model_id: Wanted, since: Back = None) -> Response:
    """Return traffic, confidence, latency and errors of a model."""
    service = service_of(request)

    def read() -> Metrics:
        monitoring = service.workspace.monitoring
        name = known(service.workspace, model_id)
        newest = monitoring.newest(name) if since is not None else None
        begin = None if newest is None else newest - int((since or 0) * SECOND)
        return monitoring.get_metrics(name, begin)

    return answer(figures(await service.call(by(request), read)))


@ROUTER.get("/monitoring/drift", response_model=answered.Drift, responses=problems(404, 409, 422))
async def drift(
    request: Request,
    model_id: Wanted,
    version: Some = None,
    since: Back = None,
    by_column: Annotated[
        str | None, Query(alias="by", max_length=NAME_LETTERS, description="a feature")
    ] = None,
) -> Response:
    """Return how far each column has moved since training, the worst first."""
    service = service_of(request)
    ref = f"{model_id}@{version}" if version else model_id
    back = None if since is None else int(since * SECOND)
    found = await service.call(
        by(request), lambda: watching.drift(service.workspace, ref, since=back, by=by_column)
    )
    return answer(moved(found))


def known(workspace: Workspace, model_id: str) -> str:
    """Return a model's name as it was first written, also of one that was made elsewhere."""
    try:
        return workspace.registry.list_versions(model_id)[0].model_id
    except UnknownName:
        if workspace.monitoring.count(model_id):
            return model_id
        raise


def event(found: Event) -> dict[str, Any]:
    """Return an event as its fields."""
    return {
        "request_id": found.request_id,
        "model_id": found.model_id,
        "version": found.version,
        "event_time": moment(found.event_time),
        "features": dict(found.features),
        "prediction": found.prediction,
        "confidence": found.confidence,
        "latency_ms": found.latency_ms,
        "key": dict(found.key),
        "error": found.error,
    }


def figures(found: Metrics) -> dict[str, Any]:
    """Return metrics as their fields; what has no value says why."""
    names = (
        *("avg_confidence", "avg_latency_ms", "p50_latency_ms", "p95_latency_ms"),
        *("p99_latency_ms", "error_rate"),
    )
    values = {name: getattr(found, name) for name in names}
    without = {"avg_confidence": "none of the predictions has a confidence"}
    reasons = {
        name: without.get(name, "none of the predictions has a latency")
        if found.count
        else NO_EVENTS
        for name, value in values.items()
        if value is None
    }
    return {
        "model_id": found.model_id,
        "count": found.count,
        **values,
        "first": moment(found.first),
        "last": moment(found.last),
        "versions": dict(found.versions),
        "predictions": dict(found.predictions),
        "reasons": reasons,
    }


def moved(found: DriftReport) -> dict[str, Any]:
    """Return a drift report as its fields; what was not measured says why."""
    reasons = {
        column.name: f"psi: {column.drift.state}"
        for column in found.columns
        if column.drift.psi is None
    }
    return {
        "model_id": found.model_id,
        "version": found.version,
        "count": found.count,
        "columns": [_column(column) for column in found.columns],
        "reasons": reasons,
    }


def _column(column: ColumnDrift) -> dict[str, Any]:
    return {
        "name": column.name,
        "role": column.role,
        "state": column.drift.state,
        "psi": column.drift.psi,
        "severity": column.severity,
        "p_value": column.adjusted,
        "missing": list(column.missing),
    }
