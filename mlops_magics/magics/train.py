"""%train: from a table to a registered model."""

from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from mlops_magics import widgets
from mlops_magics.errors.state import FitFailed
from mlops_magics.training.plan import Progress
from mlops_magics.training.spec import TrainingSpec
from mlops_magics.workspace import background
from mlops_magics.workspace.results import Listing

from .face import Face, documented
from .parsing import Token
from .request import Request

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None


@magics_class
class TrainMagic(Face):
    """The magic %train."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("train")
    def train(self, line: str, local_ns: Names = None) -> Any:
        """Fit a model on a table and register it as its next version."""
        return self.run("train", line, local_ns)

    def _train(self, request: Request, local: Names) -> Answer:
        token = request.data("data")
        assert token is not None
        spec = TrainingSpec(
            model_id=request.name or "",
            data=self.session.data(token, local),
            target=request.text("target") or "label",
            task=request.text("task"),  # type: ignore[arg-type]
            columns=request.names("columns") if request.has("columns") else None,
            exclude=request.names("exclude"),
            time=request.text("time"),
            group=request.text("group"),
            split=request.text("split"),  # type: ignore[arg-type]
            features=request.names("features"),
            seconds=request.number("seconds"),
            epochs=request.integer("epochs"),
            seed=request.integer("seed") or 0,
            note=request.text("note"),
            lineage=self.session.lineage() | _source(token),
        )
        if request.has("background"):
            return self._in_background(spec, request.silent), ""
        job = self.workspace.train(spec, self._followed(spec, request.silent))
        if job.status == "failed":
            step = f"look at the columns with %%features, then %train {job.model_id} again"
            raise FitFailed(job.model_id, (job.error or "").split(". Next:")[0], step)
        return job, ""

    def _jobs(self, request: Request, local: Names) -> Answer:
        jobs = Listing(self.workspace.training.list_jobs())
        return jobs, "no training yet. Next: %train NAME --data DATA --target COLUMN"

    def _in_background(self, spec: TrainingSpec, silent: bool) -> background.BackgroundTraining:
        """Begin a training in a thread, with a page of its own in this cell."""
        live = widgets.LiveBackground(spec.model_id, spec.seconds)
        view = self.session.open_view(silent, live.answer)
        if view is None:
            return background.begin(self.workspace, spec)
        live.open(view)
        begun = background.begin(self.workspace, spec, live)
        self.session.leave_view(begun)
        return begun

    def _followed(self, spec: TrainingSpec, silent: bool) -> Callable[[Progress], None] | None:
        """Return what follows the training: a live page, a line of a terminal, or nothing."""
        view = self.session.open_view(silent)
        if view is not None:
            return widgets.LiveTraining(view, spec.model_id, spec.seconds)
        if silent or not widgets.is_terminal(self.shell):
            return None
        return widgets.TerminalLine(spec.model_id, spec.seconds)


def _source(token: Token) -> dict[str, str]:
    """Return where stored rows come from, so that they can be found again."""
    kind, _, name = token.text.partition(":")
    is_stored = token.plain and kind in ("dataset", "view") and bool(name)
    return {"source": token.text} if is_stored else {}
