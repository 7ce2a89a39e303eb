"""How does a training run while its client waits, or no longer does?

Each in a thread of its own, few at a time. A job has the id under which the workspace
keeps it; one that was refused, or failed before there was anything to keep, is
remembered here for a while.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlops_magics.errors.state import Occupied
from mlops_magics.training.spec import TrainingSpec
from mlops_magics.workspace.train import train

from .bounds import JOBS_AT_ONCE

if TYPE_CHECKING:
    from mlops_magics.training.job import TrainingJob
    from mlops_magics.training.plan import Progress
    from mlops_magics.workspace import Workspace

REMEMBERED = 100


@dataclass(slots=True, eq=False)
class Job:
    """One training that was asked for over HTTP.

    Parameters
    ----------
    job_id, model_id : str
        Its id, and the model.
    """

    job_id: str
    model_id: str
    done: "Future[TrainingJob]" = field(default_factory=Future)
    progress: "Progress | None" = None
    is_to_end: bool = False

    @property
    def share_done(self) -> float:
        """How far it is, 0 to 1; it may end sooner."""
        if self.progress is None or not self.progress.steps:
            return 0.0
        return min(self.progress.step / self.progress.steps, 1.0)

    async def has_ended(self, within: float) -> bool:
        """Wait for its end for some seconds; who stops waiting does not stop it.

        Parameters
        ----------
        within : float
            Seconds.

        Returns
        -------
        bool
            Whether `done` has its result, or why there is none.
        """
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended before the job
                loop.call_soon_threadsafe(ended.set)

        self.done.add_done_callback(tell)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), within)
        return self.done.done()


class Jobs:
    """The trainings of one server.

    Parameters
    ----------
    workspace : Workspace
        Where they are kept.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []

    @property
    def running(self) -> int:
        """How many run at this moment."""
        return sum(not job.done.done() for job in self._jobs.values())

    @property
    def ids(self) -> list[str]:
        """The ids of those that run at this moment."""
        return [job.job_id for job in self._jobs.values() if not job.done.done()]

    def start(self, make: Callable[[], TrainingSpec], model_id: str, by: str) -> Job:
        """Start a training.

        Parameters
        ----------
        make : callable
            Gives the spec; it reads the data, so it runs in the job's thread.
        model_id : str
            The model.
        by : str
            Who asks.

        Returns
        -------
        Job
            Running.

        Raises
        ------
        Occupied
            If too many run.
        """
        with self._guard:
            if self.running >= JOBS_AT_ONCE:
                step = "wait for one of them, or end it with DELETE /train/{job_id}"
                raise Occupied(f"{self.running} trainings are running", step)
            job = Job(self._workspace.storage.clock.new_id(), model_id)
            self._jobs[job.job_id] = job
            for old in [j for j in self._jobs.values() if j.done.done()][:-REMEMBERED]:
                del self._jobs[old.job_id]
        thread = threading.Thread(target=self._run, args=(job, make, by), daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a job of this server; None for one that only the workspace knows."""
        return self._jobs.get(job_id)

    def cancel(self, job_id: str) -> bool:
        """Ask a job to end at the best so far; return whether it was running."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.is_to_end = True  # it may be reading its data, and no training yet
        return self._workspace.training.cancel_job(job_id)

    def end(self) -> None:
        """Ask every job to end at the best so far."""
        for job_id in self.ids:
            self.cancel(job_id)

    def stop(self, patience: float) -> None:
        """End every job, and wait until what it has learned is registered."""
        self.end()
        for thread in self._threads:
            thread.join(patience)

    def _run(self, job: Job, make: Callable[[], TrainingSpec], by: str) -> None:
        def keep(progress: "Progress") -> None:
            job.progress = progress
            if job.is_to_end:
                self._workspace.training.cancel_job(job.job_id)

        try:
            with self._workspace.storage.asked_by(by):
                job.done.set_result(train(self._workspace, make(), keep, job.job_id))
        except BaseException as error:  # noqa: BLE001 - who asks for the job is told
            job.done.set_exception(error)
