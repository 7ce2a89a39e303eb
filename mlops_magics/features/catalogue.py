"""Which feature views does the workspace have?

Reads and writes the rows that describe views, their versions and their writes;
their features are in the log.
"""

import json
from dataclasses import astuple
from typing import Any

from mlops_magics.errors.state import NameTaken
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.names import fold
from mlops_magics.storage.packing import Field

from .view import View, ViewDefinition, ViewVersion, ViewWrite


def find(
    storage: Storage, view: str, number: int | None = None, known_at: int | None = None
) -> View | None:
    """Return a view as it stands, or as it stood.

    Parameters
    ----------
    storage : Storage
        The workspace.
    view : str
        Its name, in any case.
    number : int, optional
        The version that is current in the answer; the newest by default.
    known_at : int, optional
        Only what had been written by then, microseconds.

    Returns
    -------
    View or None
        None if there is no such view, or was none.
    """
    with storage.reading() as reading:
        found = reading.execute(
            "SELECT version.* FROM view_version version JOIN view USING (view)"
            " WHERE folded = ? AND version.written_at <= ? AND number <= ? ORDER BY number",
            (fold(view), *(2**62 if bound is None else bound for bound in (known_at, number))),
        ).fetchall()
        if not found:
            return None
        return _view(storage, reading, tuple(map(read_version, found)), known_at)


def list_all(storage: Storage) -> tuple[View, ...]:
    """Return every view as it stands, by name."""
    with storage.reading() as reading:
        names = reading.execute("SELECT view FROM view ORDER BY folded").fetchall()
        views = [find(storage, row[0]) for row in names]
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


def next_version(
    definition: ViewDefinition, key: tuple[Field, ...], number: int, now: int
) -> ViewVersion:
    """Return a version of a view as it would be stored.

    Parameters
    ----------
    definition : ViewDefinition
        What was asked for.
    key : tuple of Field
        The key columns with the kinds that they keep.
    number : int
        1 for a new view.
    now : int
        The moment, microseconds.

    Returns
    -------
    ViewVersion
        Not stored.
    """
    return ViewVersion(
        view=definition.view,
        number=number,
        key=key,
        time=definition.time,
        ttl=definition.ttl,
        sql=definition.sql,
        sha256=definition.sha256,
        cell=definition.cell,
        cell_number=definition.cell_number,
        written_at=now,
        on_demand=definition.on_demand,
    )


def add_version(transaction: Transaction, version: ViewVersion) -> None:
    """Store a version of a view, and the view with its first.

    Parameters
    ----------
    transaction : Transaction
        It is there once this commits.
    version : ViewVersion
        As `next_version` made it.

    Raises
    ------
    NameTaken
        If a view has this name in another case.
    """
    name = version.view
    if version.number == 1:
        taken = transaction.execute("SELECT view FROM view WHERE folded = ?", (fold(name),))
        for row in taken.fetchall():
            raise NameTaken("feature view", row[0], "choose another name")
        row = (name, fold(name), transaction.now)
        transaction.execute("INSERT INTO view VALUES (?, ?, ?)", row)
    key = [[field.name, field.kind, field.stored_in] for field in version.key]
    transaction.execute(
        "INSERT INTO view_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            version.number,
            json.dumps(key, ensure_ascii=False),
            version.time,
            version.ttl,
            version.sql,
            version.sha256,
            version.cell,
            version.cell_number,
            version.on_demand,
            version.written_at,
        ),
    )


def add_write(transaction: Transaction, view: str, write: ViewWrite) -> None:
    """Remember a write."""
    row = (transaction.take_seq(), view, *astuple(write))
    transaction.execute("INSERT INTO view_write VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def writes(storage: Storage, view: str) -> tuple[ViewWrite, ...]:
    """Return the writes to a view, in order."""
    with storage.reading() as reading:
        found = reading.execute(
            "SELECT number, new_count, existing_count, is_history, sql, view_write.sha256, cell,"
            " cell_number, view_write.written_at FROM view_write JOIN view USING (view)"
            " WHERE folded = ? ORDER BY seq",
            (fold(view),),
        ).fetchall()
    return tuple(ViewWrite(**{**dict(row), "is_history": bool(row["is_history"])}) for row in found)


def read_version(row: Any) -> ViewVersion:
    """Return a version from its row."""
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
        on_demand=bool(row["on_demand"]),
    )


def _view(
    storage: Storage,
    reading: Transaction,
    versions: tuple[ViewVersion, ...],
    known_at: int | None,
) -> View:
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
        features=storage.log.fields("feature", current.stream, known_at),
        row_count=storage.log.count("feature", current.stream),
        newest=None if current.time is None else newest,
    )
