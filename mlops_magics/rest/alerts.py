"""/monitoring/alerts and /monitoring/retraining: what is not as it was, and what is done."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response

from mlops_magics.monitoring.alert import Alert
from mlops_magics.monitoring.retraining import RetrainingRequest
from mlops_magics.workspace import alerting, retrain

from . import answered
from .asked import NoteBody
from .bounds import NAME_LETTERS
from .models import ModelName
from .monitoring import Some, known
from .routing import answer, by, problems, router, service_of
from .strict_json import moment

ROUTER = router("monitoring")
State = Annotated[Literal["watch", "open", "closed"] | None, Query(description="all by default")]
Number = Annotated[int, Path(ge=1, le=2**31, description="of the model's alert")]
CHANGES = problems(404, 409, 415)


@ROUTER.get("/monitoring/alerts", response_model=answered.Alerts, responses=problems(404))
async def alerts(request: Request, model_id: Some = None, state: State = None) -> Response:
    """Return what is not as it was, the newest first."""
    workspace = service_of(request).workspace
    found = await service_of(request).call(
        by(request), lambda: alerting.alerts(workspace, model_id, state)
    )
    return answer({"alerts": [alert(one) for one in found]})


@ROUTER.post(
    "/monitoring/alerts/{model_id}/{alert_id}/acknowledge",
    response_model=answered.Alert,
    responses=problems(404, 415),
)
async def acknowledge(
    request: Request, model_id: ModelName, alert_id: Number, body: NoteBody
) -> Response:
    """Note that somebody has seen an alert."""
    workspace = service_of(request).workspace
    note = body.note or "seen"
    found = await service_of(request).call(
        by(request), lambda: alerting.acknowledge(workspace, model_id, alert_id, note)
    )
    return answer(alert(found))


@ROUTER.get("/monitoring/retraining", response_model=answered.Retrainings, responses=problems(404))
async def requests(
    request: Request,
    model_id: Some = None,
    state: Annotated[str | None, Query(max_length=NAME_LETTERS)] = None,
) -> Response:
    """Return the requests to retrain, the newest first."""
    workspace = service_of(request).workspace

    def read() -> tuple[RetrainingRequest, ...]:
        name = None if model_id is None else known(workspace, model_id)
        return retrain.requests(workspace, name, state)

    found = await service_of(request).call(by(request), read)
    return answer({"requests": [asked(one) for one in found]})


@ROUTER.post(
    "/monitoring/retraining/{model_id}/approve",
    response_model=answered.Retraining,
    responses=CHANGES,
)
async def approve(request: Request, model_id: ModelName) -> Response:
    """Put the challenger that waits for approval into production, through the gates."""
    workspace = service_of(request).workspace
    made = await service_of(request).call(by(request), lambda: retrain.approve(workspace, model_id))
    return answer(asked(made.request))


@ROUTER.post(
    "/monitoring/retraining/{model_id}/reject",
    response_model=answered.Retraining,
    responses=CHANGES,
)
async def reject(request: Request, model_id: ModelName, body: NoteBody) -> Response:
    """Turn the challenger that waits for approval down; it is archived."""
    workspace = service_of(request).workspace
    made = await service_of(request).call(
        by(request), lambda: retrain.reject(workspace, model_id, body.note)
    )
    return answer(asked(made.request))


def alert(found: Alert) -> dict[str, Any]:
    """Return an alert as its fields."""
    names = (
        *("alert_id", "model_id", "version", "subject", "kind", "state", "severity"),
        *("said", "by_chance", "slice", "acknowledged"),
    )
    return {
        **{name: getattr(found, name) for name in names},
        "opened_at": moment(found.opened_at),
        "closed_at": moment(found.closed_at),
        "window": [moment(end) for end in found.window],
    }


def asked(found: RetrainingRequest) -> dict[str, Any]:
    """Return a request to retrain as its fields."""
    return {
        "request_no": found.request_no,
        "model_id": found.model_id,
        "state": found.state,
        "reason": found.reason,
        "evidence": list(found.evidence),
        "requested_at": moment(found.requested_at),
        "champion": found.champion,
        "challenger": found.challenger,
        "verdicts": [
            {"question": one.question, "passed": one.passed, "said": one.said}
            for one in found.verdicts
        ],
        "said": found.said,
    }
