"""Which routes are there, and what holds for all of them?"""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from mlops_magics.errors import MLOpsError

from . import alerts, bounds, data, documentation, features, health, labels, models, monitoring
from . import predict as predictions
from . import train as trainings
from .door import Door, Hosts, route_of, write_down
from .problems import FAILED, headers_of, place_of, problem_of, said, status_of
from .routing import answer
from .service import Service

RESOURCES = (
    # looked through in this order: what is asked most comes first
    *(predictions, data, trainings, labels, monitoring, alerts, models, features),
    *(health, documentation),
)
DESCRIPTION = f"""The loop of one workspace: upload, train, predict, label, monitor, promote.

Every request but `/health`, `/ready` and the documentation needs the header
`Authorization: Bearer TOKEN`. Bodies are strict JSON. What cannot be used is refused with
`{{"error": …, "details": […]}}`, which names the field, the row and the column; nothing of a
refused body is stored.

A body has at most {bounds.BODY_BYTES:,} bytes, a table {bounds.ROWS:,} rows and
{bounds.COLUMNS:,} columns, a name {bounds.NAME_LETTERS} letters, a text
{bounds.TEXT_LETTERS:,}. Who comes when too many wait gets 503 and `Retry-After`.

The names of the seed are accepted as well: `modelId`, `datasetId`, `labelColumn`,
`label_column`, `modelVersion`."""


def create_app(service: Service, token: str, host: str = "127.0.0.1") -> Any:
    """Return the server of a workspace, to be run by any ASGI server.

    Parameters
    ----------
    service : Service
        What it works with; whoever made it stops it, after the last answer.
    token : str
        Who has it may come in.
    host : str, default='127.0.0.1'
        The address at which it will listen.

    Returns
    -------
    ASGI app
        Every request goes through the door first.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from mlops_magics.workspace import Workspace
    >>> service = Service(Workspace(Path(tempfile.mkdtemp()) / ".mlops"))
    >>> callable(create_app(service, "0" * 32))
    True
    >>> service.stop()
    """
    return Door(described(service), service, token, Hosts(host))


def described(service: Service) -> FastAPI:
    """Return the app inside the door, which knows its own documentation."""
    app = FastAPI(
        title="mlops_magics",
        version=version("mlops_magics"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for resource in RESOURCES:
        app.include_router(resource.ROUTER)
    app.add_exception_handler(MLOpsError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, MLOpsError)
    status = status_of(error)
    return answer(problem_of(error), status, headers_of(status))


async def _failed(request: Request, error: Exception) -> Response:
    write_down(route_of(request.scope), error)
    return answer({"error": FAILED, "details": []}, 500)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    content: Any = error.detail
    if not isinstance(content, dict):
        content = {"error": str(content), "details": []}
    headers = {**headers_of(error.status_code), **(error.headers or {})}
    return answer(content, error.status_code, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    """Answer for a request that is not as the documentation has it."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    places = [place_of(one["loc"]) for one in found]
    if any(one["type"] == "model_attributes_type" for one in found) and not _is_json(request):
        return answer({"error": "the body is no application/json", "details": []}, 415)
    first = found[0]
    problem = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "model_attributes_type":
        problem = "it is no JSON object"
    where = said(places[0])
    line = f"{where}: {problem[:1].lower()}{problem[1:]}"
    is_cell = any("row" in place or "column" in place for place in places)
    return answer({"error": line, "details": places}, 422 if is_cell else 400)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the description of all routes; 422 is ours, not FastAPI's."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemes = {"token": {"type": "http", "scheme": "bearer"}}
        found["components"]["securitySchemes"] = schemes
        for name in ("HTTPValidationError", "ValidationError"):
            found["components"]["schemas"].pop(name, None)
        for path, methods in found["paths"].items():
            for operation in methods.values():
                _describe(path, operation)
        app.openapi_schema = found
    return app.openapi_schema


def _describe(path: str, operation: dict[str, Any]) -> None:
    if path not in ("/health", "/ready"):
        operation["security"] = [{"token": []}]
    unusable = operation["responses"].get("422", {})
    if "HTTPValidationError" in str(unusable):
        del operation["responses"]["422"]
