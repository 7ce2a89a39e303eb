"""Which features does a row have, beside its own columns?

The stored views as of the row's time, then the request-time views on what the
row has by then. One code for training and prediction, so that the two cannot
differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_magics import tables
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.tables.table import Column, Table

from . import online
from .joins import JoinedView, join_view
from .keys import key_columns, write_keys
from .on_demand import evaluate
from .view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which conditions features are looked up.

    Attributes
    ----------
    names : mapping of (view, column) to str, optional
        What training called each feature; by default its own name, or
        view_column where that is taken.
    known_at : int, optional
        Only what had been written by then, microseconds.
    hidden : frozenset of str, default=empty
        Columns of the rows that request-time features do not see: the target.
    """

    names: Mapping[tuple[str, str], str] | None = None
    known_at: int | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """Rows with the features that were known at their times.

    Attributes
    ----------
    rows : Table
        The rows that asked.
    columns : dict of str to Column
        The features, as they are called in the joined table.
    views : list of JoinedView
        What each stored view gave, with its counts.
    sources : dict of str to (str, str)
        Per feature, the view and the column that it is.
    said : tuple of str
        What was stale, late or missing, renamed or assumed.
    """

    rows: Table
    columns: dict[str, Column] = field(default_factory=dict)
    views: list[JoinedView] = field(default_factory=list)
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ages(self) -> dict[str, Column]:
        """Per stored view, when its values were true."""
        return {joined.version.view: joined.event_time for joined in self.views}

    @property
    def table(self) -> Table:
        """The rows with the features behind their own columns."""
        return self.rows.with_columns(self.columns)

    def to_pandas(self) -> Any:
        """Return the rows with their features, in the order and index of the rows."""
        return tables.to_pandas(self.table)

    def as_given(self) -> Any:
        """Return the same in the user's own kind of table: polars for polars, Arrow for Arrow."""
        return tables.as_given(self.table)


class Lookup:
    """One look-up of features for the rows of a table.

    Parameters
    ----------
    storage : Storage
        Where the views are.
    rows : Table
        The rows, with the key columns of every stored view.
    at : Column of time
        The moment of each row.
    terms : Terms
        The conditions.
    """

    def __init__(self, storage: Storage, rows: Table, at: Column, terms: Terms) -> None:
        self._storage, self._rows, self._at, self._terms = storage, rows, at, terms
        self._joined = Joined(rows=rows)
        self._said: list[str] = []

    def run(self, wanted: Sequence[tuple[View, tuple[str, ...] | None]]) -> Joined:
        """Look the features of some views up.

        Parameters
        ----------
        wanted : sequence of (View, tuple of str or None)
            The views, and which columns of each; all where None.

        Returns
        -------
        Joined
            The stored features first, then those that are computed from them.
        """
        for view, chosen in wanted:
            if not view.current.on_demand:
                self._add_stored(view, chosen)
        for view, chosen in wanted:
            if view.current.on_demand:
                self._add_computed(view, chosen)
        return replace(self._joined, said=tuple(self._said))

    def _add_stored(self, view: View, chosen: tuple[str, ...] | None) -> None:
        fields = {field.name: field for field in view.features}
        for name in chosen or ():
            if name not in fields:
                raise _unknown_feature(view.view, name, fields)
        features = [fields[name] for name in (fields if chosen is None else chosen)]
        keys = write_keys(key_columns(self._rows, view.current.key, "the rows to join"))
        known_at = self._terms.known_at
        found = None
        if known_at is None:
            found = online.look_up(self._storage, view.current, features, keys, self._at)
        if found is None:
            found = join_view(self._storage, view.current, features, keys, self._at, known_at)
        self._name(view.view, found.columns)
        self._joined.views.append(found)
        self._said += counts_said(found, len(self._rows))

    def _add_computed(self, view: View, chosen: tuple[str, ...] | None) -> None:
        # what a row has itself replaces what was looked up for it
        found = {n: c for n, c in self._joined.columns.items() if n not in self._rows}
        request = self._rows.without(self._terms.hidden).with_columns(found)
        columns = evaluate(view.current, request, self._at)
        for name in chosen or ():
            if name not in columns:
                raise _unknown_feature(view.view, name, columns)
        self._name(view.view, {name: columns[name] for name in chosen or columns})

    def _name(self, view: str, columns: Mapping[str, Column]) -> None:
        """Add columns under names that are free, and say which ones had to change."""
        taken, names = self._joined.columns, self._terms.names
        for name, column in columns.items():
            called = name if names is None else names.get((view, name), name)
            if names is None and (name in taken or name in self._rows):
                called = f"{view}_{name}"
                while called in taken or called in self._rows:
                    called += "_"
                self._said.append(f"{name} of {view} is called {called}")
            taken[called] = column
            self._joined.sources[called] = (view, name)


def counts_said(joined: JoinedView, count: int) -> list[str]:
    """Say in one line what a view did not have for the rows.

    Parameters
    ----------
    joined : JoinedView
        What it gave.
    count : int
        Rows that asked.

    Returns
    -------
    list of str
        One line, or none where every row found its newest value.
    """
    parts = []
    if joined.missing_count:
        parts.append(f"nothing known for {joined.missing_count:,}")
    if joined.stale_count:
        parts.append(f"too old for {joined.stale_count:,}")
    if joined.late_count:
        parts.append(f"a newer value not yet known for {joined.late_count:,}")
    if not parts:
        return []
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    return [f"{joined.version.view}: {listed} of {count:,} rows"]


def _unknown_feature(view: str, name: str, known: Mapping[str, object]) -> UnknownName:
    return UnknownName(f"feature of {view!r}", name, known, f"%features {view}")
