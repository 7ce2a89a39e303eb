"""%serve: the same workspace over HTTP, while the notebook stays usable."""

from collections.abc import Mapping
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from mlops_magics import rest
from mlops_magics.errors.state import CannotServe
from mlops_magics.workspace.results import Serving

from .face import Face, documented
from .request import Request

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None
HOST, PORT = "127.0.0.1", 8900
NOTHING = "nothing is served. Next: %serve"


@magics_class
class ServeMagic(Face):
    """The magic %serve."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("serve")
    def serve(self, line: str, local_ns: Names = None) -> Any:
        """Serve the workspace over HTTP, say how it goes, and stop."""
        return self.run("serve", line, local_ns)

    def _start(self, request: Request, local: Names) -> Answer:
        server, port, host = self.session.server, request.integer("port"), request.text("host")
        if server is None:
            wanted = PORT if port is None else port
            server = rest.Server(self.workspace.folder, host or HOST, wanted)
            server.start()
            self.session.server = server
        elif port not in (None, 0, server.port) or host not in (None, server.host):
            reason = f"this notebook is serving at {server.address}"
            raise CannotServe(f"{host or HOST}:{port or PORT}", reason, "%serve stop")
        return server.status(), ""

    def _status(self, request: Request, local: Names) -> Answer:
        server = self.session.server
        return (Serving.nothing() if server is None else server.status()), NOTHING

    def _stop(self, request: Request, local: Names) -> Answer:
        server = self.session.server
        if server is None:
            return Serving.nothing(), NOTHING
        self.session.stop_serving()
        return server.status(), ""
