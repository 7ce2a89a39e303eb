"""How does a training get its rows?

Joins the views that are asked for, point-in-time, and hands the table to the
provider; which views and versions they were goes into the lineage.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics import tables
from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.features.moments import moments_of_rows
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.job import TrainingJob
from mlops_magics.training.spec import TrainingSpec

from .joining import join_for_training
from .lineage import made_from

if TYPE_CHECKING:
    from .workspace import Workspace


def train(
    workspace: "Workspace",
    spec: TrainingSpec,
    progress: Callable[[Any], None] | None,
    job_id: str | None = None,
) -> TrainingJob:
    """Join the features of a training and run it.

    Parameters
    ----------
    workspace : Workspace
        Whose views and registry.
    spec : TrainingSpec
        What is asked for.
    progress : callable or None
        Called a few times a second.
    job_id : str, optional
        The id of the run; a new one by default.

    Returns
    -------
    TrainingJob
        With the version that it registered.
    """
    # a name that cannot be registered is refused before anything is read or trained
    spec = replace(spec, model_id=workspace.registry.name_for(spec.model_id))
    table = tables.read_table(spec.data, "the training data")
    at = times_of(workspace, table, spec.time)
    if spec.time is not None:
        table = table.with_columns({spec.time: at})
    lineage = dict(spec.lineage) | made_from(table, Path.cwd()) | {"seed": spec.seed}
    if spec.features:
        joined, origin = join_for_training(workspace, table, spec.features, at, spec.target)
        table = replace(joined.table, repairs=(*table.repairs, *joined.said))
        lineage |= origin
    lineage["identifiers"] = _identifiers(table, spec)
    key = spec.key or _key(table, lineage)
    spec = replace(spec, data=table, lineage=lineage, key=key)
    job = workspace.training.train(spec, progress, job_id=job_id)
    # a training is rare and slow enough to clear up what killed writers left behind
    workspace.storage.sweep()
    return job


def times_of(workspace: "Workspace", table: Table, time: str | None) -> Column:
    """Return the moment of each row.

    Parameters
    ----------
    workspace : Workspace
        Gives the time now.
    table : Table
        The rows.
    time : str or None
        The column that says when a row is true; now where None.

    Returns
    -------
    Column of time
        One a row.

    Raises
    ------
    MissingColumn, UnusableColumn
        If there is no such column, or it is no time.
    """
    moments = moments_of_rows(table, time, workspace.storage.clock.now())
    if moments.missing.any():
        count = int(moments.missing.sum())
        raise UnusableColumn(time or "", f"has no time in {count:,} rows", "leave these rows out")
    return moments


def _key(table: Table, lineage: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what names a row's entity: the key of the first view that was joined."""
    views = lineage.get("views", [])
    return tuple(name for view in views[:1] for name in view["key"] if name in table)


def _identifiers(table: Table, spec: TrainingSpec) -> list[str]:
    """Return the columns that name a row without telling anything about it."""
    return [
        name
        for name, column in table.columns.items()
        if column.kind == "identifier" and name != spec.target and name not in (spec.columns or ())
    ]
