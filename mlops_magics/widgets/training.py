"""How does somebody follow a training, and stop it?

Each is what `progress` of a training calls, a few times a second at most; what it shows
is drawn by `display`.
"""

import sys
import time

from mlops_magics.display.under_way import UnderWay, drawn
from mlops_magics.training.plan import Progress

from .controls import Button
from .view import View

STOP = Button("stop", "Stop at the best so far", interrupts=True)
LONGEST_LINE = 79


class Followed:
    """What was told of a training so far.

    Parameters
    ----------
    model_id : str
        What is trained.
    seconds : float or None
        When the fit ends at the latest.
    """

    def __init__(self, model_id: str, seconds: float | None) -> None:
        self._begun = time.monotonic()
        self._told: list[tuple[float, Progress]] = []
        self._named = model_id, seconds

    def add(self, progress: Progress) -> None:
        """Keep what is told now."""
        self._told.append((time.monotonic() - self._begun, progress))

    def now(self) -> UnderWay:
        """Return what is known."""
        model_id, seconds = self._named
        return UnderWay(model_id=model_id, told=tuple(self._told), seconds=seconds)


class LiveTraining:
    """A page that follows a training in the cell, with a button that ends it.

    Parameters
    ----------
    view : View
        Where it is shown; the result takes its place.
    model_id : str
        What is trained.
    seconds : float, optional
        When the fit ends at the latest.

    Examples
    --------
    >>> workspace.train(spec, LiveTraining(view, "churn"))  # doctest: +SKIP
    """

    def __init__(self, view: View, model_id: str, seconds: float | None = None) -> None:
        self._view, self._followed = view, Followed(model_id, seconds)
        self._view.show(drawn(self._followed.now()))

    def __call__(self, progress: Progress) -> None:
        """Show what is told."""
        self._followed.add(progress)
        controls = (STOP,) if progress.stage == "fitting" else ()
        self._view.show(drawn(self._followed.now()), controls)


class TerminalLine:
    """One line of a terminal, written over until the training ends.

    Parameters
    ----------
    model_id : str
        What is trained.
    seconds : float, optional
        When the fit ends at the latest.

    Examples
    --------
    >>> workspace.train(spec, TerminalLine("churn"))  # doctest: +SKIP
    churn · fitting, at most 4 s left · step 240 of 1,200 · loss 0.512
    """

    def __init__(self, model_id: str, seconds: float | None = None) -> None:
        self._followed = Followed(model_id, seconds)
        self._write(self._followed.now().line)

    def __call__(self, progress: Progress) -> None:
        """Write what is told; measuring is the last of it, and leaves no line behind."""
        self._followed.add(progress)
        self._write("" if progress.stage == "measuring" else self._followed.now().line)

    def _write(self, said: str) -> None:
        sys.stdout.write(f"\r{said[:LONGEST_LINE]:<{LONGEST_LINE}}\r")
        sys.stdout.flush()
