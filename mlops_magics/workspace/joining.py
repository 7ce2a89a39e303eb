"""Which features does a row have, beside its own columns?

Joins views to rows for training and for prediction with the same code, so that
the two cannot differ.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlops_magics.features.joins import JoinedView
from mlops_magics.tables.table import Column, Table

from .results import Joined

if TYPE_CHECKING:
    from .workspace import Workspace


def join_features(
    workspace: "Workspace",
    rows: Table,
    views: Sequence[str],
    at: Column,
    known_at: int | None = None,
) -> Joined:
    """Join views to rows, each as of the row's own time.

    Parameters
    ----------
    workspace : Workspace
        Whose views.
    rows : Table
        With the key columns of every view.
    views : sequence of str
        ``view`` or ``view:column``.
    at : Column of time
        The moment of each row.
    known_at : int, optional
        Only what had been written by then, microseconds.

    Returns
    -------
    Joined
        A feature whose name the rows or an earlier view have already is called
        view_column, and that is said.
    """
    found = workspace.features.join(rows, views, at, known_at)
    columns: dict[str, Column] = {}
    said: list[str] = []
    for joined in found:
        for name, column in joined.columns.items():
            called = name
            if name in columns or name in rows:
                called = f"{joined.version.view}_{name}"
                said.append(f"{name} of {joined.version.view} is called {called}")
            columns[called] = column
        said += _counts(joined, len(rows))
    ages = {joined.version.view: joined.event_time for joined in found}
    return Joined(columns=columns, ages=ages, said=tuple(said))


def _counts(joined: JoinedView, count: int) -> list[str]:
    parts = []
    if joined.missing_count:
        parts.append(f"nothing known for {joined.missing_count:,}")
    if joined.stale_count:
        parts.append(f"too old for {joined.stale_count:,}")
    if not parts:
        return []
    return [f"{joined.version.view}: {' and '.join(parts)} of {count:,} rows"]
