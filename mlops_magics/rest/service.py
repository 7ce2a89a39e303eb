"""What does one server work with?

The workspace, the thread of predictions, the trainings, and a few threads for
everything else: the event loop itself never waits for a disk or a lock. It knows no
route.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from mlops_magics.errors.state import Occupied

from .bounds import CALLS_AT_ONCE, CALLS_WAITING
from .jobs import Jobs
from .predictor import Predictor
from .watch import Watchman

if TYPE_CHECKING:
    from mlops_magics.workspace import Workspace

Result = TypeVar("Result")
# Of a job that is asked to end: a step takes far less, a program that is being compiled not.
SECONDS_TO_END = 60.0


class Service:
    """What the routes of one server share.

    Parameters
    ----------
    workspace : Workspace
        Of this server alone: what it writes is asked for over HTTP.

    Attributes
    ----------
    predictor : Predictor
        Single predictions.
    jobs : Jobs
        Trainings.
    watchman : Watchman
        Alerts and retraining.
    requests : Counter of (str, str, int)
        Answers by method, route and status.
    seconds : mapping of (str, str) to float
        Time that they took, by method and route.
    started_at : float
        Seconds since 1970 UTC.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.predictor = Predictor(workspace)
        self.jobs = Jobs(workspace)
        self.watchman = Watchman(workspace)
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.started_at = time.time()
        # threads of its own: each keeps a connection, and asyncio's come and go
        self._pool = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="calls")
        self._calls = 0

    async def call(self, by: str, function: Callable[[], Result]) -> Result:
        """Run something that touches the workspace in a thread.

        Parameters
        ----------
        by : str
            Who asks, as it shall stand in the history.
        function : callable
            What is run; without arguments.

        Returns
        -------
        object
            What it returns.

        Raises
        ------
        Occupied
            If too many calls wait already.
        """
        if self._calls >= CALLS_AT_ONCE + CALLS_WAITING:
            raise Occupied(f"{self._calls} calls are waiting", "ask again later")
        self._calls += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._asked_by, by, function
            )
        finally:
            self._calls -= 1

    def _asked_by(self, by: str, function: Callable[[], Result]) -> Result:
        with self.workspace.storage.asked_by(by):
            return function()

    def stop(self) -> None:
        """Answer what waits, end the trainings at their best so far, and close."""
        self.watchman.stop(SECONDS_TO_END)
        self.jobs.stop(SECONDS_TO_END)
        self.predictor.stop()
        self._pool.shutdown(wait=True)
        self.workspace.close()
