"""How often was each value of each column seen, in the cells of a baseline?

The meter of features, predictions and confidences: its tallies say all that drift asks
of a window, but compare nothing.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.cells import ColumnBaseline
from mlops_magics.statistics.slips import MAGNITUDES, magnitude_cells
from mlops_magics.storage.rows import Dated
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column

from .events import FEATURE
from .tallies import Integers, Marks, Names, Place, Tally

# behind the cells of a column: missing, not of its kind, below and above all of training
MISSING, INVALID, BELOW, ABOVE, EXTRA = range(5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnCount:
    """One column of a window.

    Attributes
    ----------
    cells : array of int64, shape (cells,)
        Rows in each cell of the baseline.
    missing, invalid, below, above : int
        Rows without a value, with one of another kind, and outside training's range.
    magnitudes : array of int64
        Rows by the size of the number; empty for what is none.
    unseen : mapping of str to int
        Values that training did not have, the commonest first.
    """

    cells: Integers
    missing: int
    invalid: int
    below: int
    above: int
    magnitudes: Integers
    unseen: Mapping[str, int]

    @property
    def rows(self) -> int:
        """How many rows the column has, missing ones included."""
        return int(self.cells.sum()) + self.missing + self.invalid


class _Watched(NamedTuple):
    """One column: its baseline, and where its counts begin."""

    baseline: ColumnBaseline
    start: int
    sizes: int


@dataclass(frozen=True, eq=False)
class ColumnMeter:
    """Counts columns in the cells of a baseline.

    Parameters
    ----------
    baseline : Baseline
        Of training, or of a table that was named.

    Examples
    --------
    >>> age = Column("integer", np.arange(40), np.zeros(40, bool))
    >>> from mlops_magics.tables.table import Table
    >>> ColumnMeter(Baseline.fit(Table.of({"age": age}), None)).sum_count
    0
    """

    baseline: Baseline

    @property
    def of(self) -> str:
        """The digest of the baseline."""
        return self.baseline.digest

    @cached_property
    def watched(self) -> Mapping[tuple[str, str], _Watched]:
        """The columns by role and name."""
        named = {("feature", n): c for n, c in self.baseline.features.items()}
        if self.baseline.prediction is not None:
            named["prediction", "prediction"] = self.baseline.prediction
        if self.baseline.confidence is not None:
            named["confidence", "confidence"] = self.baseline.confidence
        found, start = {}, 0
        for key, column in named.items():
            sizes = MAGNITUDES if _has_sizes(column) else 0
            found[key] = _Watched(column, start, sizes)
            start += column.cell_count + EXTRA + sizes
        return found

    @cached_property
    def width(self) -> int:
        """How many counts a tally has."""
        return sum(w.baseline.cell_count + EXTRA + w.sizes for w in self.watched.values())

    @property
    def sum_count(self) -> int:
        """One sum of products a pair."""
        return len(self.baseline.pairs)

    @cached_property
    def _scores(self) -> Mapping[str, Integers]:
        names = {name for pair in self.baseline.pairs for name in pair[:2]}
        return {name: self.baseline.scores(name) for name in names}

    def marks(self, rows: Dated) -> Marks:
        """Return what each event adds."""
        places: list[Place] = []
        names: dict[str, Names] = {}
        scores: dict[str, Integers] = {}
        for (role, name), watched in self.watched.items():
            column = _column(rows, role, name)
            if column is None:
                continue
            own = watched.baseline
            read = convert(column, own.kind)
            cells = own.cells_of(read.column)
            places += _places(watched, read.column, cells, read.unusable)
            if name in self._scores and role == "feature":
                scores[name] = self._scores[name][cells]
            is_unseen = _unseen(own, cells)
            if is_unseen.any():
                unseen = Names.of([str(v) for v in read.column.values[is_unseen].tolist()])
                codes = np.full(len(cells), -1, np.int64)
                codes[is_unseen] = unseen.codes
                names[f"{role}:{name}"] = Names(unseen.texts, codes)
        return Marks(places=places, sums=self._products(scores, len(rows.event_time)), names=names)

    def _products(self, scores: Mapping[str, Integers], count: int) -> Iterator[Integers]:
        for pair in self.baseline.pairs:
            if pair.first in scores and pair.second in scores:
                yield scores[pair.first] * scores[pair.second]
            else:
                yield np.zeros(count, np.int64)

    def count_of(self, tally: Tally, role: str, name: str) -> ColumnCount:
        """Return what a tally says of one column.

        Parameters
        ----------
        tally : Tally
            Of this meter.
        role, name : str
            The column; feature, prediction or confidence.

        Returns
        -------
        ColumnCount
            All zero for a column that no event had.
        """
        own, start, sizes = self.watched[role, name]
        extra = start + own.cell_count
        missing, invalid, below, above = tally.counts[extra : extra + EXTRA].tolist()
        return ColumnCount(
            cells=tally.counts[start:extra],
            missing=missing,
            invalid=invalid,
            below=below,
            above=above,
            magnitudes=tally.counts[extra + EXTRA : extra + EXTRA + sizes],
            unseen=dict(tally.names.get(f"{role}:{name}", Counter()).most_common()),
        )

    def pair_sums(self, tally: Tally, place: int) -> Integers:
        """Return what the correlation of one pair needs, missing values as the middle ones."""
        pair = self.baseline.pairs[place]
        sums, rows = [], 0
        for name in (pair.first, pair.second):
            found = self.count_of(tally, "feature", name)
            weights = np.append(found.cells, found.missing + found.invalid)
            score = self._scores[name]
            rows = int(weights.sum())
            sums.append((int(weights @ score), int(weights @ score**2)))
        (a, aa), (b, bb) = sums
        return np.array([rows, a, b, aa, bb, int(tally.sums[place])], np.int64)


def _has_sizes(column: ColumnBaseline) -> bool:
    return not column.by_value and column.kind in ("number", "integer")


def _unseen(own: ColumnBaseline, cells: Integers) -> NDArray[np.bool_]:
    """Return which rows have a value that is worth its name: one that training had not."""
    if own.is_constant:
        return (cells >= 0) & (cells != int(np.argmax(own.counts)))
    if own.is_of_hours or not own.by_value:
        return np.zeros(len(cells), bool)
    return cells == own.cell_count - 1


def _places(
    watched: _Watched, column: Column, cells: Integers, unusable: NDArray[np.bool_]
) -> list[Place]:
    own, start, sizes = watched
    extra = start + own.cell_count
    flags = {MISSING: column.missing & ~unusable, INVALID: unusable}
    places = [Place(start, own.cell_count, cells)]
    if sizes:
        values, known = column.values, ~column.missing
        low, high = own.low, own.high
        if low is not None and high is not None:
            flags |= {BELOW: known & (values < low), ABOVE: known & (values > high)}
        size = np.full(len(values), -1, np.int64)
        size[known] = magnitude_cells(values[known].astype(np.float64))
        places.append(Place(extra + EXTRA, sizes, size))
    # most windows have none of most flags
    flagged = {place: flag for place, flag in flags.items() if flag.any()}
    return places + [Place(extra + p, 1, np.where(flag, 0, -1)) for p, flag in flagged.items()]


def _column(rows: Dated, role: str, name: str) -> Column | None:
    table = rows.table
    if role == "feature":
        return table.columns.get(FEATURE + name)
    if role == "confidence":
        return table.columns.get("confidence")
    return answered(rows) if len(rows.event_time) else None


def answered(rows: Dated) -> Column | None:
    """Return what was answered as a baseline has it: numbers, or the texts of classes."""
    table = rows.table
    if "value" in table and not table.columns["value"].missing.all():
        return table.columns["value"]
    if "prediction" not in table:
        return None
    column = table.columns["prediction"]
    written = column.values.tolist()
    read = {text: json.loads(text or "null") for text in set(written)}
    texts = {text: "" if found is None else str(found) for text, found in read.items()}
    missing = {text: found is None for text, found in read.items()}
    values = np.array([*map(texts.__getitem__, written), None], object)[:-1]
    return Column("category", values, np.fromiter(map(missing.__getitem__, written), bool))
