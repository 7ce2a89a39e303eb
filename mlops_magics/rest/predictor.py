"""How do many clients get single predictions from one workspace?

One thread answers whatever waits: while it works and commits, the next ones gather, and
go together. So a busy server commits seldom, an idle one answers at once, and nobody is
answered before the commit. It knows no HTTP.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.error import printable
from mlops_magics.errors.state import Occupied
from mlops_magics.inference.answers import Prediction
from mlops_magics.workspace.together import Answer, Asked, answer_together

from .bounds import PREDICTIONS_TOGETHER, PREDICTIONS_WAITING

if TYPE_CHECKING:
    from mlops_magics.workspace import Workspace

LOG = logging.getLogger(__name__)
Waiting = tuple[Asked, "asyncio.Future[Prediction]"]


class Predictor:
    """The one thread that answers and records single predictions.

    Parameters
    ----------
    workspace : Workspace
        Whose models.
    most_waiting : int, optional
        More are refused at once.

    Attributes
    ----------
    counts : Counter of (str, str)
        Predictions that were acknowledged, by model and version.
    commits : int
        Transactions that they took.
    """

    def __init__(self, workspace: "Workspace", most_waiting: int = PREDICTIONS_WAITING) -> None:
        self._workspace, self._most_waiting = workspace, most_waiting
        # None: nothing comes behind it
        self._waiting: SimpleQueue[Waiting | None] = SimpleQueue()
        self._stopping = False
        self.counts: Counter[tuple[str, str]] = Counter()
        self.commits = 0
        self._thread = threading.Thread(target=self._work, name="predictions", daemon=True)
        self._thread.start()

    @property
    def is_working(self) -> bool:
        """Whether a prediction that is asked for now will be answered."""
        return self._thread.is_alive() and not self._stopping

    @property
    def waiting(self) -> int:
        """Predictions that nobody has looked at yet."""
        return self._waiting.qsize()

    async def ask(self, asked: Asked) -> Prediction:
        """Wait for the answer to one row; it is stored when it comes.

        Parameters
        ----------
        asked : Asked
            The row.

        Returns
        -------
        Prediction
            With its request id.

        Raises
        ------
        Occupied
            If too many wait already, or the server stops.
        MLOpsError
            What is wrong with the row.
        """
        if not self.is_working or self.waiting >= self._most_waiting:
            raise Occupied(f"{self.waiting:,} predictions are waiting", "ask again later")
        answer: asyncio.Future[Prediction] = asyncio.get_running_loop().create_future()
        self._waiting.put((asked, answer))
        return await answer

    def stop(self) -> None:
        """Answer what waits, then take nothing more."""
        self._stopping = True
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            taken, more = [first], True
            while more and len(taken) < PREDICTIONS_TOGETHER:
                more = self._take(taken)
            self._answer(taken)

    def _take(self, taken: list[Waiting]) -> bool:
        """Add who waits now; return whether there was somebody."""
        try:
            found = self._waiting.get_nowait()
        except Empty:
            return False
        if found is None:  # the last one: to be found again behind these
            self._waiting.put(None)
            return False
        taken.append(found)
        return True

    def _answer(self, taken: list[Waiting]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = answer_together(self._workspace, [asked for asked, _ in taken])
        except Exception as error:  # noqa: BLE001 - the thread outlives a fault of ours
            LOG.error("predictions failed: %s", printable(repr(error)))
            answers = [error] * len(taken)
        self._count(answers)
        loop = taken[0][1].get_loop()
        with suppress(RuntimeError):  # the loop has ended, and its clients have gone
            loop.call_soon_threadsafe(_deliver, [answer for _, answer in taken], answers)

    def _count(self, answers: Sequence[Answer | Exception]) -> None:
        self.commits += 1
        for answer in answers:
            if isinstance(answer, Prediction):
                self.counts[answer.model_id or "", answer.version or ""] += 1


def _deliver(
    waiting: "Sequence[asyncio.Future[Prediction]]", answers: Sequence[Answer | Exception]
) -> None:
    for future, answer in zip(waiting, answers, strict=True):
        if future.done():  # its client has gone
            continue
        if isinstance(answer, MLOpsError | Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
