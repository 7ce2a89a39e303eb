"""Where are the rows that a version once learned from?

In a dataset or a view that the training named, else in any dataset with the same
fingerprint. What a notebook held in a variable is gone, and that is said.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import run_query
from mlops_magics.features.query import Scope
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.tables.quoting import identifier
from mlops_magics.tables.table import Table
from mlops_magics.training.spec import TrainingSpec

from . import datasets
from .lineage import fingerprint
from .train import times_of

if TYPE_CHECKING:
    from .workspace import Workspace


def first_of(workspace: "Workspace", version: ModelVersion) -> ModelVersion | None:
    """Return the version that a line of retrainings began with, itself where it is the first.

    Parameters
    ----------
    workspace : Workspace
        Where they were trained.
    version : ModelVersion
        Any version that was trained here.

    Returns
    -------
    ModelVersion or None
        None where that version was deleted.
    """
    name = (version.metadata.get("retraining") or {}).get("first", version.version)
    found = workspace.registry.list_versions(version.model_id)
    return next((one for one in found if one.version == name), None)


def rows_of(workspace: "Workspace", version: ModelVersion, spec: TrainingSpec) -> Table | None:
    """Return the rows that a version learned from, as they came in.

    Parameters
    ----------
    workspace : Workspace
        Where they may be.
    version : ModelVersion
        A version that a person trained.
    spec : TrainingSpec
        What was asked for then.

    Returns
    -------
    Table or None
        Of a view with what it has now; None where they are nowhere.
    """
    kind, _, name = str(version.metadata.get("source") or "").partition(":")
    if kind == "view":
        try:
            view = identifier(workspace.features.describe(name).view)
        except UnknownName:
            return None
        scope = Scope(variables={}, datasets={})
        return run_query(workspace.storage, f"SELECT * FROM {view}", scope)  # noqa: S608 - quoted
    data = version.metadata.get("data")
    return _same(workspace, data, spec) if data else None


def _same(workspace: "Workspace", data: Mapping[str, Any], spec: TrainingSpec) -> Table | None:
    """Return the dataset that has exactly these rows."""
    with workspace.storage.reading() as reading:
        known = reading.execute(
            "SELECT dataset_id, columns FROM dataset WHERE row_count = ? ORDER BY written_at DESC",
            (data["row_count"],),
        ).fetchall()
    for row in known:
        if len(json.loads(row["columns"])) != data["columns"]:
            continue
        table = datasets.read(workspace, row["dataset_id"])
        if spec.time is not None and spec.time in table:
            # as training read it before it took the fingerprint
            table = table.with_columns({spec.time: times_of(workspace, table, spec.time)})
        if fingerprint(table) == data["fingerprint"]:
            return table
    return None
