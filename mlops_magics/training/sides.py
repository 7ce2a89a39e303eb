"""By what are the rows of a training put on sides, and what is to be said of it?

Reads entity and time off the table, chooses the way, and lets `split` do it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.tables.table import Table

from .row_hashes import Hashes, number_copies, row_hashes
from .spec import TrainingSpec, Way
from .split import FOLDS, LEAST_ROWS, LEAST_ROWS_OF_A_CLASS, Split, split
from .target import Target

# Fewer entities make a fifth of them no sample: rows are split then, and that is said.
LEAST_ENTITIES = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """Where each row belongs, and why.

    Attributes
    ----------
    hashes : array of uint64, shape (n,)
        Which row each is.
    hashed : tuple of str
        The columns whose values the hashes are of; two trainings with equal ones agree
        on which row is which.
    rows : Split
        Which rows are learned from and which are held out.
    entities : array of uint64, shape (n,), or None
        Entity of each row, where entities have several rows.
    said : str
        How the held-out rows were chosen.
    notes : tuple of str
        What should be known of it.
    """

    hashes: Hashes
    hashed: tuple[str, ...]
    rows: Split
    entities: Hashes | None
    said: str
    notes: tuple[str, ...]


def choose_sides(
    table: Table, features: Table, target: Target, spec: TrainingSpec, kept: Hashes | None
) -> Sides:
    """Put rows on sides: by entity or time where they are known, else by hash.

    Parameters
    ----------
    table : Table
        All columns of the rows that have a target.
    features : Table
        Those that are learned from.
    target : Target
        What is learned.
    spec : TrainingSpec
        Names entity and time, and may choose the way.
    kept : array of uint64, optional
        Rows that earlier versions held out.

    Returns
    -------
    Sides
        Equal rows are on one side, unless there are hardly any others.

    Raises
    ------
    BadArgument
        If the way that is asked for lacks its column.
    UnusableColumn
        If the group is the same in every row.
    """
    entities = _entities(table, spec)
    way = _way(spec, entities, len(table))
    hashes, hashed, notes = _hashes(table, features, target, spec)
    times = None
    if spec.time is not None and way != "random":
        times = table.column(spec.time).values
    groups = entities if way == "group" else None
    rows = split(hashes, target.values, times, groups, None if way == "time" else kept)
    repeats = entities is not None and len(np.unique(entities)) < len(table)
    return Sides(
        hashes=hashes,
        hashed=hashed,
        rows=rows,
        entities=entities if repeats else None,
        said=_said(rows, target, spec, entities),
        # only where the hash said which side a row is on
        notes=(*(notes if rows.by == "random" else ()), *_notes(rows, way, target, groups)),
    )


def _named(spec: TrainingSpec) -> tuple[str, ...]:
    return spec.key if spec.group is None else (spec.group,)


def _entities(table: Table, spec: TrainingSpec) -> Hashes | None:
    names = _named(spec)
    if not names:
        return None
    for name in names:
        table.column(name, f"%train {spec.model_id} --group with a column of the table")
    entities = row_hashes(table.select(names), spec.model_id)
    if spec.group is not None and len(np.unique(entities)) == 1:
        problem = "is the same in every row: no entity can be held out"
        raise UnusableColumn(spec.group, problem, "leave --group out, or name another column")
    return entities


def _way(spec: TrainingSpec, entities: Hashes | None, rows: int) -> Way:
    if spec.split not in (None, "random", "time", "group"):
        raise BadArgument("split", spec.split, "random, time or group")
    if spec.split == "group" and entities is None:
        raise BadArgument("split", "group", "the column that names the entity with --group")
    if spec.split == "time" and spec.time is None:
        raise BadArgument("split", "time", "the column that says when with --time")
    if spec.split is not None:
        return spec.split
    if spec.group is not None:
        return "group"
    if spec.time is not None:
        return "time"
    if entities is not None and LEAST_ENTITIES <= len(np.unique(entities)) < rows:
        return "group"
    return "random"


def _hashes(
    table: Table, features: Table, target: Target, spec: TrainingSpec
) -> tuple[Hashes, tuple[str, ...], tuple[str, ...]]:
    """Return the hash of each row: of its key where that names it, else of its features.

    Beside it the columns that it is of, and what should be known of it.
    """
    if spec.key:
        names = tuple(dict.fromkeys((*spec.key, *([spec.time] if spec.time else []))))
        by_key = row_hashes(table.select(names), spec.model_id)
        if len(np.unique(by_key)) == len(by_key):
            return by_key, names, ()
    hashes = row_hashes(features, spec.model_id)
    distinct = len(np.unique(hashes))
    if len(hashes) < LEAST_ROWS or distinct >= LEAST_ROWS:
        return hashes, features.names, ()
    said = (
        f"only {distinct} different rows: copies of a row are on both sides, so the estimate "
        "is for rows like these and not for new ones"
    )
    # copies have numbers of this very table: no other training has the same
    return number_copies(hashes, target.values), (), (said,)


def _said(
    rows: Split, target: Target, spec: TrainingSpec, entities: NDArray[np.uint64] | None
) -> str:
    held, count = len(rows.held_out), len(rows.held_out) + len(rows.training)
    if not held:
        return f"learned from all {count:,} rows; {_why_none(target, count)}"
    share = f"{held:,} of {count:,} rows"
    if rows.by == "group" and entities is not None:
        out, every = len(np.unique(entities[rows.held_out])), len(np.unique(entities))
        name = ", ".join(_named(spec))
        return f"{out:,} of {every:,} {name}, {share}; none is on both sides"
    return f"the newest {share}" if rows.by == "time" else f"by hash {share}"


def _why_none(target: Target, count: int) -> str:
    if count >= LEAST_ROWS and target.classes:
        counts = np.bincount(target.values.astype(np.int64), minlength=len(target.classes))
        smallest = int(counts.argmin())
        if counts[smallest] < LEAST_ROWS_OF_A_CLASS:
            noun = "row" if counts[smallest] == 1 else "rows"
            said = f"{target.classes[smallest]!r} has {counts[smallest]} {noun}"
            return f"{said}, too few to hold any out"
    if count >= LEAST_ROWS:
        return "no part of them could be held out that has no class of its own"
    return "too few to hold any out"


def _notes(
    rows: Split, way: Way, target: Target, groups: NDArray[np.uint64] | None
) -> tuple[str, ...]:
    notes = []
    if way == "time" and rows.by == "random":
        notes.append(
            "the newest rows lack a class or are nearly all: rows are held out by hash instead"
        )
    if groups is not None and rows.folds is not None:
        left = len(np.unique(groups[rows.training]))
        if left < FOLDS:
            notes.append(
                f"{left} entities are learned from, fewer than {FOLDS}: the best step is chosen "
                "on rows of known ones"
            )
    if target.classes and rows.by != "none":
        counts = np.bincount(target.values.astype(np.int64), minlength=len(target.classes))
        for place in np.flatnonzero(counts < LEAST_ROWS_OF_A_CLASS).tolist():
            noun = "row" if counts[place] == 1 else "rows"
            name = target.classes[place]
            notes.append(f"{name!r} has {counts[place]} {noun}: learned from and not measured")
    return tuple(notes)
