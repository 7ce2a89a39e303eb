"""Who may come in, and with how much?

The outermost layer of the server: it looks at the host, the token and the size before
anything is parsed, counts what is answered, and turns a fault of ours into an answer
that says nothing of the inside.
"""

import asyncio
import hmac
import ipaddress
import logging
import socket
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from mlops_magics.errors.error import printable

from . import strict_json
from .bounds import BODY_BYTES, BYTES_AT_ONCE, REQUESTS_AT_ONCE, SECONDS_TO_SEND
from .problems import FAILED, Refused, headers_of
from .service import Service

LOG = logging.getLogger(__name__)
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# They say nothing of the workspace: a probe and a reader of the documentation need no token.
OPEN = frozenset({"/health", "/ready", "/docs", "/openapi.json"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# What is left of a refused body is not read.
CLOSED = {"Connection": "close"}


class Hosts:
    """The names under which a server answers.

    A page of the web can make a browser call any address of this machine under its own
    name (DNS rebinding): so a name counts only if it is known here.

    Parameters
    ----------
    host : str
        The address that the server listens at.

    Examples
    --------
    >>> Hosts("127.0.0.1").has("localhost:8900"), Hosts("127.0.0.1").has("evil.example")
    (True, False)
    """

    def __init__(self, host: str) -> None:
        self._is_local = host in LOOPBACK
        names = [host] if self._is_local else [host, socket.gethostname(), socket.getfqdn()]
        self._names = LOOPBACK | {name.casefold() for name in names}

    def has(self, header: str) -> bool:
        """Tell whether a Host header names this server."""
        name = header.casefold().rstrip(".")
        if name.startswith("["):
            name = name[1:].partition("]")[0]
        elif name.count(":") == 1:
            name = name.partition(":")[0]
        return name in self._names or (not self._is_local and _is_address(name))


def _is_address(name: str) -> bool:
    # an address is no name that somebody else could point elsewhere
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Door:
    """The layer around the app.

    Parameters
    ----------
    app : ASGI app
        What is inside.
    service : Service
        Counts what is answered.
    token : str
        Who has it may come in.
    hosts : Hosts
        The server's own names.
    """

    def __init__(self, app: App, service: Service, token: str, hosts: Hosts) -> None:
        self._app, self._service, self._hosts = app, service, hosts
        self._expected = f"Bearer {token}".encode()
        self._requests, self._bytes = 0, 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, answered = time.perf_counter(), _Answered(send)
        self._requests += 1
        body = _Body(receive, self)
        try:
            body.expected = self._check(scope)
            await self._app(scope, body.receive, answered.send)
        except Refused as refused:
            await answered.refuse(refused)
        except Exception as error:  # noqa: BLE001 - the edge: the next request is served
            # what the app has answered for, it has also written down
            if not answered.status:
                write_down(route_of(scope), error)
            await answered.refuse(Refused(500, FAILED))
        finally:
            self._requests -= 1
            body.forget()
            self._count(scope, answered.status, time.perf_counter() - begun)

    def _check(self, scope: Message) -> int:
        """Refuse who may not come in; return how many bytes are announced."""
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._hosts.has(host):
            raise Refused(421, f"this server is not {printable(host)[:80]!r}")
        if self._requests > REQUESTS_AT_ONCE:
            raise Refused(503, f"{self._requests - 1:,} requests are being answered")
        if scope["path"] not in OPEN:
            given = headers.get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                said = {"WWW-Authenticate": "Bearer"}
                needed = "the header Authorization: Bearer TOKEN is needed"
                raise Refused(401, needed, headers=said)
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit():
            raise Refused(400, "Content-Length is no number")
        size = int(announced)
        if size > BODY_BYTES:
            raise _too_large(size)
        return size

    def take(self, count: int) -> None:
        """Count bytes of a body that is on its way in; refuse them if there are too many."""
        self._bytes += count
        if self._bytes > BYTES_AT_ONCE:
            problem = f"{self._bytes:,} bytes are on their way in"
            raise Refused(503, problem, headers=CLOSED)

    def give_back(self, count: int) -> None:
        """Count bytes of a body that has been answered."""
        self._bytes -= count

    def _count(self, scope: Message, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if route != "none" else "any"
        self._service.requests[method, route, status] += 1
        self._service.seconds[method, route] += seconds


def route_of(scope: Message) -> str:
    """Return the pattern that answered: what a client sends never becomes a label."""
    return getattr(scope.get("route"), "path", "none")


def write_down(route: str, error: Exception) -> None:
    """Write a fault of ours into the log, on lines that no client can forge."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
    LOG.error("%s failed: %s, in %s", route, printable(repr(error)), where)


def _too_large(size: int) -> Refused:
    problem = f"the body has {size:,} bytes, and {BODY_BYTES:,} is the most"
    return Refused(413, problem, headers=CLOSED)


class _Body:
    """The body of one request, counted as it comes."""

    def __init__(self, receive: Receive, door: Door) -> None:
        self._receive, self._door = receive, door
        self.expected, self._size = 0, 0
        self._is_whole = False

    async def receive(self) -> Message:
        """Return the next part of it, which must come in time."""
        if self._is_whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), SECONDS_TO_SEND)
        except TimeoutError:
            problem = f"the body has not come in {SECONDS_TO_SEND:.0f} s"
            raise Refused(408, problem, headers=CLOSED) from None
        part = len(message.get("body", b""))
        self._size += part
        self._door.take(part)
        if self._size > BODY_BYTES:
            raise _too_large(self._size)
        self._is_whole = not message.get("more_body", False)
        return message

    def forget(self) -> None:
        """Give its bytes back."""
        self._door.give_back(self._size)


class _Answered:
    """What is sent back, and its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Answer with a problem, unless an answer is on its way already."""
        if self.status:
            return
        body = strict_json.write(refused.detail)
        said = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            **headers_of(refused.status_code),
            **(refused.headers or {}),
            **CLOSED,
        }
        encoded = [(name.lower().encode(), value.encode()) for name, value in said.items()]
        start = {"type": "http.response.start", "status": refused.status_code, "headers": encoded}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})
