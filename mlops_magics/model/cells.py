"""What did training see of each column, so that a later window can be compared?

Counts in cells that are cut once and never moved: about sixty of equal mass for
numbers, one around each of a few, one a value for categories, the hours of the day
for times (a date only moves forward). A window is counted into the same cells and
merged to the bins that its rows can fill. It computes no drift and keeps no store.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Kind

from .document import Document, Malformed
from .numeric import bounded

CELLS = 60
# So few distinct numbers have a cell around each: 0.51 is then no other dose than 0.5.
MOST_VALUES_OF_A_NUMBER = 10
HOURS = 24
MICROSECONDS_OF_AN_HOUR = 3_600_000_000
KINDS: tuple[Kind, ...] = (
    "number",
    "integer",
    "boolean",
    "category",
    "time",
    "text",
    "identifier",
)
# Below this share of the training rows values share the cell "other".
LEAST_SHARE = 0.01
LEAST_SHARE_OF_FIVE = 0.1
# More rare values than this are not kept by name; they count as unseen, then and now.
MOST_POOLED = 10_000
MOST_SAMPLED = 2000

Counts = NDArray[np.int64]
Cell = bool | int | float | str


class Counted(NamedTuple):
    """Rows of a window by cell.

    Parameters
    ----------
    cells : array of int, shape (cells,)
        Rows in each cell.
    missing : int
        Rows without a value.
    invalid : int, default=0
        Rows whose value is none of the column's kind; not among the missing ones.

    Examples
    --------
    >>> Counted(np.array([3, 1]), 0).missing
    0
    """

    cells: Counts
    missing: int
    invalid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnBaseline:
    """The cells of one column, and what training had in them.

    Parameters
    ----------
    kind : str
        Of the training column; what comes later is read as this kind.
    by_value : bool
        Whether a cell is a value, or what lies between two edges.
    edges : array of float, shape (cells - 1,)
        Upper ends of all cells but the last, for numbers: a cell holds what is
        above the edge before it, up to and with its own. Empty for values.
    deciles : array of int, shape (d,)
        Places of the edges that bound ten bins of equal mass.
    quintiles : array of int, shape (f,)
        Places of the edges that bound five.
    values : tuple of bool, int, float or str
        Values with a cell each; "other" and "unseen" have the two last cells.
    pooled : tuple of bool, int, float or str
        Values that training saw too rarely: the cell "other".
    counts : array of int, shape (cells,)
        Training rows in each cell.
    missing : int
        Training rows without a value.
    low : int, float or None
        Smallest number seen.
    high : int, float or None
        Largest number seen.
    sample : array of float32, shape (s,)
        Up to 2,000 of the numbers, sorted, for tests that need more than cells.

    Examples
    --------
    >>> column = Column("number", np.arange(600.0), np.zeros(600, bool))
    >>> baseline = ColumnBaseline.fit(column)
    >>> len(baseline.counts), baseline.merge(baseline.counts, 5).tolist()
    (60, [120, 120, 120, 120, 120])
    """

    kind: Kind
    by_value: bool
    edges: NDArray[np.float64]
    deciles: NDArray[np.int64]
    quintiles: NDArray[np.int64]
    values: tuple[Cell, ...]
    pooled: tuple[Cell, ...]
    counts: Counts
    missing: int
    low: int | float | None
    high: int | float | None
    sample: NDArray[np.float32]
    _cells: dict[Any, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cells = {value: cell for cell, value in enumerate(self.values)}
        cells |= dict.fromkeys(self.pooled, len(self.values))
        object.__setattr__(self, "_cells", cells)

    @classmethod
    def fit(cls, column: Column, by_value: bool = False) -> "ColumnBaseline":
        """Cut the cells of a training column and count its rows.

        Parameters
        ----------
        column : Column
            Of any kind.
        by_value : bool, default=False
            Also where a number has more than ten values: for classes.

        Returns
        -------
        ColumnBaseline
            Cells that never move again.
        """
        known = column.values[~column.missing]
        has_range = column.stored_in not in ("text", "bool") and len(known) > 0
        is_by_value = by_value or column.stored_in in ("text", "bool", "time")
        none = np.zeros(0, np.int64)
        bare = cls(
            kind=column.kind,
            by_value=is_by_value,
            edges=np.zeros(0),
            deciles=none,
            quintiles=none,
            values=(),
            pooled=(),
            counts=none,
            missing=int(column.missing.sum()),
            low=known.min().item() if has_range else None,
            high=known.max().item() if has_range else None,
            sample=_sampled(known) if has_range and not is_by_value else np.zeros(0, np.float32),
        )
        cut = bare._cut(known)
        return replace(cut, counts=cut.count(column).cells)

    def _cut(self, known: NDArray[Any]) -> "ColumnBaseline":
        if self.is_of_hours:
            return replace(self, values=tuple(range(HOURS)))
        if self.by_value:
            return _cut_by_value(self, known)
        numbers = bounded(known.astype(np.float64))
        if len(np.unique(numbers)) <= MOST_VALUES_OF_A_NUMBER:
            return _cut_between_values(self, numbers)
        return _cut_by_quantile(self, np.sort(numbers))

    @property
    def range(self) -> tuple[int | float, int | float] | None:
        """Smallest and largest number of training; None for what is no number."""
        if self.low is None or self.high is None or self.by_value:
            return None
        return self.low, self.high

    @property
    def is_constant(self) -> bool:
        """Whether training saw one number only."""
        return not self.by_value and self.low is not None and self.low == self.high

    @property
    def is_of_hours(self) -> bool:
        """Whether the cells are the hours of the day."""
        return self.kind == "time"

    @property
    def rows(self) -> int:
        """How many rows training had, missing ones included."""
        return int(self.counts.sum()) + self.missing

    @property
    def cell_count(self) -> int:
        """How many cells there are; by value two more than values."""
        return len(self.values) + 2 if self.by_value else len(self.edges) + 1

    def read(self, column: Column) -> Column:
        """Return a column as the kind of training: codes that come as text are codes."""
        return convert(column, self.kind).column

    def cells_of(self, column: Column) -> NDArray[np.int64]:
        """Return the cell of each row, -1 where missing; the last cell is "unseen" by value.

        Parameters
        ----------
        column : Column
            Of the kind of training, as `read` returns it.

        Returns
        -------
        array of int, shape (n,)
            Places in `counts`.
        """
        if self.is_of_hours:
            cells = column.values // MICROSECONDS_OF_AN_HOUR % HOURS
        elif self.by_value:
            find, unseen = self._cells.get, len(self.values) + 1
            values = column.values.tolist()
            cell_of = {value: find(value, unseen) for value in set(values)}
            cells = np.fromiter(map(cell_of.__getitem__, values), np.int64, len(values))
        else:
            cells = np.searchsorted(self.edges, column.to_floats(), side="left")
        cells[column.missing] = -1
        return cells

    def count(self, column: Column) -> Counted:
        """Return how many rows of a window, of whatever kind it is, fall into each cell."""
        read = self.read(column)
        cells = self.cells_of(read)
        known = cells[cells >= 0]
        counts = np.bincount(known, minlength=self.cell_count)
        missing = int(column.missing.sum())
        return Counted(counts, missing, len(cells) - len(known) - missing)

    def merge(self, cells: Counts, bins: int) -> Counts:
        """Merge counts of cells to the bins that a comparison uses.

        Parameters
        ----------
        cells : array of int, shape (cells,)
            Counts of a window or of the baseline.
        bins : int
            10 or 5; by value there is one bin a value, and one for all others.

        Returns
        -------
        array of int, shape (at most bins,)
            Fewer where training values tie.
        """
        if self.by_value:
            return np.append(cells[:-2], cells[-2:].sum())
        assert bins in (5, 10), bins
        uppers = self.deciles if bins == 10 else self.quintiles
        return np.add.reduceat(cells, np.append(0, uppers + 1))

    def to_json(self) -> dict[str, Any]:
        """Return everything but the sample as strict JSON."""
        return {
            "kind": self.kind,
            "by_value": self.by_value,
            "edges": self.edges.tolist(),
            "deciles": self.deciles.tolist(),
            "quintiles": self.quintiles.tolist(),
            "values": list(self.values),
            "pooled": list(self.pooled),
            "counts": self.counts.tolist(),
            "missing": self.missing,
            "low": self.low,
            "high": self.high,
        }

    @classmethod
    def from_json(cls, parsed: Any, sample: NDArray[np.float32]) -> "ColumnBaseline":
        """Read it back, or raise `Malformed`.

        Parameters
        ----------
        parsed : object
            As `to_json` made it.
        sample : array of float32, shape (s,)
            The sample, which a model file keeps apart.

        Returns
        -------
        ColumnBaseline
            Equal to the one that was written.
        """
        document = Document(parsed)
        baseline = cls(
            kind=document.choice("kind", KINDS),
            by_value=document.flag("by_value"),
            edges=document.floats("edges"),
            deciles=document.integers("deciles"),
            quintiles=document.integers("quintiles"),
            values=document.scalars("values"),
            pooled=document.scalars("pooled"),
            counts=document.integers("counts"),
            missing=document.integer("missing"),
            low=document.number("low"),
            high=document.number("high"),
            sample=sample,
        )
        edges, last = baseline.edges, len(baseline.edges)
        fits = edges.ndim == 1 and len(baseline.counts) == baseline.cell_count
        if not fits or not (np.diff(edges) > 0).all():
            raise Malformed("cells and counts that do not fit")
        for places in (baseline.deciles, baseline.quintiles):
            inside = len(places) == 0 or (places[0] >= 0 and places[-1] < last)
            if not inside or not (np.diff(places) > 0).all():
                raise Malformed("a bin that ends at no edge")
        return baseline


def _cut_by_value(bare: ColumnBaseline, known: NDArray[Any]) -> ColumnBaseline:
    counted = Counter(known.tolist())
    order = sorted(counted, key=lambda value: (-counted[value], value))
    least = LEAST_SHARE * len(known)
    common = tuple(value for value in order if counted[value] >= least)
    pooled = tuple(order[len(common) : len(common) + MOST_POOLED])
    return replace(bare, values=common, pooled=pooled)


def _cut_between_values(bare: ColumnBaseline, numbers: NDArray[np.float64]) -> ColumnBaseline:
    """Cut half-way between neighbours; a bin holds whole cells and a share of the rows."""
    values, filled = np.unique(numbers, return_counts=True)
    if len(values) == 1:
        # below it, itself and above it: a constant that moves has left its cell
        edges = np.array([np.nextafter(values[0], -np.inf), values[0]])
        return replace(bare, edges=edges, deciles=np.arange(2), quintiles=np.arange(2))
    # halves first: the sum of two of the largest floats would be infinite
    edges = values[:-1] / 2 + values[1:] / 2
    return replace(
        bare,
        edges=edges,
        deciles=_bounds(filled, LEAST_SHARE),
        quintiles=_bounds(filled, LEAST_SHARE_OF_FIVE),
    )


def _bounds(filled: Counts, least: float) -> NDArray[np.int64]:
    """Return the places of edges between which there is at least this share of the rows."""
    places, before, total = [], 0, int(filled.sum())
    passed = np.cumsum(filled)[:-1].tolist()
    for place, rows in enumerate(passed):
        if min(rows - before, total - rows) >= least * total:
            places.append(place)
            before = rows
    return np.array(places, np.int64)


def _cut_by_quantile(bare: ColumnBaseline, ordered: NDArray[np.float64]) -> ColumnBaseline:
    number = np.arange(1, CELLS)
    edges, place = np.unique(np.quantile(ordered, number / CELLS), return_inverse=True)
    is_tenth, is_fifth = np.zeros((2, len(edges)), bool)
    is_tenth[place[number % (CELLS // 10) == 0]] = True
    is_fifth[place[number % (CELLS // 5) == 0]] = True
    filled = np.bincount(np.searchsorted(edges, ordered, side="left"), minlength=len(edges) + 1)
    # An empty cell cannot tell a change from its neighbour, and its two edges split the
    # rows alike: the lower one stays. From the top, as empty cells may be in a row.
    for cell in np.flatnonzero(filled[:-1] == 0)[::-1].tolist():
        is_tenth[cell - 1] |= is_tenth[cell]
        is_fifth[cell - 1] |= is_fifth[cell]
    kept = filled[:-1] > 0
    if filled[-1] == 0:
        kept[np.flatnonzero(kept)[-1]] = False
    return replace(
        bare,
        edges=edges[kept],
        deciles=np.flatnonzero(is_tenth[kept]),
        quintiles=np.flatnonzero(is_fifth[kept]),
    )


def _sampled(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return at most 2,000 of the numbers at even ranks, sorted."""
    ordered = np.sort(numbers).astype(np.float64)
    if len(ordered) > MOST_SAMPLED:
        ordered = ordered[np.linspace(0, len(ordered) - 1, MOST_SAMPLED).round().astype(int)]
    limit = float(np.finfo(np.float32).max)
    return np.clip(ordered, -limit, limit).astype(np.float32)
