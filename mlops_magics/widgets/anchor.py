"""The one widget: a model without a view that fills its marker in the page."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent


class Anchor(anywidget.AnyWidget):
    """What a page knows of one live output.

    Parameters
    ----------
    **state : object
        The traits: `marker` (id of its place in the page), `page` (HTML), `controls`
        (descriptions), `said` (a line beside them) and `ended`.
    """

    # read as texts: a path would start a thread that watches the file
    _esm = (HERE / "anchor.js").read_text(encoding="utf-8")
    _css = (HERE / "anchor.css").read_text(encoding="utf-8")
    marker = traitlets.Unicode().tag(sync=True)
    page = traitlets.Unicode().tag(sync=True)
    controls: Any = traitlets.List().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    ended = traitlets.Bool(False).tag(sync=True)

    def end(self) -> None:
        """Take the model back, with the layout that every widget brings."""
        layout: Any = self.layout
        self.close()
        layout.close()
