"""Which version is watched, and compared with what?

Finds the version that a reference means, the baseline that counts, what training
promised and which features matter. A model made elsewhere is known by what was recorded
of it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.errors.state import NoModelFile
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring import events
from mlops_magics.monitoring.performance import Reference
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.training.job import Report

from .predict import load

if TYPE_CHECKING:
    from .workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A version that is watched.

    Attributes
    ----------
    model_id, version : str
        As its events have it.
    registered : ModelVersion or None
        None for a model that is known by its events alone.
    """

    model_id: str
    version: str
    registered: ModelVersion | None


def find(workspace: "Workspace", ref: str) -> Watched:
    """Return the version that a reference means, also of a model that is not registered.

    Parameters
    ----------
    workspace : Workspace
        Where it is used.
    ref : str
        A model, as `ModelRegistry.resolve` reads it.

    Returns
    -------
    Watched
        Of an unregistered model the version that answered last.

    Raises
    ------
    UnknownName
        If there is neither such a model nor an event of it.
    """
    try:
        version = workspace.registry.resolve(ref)
    except UnknownName:
        name, _, wanted = ref.partition("@")
        newest = workspace.monitoring.query_events(name, limit=1, version=wanted or None)
        if not newest:
            raise
        return Watched(model_id=name, version=newest[0].version or "-", registered=None)
    name = shown_version(workspace, version) if "@" in ref else version.version
    return Watched(model_id=version.model_id, version=name, registered=version)


def shown_version(workspace: "Workspace", version: ModelVersion) -> str:
    """Return under which name the answers of a version are, such as v3 or v3:shadow.

    Parameters
    ----------
    workspace : Workspace
        Where it is used.
    version : ModelVersion
        The version.

    Returns
    -------
    str
        That of its shadow while it has answered as nothing else.
    """
    known = events.streams(workspace.storage, version.model_id, version.version)
    as_shadow = events.shadow_name(version.version)
    if known or not events.streams(workspace.storage, version.model_id, as_shadow):
        return version.version
    return as_shadow


def baseline_of(workspace: "Workspace", watched: Watched) -> tuple[Baseline, str] | None:
    """Return the baseline that counts and how it is called; None where there is none.

    That is the newer one of the training of the version and of what was learned from
    a table.
    """
    kept = workspace.monitoring.kept_baseline(watched.model_id)
    registered = watched.registered
    if kept is not None and (registered is None or kept.written_at > registered.registered_at):
        return kept.baseline, "the baseline"
    if registered is None:
        return None
    try:
        return load(workspace, registered).baseline, "training"
    except NoModelFile:
        return None if kept is None else (kept.baseline, "the baseline")


def reference(workspace: "Workspace", watched: Watched) -> Reference:
    """Return what the training of a version promised."""
    found = baseline_of(workspace, watched)
    return _reference(watched, report_of(workspace, watched), found)


def report_of(workspace: "Workspace", watched: Watched) -> Report | None:
    """Return what the training of a version reported; None where it was not here."""
    if watched.registered is None:
        return None
    # a model that was imported has a run that this workspace does not know
    job_id = watched.registered.metadata.get("job_id")
    return next((j.report for j in workspace.training.list_jobs() if j.job_id == job_id), None)


def importance_of(report: Report | None) -> dict[str, float]:
    """Return how much each feature matters; nothing where it was not measured."""
    return {} if report is None else {one.column: one.increase for one in report.importance}


def _reference(
    watched: Watched, report: Report | None, found: tuple[Baseline, str] | None
) -> Reference:
    if report is not None and not report.held_out_count:
        return Reference(metrics={})  # the rows it learned from promise nothing
    coverage = None if report is None else report.coverage
    width = coverage.width if coverage is not None and coverage.kind == "interval" else None
    return Reference(
        metrics={} if watched.registered is None else watched.registered.metrics,
        intervals={} if report is None else report.intervals,
        baseline=None if found is None else found[0],
        width=width,
    )
