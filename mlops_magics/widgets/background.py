"""How does somebody follow a training that runs while the notebook goes on?"""

from mlops_magics import display
from mlops_magics.display.under_way import UnderWay, drawn
from mlops_magics.workspace.background import BackgroundTraining

from .controls import Button
from .training import Followed
from .view import View

CANCEL = Button("cancel", "Stop at the best so far")


class LiveBackground:
    """The page of one training in a thread, in the cell that began it.

    Parameters
    ----------
    model_id : str
        What is trained.
    seconds : float or None
        When the fit ends at the latest.

    Examples
    --------
    >>> live = LiveBackground("churn", None)
    >>> live.open(View(shell, live.answer))  # doctest: +SKIP
    >>> background.begin(workspace, spec, live)  # doctest: +SKIP
    """

    def __init__(self, model_id: str, seconds: float | None) -> None:
        self._followed = Followed(model_id, seconds)
        self._view: View | None = None
        self._training: BackgroundTraining | None = None

    def open(self, view: View) -> None:
        """Show it in a view from now on."""
        self._view = view
        view.show(drawn(self._now()))

    def __call__(self, training: BackgroundTraining) -> None:
        """Show what is new; called in the training's thread."""
        self._training = training
        assert self._view is not None
        if training.job is not None:
            self._view.close(display.render(training.job))
        elif training.error is not None:
            self._view.close(display.lines(str(training.error), ()))
        else:
            progress = training.told[-1]
            self._followed.add(progress)
            controls = (CANCEL,) if progress.stage == "fitting" else ()
            self._view.show(drawn(self._now()), controls)

    def answer(self, name: str, value: object) -> None:
        """Cancel the training.

        Parameters
        ----------
        name : str
            Of the button that was pressed.
        value : object
            Nothing.
        """
        if name == CANCEL.name and self._training is not None:
            self._training.cancel()

    def _now(self) -> UnderWay:
        return self._followed.now()
