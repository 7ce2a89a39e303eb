"""%workspace: where is everything, and what is in it?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from .face import Face, documented
from .request import Request

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None


@magics_class
class WorkspaceMagic(Face):
    """The magic %workspace."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("workspace")
    def workspace(self, line: str, local_ns: Names = None) -> Any:  # type: ignore[override]
        """Show or switch the workspace, store a table in it, open a folder to its queries."""
        return self.run("workspace", line, local_ns)

    def _show(self, request: Request, local: Names) -> Answer:
        return self.session.workspace.overview(), ""

    def _switch(self, request: Request, local: Names) -> Answer:
        folder = Path(request.words[0].text).expanduser().absolute()
        return self.session.switch(folder).overview(), ""

    def _temporary(self, request: Request, local: Names) -> Answer:
        return self.session.switch(None).overview(), ""

    def _allow(self, request: Request, local: Names) -> Answer:
        folder = request.words[0].text
        self.session.allow(folder)
        said = f"features cells of this kernel can read files below {folder}"
        self.session.note(said, [], request.silent)
        return None, ""

    def _upload(self, request: Request, local: Names) -> Answer:
        data = self.session.data(request.words[0], local)
        return self.session.workspace.upload(data, request.name), ""
