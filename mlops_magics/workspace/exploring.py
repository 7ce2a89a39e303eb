"""What is in a feature view, and what was known of one of its entities?

The profile of the view, the history of one entity, and what of it was known at a
moment. It writes nothing and draws nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlops_magics.errors.tables import MissingColumns
from mlops_magics.features.history import History, Known, history, newest_entities
from mlops_magics.features.moments import moment_of
from mlops_magics.features.view import View
from mlops_magics.storage.rows import Span
from mlops_magics.tables.conversion import read_value
from mlops_magics.tables.summaries import ColumnProfile, profile
from mlops_magics.tables.table import Table, Value

from .views import age_of

if TYPE_CHECKING:
    from .workspace import Workspace

Entity = Mapping[str, Value]

# Of a view with more rows the newest are profiled, of one with more features the first.
ROWS_PROFILED = 10_000
FEATURES_SHOWN = 12
ENTITIES_OFFERED = 50
# A slider with more steps cannot be moved to a chosen one.
MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewExploration:
    """A view, one of its entities, and a moment.

    Attributes
    ----------
    view : View
        The view as it stands.
    age : int, optional
        Microseconds since its newest event; None without event time.
    profile : tuple of ColumnProfile
        The features that are shown, over the newest rows.
    profiled : int
        Over how many of them.
    hidden : int
        Features that are not shown.
    entities : tuple of mapping of str to value
        Entities that were written about last.
    history : History or None
        Of the entity; None where the view stores no rows, or has none yet.
    known : Known or None
        What of the history was known at the moment.
    is_now : bool
        Whether that moment is now.
    """

    view: View
    age: int | None
    profile: tuple[ColumnProfile, ...]
    profiled: int
    hidden: int
    entities: tuple[Entity, ...] = ()
    history: History | None = None
    known: Known | None = None
    is_now: bool = True

    def at(self, moment: int, is_now: bool = False) -> "ViewExploration":
        """Return the same as of another moment, microseconds."""
        if self.history is None:
            return self
        return replace(self, known=self.history.at(moment), is_now=is_now)

    def steps(self) -> tuple[int, ...]:
        """Return the moments at which something became true or known, oldest first.

        Returns
        -------
        tuple of int
            Microseconds; of many, some that are evenly spread.
        """
        if self.history is None or self.history.version.time is None or not len(self.history):
            return ()
        moments = np.unique(np.concatenate([self.history.event_time, self.history.seen_from]))
        count = min(len(moments), MOST_STEPS)
        places = np.unique(np.linspace(0, len(moments) - 1, count).round().astype(np.int64))
        return tuple(moments[places].tolist())


def explore(
    workspace: "Workspace",
    name: str,
    entity: Entity | None = None,
    at: object = None,
    features: Sequence[str] | None = None,
) -> ViewExploration:
    """Return a view with the history of one entity.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    name : str
        The view.
    entity : mapping of str to value, optional
        Its key, texts read as the kinds of the key; by default the one that was
        written about last.
    at : datetime, str or int, optional
        The moment; now by default.
    features : sequence of str, optional
        Those that are shown; by default the first twelve.

    Returns
    -------
    ViewExploration
        Also of a view that stores no rows: then without history.

    Raises
    ------
    UnknownName
        If there is no such view.
    MissingColumns
        If the entity lacks a part of its key.
    """
    view = workspace.features.describe(name)
    shown = [f.name for f in view.features if features is None or f.name in features]
    shown = shown[:FEATURES_SHOWN]
    rows = _newest(workspace, view, shown)
    explored = ViewExploration(
        view=view,
        age=age_of(workspace, view),
        profile=profile(rows),
        profiled=len(rows),
        hidden=len(view.features) - len(shown),
        entities=newest_entities(workspace.storage, view, ENTITIES_OFFERED),
    )
    chosen = read_entity(view, entity, "live") if entity else next(iter(explored.entities), None)
    if chosen is None or view.current.on_demand:
        return explored
    past = history(workspace.storage, view, chosen, shown)
    moment = workspace.storage.clock.now() if at is None else moment_of(at)
    return replace(explored, history=past).at(moment, is_now=at is None)


def read_entity(view: View, given: Entity, words: str = "") -> dict[str, Value]:
    """Return an entity in the kinds of a view's key.

    Parameters
    ----------
    view : View
        The view.
    given : mapping of str to value
        The key as it was typed.
    words : str, default=''
        What stands before the key in the line that an error names, such as live.

    Returns
    -------
    dict of str to value
        In the order of the key.

    Raises
    ------
    MissingColumns
        If a part of the key is not given.
    UnusableValue
        If a text is none of its column's kind.

    Examples
    --------
    >>> read_entity(view, {"customer_id": "42"})  # doctest: +SKIP
    {'customer_id': 42}
    """
    lacking = [name for name in view.current.key_names if given.get(name) in (None, "")]
    if lacking:
        parts = ["%features", view.view, words, *(f"{name}=…" for name in lacking)]
        step = " ".join(filter(None, parts))
        raise MissingColumns(lacking, "the entity", step)
    return {
        field.name: read_value(value, field.kind, field.name)
        if isinstance(value := given[field.name], str) and field.stored_in != "text"
        else value
        for field in view.current.key
    }


def _newest(workspace: "Workspace", view: View, names: Sequence[str]) -> Table:
    """Return the newest rows of a view, with some of its features in their order."""
    span = Span(limit=ROWS_PROFILED, only=tuple(names))
    rows = workspace.storage.log.read("feature", view.current.stream, span).table
    return rows.select(name for name in names if name in rows)
