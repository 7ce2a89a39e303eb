"""Which feature views does the workspace have?

Reads and writes the rows that describe views; their features are in the log.
"""

import json
from typing import Any

from mlops_magics.errors.state import NameTaken
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.names import fold
from mlops_magics.storage.packing import Field

from .view import View, ViewDefinition, ViewVersion


def find(storage: Storage, view: str) -> View | None:
    """Return a view as it stands, or None.

    Parameters
    ----------
    storage : Storage
        The workspace.
    view : str
        Its name, in any case.

    Returns
    -------
    View or None
        None if there is no such view.
    """
    with storage.reading() as reading:
        found = reading.execute(
            "SELECT version.* FROM view_version version JOIN view USING (view)"
            " WHERE folded = ? ORDER BY number",
            (fold(view),),
        ).fetchall()
        return _view(storage, reading, tuple(map(_version, found))) if found else None


def list_all(storage: Storage) -> tuple[View, ...]:
    """Return every view as it stands, by name."""
    with storage.reading() as reading:
        names = reading.execute("SELECT view FROM view ORDER BY folded").fetchall()
    views = (find(storage, row[0]) for row in names)
    return tuple(view for view in views if view is not None)


def columns(reading: Transaction) -> dict[str, tuple[list[str], list[str]]]:
    """Return the key of each view and its other columns, cheaply.

    The other columns are its time and the features that were written last: it reads
    one schema a view and counts nothing.
    """
    newest = reading.execute(
        "SELECT view, max(number) AS number, key, time FROM view_version"
        " JOIN view USING (view) GROUP BY view ORDER BY folded"
    ).fetchall()
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in newest:
        key = [entry[0] for entry in json.loads(row["key"])]
        time = [] if row["time"] is None else [row["time"]]
        features = _newest_columns(reading, f"{row['view']}@{row['number']}")
        found[row["view"]] = (key, time + features)
    return found


def _newest_columns(reading: Transaction, stream: str) -> list[str]:
    by_index = (
        "SELECT columns FROM schema WHERE schema_id IN ("
        "SELECT * FROM (SELECT schema_id FROM hot WHERE kind = 'feature' AND name = ?"
        " ORDER BY event_time DESC LIMIT 1) UNION "
        "SELECT * FROM (SELECT schema_id FROM segment WHERE kind = 'feature' AND name = ?"
        " ORDER BY seq_min DESC LIMIT 1))"
    )
    found = reading.execute(by_index, (stream, stream)).fetchall()
    return [entry[0] for row in found for entry in json.loads(row["columns"])]


def add_version(
    transaction: Transaction, definition: ViewDefinition, key: tuple[Field, ...], number: int
) -> ViewVersion:
    """Store a version of a view, and the view with its first.

    Parameters
    ----------
    transaction : Transaction
        It is there once this commits.
    definition : ViewDefinition
        What was asked for.
    key : tuple of Field
        The key columns with the kinds that they keep.
    number : int
        1 for a new view.

    Returns
    -------
    ViewVersion
        As stored.

    Raises
    ------
    NameTaken
        If a view has this name in another case.
    """
    name = definition.view
    if number == 1:
        taken = transaction.execute("SELECT view FROM view WHERE folded = ?", (fold(name),))
        for row in taken.fetchall():
            raise NameTaken("feature view", row[0], "choose another name")
        row = (name, fold(name), transaction.now)
        transaction.execute("INSERT INTO view VALUES (?, ?, ?)", row)
    transaction.execute(
        "INSERT INTO view_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            number,
            json.dumps([[f.name, f.kind, f.stored_in] for f in key], ensure_ascii=False),
            definition.time,
            definition.ttl,
            definition.sql,
            definition.sha256,
            definition.cell,
            definition.cell_number,
            transaction.now,
        ),
    )
    stored = transaction.execute(
        "SELECT * FROM view_version WHERE view = ? AND number = ?", (name, number)
    ).fetchone()
    return _version(stored)


def _version(row: Any) -> ViewVersion:
    return ViewVersion(
        view=row["view"],
        number=row["number"],
        key=tuple(Field(*entry) for entry in json.loads(row["key"])),
        time=row["time"],
        ttl=row["ttl"],
        sql=row["sql"],
        sha256=row["sha256"],
        cell=row["cell"],
        cell_number=row["cell_number"],
        written_at=row["written_at"],
    )


def _view(storage: Storage, reading: Transaction, versions: tuple[ViewVersion, ...]) -> View:
    current = versions[-1]
    newest = reading.execute(
        "SELECT max(moment) FROM (SELECT max(event_time) AS moment FROM hot"
        " WHERE kind = 'feature' AND name = ? UNION ALL SELECT max(event_time_max) FROM segment"
        " WHERE kind = 'feature' AND name = ?)",
        (current.stream, current.stream),
    ).fetchone()[0]
    return View(
        current=current,
        versions=versions,
        features=storage.log.fields("feature", current.stream),
        row_count=storage.log.count("feature", current.stream),
        newest=None if current.time is None else newest,
    )
