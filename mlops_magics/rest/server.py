"""How does a server run: beside a notebook, or by itself?"""

import atexit
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from mlops_magics.errors.state import CannotServe
from mlops_magics.workspace.results import Serving
from mlops_magics.workspace.workspace import Workspace

from .app import create_app
from .service import Service

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8900
# Requests that are being answered get so long when the server stops.
SECONDS_TO_FINISH = 20
SECONDS_TO_START = 30.0
LAST_PORT = 65_535
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server:
    """A workspace over HTTP.

    Parameters
    ----------
    folder : Path
        The workspace; the server opens it for itself.
    host : str, default='127.0.0.1'
        The address to listen at; another one is reached by others.
    port : int, default=8900
        0 takes any that is free.
    token : str, optional
        Who has it may come in; a random one by default.

    Raises
    ------
    CannotServe
        If it cannot listen there.

    Examples
    --------
    >>> import tempfile
    >>> server = Server(Path(tempfile.mkdtemp()) / ".mlops", port=0)
    >>> server.start()
    >>> server.status().is_running, len(server.token)
    (True, 43)
    >>> server.stop()
    """

    def __init__(
        self,
        folder: Path,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        token: str | None = None,
    ) -> None:
        self.folder, self.host = folder, host
        self.token = secrets.token_urlsafe(32) if token is None else token
        self._socket = listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._service = Service(Workspace(folder))
        config = uvicorn.Config(
            create_app(self._service, self.token, host),
            access_log=False,  # a line of it would be made of what clients send
            log_config=None,
            log_level="warning",
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        )
        self._server = _Uvicorn(config, self._service)
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<Server {self.address}>"

    @property
    def address(self) -> str:
        """Where it is, as a client on this machine writes it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serve in this thread until a signal, or `stop`, ends it."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            # the loop has ended: everybody has been answered
            self._socket.close()
            self._service.stop()

    def start(self) -> None:
        """Serve in a thread; it ends with the process at the latest."""
        self._thread = threading.Thread(target=self.run, name="server", daemon=True)
        self._thread.start()
        atexit.register(self.stop)
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._server.started and self._thread.is_alive():
            if time.monotonic() > deadline:
                break
            time.sleep(0.005)
        if not self._server.started:
            self.stop()
            raise CannotServe(self.address, "it has not started", "try another port")

    def stop(self) -> None:
        """Answer what was asked, record it, and end."""
        self._server.end()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        atexit.unregister(self.stop)

    def status(self) -> Serving:
        """Return how it is doing."""
        service = self._service
        return Serving(
            address=self.address,
            token=self.token,
            folder=str(self.folder),
            is_running=self._thread is not None and self._thread.is_alive(),
            is_local=self.host in ("127.0.0.1", "localhost", "::1"),
            request_count=sum(service.requests.values()),
            prediction_count=sum(service.predictor.counts.values()),
            training_count=service.jobs.running,
        )


class _Uvicorn(uvicorn.Server):
    """A server of uvicorn whose trainings end with it, however it is told to."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on a signal, and go on behind the loop: uvicorn itself would let it kill."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End on a signal."""
        self._service.jobs.end()
        super().handle_exit(sig, frame)

    def end(self) -> None:
        """End because it is asked to."""
        self._service.jobs.end()
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, or say why there is none.

    Parameters
    ----------
    host : str
        The address.
    port : int
        The port; 0 takes any.

    Returns
    -------
    socket
        Bound; a client that connects from now on waits.

    Raises
    ------
    CannotServe
        With the reason and what to do.
    """
    if not 0 <= port <= LAST_PORT:
        raise CannotServe(f"{host}:{port}", "there is no such port", "--port 8900")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # the error of a name that cannot be looked up has no number of the system's
        is_numbered = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno or 0) if is_numbered else str(error.strerror or error)
        another = f"--port {port + 1}, or --port 0 for any" if 0 < port < LAST_PORT else ""
        step = another or "--host 127.0.0.1"
        raise CannotServe(f"{host}:{port}", reason.lower(), step) from error
