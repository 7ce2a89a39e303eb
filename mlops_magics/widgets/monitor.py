"""How does somebody follow a model in use?

A thread looks at the workspace every few seconds, whoever writes to it, and draws again
what has changed. While it is open it does what waits: it judges windows that have
closed, and runs retraining that was asked for. It prints nothing.
"""

import threading
from typing import Any

from mlops_magics import display
from mlops_magics.display.following import sight
from mlops_magics.errors import MLOpsError
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.training.plan import Progress
from mlops_magics.workspace import alerting, following, retrain, watching
from mlops_magics.workspace.following import Sight, Wish
from mlops_magics.workspace.results import Dashboard
from mlops_magics.workspace.watched import find
from mlops_magics.workspace.workspace import Workspace

from .controls import Button, Control, Picker
from .view import View

DAY = 24 * 3600 * 1_000_000
MOST_VERSIONS = 50
WINDOWS = (("1", "one day"), ("7", "7 days"), ("30", "30 days"), ("36500", "all"))
STOP = Button("stop", "Stop following")
APPROVE, REJECT = "approve", "reject"
EVERYTHING = ""


class LiveMonitor:
    """The dashboard of one model, live.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    wish : Wish
        What is shown at first.
    every : float
        Seconds between two looks.

    Examples
    --------
    >>> live = LiveMonitor(workspace, Wish(ref="churn"), 5.0)  # doctest: +SKIP
    >>> live.open(View(shell, live.answer))  # doctest: +SKIP
    """

    def __init__(self, workspace: Workspace, wish: Wish, every: float) -> None:
        self._workspace, self._wish, self._every = workspace, wish, every
        self._view: View | None = None
        self._wake = threading.Event()
        self._seen: object = None
        self._model_id = find(workspace, wish.ref).model_id
        self._thread = threading.Thread(target=self._follow, name="monitor", daemon=True)

    def open(self, view: View) -> Dashboard:
        """Show it in a view, follow from now on, and return what was seen first."""
        self._view = view
        # a first look at a million predictions takes a moment, and nobody shall wonder
        view.show(display.lines(f"{self._model_id}: looking at its predictions", ()))
        seen = following.see(self._workspace, self._wish)
        self._show(seen)
        self._thread.start()
        return seen.dashboard

    def answer(self, name: str, value: Any) -> None:
        """Look at something else from now on, or stop.

        Parameters
        ----------
        name : str
            Of the control that was used.
        value : object
            What was picked.
        """
        if name == STOP.name and self._view is not None:
            self._view.close()
        elif name == APPROVE:
            retrain.approve(self._workspace, self._model_id)
        elif name == REJECT:
            retrain.reject(self._workspace, self._model_id)
        elif value is not None:
            wish = self._wish
            picked = {
                "window": lambda: Wish(ref=wish.ref, since=int(value) * DAY, by=wish.by),
                "version": lambda: Wish(ref=self._ref(value), since=wish.since, by=wish.by),
                "by": lambda: Wish(ref=wish.ref, since=wish.since, by=value or None),
            }
            self._wish = picked[name]()
        self._wake.set()

    def _ref(self, version: str) -> str:
        return f"{self._model_id}@{version}" if version else self._model_id

    def _follow(self) -> None:
        view = self._view
        assert view is not None
        while view.is_open:
            self._wake.wait(self._every)
            self._wake.clear()
            try:
                self._look()
            except MLOpsError as error:
                view.say(str(error))
            except Exception as error:  # noqa: BLE001 - the edge: nobody above would show it
                view.say(f"{type(error).__name__}: {error}"[:300])

    def _look(self) -> None:
        """Do what waits, and show what has changed."""
        alerting.look(self._workspace, self._model_id)
        self._refresh()
        retrain.run_waiting(self._workspace, self._retraining)

    def _retraining(self, progress: Progress) -> None:
        """Say how far a retraining is that this thread runs, and go on following."""
        assert self._view is not None
        self._refresh()
        ends = progress.stage == "measuring"
        how_far = f"step {progress.step:,} of at most {progress.steps:,}"
        self._view.say("" if ends else f"retraining: {how_far}")

    def _refresh(self) -> None:
        """Show what has changed since it was shown, whoever wrote it."""
        wish = self._wish
        now = (wish, following.pulse(self._workspace, self._model_id))
        if now != self._seen:
            self._show(following.see(self._workspace, wish))
            self._seen = now

    def _show(self, seen: Sight) -> None:
        assert self._view is not None
        self._view.show(sight(seen), self._controls(seen))

    def _controls(self, seen: Sight) -> tuple[Control, ...]:
        wish = self._wish
        days = str((wish.since or watching.DEFAULT_WINDOW) // DAY)
        windows = WINDOWS if days in dict(WINDOWS) else ((days, f"{days} days"), *WINDOWS)
        _, _, version = wish.ref.partition("@")
        versions = [(EVERYTHING, "the one in use"), *self._versions()]
        columns = [(EVERYTHING, "all rows"), *((name, f"by {name}") for name in seen.columns)]
        return (
            Picker("window", "Window", windows, days),
            Picker("version", "Version", versions, version),
            Picker("by", "Slice", columns, wish.by or EVERYTHING),
            *_decisions(seen),
            STOP,
        )

    def _versions(self) -> list[tuple[str, str]]:
        """Return the versions that may be picked, with the stage of each."""
        try:
            found = self._workspace.registry.list_versions(self._model_id)
        except UnknownName:  # made elsewhere, and known by its predictions alone
            return []
        newest = found[: -MOST_VERSIONS - 1 : -1]
        return [(one.version, f"{one.version}, {one.stage}") for one in newest]


def _decisions(seen: Sight) -> tuple[Control, ...]:
    """Return what a person may decide: whether a challenger that waits goes into production."""
    request = seen.dashboard.retraining
    if request is None or request.state != "challenger waits for approval":
        return ()
    approve = Button(APPROVE, f"Approve {request.challenger}", main=True)
    return (approve, Button(REJECT, f"Reject {request.challenger}"))
