"""How is a table stored under a name, and read again?

A dataset is immutable: what was stored under a name stays under it.
"""

import json
from typing import TYPE_CHECKING

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.state import NameTaken
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage.names import check_name, fold
from mlops_magics.storage.rows import Append
from mlops_magics.tables.table import Table

from .results import Dataset

if TYPE_CHECKING:
    from .workspace import Workspace


def upload(workspace: "Workspace", data: object, dataset_id: str | None) -> Dataset:
    """Store a table as a dataset, in one transaction.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    data : object
        Any table.
    dataset_id : str or None
        Its name; a new one where None.

    Returns
    -------
    Dataset
        As stored.
    """
    table = tables.read_table(data, "the data")
    storage = workspace.storage
    name = check_name("dataset", dataset_id or f"d{storage.clock.new_id()}")
    with storage.transaction() as transaction:
        query = "SELECT dataset_id FROM dataset WHERE folded = ?"
        taken = transaction.execute(query, (fold(name),))
        for row in taken.fetchall():
            raise NameTaken("dataset", row[0], "choose another name")
        columns = [[n, column.kind] for n, column in table.columns.items()]
        transaction.execute(
            "INSERT INTO dataset VALUES (?, ?, ?, ?, ?)",
            (name, fold(name), table.row_count, json.dumps(columns), transaction.now),
        )
        now = np.full(table.row_count, transaction.now)
        what = Append(table=table, event_time=now, known_at=now)
        storage.log.append(transaction, "dataset", name, what)
    columns_said = "1 column" if len(columns) == 1 else f"{len(columns)} columns"
    rows_said = "1 row" if table.row_count == 1 else f"{table.row_count:,} rows"
    message = "; ".join([f"{name}: {rows_said}, {columns_said}", *table.repairs])
    return Dataset(dataset_id=name, row_count=table.row_count, message=message)


def read(workspace: "Workspace", dataset_id: str) -> Table:
    """Return a dataset's rows.

    Parameters
    ----------
    workspace : Workspace
        Where from.
    dataset_id : str
        Its name, in any case.

    Returns
    -------
    Table
        As it was stored.
    """
    return workspace.storage.log.read("dataset", find(workspace, dataset_id)).table


def find(workspace: "Workspace", dataset_id: str) -> str:
    """Return a dataset's name as it was first written.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    dataset_id : str
        Its name, in any case.

    Returns
    -------
    str
        Its name.

    Raises
    ------
    UnknownName
        If there is none.
    """
    known = names(workspace)
    for name in known:
        if fold(name) == fold(dataset_id):
            return name
    raise UnknownName("dataset", dataset_id, known, "%workspace upload NAME DATA")


def names(workspace: "Workspace") -> list[str]:
    """Return the names of all datasets."""
    with workspace.storage.reading() as reading:
        found = reading.execute("SELECT dataset_id FROM dataset ORDER BY folded").fetchall()
    return [row[0] for row in found]
