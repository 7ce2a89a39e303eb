"""How does somebody ask the same thing again and again, in one output?

An explorer has a page, controls, and an answer to each of them. It is asked from
whatever thread the page's messages come in, one after another.
"""

import threading
from collections.abc import Sequence
from typing import Any, Protocol

from mlops_magics import display
from mlops_magics.errors import MLOpsError

from .controls import Control
from .view import View


class Explorer(Protocol):
    """Something that can be asked again and again."""

    @property
    def result(self) -> Any:
        """What it has found last; `display` has a page of it."""

    def controls(self) -> Sequence[Control]:
        """Return what can be asked now."""

    def use(self, name: str, value: Any) -> None:
        """Answer one control; an error of ours leaves everything as it was."""


def explore(shell: Any, explorer: Explorer) -> View:
    """Open a view in which something is asked again and again.

    Parameters
    ----------
    shell : InteractiveShell
        Whose running cell the output belongs to.
    explorer : Explorer
        What is asked.

    Returns
    -------
    View
        It stays open: its static page is that of the last answer.

    Examples
    --------
    >>> explore(get_ipython(), WhatIfForm(trial))  # doctest: +SKIP
    """
    guard = threading.Lock()

    def answer(name: str, value: Any) -> None:
        with guard:
            try:
                explorer.use(name, value)
            except MLOpsError as error:
                # what is to be typed next is meant for a line, and here is a form
                view.say(str(error).split(". Next:")[0])
                return
            view.show(display.render(explorer.result), explorer.controls())

    view = View(shell, answer)
    view.show(display.render(explorer.result), explorer.controls())
    return view
