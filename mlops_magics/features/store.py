"""FeatureStore: what was a feature's value, and when was it known?

Views of entities with history. A write appends only what is new; a read and a
join see only what was true and known at their moment.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken, OnDemand
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.storage.names import check_name
from mlops_magics.storage.packing import Field
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Table, Value

from . import catalogue, online
from .defining import Defining
from .growth import Growth, growth
from .joins import JoinedView, join_view
from .keys import key_columns, key_text, write_keys
from .lookup import Joined, Lookup, Terms
from .moments import moment_of, moments_of_rows
from .view import FeatureWrite, View, ViewDefinition, ViewWrite
from .writing import Writing

DEFAULT_KEY = "entity_id"
AS_OF_NOW = "joined as of now; history is not used"


class FeatureStore:
    """Feature views with history.

    Parameters
    ----------
    storage : Storage, optional
        Where the views are; a temporary folder by default.

    Examples
    --------
    >>> store = FeatureStore()
    >>> store.write_features(42, {"tenure": 3})
    >>> store.get_features(42, ["tenure", "unknown"])
    {'tenure': 3}
    """

    def __init__(self, storage: Storage | None = None) -> None:
        self._storage = storage or Storage(Path(tempfile.mkdtemp(prefix="mlops_")) / ".mlops")

    def write_features(
        self,
        entity_id: Value,
        features: Mapping[str, Value],
        event_time: object = None,
        view: str = "default",
        merge: bool = False,
    ) -> None:
        """Write the features of one entity: one whole row.

        Parameters
        ----------
        entity_id : bool, int, float or str
            The entity.
        features : mapping of str to value
            The values; a feature that is left out is missing in this row.
        event_time : datetime or str, optional
            When they were true; now by default.
        view : str, default='default'
            The view, made at its first write with the key `entity_id`.
        merge : bool, default=False
            Copy the entity's newest row first.

        Raises
        ------
        KindChanged
            If a feature comes with another kind than before.
        """
        values = dict(features)
        if merge:
            known = [field.name for field in self._fields(view)]
            values = self.get_features(entity_id, known, view=view) | values
        moment = self._moment(event_time)
        found = catalogue.find(self._storage, view)
        key = found.current.key_names if found else (DEFAULT_KEY,)
        if len(key) != 1:
            raise BadArgument("entity_id", entity_id, f"a table with {', '.join(key)} to write()")
        columns = {name: from_values(name, [value]).column for name, value in values.items()}
        columns[key[0]] = from_values(key[0], [entity_id]).column
        time = found.current.time if found else "event_time"
        if time is not None:
            columns[time] = Column("time", np.array([moment]), np.zeros(1, bool))
        definition = (
            ViewDefinition(view=view, key=key, time=time) if found is None else found.definition
        )
        self.write(definition, Table.of(columns))

    def get_features(
        self, entity_id: Value, names: Sequence[str], at: object = None, view: str = "default"
    ) -> dict[str, Value]:
        """Return the values of one entity that were known at a moment.

        Parameters
        ----------
        entity_id : bool, int, float or str
            The entity.
        names : sequence of str
            The features that are wanted.
        at : datetime or str, optional
            The moment; now by default.
        view : str, default='default'
            The view.

        Returns
        -------
        dict of str to value
            Only names that have a value; empty for an unknown entity.
        """
        fast = self._newest(entity_id, at, view)
        if fast is None:
            found = catalogue.find(self._storage, view)
            if found is None:
                return {}
            key = found.current.key_names
            row = Table.of({key[0]: from_values(key[0], [entity_id]).column})
            joined = self.read(view, row, at)
            fast = {name: column.to_list()[0] for name, column in joined.columns.items()}
        return {name: fast[name] for name in names if fast.get(name) is not None}

    def _newest(self, entity_id: Value, at: object, view: str) -> dict[str, Value] | None:
        """Return what is kept of an entity, if that is sure to be what a join finds."""
        with self._storage.reading() as reading:
            version = online.kept_version(reading, view)
            key = None if version is None else key_text([entity_id], version.key)
            if version is None or key is None:
                return None
            moment = reading.now if at is None else self._moment(at)
            row = online.find(reading, version, key, moment)
            if row is online.UNSURE:
                return None
            if row is None or (version.ttl and row["event_time"] < moment - version.ttl):
                return {}
            return online.values(reading, row)

    def read(self, view: str, entities: Table, at: object = None) -> JoinedView:
        """Return all features of a view for some entities, as of one moment.

        Parameters
        ----------
        view : str
            The view.
        entities : Table
            Its key columns, a row an entity.
        at : datetime, str or int, optional
            The moment; now by default.

        Returns
        -------
        JoinedView
            A row an entity.

        Raises
        ------
        UnknownName
            If there is no such view.
        """
        found = self.describe(view)
        if found.current.on_demand:
            raise OnDemand(found.view, "give it rows: %features join, or %predict")
        moment = np.full(len(entities), self._moment(at))
        column = Column("time", moment, np.zeros(len(entities), bool))
        keys = write_keys(key_columns(entities, found.current.key, "the entities"))
        kept = online.look_up(self._storage, found.current, found.features, keys, column)
        return kept or join_view(self._storage, found.current, found.features, keys, column)

    def write(
        self,
        view: str | ViewDefinition,
        table: object = None,
        history: bool = False,
        dry_run: bool = False,
    ) -> FeatureWrite:
        """Append the rows of a table that are not there yet.

        Parameters
        ----------
        view : str or ViewDefinition
            The name of a view, or what defines a new one or its next version.
        table : Table, pandas.DataFrame, list of dict, dict of sequences or path
            The key columns, the time column if the view has one, and features; none
            for a view on demand.
        history : bool, default=False
            Whether the rows were known when they were true, as those of the first
            write of a version are; by default they are known from now on.
        dry_run : bool, default=False
            Say what the write would do, and write nothing.

        Returns
        -------
        FeatureWrite
            What was new, and what will hurt later.

        Raises
        ------
        MissingColumns, UnusableColumn, EmptyTable, KindChanged, BadName, NameTaken
            Before anything is written.
        """
        if isinstance(view, str):
            definition = self.describe(view).definition
        else:
            definition = replace(view, view=check_name("view", view.view))
            before = catalogue.find(self._storage, definition.view)
            if before is not None and before.view != definition.view:
                step = f"use {before.view!r}, or another name"
                raise NameTaken("feature view", before.view, step)
        if definition.on_demand:
            return Defining(self._storage, definition).run(dry_run)
        rows = tables.read_table(table, "the table")
        writing = Writing(self._storage, definition, rows, history)
        return writing.try_out() if dry_run else writing.run()

    def join(
        self,
        spine: object,
        views: Sequence[str],
        time: str | None = None,
        known_at: object = None,
    ) -> Joined:
        """Join views to the rows of a spine, each as of the row's own time.

        Parameters
        ----------
        spine : Table, pandas.DataFrame, list of dict, dict of sequences or path
            Rows with the key columns of every view.
        views : sequence of str
            Names of views; ``view:column`` picks one column.
        time : str, optional
            The column that says when each row is true; by default one that is
            named like a view's event time, else all rows are of now.
        known_at : datetime, str or int, optional
            Only what had been written by then: an earlier training set, bit for bit.

        Returns
        -------
        Joined
            The rows with their features, in order: `as_given()` is a table of the library
            that the spine came from, `to_pandas()` one of pandas.

        Raises
        ------
        UnknownName
            If a view or a column of it is not known.
        MissingColumns
            If the spine lacks a key column.

        Examples
        --------
        >>> store = FeatureStore()
        >>> store.write_features(42, {"tenure": 3}, event_time="2026-01-01")
        >>> spine = [{"entity_id": 42, "event_time": "2026-01-02"}]
        >>> store.join(spine, ["default"]).to_pandas()["tenure"].tolist()
        [3]
        """
        rows = tables.read_table(spine, "the spine")
        known_by = None if known_at is None else self._moment(known_at)
        found = self._picked(views, {}, known_by)
        named = time or next(
            (v.current.time for v, _ in found if v.current.time and v.current.time in rows), None
        )
        now = self._storage.clock.now() if known_by is None else known_by
        at = moments_of_rows(rows, named, now)
        joined = Lookup(self._storage, rows, at, Terms(known_at=known_by)).run(found)
        said = [] if time else [f"joined as of {named}" if named else AS_OF_NOW]
        return replace(joined, said=(*joined.said, *said))

    def look_up(
        self,
        rows: Table,
        views: Sequence[str],
        at: Column,
        terms: Terms | None = None,
        versions: Mapping[str, int] | None = None,
    ) -> Joined:
        """Look features up for rows, as training and prediction do.

        Parameters
        ----------
        rows : Table
            With the key columns of every stored view.
        views : sequence of str
            Names of views; ``view:column`` picks one column.
        at : Column of time
            The moment of each row.
        terms : Terms, optional
            What features are called, and what they may see.
        versions : mapping of str to int, optional
            The versions that a model has learned from; the newest by default.

        Returns
        -------
        Joined
            Rows as they came.
        """
        terms = terms or Terms()
        found = self._picked(views, versions or {}, terms.known_at)
        return Lookup(self._storage, rows, at, terms).run(found)

    def _picked(
        self, names: Sequence[str], versions: Mapping[str, int], known_at: int | None
    ) -> list[tuple[View, tuple[str, ...] | None]]:
        """Return the views that are named, and which columns of each; all where None."""
        picked: dict[str, list[str]] = {}
        for name in names:
            view, _, column = name.partition(":")
            picked.setdefault(view, []).append(column)
        return [
            (
                self.describe(view, versions.get(view), known_at),
                None if "" in chosen else tuple(dict.fromkeys(chosen)),
            )
            for view, chosen in picked.items()
        ]

    def list_views(self) -> tuple[View, ...]:
        """Return every view as it stands, by name."""
        return catalogue.list_all(self._storage)

    def describe(self, view: str, number: int | None = None, known_at: int | None = None) -> View:
        """Return one view as it stands, or as it stood.

        Parameters
        ----------
        view : str
            Its name, in any case.
        number : int, optional
            The version that is current in the answer; the newest by default.
        known_at : int, optional
            The view as it was known then, microseconds.

        Returns
        -------
        View
            With its versions up to that one.

        Raises
        ------
        UnknownName
            If there is no such view, or was none then.
        """
        found = catalogue.find(self._storage, view, number, known_at)
        if found is None:
            known = [v.view for v in self.list_views()]
            kind = "feature view" if known_at is None else "feature view of that time"
            raise UnknownName(kind, view, known, "%features lists them")
        return found

    def writes(self, view: str) -> tuple[ViewWrite, ...]:
        """Return the writes to a view, in order, with their sources."""
        return catalogue.writes(self._storage, view)

    def growth(self, view: View) -> Growth:
        """Return how the rows and the missing values of a view lie in time."""
        return growth(self._storage, view)

    def keep_online(self, versions: Collection[tuple[str, int]]) -> None:
        """Keep the newest values of these versions of views, by entity, and of no others.

        Parameters
        ----------
        versions : collection of (str, int)
            View and number: those that models in production read.
        """
        online.keep(self._storage, versions)

    def _fields(self, view: str) -> tuple[Field, ...]:
        found = catalogue.find(self._storage, view)
        return found.features if found else ()

    def _moment(self, value: object) -> int:
        """Return a moment in microseconds; now for None."""
        return self._storage.clock.now() if value is None else moment_of(value)
