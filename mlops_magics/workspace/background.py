"""How does a training run while the notebook goes on?

In a thread of this process, on rows of its own. Wrong input raises where it was asked
for, before the thread is left alone. It prints nothing and draws nothing.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlops_magics import tables
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.job import TrainingJob
from mlops_magics.training.plan import Progress
from mlops_magics.training.spec import TrainingSpec

from .train import train

if TYPE_CHECKING:
    from .workspace import Workspace


class BackgroundTraining:
    """A training that runs in a thread.

    Parameters
    ----------
    workspace : Workspace
        Where it registers its model.
    spec : TrainingSpec
        What it learns, from a table that nobody else changes.
    follow : callable or None
        Called with itself whenever something is new, in its thread.
    """

    def __init__(
        self,
        workspace: "Workspace",
        spec: TrainingSpec,
        follow: Callable[["BackgroundTraining"], None] | None,
    ) -> None:
        self.model_id = spec.model_id
        self.told: list[Progress] = []
        self.job: TrainingJob | None = None
        self.error: Exception | None = None
        self._workspace, self._spec, self._follow = workspace, spec, follow
        self._log: list[str] = []
        self._begun, self._ended = threading.Event(), threading.Event()
        self._is_unwanted = False
        name = f"train {spec.model_id}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __repr__(self) -> str:
        """Say what it trains and how it stands."""
        return f"<background training of {self.model_id}: {self.status}>"

    @property
    def job_id(self) -> str:
        """The job's id, as in `ws.training.list_jobs()`."""
        return self.told[0].job_id if self.told else ""

    @property
    def status(self) -> str:
        """Running, then the job's own status."""
        if self.job is not None:
            return self.job.status
        return "running" if self.error is None else "failed"

    @property
    def version(self) -> str | None:
        """The version that it registered; None while there is none."""
        return None if self.job is None else self.job.version

    @property
    def log(self) -> tuple[str, ...]:
        """What happened so far, one line each."""
        return tuple(self._log)

    def cancel(self) -> bool:
        """End it at the best so far; False where it has ended already."""
        return self._workspace.training.cancel_job(self.job_id)

    def wait(self, seconds: float | None = None) -> TrainingJob | None:
        """Wait for its end.

        Parameters
        ----------
        seconds : float, optional
            How long at most.

        Returns
        -------
        TrainingJob or None
            None where it has not ended by then.

        Raises
        ------
        Exception
            What ended it, if it has made no job.
        """
        self._ended.wait(seconds)
        if self.error is not None:
            raise self.error
        return self.job

    def begin(self) -> None:
        """Start it, and return when the fit runs or the input was refused."""
        self._thread.start()
        try:
            self._begun.wait()
        except KeyboardInterrupt:
            self._is_unwanted = True  # it ends as soon as it could be left alone
            raise
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            self.job = train(self._workspace, self._spec, self._told)
            self._log.append(self.job.version or self.job.error or self.job.status)
        except Exception as error:  # noqa: BLE001 - raised to whoever began it or waits for it
            self.error = error
            self._log.append(f"{type(error).__name__}: {error}")
        self._ended.set()
        if self._begun.is_set() and self._follow is not None:
            self._follow(self)
        self._begun.set()

    def _told(self, progress: Progress) -> None:
        before = self.told[-1] if self.told else None
        self.told.append(progress)
        if progress.stage == "measuring":
            self._log.append("measuring on held-out rows")
        elif not progress.step:
            self._log.append("compiling")
        elif before is None or progress.held_out_loss != before.held_out_loss:
            loss = progress.held_out_loss or progress.training_loss
            self._log.append(f"step {progress.step:,} of {progress.steps:,}: loss {loss:.3f}")
        if self._follow is not None:
            self._follow(self)
        self._begun.set()
        if self._is_unwanted:
            self.cancel()


def begin(
    workspace: "Workspace",
    spec: TrainingSpec,
    follow: Callable[[BackgroundTraining], None] | None = None,
) -> BackgroundTraining:
    """Train in a thread, and return when the fit runs.

    Parameters
    ----------
    workspace : Workspace
        Where the model is registered.
    spec : TrainingSpec
        What is asked for.
    follow : callable, optional
        Called in the thread whenever something is new.

    Returns
    -------
    BackgroundTraining
        With its status, its log, and `cancel`.
    """
    table = _own(tables.read_table(spec.data, "the training data"))
    training = BackgroundTraining(workspace, replace(spec, data=table), follow)
    training.begin()
    return training


def _own(table: Table) -> Table:
    """Return a table that does not change when the notebook's own is changed in place."""
    columns = {name: _copied(column) for name, column in table.columns.items()}
    return replace(table, columns=columns)


def _copied(column: Column) -> Column:
    values: Any = column.values.copy()
    return replace(column, values=values, missing=column.missing.copy())
