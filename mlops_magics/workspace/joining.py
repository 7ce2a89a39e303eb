"""Which features does a row of a training or of a prediction have?

Looks views up for the rows with the one code that both use, and says which
versions of them a model has learned from.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.features.lookup import Joined, Terms
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table

if TYPE_CHECKING:
    from .workspace import Workspace


def join_for_training(
    workspace: "Workspace", rows: Table, views: Sequence[str], at: Column, target: str
) -> tuple[Joined, dict[str, Any]]:
    """Join views to the rows that a model learns from.

    Parameters
    ----------
    workspace : Workspace
        Whose views.
    rows : Table
        With the key columns of every stored view.
    views : sequence of str
        ``view`` or ``view:column``.
    at : Column of time
        The moment of each row.
    target : str
        The column that is learned, which no request-time feature sees.

    Returns
    -------
    Joined, dict
        The features, and what `join_for_prediction` needs to find the same ones.
    """
    terms = Terms(hidden=frozenset([target]))
    joined = workspace.features.look_up(rows, views, at, terms)
    found = [workspace.features.describe(n) for n in dict.fromkeys(v.split(":")[0] for v in views)]
    lineage = {
        "features": list(views),
        "sources": {name: list(source) for name, source in joined.sources.items()},
        "views": [
            {"view": view.view, "number": view.current.number, "key": list(view.current.key_names)}
            for view in found
        ],
    }
    if any(view.current.on_demand for view in found):
        # an integer that training saw as a number must not be divided as an integer later
        kinds = {name: column.kind for name, column in rows.without([target]).columns.items()}
        lineage["request"] = kinds
    return joined, lineage


def join_for_prediction(
    workspace: "Workspace", rows: Table, lineage: Mapping[str, Any], at: Column
) -> Joined:
    """Look up what training joined: the same versions of the same views, under the same names.

    Parameters
    ----------
    workspace : Workspace
        Whose views.
    rows : Table
        With the key columns of every stored view, unless they have its features.
    lineage : mapping
        As `join_for_training` returned it.
    at : Column of time
        The moment of each row.

    Returns
    -------
    Joined
        A row an input row.
    """
    names = {(view, column): name for name, (view, column) in lineage["sources"].items()}
    versions = {view["view"]: view["number"] for view in lineage["views"]}
    keys = {view["view"]: view["key"] for view in lineage["views"]}
    # a row that brings all features of a view itself needs no key for it
    views = [n for n in lineage["features"] if all(k in rows for k in keys[n.split(":")[0]])]
    kinds = lineage.get("request", {})
    typed = {
        name: convert(column, kinds[name]).column
        for name, column in rows.columns.items()
        if name in kinds and column.kind != kinds[name]
    }
    terms = Terms(names=names)
    return workspace.features.look_up(rows.with_columns(typed), views, at, terms, versions)
