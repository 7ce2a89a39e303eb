"""Which names does a workspace hold?

Read in passing, for what is offered at the Tab key: it waits for nobody, makes
nothing, and reads of each thing no more than its name and its columns.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlops_magics.features import catalogue
from mlops_magics.registry import rows

if TYPE_CHECKING:
    from .workspace import Workspace

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNames:
    """The names of what is stored, each with what belongs to it.

    Attributes
    ----------
    models : mapping of str to tuple of str
        The versions of each model, oldest first.
    inputs : mapping of str to tuple of str
        What a row for each model can name: keys of its views, and its columns.
    views, datasets : mapping of str to tuple of str
        The columns of each.
    keys : mapping of str to tuple of str
        The key columns of each view.
    """

    models: Names = field(default_factory=dict)
    inputs: Names = field(default_factory=dict)
    views: Names = field(default_factory=dict)
    datasets: Names = field(default_factory=dict)
    keys: Names = field(default_factory=dict)


def stored_names(workspace: "Workspace") -> StoredNames:
    """Return the names that a workspace holds at this moment.

    Parameters
    ----------
    workspace : Workspace
        An open one.

    Returns
    -------
    StoredNames
        Empty where nothing has been written yet.

    Raises
    ------
    WorkspaceBusy, NotAWorkspace, NewerFormat
        If the catalogue cannot be read at once.
    """
    if not workspace.storage.exists:
        return StoredNames()
    with workspace.storage.glancing() as reading:
        models, views = rows.names(reading), catalogue.columns(reading)
        stored = reading.execute("SELECT dataset_id, columns FROM dataset ORDER BY folded")
        datasets = {row[0]: json.loads(row[1]) for row in stored.fetchall()}
    return StoredNames(
        models={name: tuple(versions) for name, (versions, _) in models.items()},
        inputs={name: tuple(columns) for name, (_, columns) in models.items()},
        views={name: (*key, *others) for name, (key, others) in views.items()},
        datasets={name: tuple(entry[0] for entry in found) for name, found in datasets.items()},
        keys={name: tuple(key) for name, (key, _) in views.items()},
    )
