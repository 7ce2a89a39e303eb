"""%monitor: how is the model doing?"""

from collections.abc import Mapping
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from mlops_magics.errors.request import BadLine
from mlops_magics.workspace import overview
from mlops_magics.workspace.predict import load
from mlops_magics.workspace.results import Listing

from .face import Face, documented
from .request import Request

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None
EVENTS_SHOWN = 20


@magics_class
class MonitorMagic(Face):
    """The magic %monitor."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("monitor")
    def monitor(self, line: str, local_ns: Names = None) -> Any:
        """Show traffic, drift, performance and events; record labels; trace."""
        return self.run("monitor", line, local_ns)

    def _overview(self, request: Request, local: Names) -> Answer:
        models = Listing(overview.summaries(self.workspace))
        return models, "no models yet. Next: %train NAME --data DATA --target COLUMN"

    def _dashboard(self, request: Request, local: Names) -> Answer:
        return self.workspace.watch(self.ref(request), request.integer("since")), ""

    def _drift(self, request: Request, local: Names) -> Answer:
        version = self.workspace.registry.resolve(self.ref(request))
        baseline = load(self.workspace, version).baseline
        monitoring = self.workspace.monitoring
        return monitoring.drift(version.model_id, version.version, baseline), ""

    def _events(self, request: Request, local: Names) -> Answer:
        limit = request.integer("limit") or EVENTS_SHOWN
        found = self.workspace.monitoring.query_events(
            request.name, limit=limit, version=request.version
        )
        return Listing(found), f"no predictions yet. Next: %predict {request.name} DATA"

    def _metrics(self, request: Request, local: Names) -> Answer:
        return self.workspace.monitoring.get_metrics(request.name or ""), ""

    def _performance(self, request: Request, local: Names) -> Answer:
        version = self.workspace.registry.resolve(self.ref(request))
        found = self.workspace.monitoring.performance(
            version.model_id, version.version, version.metrics
        )
        if found is None:
            step = f"%monitor {version.model_id} labels DATA --label COLUMN"
            raise BadLine(f"no label has arrived for {version.name}", step)
        return found, ""

    def _labels(self, request: Request, local: Names) -> Answer:
        data = self.session.data(request.words[0], local)
        label = request.text("label") or "label"
        key, time = request.names("key"), request.text("time")
        return self.workspace.label(request.name or "", data, label, key, time), ""

    def _trace(self, request: Request, local: Names) -> Answer:
        word = request.words[0]
        request_id = self.session.evaluate(word.text, local) if word.braces else word.text
        return self.workspace.trace(request.name or "", str(request_id)), ""
