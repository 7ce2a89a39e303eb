"""Can these rows be written to that view?

Every mistake is raised here, before anything is stored: a column that lacks, a
key or a time without a value, a kind that has changed.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from mlops_magics.errors.state import KindChanged
from mlops_magics.errors.tables import MissingColumn, UnusableColumn
from mlops_magics.storage.packing import Field, empty_column
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.quoting import identifier
from mlops_magics.tables.table import Column, Table

from .counting import rows
from .keys import Keys, key_columns, write_keys
from .view import ViewDefinition

# how a text that is a time says its zone
ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incoming:
    """Rows that can be written.

    Attributes
    ----------
    keys : Keys
        The entity of each row.
    times : Column of time or None
        When each row was true; None for a view without event time.
    features : Table
        The columns that are neither key nor time, in the kinds of the view.
    said : tuple of str
        What was repaired on the way in.
    """

    keys: Keys
    times: Column | None
    features: Table
    said: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def in_order(self) -> "Incoming":
        """Return the rows by entity and time; those of one entity and time as they came.

        They are stored so, since a join reads the rows of an entity one after another.
        """
        moments = np.zeros(len(self), np.int64) if self.times is None else self.times.values
        order = np.lexsort((moments, self.keys.codes))
        return replace(
            self,
            keys=Keys(self.keys.codes[order], self.keys.texts),
            times=None if self.times is None else self.times.take(order),
            features=self.features.take(order),
        )

    def describe(self, place: int, key: tuple[str, ...]) -> str:
        """Return a row as a person names it, such as ``k=[1] at 2026-01-01``."""
        text = self.keys.texts[self.keys.codes[place]]
        named = f"{', '.join(key)} {text[1:-1]}"
        if self.times is None:
            return named
        moment = self.times.take(np.array([place])).to_list()[0]
        return f"{named} at {moment:%Y-%m-%d %H:%M}"


def check_columns(definition: ViewDefinition, table: Table) -> None:
    """Refuse a table that lacks a key or time column, or has no feature.

    Parameters
    ----------
    definition : ViewDefinition
        What is asked for.
    table : Table
        The rows.

    Raises
    ------
    MissingColumn, UnusableColumn
        With the columns that there are.
    """
    needed = [*definition.key, *filter(None, [definition.time])]
    for name in needed:
        if name not in table:
            step = "select it in the query, or name another with --key or --time"
            raise MissingColumn(name, table.columns, "the result", step)
    if len(table.columns) == len(set(needed)):
        raise UnusableColumn(needed[-1], "is the last: no feature is left", "select features")


def key_fields(
    definition: ViewDefinition, table: Table, before: tuple[Field, ...]
) -> tuple[Field, ...]:
    """Return the key columns with the kinds that they have had from the first write on.

    Parameters
    ----------
    definition : ViewDefinition
        Which columns they are.
    table : Table
        The rows, which decide where nothing was decided before.
    before : tuple of Field
        The key of the view so far.

    Returns
    -------
    tuple of Field
        One a key column.
    """
    kinds = {field.name: field for field in before}
    columns = {name: table.columns[name] for name in definition.key}
    return tuple(
        kinds.get(name) or Field(name, column.kind, column.stored_in)
        for name, column in columns.items()
    )


def read_incoming(
    definition: ViewDefinition,
    table: Table,
    key: tuple[Field, ...],
    features: tuple[Field, ...],
    unsettled: frozenset[str],
) -> Incoming:
    """Convert the rows of a write to the kinds of its view.

    Parameters
    ----------
    definition : ViewDefinition
        The view.
    table : Table
        The rows, with the columns that `check_columns` wants.
    key : tuple of Field
        The key, as of `key_fields`.
    features : tuple of Field
        The features that the version has had before.
    unsettled : frozenset of str
        Those of them that have never had a value: their kind is open.

    Returns
    -------
    Incoming
        The rows.

    Raises
    ------
    UnusableColumn, KindChanged
        With the first rows that are wrong.
    """
    times, said = _times(definition.time, table)
    columns = key_columns(table, key, "the table")
    keys = write_keys(columns)
    _refuse_missing_keys(definition.key, columns, keys)
    needed = {*definition.key, *filter(None, [definition.time])}
    known = {field.name: field for field in features}
    converted = {
        name: _as_before(definition.view, name, column, known.get(name), unsettled)
        for name, column in table.without(needed).columns.items()
    }
    # a row is written whole: what it does not have is missing from now on
    for name in known.keys() - converted.keys():
        converted[name] = empty_column(known[name].kind, known[name].stored_in, len(table))
    return Incoming(
        keys=keys, times=times, features=Table.of(converted), said=(*table.repairs, *said)
    )


def _times(name: str | None, table: Table) -> tuple[Column | None, list[str]]:
    """Return the event time of each row."""
    if name is None:
        return None, []
    column = table.columns[name]
    conversion = convert(column, "time")
    if (column.kind != "time" and column.stored_in != "text") or conversion.unusable.any():
        bad = column.to_list()[int(np.argmax(conversion.unusable))]
        raise UnusableColumn(
            name, f"is {column.kind} ({bad!r}) and no time", "CAST it to TIMESTAMP"
        )
    lost = int(conversion.column.missing.sum())
    if lost:
        raise UnusableColumn(name, f"has no time in {rows(lost)}", "leave these rows out")
    return conversion.column, _text_times(name, column) if column.stored_in == "text" else []


def _text_times(name: str, column: Column) -> list[str]:
    """Say how texts were read as times."""
    matches = (ZONE.search(text) for text in column.values.tolist())
    zones = {match.group().replace(":", "") if match else "" for match in matches}
    if zones == {""}:
        return [f"{name} is text, read as times in UTC; CAST it to TIMESTAMP to be sure"]
    if len(zones) > 1:
        return [f"{name} is text with {len(zones)} time zones, some maybe none; read into UTC"]
    return [f"{name} is text, read as times; CAST it to TIMESTAMPTZ to be sure"]


def _refuse_missing_keys(names: tuple[str, ...], columns: list[Column], keys: Keys) -> None:
    lost = np.flatnonzero(keys.missing)
    if not len(lost):
        return
    name = next(n for n, c in zip(names, columns, strict=True) if c.missing.any())
    places = ", ".join(str(place) for place in lost[:3].tolist())
    problem = f"is missing in {rows(len(lost))} (first: {places}) and is a key"
    raise UnusableColumn(
        name,
        problem,
        f"leave them out: WHERE {name if name.isidentifier() else identifier(name)} IS NOT NULL",
    )


def _as_before(
    view: str, name: str, column: Column, field: Field | None, unsettled: frozenset[str]
) -> Column:
    """Return a feature in the kind that it has had before."""
    if field is None or name in unsettled:
        return column
    if field.stored_in == column.stored_in:
        return column.as_kind(field.kind)
    if column.missing.all():
        return empty_column(field.kind, field.stored_in, len(column))
    conversion = convert(column, field.kind)
    if conversion.unusable.any() or field.stored_in == "text":
        step = "CAST it to what it was, or write another view"
        raise KindChanged(f"the view {view!r}", name, field.kind, column.kind, step)
    return conversion.column
