"""%monitor: how is the model doing?"""

from collections.abc import Mapping
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from mlops_magics import widgets
from mlops_magics.errors.request import BadLine
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring.retraining import Policy, read_when
from mlops_magics.workspace import alerting, overview, retrain, watching, webhooks
from mlops_magics.workspace.following import Wish
from mlops_magics.workspace.results import Listing
from mlops_magics.workspace.watched import shown_version

from .face import Face, documented
from .request import Request

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None
EVENTS_SHOWN = 20
SECOND, HOUR = 1_000_000, 3600 * 1_000_000
SECONDS_BETWEEN_LOOKS = 5


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

    def _live(self, request: Request, local: Names) -> Answer:
        wish = Wish(ref=self.ref(request), since=request.integer("since"))
        every = (request.integer("every") or SECONDS_BETWEEN_LOOKS * SECOND) / SECOND
        if request.silent or not widgets.can_be_live(self.shell):
            return self.workspace.watch(wish.ref, wish.since), ""
        live = widgets.LiveMonitor(self.workspace, wish, every)
        seen = live.open(self.session.open_view(request.silent, live.answer))
        self.session.leave_view(seen)
        return seen, ""

    def _drift(self, request: Request, local: Names) -> Answer:
        given = request.data("baseline")
        report = watching.drift(
            self.workspace,
            self.ref(request),
            since=request.integer("since"),
            by=request.text("by"),
            baseline=None if given is None else self.session.data(given, local),
        )
        return report, ""

    def _events(self, request: Request, local: Names) -> Answer:
        limit = request.integer("limit") or EVENTS_SHOWN
        name, version = self._watched(request)
        found = self.workspace.monitoring.query_events(name, limit=limit, version=version)
        return Listing(found), f"no predictions yet. Next: %predict {name} DATA"

    def _metrics(self, request: Request, local: Names) -> Answer:
        name, version = self._watched(request)
        monitoring = self.workspace.monitoring
        newest, back = monitoring.newest(name), request.integer("since")
        since = None if newest is None or back is None else newest - back
        every = request.integer("every")
        if every is None:
            return monitoring.get_metrics(name, since, version=version), ""
        if every % HOUR or not every:
            raise BadLine("--every is not of whole hours", "give it as 1h, 24h or 7d")
        found = monitoring.metrics_over_time(name, every // HOUR, since, version)
        return Listing(found), f"no predictions yet. Next: %predict {name} DATA"

    def _performance(self, request: Request, local: Names) -> Answer:
        ref = self.ref(request)
        found = watching.performance(self.workspace, ref, request.integer("since"))
        if found is None:
            step = f"%monitor {request.name} labels DATA --label COLUMN"
            raise BadLine(f"no label has arrived for {ref}", step)
        return found, ""

    def _baseline(self, request: Request, local: Names) -> Answer:
        data = self.session.data(request.words[0], local)
        return watching.learn_baseline(self.workspace, self.ref(request), data), ""

    def _labels(self, request: Request, local: Names) -> Answer:
        data = self.session.data(request.words[0], local)
        label = request.text("label") or "label"
        key, time = request.names("key"), request.text("time")
        return self.workspace.label(request.name or "", data, label, key, time), ""

    def _alerts(self, request: Request, local: Names) -> Answer:
        ref = self.ref(request)
        alerting.look(self.workspace, ref)
        name, version = self._watched(request)
        found = self.workspace.alerts(name, request.text("state"))
        own = [alert for alert in found if version in (None, alert.version)]
        said = "no alerts" if request.text("state") is None else "no such alerts"
        return Listing(own), f"{said}: no closed window of {ref} is beyond chance"

    def _alert(self, request: Request, local: Names) -> Answer:
        name, _ = self._watched(request)
        return alerting.history(self.workspace, name, int(request.words[0].text)), ""

    def _acknowledge(self, request: Request, local: Names) -> Answer:
        name, _ = self._watched(request)
        number, note = int(request.words[0].text), request.text("note") or "seen"
        return self.workspace.acknowledge(name, number, note), ""

    def _rules(self, request: Request, local: Names) -> Answer:
        name, _ = self._watched(request)
        step = f'%monitor {name} rule "p95_latency_ms > 50"'
        return Listing(self.workspace.monitoring.rules(name)), f"no rules of yours. Next: {step}"

    def _rule(self, request: Request, local: Names) -> Answer:
        name, _ = self._watched(request)
        return alerting.add_rule(self.workspace, name, request.words[0].text), ""

    def _rule_off(self, request: Request, local: Names) -> Answer:
        name, _ = self._watched(request)
        alerting.remove_rule(self.workspace, name, int(request.words[0].text))
        return self._rules(request, local)

    def _webhook(self, request: Request, local: Names) -> Answer:
        return webhooks.show(self.workspace, self._watched(request)[0]), ""

    def _webhook_on(self, request: Request, local: Names) -> Answer:
        name, address = self._watched(request)[0], request.words[0].text
        return webhooks.put(self.workspace, name, address), ""

    def _webhook_off(self, request: Request, local: Names) -> Answer:
        return webhooks.put(self.workspace, self._watched(request)[0], None), ""

    def _retraining(self, request: Request, local: Names) -> Answer:
        return retrain.standing(self.workspace, request.name or ""), ""

    def _retrain_policy(self, request: Request, local: Names) -> Answer:
        given: dict[str, Any] = {
            name: request.integer(name) for name in ("min_labels", "cool_down") if request.has(name)
        }
        approve = request.text("approve")
        wanted = Policy(**read_when(request.names("when")), **given, approve=approve)
        return retrain.set_policy(self.workspace, request.name or "", wanted), ""

    def _retrain_now(self, request: Request, local: Names) -> Answer:
        given = request.data("data")
        data = None if given is None else self.session.data(given, local)
        return retrain.run(self.workspace, request.name or "", data=data), ""

    def _retrain_approve(self, request: Request, local: Names) -> Answer:
        return retrain.approve(self.workspace, request.name or ""), ""

    def _retrain_reject(self, request: Request, local: Names) -> Answer:
        return retrain.reject(self.workspace, request.name or "", request.text("note")), ""

    def _retrain_off(self, request: Request, local: Names) -> Answer:
        return retrain.off(self.workspace, request.name or ""), ""

    def _trace(self, request: Request, local: Names) -> Answer:
        word = request.words[0]
        request_id = self.session.evaluate(word.text, local) if word.braces else word.text
        if not isinstance(request_id, str):
            kind = type(request_id).__name__
            raise BadLine(f"{{{word.text[:60]}}} is a {kind} and no request_id", "give its text")
        name, _ = self._watched(request)
        return self.workspace.trace(name, request_id), ""

    def _watched(self, request: Request) -> tuple[str, str | None]:
        """Return the model as it was first written, and the version if one is asked for."""
        name = request.name or ""
        registry = self.workspace.registry
        try:
            if request.version is None:
                return registry.list_versions(name)[0].model_id, None
            version = registry.resolve(self.ref(request))
        except UnknownName:
            # a model made elsewhere may be known by its predictions alone
            if request.version is None and self.workspace.monitoring.count(name):
                return name, None
            raise
        return version.model_id, shown_version(self.workspace, version)
