"""What do all routes have in common?

Their bodies are strict JSON, their answers too, and each says in the documentation which
problems it may answer with.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from . import strict_json
from .answered import Problem
from .bounds import SECONDS_TO_WAIT
from .service import Service

# Parsing more than this is not the event loop's work.
QUICK_BYTES = 64 * 1024
SAID = {
    400: "the body or a field is wrong",
    401: "the token is missing",
    404: "there is no such model, version, dataset, view or job",
    409: "the state of the workspace does not allow it, or somebody else was faster",
    413: "more than the server takes at once",
    415: "the body is no application/json",
    422: "a row or a column cannot be used",
    500: "it failed",
    503: "too busy; Retry-After says when to ask again",
}


class StrictRequest(Request):
    """A request whose body is strict JSON."""

    async def json(self) -> Any:
        """Return the parsed body."""
        if not hasattr(self, "_json"):
            body = await self.body()
            if len(body) <= QUICK_BYTES:
                self._json = strict_json.read(body)
            else:
                self._json = await asyncio.to_thread(strict_json.read, body)
        return self._json


class StrictRoute(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def router(*tags: str) -> APIRouter:
    """Return a router for the routes of one resource."""
    return APIRouter(route_class=StrictRoute, tags=list(tags))


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return which problems a route answers with, for the documentation."""
    common = (400, 401, 503)
    return {
        status: {"model": Problem, "description": SAID[status]}
        for status in sorted({*common, *statuses})
    }


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer in strict JSON."""
    body = strict_json.write(content)
    return Response(body, status, headers, media_type="application/json")


def service_of(request: Request) -> Service:
    """Return what the server works with."""
    service: Service = request.app.state.service
    return service


def by(request: Request) -> str:
    """Return who asks, as it stands in the history."""
    return f"http {request.client.host}" if request.client else "http"


def bounded_wait(seconds: float) -> float:
    """Return how long a client may wait for an answer."""
    return min(max(seconds, 0.0), SECONDS_TO_WAIT)
