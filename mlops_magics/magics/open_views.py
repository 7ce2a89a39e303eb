"""Which outputs of this notebook still change?

Knows the view whose place the next result takes, and those that outlive their cell. It
draws nothing and knows no workspace.
"""

from typing import Any

from mlops_magics import widgets
from mlops_magics.display.bundle import Bundle


class OpenViews:
    """The live views of one shell.

    Parameters
    ----------
    shell : InteractiveShell
        Whose cells they belong to.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._next: Any = None
        # cell, execution and view: those that may still be open
        self._all: list[tuple[str, int, Any]] = []

    def open(self, answer: Any = None) -> Any:
        """Return a view whose place the next result takes; None where nobody would see it."""
        if not widgets.can_be_live(self._shell):
            return None
        cell, run = self._shell.get_parent()["metadata"]["cellId"], self._shell.execution_count
        for view in [v for c, r, v in self._all if c == cell and r != run]:
            view.close()  # its place in the page has gone
        self._all = [one for one in self._all if one[2].is_open]
        self._next = widgets.View(self._shell, answer)
        self._all.append((cell, run, self._next))
        return self._next

    def leave(self) -> None:
        """Let the view go on after its cell."""
        self._next = None

    def end(self, page: Bundle) -> bool:
        """Put a last page into the view that waits for one, and return whether one did."""
        view, self._next = self._next, None
        if view is not None:
            view.close(page)
        return view is not None

    def end_all(self) -> None:
        """Leave every view as it is."""
        for _, _, view in self._all:
            view.close()
