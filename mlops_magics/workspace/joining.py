"""Which features does a row have, beside its own columns?

Joins views to rows for training and for prediction with the same code, so that
the two cannot differ.
"""

from collections.abc import Mapping, Sequence
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
    names: Mapping[tuple[str, str], str] | None = None,
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
    names : mapping of (view, column) to str, optional
        What training called each feature; by default its own name.

    Returns
    -------
    Joined
        A feature whose name the rows or an earlier view have already is called
        view_column, and that is said.
    """
    found = workspace.features.join(rows, views, at)
    columns: dict[str, Column] = {}
    sources: dict[str, tuple[str, str]] = {}
    said: list[str] = []
    for joined in found:
        view = joined.version.view
        for name, column in joined.columns.items():
            called = (names or {}).get((view, name), name)
            if names is None and (name in columns or name in rows):
                called = f"{view}_{name}"
                said.append(f"{name} of {view} is called {called}")
            columns[called], sources[called] = column, (view, name)
        said += _counts(joined, len(rows))
    ages = {joined.version.view: joined.event_time for joined in found}
    return Joined(columns=columns, ages=ages, sources=sources, said=tuple(said))


def _counts(joined: JoinedView, count: int) -> list[str]:
    parts = []
    if joined.missing_count:
        parts.append(f"nothing known for {joined.missing_count:,}")
    if joined.stale_count:
        parts.append(f"too old for {joined.stale_count:,}")
    if not parts:
        return []
    return [f"{joined.version.view}: {' and '.join(parts)} of {count:,} rows"]
