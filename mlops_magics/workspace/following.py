"""What does somebody see who follows a model, and when is it worth looking again?

The dashboard with its traffic over time and, where a column is picked, what moved in
each of its groups. It starts no thread.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.monitoring.reports import DriftReport, Metrics

from . import watching
from .results import Dashboard

if TYPE_CHECKING:
    from .workspace import Workspace

HOUR, DAY = 3600 * 1_000_000, 24 * 3600 * 1_000_000
# Stretches of traffic that are shown at most, about.
MOST_STRETCHES = 60
LENGTHS = (1, 6, 24, 7 * 24, 28 * 24)
# Whatever is appended here may change what the page says.
APPENDED = (
    *("label", "rule", "stage_change", "alert", "baseline"),
    *("retraining_policy", "retraining_change", "rollout"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to see.

    Attributes
    ----------
    ref : str
        The model, with a version where one is picked.
    since : int or None
        How far back from the newest event, microseconds; 7 days where None.
    by : str or None
        The column whose groups are compared.
    """

    ref: str
    since: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a follower sees.

    Attributes
    ----------
    dashboard : Dashboard
        Everything about the version in the window.
    traffic : tuple of Metrics
        Each stretch of time, oldest first.
    hours : int
        How long a stretch is.
    groups : DriftReport or None
        What moved in each group of the column that is picked.
    """

    dashboard: Dashboard
    traffic: tuple[Metrics, ...]
    hours: int
    groups: DriftReport | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose groups may be picked: features with few values."""
        drift = self.dashboard.drift
        found = () if drift is None else drift.columns
        return tuple(one.name for one in found if one.role == "feature" and one.range is None)


def see(workspace: "Workspace", wish: Wish) -> Sight:
    """Return what somebody wants to see, as it is now.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    wish : Wish
        Which model, window and groups.

    Returns
    -------
    Sight
        The dashboard and what goes with it.
    """
    dashboard = watching.watch(workspace, wish.ref, wish.since)
    hours = _length(dashboard.metrics)
    groups = None
    if wish.by is not None and dashboard.drift is not None:
        groups = watching.drift(workspace, wish.ref, since=wish.since, by=wish.by)
    traffic = workspace.monitoring.metrics_over_time(dashboard.model_id, hours, dashboard.since)
    return Sight(dashboard=dashboard, traffic=traffic, hours=hours, groups=groups)


def pulse(workspace: "Workspace", model_id: str) -> tuple[int, ...]:
    """Return numbers that change with whatever a follower would see; they cost nearly nothing.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used, by whichever kernel.
    model_id : str
        The model.

    Returns
    -------
    tuple of int
        The day, the predictions, and the newest row of each kind.
    """
    with workspace.storage.reading() as reading:
        newest = [
            reading.execute(
                f"SELECT coalesce(max(seq), 0) FROM {table} WHERE model_id = ?",  # noqa: S608 - ours
                (model_id,),
            ).fetchone()[0]
            for table in APPENDED
        ]
    today = workspace.storage.clock.now() // DAY
    return (today, workspace.monitoring.count(model_id), *newest)


def _length(found: Metrics) -> int:
    """Return the length of a stretch, in hours, so that a window has some dozens."""
    if found.first is None or found.last is None:
        return LENGTHS[0]
    span = (found.last - found.first) / HOUR
    return next((hours for hours in LENGTHS if span / hours <= MOST_STRETCHES), LENGTHS[-1])
