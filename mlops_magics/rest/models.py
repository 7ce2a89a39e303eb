"""/models: versions and their stages."""

from typing import Annotated, Any

from fastapi import Path, Request, Response

from mlops_magics.registry.versions import ModelVersion, Promotion
from mlops_magics.workspace import overview

from . import answered
from .asked import PromoteBody, VersionBody
from .bounds import NAME_LETTERS
from .problems import Refused
from .routing import answer, by, problems, router, service_of
from .strict_json import moment

ROUTER = router("models")
ModelName = Annotated[str, Path(max_length=NAME_LETTERS)]
CHANGES = problems(404, 409, 415)


@ROUTER.get("/models", response_model=answered.Models, responses=problems())
async def listed(request: Request) -> Response:
    """List every version of every model."""
    service = service_of(request)
    found = await service.call(by(request), service.workspace.registry.list_models)
    return answer({"models": [version(one) for one in found]})


@ROUTER.get("/models/{model_id}", response_model=answered.Model, responses=problems(404))
async def described(request: Request, model_id: ModelName) -> Response:
    """Return the versions of a model, and how their stages came about."""
    service = service_of(request)
    found = await service.call(by(request), lambda: overview.history(service.workspace, model_id))
    changes = [
        {
            "version": change.version,
            "stage": change.stage,
            "why": change.why,
            "because": change.because,
            "by": change.by,
            "written_at": moment(change.written_at),
        }
        for change in found.changes
    ]
    versions = [version(one) for one in found.versions]
    return answer({"model_id": found.model_id, "versions": versions, "changes": changes})


@ROUTER.post("/models/{model_id}/promote", response_model=answered.Promoted, responses=CHANGES)
async def promote(request: Request, model_id: ModelName, body: PromoteBody) -> Response:
    """Put a version into a stage, if the gates let it pass."""
    workspace = service_of(request).workspace
    if body.force is (body.because is None):
        problem = "force and because go together: why does it pass the gates?"
        raise Refused(400, problem, [{"field": "because"}])
    made = await service_of(request).call(
        by(request),
        lambda: workspace.promote(model_id, body.version, body.stage, body.force, body.because),
    )
    return answer(promoted(made))


@ROUTER.post("/models/{model_id}/rollback", response_model=answered.Promoted, responses=CHANGES)
async def rollback(request: Request, model_id: ModelName) -> Response:
    """Put the version back that was in production before."""
    service = service_of(request)
    made = await service.call(by(request), lambda: service.workspace.rollback(model_id))
    return answer(promoted(made))


@ROUTER.post("/models/{model_id}/archive", response_model=answered.Version, responses=CHANGES)
async def archive(request: Request, model_id: ModelName, body: VersionBody) -> Response:
    """Take a version out of use."""
    service = service_of(request)
    registry = service.workspace.registry
    found = await service.call(by(request), lambda: registry.archive_model(model_id, body.version))
    return answer(version(found))


def version(found: ModelVersion) -> dict[str, Any]:
    """Return a version as its fields."""
    return {
        "model_id": found.model_id,
        "version": found.version,
        "stage": found.stage,
        "framework": found.framework,
        "metrics": dict(found.metrics),
        "registered_at": moment(found.registered_at),
    }


def promoted(made: Promotion) -> dict[str, Any]:
    """Return what a promotion did as its fields."""
    return {
        "model_id": made.version.model_id,
        "version": made.version.version,
        "stage": made.version.stage,
        "replaced": made.replaced,
        "verdicts": [
            {"gate": verdict.gate, "passed": verdict.passed, "said": verdict.said}
            for verdict in made.verdicts
        ],
    }
