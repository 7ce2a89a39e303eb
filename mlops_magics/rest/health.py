"""Is the server there, and what has it done?"""

from importlib.metadata import version

from fastapi import Request, Response

from mlops_magics.errors import MLOpsError

from . import answered, exposition
from .routing import answer, by, problems, router, service_of

ROUTER = router("server")
VERSION = version("mlops_magics")


@ROUTER.get("/health", response_model=answered.Health)
async def health(request: Request) -> Response:
    """Say that the server answers."""
    return answer({"status": "ok", "version": VERSION})


@ROUTER.get(
    "/ready",
    response_model=answered.Health,
    responses={503: {"model": answered.Health, "description": "not now"}},
)
async def ready(request: Request) -> Response:
    """Say whether predictions would be answered: the workspace can be read."""
    service = service_of(request)

    def look() -> bool:
        with service.workspace.storage.reading():
            return service.predictor.is_working

    try:
        is_ready = await service.call(by(request), look)
    except MLOpsError:
        is_ready = False
    status = "ok" if is_ready else "not ready"
    return answer({"status": status, "version": VERSION}, 200 if is_ready else 503)


@ROUTER.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}, "description": "for Prometheus"},
        **problems(),
    },
)
async def metrics(request: Request) -> Response:
    """Count what this server has answered since it started, as Prometheus reads it."""
    text = exposition.write(service_of(request))
    return Response(text, media_type="text/plain; version=0.0.4")
