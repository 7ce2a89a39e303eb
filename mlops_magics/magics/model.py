"""%model: which version is where?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from mlops_magics import display, widgets
from mlops_magics.errors.state import NotPromotable
from mlops_magics.registry.exchange import write_new
from mlops_magics.workspace import beside, overview, rollout
from mlops_magics.workspace.card import card
from mlops_magics.workspace.results import Dataset, Listing

from .face import Face, documented
from .request import Request

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None


@magics_class
class ModelMagic(Face):
    """The magic %model."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("model")
    def model(self, line: str, local_ns: Names = None) -> Any:
        """List models and versions, promote, roll back, archive, export, import."""
        return self.run("model", line, local_ns)

    def _list(self, request: Request, local: Names) -> Answer:
        models = Listing(overview.summaries(self.workspace))
        return models, "no models yet. Next: %train NAME --data DATA --target COLUMN"

    def _versions(self, request: Request, local: Names) -> Answer:
        return overview.history(self.workspace, request.name or ""), ""

    def _card(self, request: Request, local: Names) -> Answer:
        return card(self.workspace, self.ref(request)), ""

    def _promote(self, request: Request, local: Names) -> Answer:
        try:
            promotion = self.workspace.promote(
                request.name or "",
                request.version,
                stage=request.text("stage") or "production",
                force=request.has("force"),
                because=request.text("because"),
            )
        except NotPromotable as refused:
            # every verdict is shown, also those that let it pass
            if refused.refusal is not None:
                self.session.show(refused.refusal, request.silent, "")
            raise
        return promotion, ""

    def _rollback(self, request: Request, local: Names) -> Answer:
        return self.workspace.rollback(request.name or ""), ""

    def _compare(self, request: Request, local: Names) -> Answer:
        first, second = request.version or "", request.words[0].text
        return self.workspace.compare(request.name or "", first, second), ""

    def _explore(self, request: Request, local: Names) -> Answer:
        return self._beside(request, None, None), ""

    def _explore_two(self, request: Request, local: Names) -> Answer:
        return self._beside(request, request.version, request.words[0].text), ""

    def _beside(self, request: Request, first: str | None, second: str | None) -> Any:
        found = beside.beside(self.workspace, request.name or "", first, second)
        return self.session.explore(widgets.VersionsForm(self.workspace, found), request.silent)

    def _shadow(self, request: Request, local: Names) -> Answer:
        return rollout.shadow(self.workspace, request.name or "", request.version or ""), ""

    def _canary(self, request: Request, local: Names) -> Answer:
        share = float(request.words[0].text.removesuffix("%")) / 100
        name, version = request.name or "", request.version or ""
        return rollout.canary(self.workspace, name, version, share), ""

    def _off(self, request: Request, local: Names) -> Answer:
        return rollout.off(self.workspace, request.name or ""), ""

    def _delete(self, request: Request, local: Names) -> Answer:
        name, version = request.name or "", request.version or ""
        return self.workspace.registry.delete_model(name, version), ""

    def _archive(self, request: Request, local: Names) -> Answer:
        name, version = request.name or "", request.version or "latest"
        return self.workspace.registry.archive_model(name, version), ""

    def _export(self, request: Request, local: Names) -> Answer:
        name, version = request.name or "", request.version or "latest"
        path = Path(request.words[0].text)
        what = f"{name}@{version}"
        if path.suffix.lower() in display.DOCUMENTS:
            found = card(self.workspace, what)
            text = display.card_document(found, path.suffix.lower())
            write_new(path, text.encode())
            what = f"the card of {found.version.name}"
        else:
            self.workspace.registry.export(name, version, path)
        said = f"{what} is in {path.name}, {path.stat().st_size // 1024:,} kB"
        return Dataset(dataset_id=name, row_count=0, message=said), ""

    def _import(self, request: Request, local: Names) -> Answer:
        return self.workspace.registry.import_(Path(request.words[0].text)), ""
