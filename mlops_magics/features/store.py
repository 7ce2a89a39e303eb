"""FeatureStore: what was a feature's value, and when was it known?

Views of entities with history. A write appends only what is new; a read and a
join see only what was true and known at their moment.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.storage.names import check_name
from mlops_magics.storage.packing import Field
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Table, Value

from . import catalogue
from .joins import JoinedView, join_view
from .keys import key_columns, key_texts
from .view import FeatureWrite, View, ViewDefinition
from .writing import Writing

DEFAULT_KEY = "entity_id"


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
        found = catalogue.find(self._storage, view)
        if found is None:
            return {}
        key = found.current.key_names
        row = Table.of({key[0]: from_values(key[0], [entity_id]).column})
        joined = self.read(view, row, at)
        values = {name: column.to_list()[0] for name, column in joined.columns.items()}
        return {name: values[name] for name in names if values.get(name) is not None}

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
        moment = np.full(len(entities), self._moment(at))
        column = Column("time", moment, np.zeros(len(entities), bool))
        return self._join_one(self.describe(view), None, entities, column, None)

    def write(self, view: str | ViewDefinition, table: object) -> FeatureWrite:
        """Append the rows of a table that are not there yet.

        Parameters
        ----------
        view : str or ViewDefinition
            The name of a view, or what defines a new one or its next version.
        table : Table, pandas.DataFrame, list of dict, dict of sequences or path
            The key columns, the time column if the view has one, and features.

        Returns
        -------
        FeatureWrite
            What was new, and what will hurt later.

        Raises
        ------
        MissingColumns, UnusableColumn, EmptyTable, KindChanged, BadName, NameTaken
            Before anything is written.
        """
        rows = tables.read_table(table, "the table")
        if isinstance(view, str):
            found = self.describe(view)
            definition = found.definition
        else:
            definition = replace(view, view=check_name("view", view.view))
            before = catalogue.find(self._storage, definition.view)
            if before is not None and before.view != definition.view:
                step = f"use {before.view!r}, or another name"
                raise NameTaken("feature view", before.view, step)
        return Writing(self._storage, definition, rows).run()

    def join(
        self,
        spine: Table,
        views: Sequence[str],
        at: Column,
        known_at: int | None = None,
    ) -> list[JoinedView]:
        """Join views to the rows of a spine, each as of the row's own time.

        Parameters
        ----------
        spine : Table
            Rows with the key columns of every view.
        views : sequence of str
            Names of views; ``view:column`` picks one column.
        at : Column of time
            The moment of each row.
        known_at : int, optional
            Only what had been written by then, microseconds.

        Returns
        -------
        list of JoinedView
            One a view, in the order of their first naming; rows as in the spine.

        Raises
        ------
        UnknownName
            If a view or a column of it is not known.
        MissingColumns
            If the spine lacks a key column.
        """
        picked: dict[str, list[str]] = {}
        whole = {name for name in views if ":" not in name}
        for name in views:
            view, _, column = name.partition(":")
            picked.setdefault(view, []).append(column)
        wanted = {view: None if view in whole else chosen for view, chosen in picked.items()}
        return [
            self._join_one(self.describe(view), chosen, spine, at, known_at)
            for view, chosen in wanted.items()
        ]

    def _join_one(
        self,
        view: View,
        chosen: list[str] | None,
        spine: Table,
        at: Column,
        known_at: int | None,
    ) -> JoinedView:
        fields = {field.name: field for field in view.features}
        for name in chosen or ():
            if name not in fields:
                raise UnknownName(
                    f"feature of {view.view!r}", name, fields, "%features " + view.view
                )
        wanted = [fields[name] for name in (fields if chosen is None else chosen)]
        where = "the rows to join"
        keys = key_texts(key_columns(spine, view.current.key, where))
        return join_view(self._storage, view.current, wanted, keys, at, known_at)

    def list_views(self) -> tuple[View, ...]:
        """Return every view as it stands, by name."""
        return catalogue.list_all(self._storage)

    def describe(self, view: str) -> View:
        """Return one view as it stands.

        Raises
        ------
        UnknownName
            If there is no such view.
        """
        found = catalogue.find(self._storage, view)
        if found is None:
            known = [v.view for v in self.list_views()]
            raise UnknownName("feature view", view, known, "%features lists them")
        return found

    def _fields(self, view: str) -> tuple[Field, ...]:
        found = catalogue.find(self._storage, view)
        return found.features if found else ()

    def _moment(self, value: object) -> int:
        """Return a moment in microseconds; now for None."""
        if value is None:
            return self._storage.clock.now()
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        conversion = convert(from_values("time", [value]).column, "time")
        if conversion.unusable[0]:
            raise BadArgument("the time", value, "a time such as 2024-06-01T12:00")
        return int(conversion.column.values[0])
