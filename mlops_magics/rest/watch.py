"""What does a server do unasked?

Every few seconds it judges what has closed of each model's predictions, and runs what
waits to be retrained, one at a time. Another process may do the same: whoever is first
does it, the others find nothing to do.
"""

import logging
import threading
from typing import TYPE_CHECKING

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.error import printable
from mlops_magics.monitoring import events
from mlops_magics.workspace import alerting, retrain

if TYPE_CHECKING:
    from mlops_magics.workspace import Workspace

LOG = logging.getLogger(__name__)
SECONDS_BETWEEN = 5.0


class Watchman:
    """The thread that looks after the models of one server.

    Parameters
    ----------
    workspace : Workspace
        Whose models.
    seconds : float, optional
        Between two looks.
    """

    def __init__(self, workspace: "Workspace", seconds: float = SECONDS_BETWEEN) -> None:
        self._workspace, self._seconds = workspace, seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def stop(self, patience: float) -> None:
        """End after the present look; a training that it runs ends at the best so far."""
        self._is_over.set()
        for job_id in self._workspace.training.running:
            self._workspace.training.cancel_job(job_id)
        self._thread.join(patience)

    def _watch(self) -> None:
        while not self._is_over.wait(self._seconds):
            try:
                look(self._workspace)
            except MLOpsError as error:  # somebody else is writing, or a model is damaged
                LOG.warning("%s", printable(str(error)))
            except Exception as error:  # noqa: BLE001 - it looks again in a moment
                LOG.error("the watch failed: %s", printable(repr(error)))


def look(workspace: "Workspace") -> None:
    """Judge every model that has predictions, and run what waits.

    Parameters
    ----------
    workspace : Workspace
        Whose models.
    """
    names = {name.rpartition("@")[0] for name in events.streams(workspace.storage, None)}
    for model_id in sorted(names):
        alerting.look(workspace, model_id)
    with workspace.storage.asked_by("retraining"):
        retrain.run_waiting(workspace)
