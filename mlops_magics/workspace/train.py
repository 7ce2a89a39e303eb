"""How does a training get its rows?

Joins the views that are asked for, point-in-time, and hands the table to the
provider; which views and versions they were goes into the lineage.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.job import TrainingJob
from mlops_magics.training.spec import TrainingSpec

from .joining import join_features

if TYPE_CHECKING:
    from .workspace import Workspace


def train(
    workspace: "Workspace", spec: TrainingSpec, progress: Callable[[Any], None] | None
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
    lineage = dict(spec.lineage)
    if spec.features:
        joined = join_features(workspace, table, spec.features, at)
        wide = table.with_columns(joined.columns)
        table = Table(wide.columns, wide.row_count, (*table.repairs, *joined.said), table.index)
        lineage["features"] = list(spec.features)
        lineage["sources"] = {name: list(source) for name, source in joined.sources.items()}
        lineage["views"] = [
            {"view": view.view, "number": view.current.number, "key": view.current.key_names}
            for view in _views(workspace, spec.features)
        ]
    lineage["identifiers"] = _identifiers(table, spec)
    job = workspace.training.train(replace(spec, data=table, lineage=lineage), progress)
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
    if time is None:
        now = np.full(len(table), workspace.storage.clock.now())
        return Column("time", now, np.zeros(len(table), bool))
    column = table.column(time, "--time with a column of the table")
    conversion = convert(column, "time")
    if conversion.unusable.any() or (column.kind != "time" and column.stored_in != "text"):
        problem = f"is {column.kind} and no time"
        raise UnusableColumn(time, problem, "make it a time, for example with pandas.to_datetime")
    if conversion.column.missing.any():
        count = int(conversion.column.missing.sum())
        raise UnusableColumn(time, f"has no time in {count:,} rows", "leave these rows out")
    return conversion.column


def _views(workspace: "Workspace", features: tuple[str, ...]) -> list[Any]:
    names = dict.fromkeys(name.partition(":")[0] for name in features)
    return [workspace.features.describe(name) for name in names]


def _identifiers(table: Table, spec: TrainingSpec) -> list[str]:
    """Return the columns that name a row without telling anything about it."""
    return [
        name
        for name, column in table.columns.items()
        if column.kind == "identifier" and name != spec.target and name not in (spec.columns or ())
    ]
