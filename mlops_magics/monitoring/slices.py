"""In which part of the rows did something move?

Groups rows by one feature, of training (the rows that its baseline keeps) and of a
window (which are read), and compares every other feature within each group.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.cells import ColumnBaseline
from mlops_magics.statistics.drift import ROWS_FOR_FIVE_BINS
from mlops_magics.statistics.multiplicity import holm
from mlops_magics.storage.rows import Rows

from .columns import ColumnCount
from .drift import ALPHA, Reference, as_judged, chance_of, compare_column, judge, ordered
from .events import FEATURE
from .reports import ColumnDrift, SliceDrift
from .tallies import Integers

# Rows are read for slices: the newest of the window are enough to find a tenth that moved.
ROWS_READ = 20_000
# More values than this are no groups that a person would look at.
MOST_GROUPS = 12
SHOWN = 3
# A thousand features in a dozen groups would take many seconds at every look; then the
# largest groups are looked at, in which a move concerns most rows.
MOST_LOOKS = 4000
# A feature is as it was in all other rows where chance explains them as easily as this.
STILL = 0.01

Cells = Mapping[str, Integers]


@dataclass(frozen=True, eq=False)
class _Group:
    """The rows of one value."""

    by: str
    value: str
    base: NDArray[np.bool_]
    window: NDArray[np.bool_]

    @cached_property
    def is_large(self) -> bool:
        return min(int(self.base.sum()), int(self.window.sum())) >= ROWS_FOR_FIVE_BINS


def compare_groups(baseline: Baseline, rows: Rows, by: str) -> tuple[SliceDrift, ...]:
    """Compare the features within each group of one of them.

    Parameters
    ----------
    baseline : Baseline
        With rows of training.
    rows : Rows
        Events of the window.
    by : str
        The feature that groups.

    Returns
    -------
    tuple of SliceDrift
        The largest group first; without columns where rows are too few.
    """
    before, now = _of_training(baseline), _of_window(baseline, rows)
    groups = list(_groups(baseline, before, now, by))
    found = _judged(baseline, before, now, groups)
    return tuple(sorted(found, key=lambda s: -s.count))


def find_moved(baseline: Baseline, rows: Rows, moved: frozenset[str]) -> tuple[SliceDrift, ...]:
    """Find groups in which something moved that did not move in all rows.

    Parameters
    ----------
    baseline : Baseline
        With rows of training.
    rows : Rows
        Events of the window.
    moved : frozenset of str
        Features that moved in all rows; they are no news, and no groups. Of very many
        features only the largest groups are looked at.

    Returns
    -------
    tuple of SliceDrift
        At most three, the surest first, each column in one of them only.
    """
    before, now = _of_training(baseline), _of_window(baseline, rows)
    still = [name for name in now if name not in moved]
    groups = [group for by in still for group in _groups(baseline, before, now, by)]
    before = {name: before[name] for name in still if name in before}
    if len(groups) * len(before) > MOST_LOOKS:
        large = sorted((g for g in groups if g.is_large), key=lambda g: -int(g.window.sum()))
        groups = large[: max(1, MOST_LOOKS // len(before))]
    sure = _moved_in(baseline, before, now, groups)
    sure.sort(key=lambda s: min(c.adjusted or 0.0 for c in s.moved))
    shown: list[SliceDrift] = []
    named: set[str] = set()
    for one in sure:
        if {c.name for c in one.moved} - named and len(shown) < SHOWN:
            shown.append(one)
            named |= {c.name for c in one.moved}
    return tuple(shown)


def _judged(
    baseline: Baseline, before: Cells, now: Cells, groups: list[_Group]
) -> list[SliceDrift]:
    """Compare within all groups, and judge them together."""
    compared: list[ColumnDrift] = []
    ends = [0]
    for group in groups:
        if group.is_large:
            for name in before:
                if name != group.by and name in now:
                    compared.append(_compare(baseline.features[name], name, before, now, group))
        ends.append(len(compared))
    judged = judge(compared)
    return [
        SliceDrift(
            by=group.by,
            value=group.value,
            count=int(group.window.sum()),
            columns=ordered(judged[ends[place] : ends[place + 1]], {}),
        )
        for place, group in enumerate(groups)
    ]


def _moved_in(
    baseline: Baseline, before: Cells, now: Cells, groups: list[_Group]
) -> list[SliceDrift]:
    """Return the groups in which something moved; only what did is compared in full."""
    looked = [
        (group, name, chance_of(*_counts(baseline.features[name], name, before, now, group)))
        for group in groups
        if group.is_large
        for name in before
        if name != group.by and name in now
    ]
    tested = [(group, name, chance) for group, name, chance in looked if chance is not None]
    adjusted = holm([chance for _, _, chance in tested])
    found: dict[_Group, list[ColumnDrift]] = {}
    for (group, name, _), chance in zip(tested, adjusted, strict=True):
        if chance <= ALPHA:
            column = _compare(baseline.features[name], name, before, now, group)
            found.setdefault(group, []).append(as_judged(column, chance))
    slices = [
        SliceDrift(
            by=group.by,
            value=group.value,
            count=int(group.window.sum()),
            columns=ordered(columns, {}),
        )
        for group, columns in found.items()
    ]
    return [one for one in slices if one.moved]


def _compare(
    own: ColumnBaseline, name: str, before: Cells, now: Cells, group: _Group
) -> ColumnDrift:
    return compare_column(name, "feature", *_counts(own, name, before, now, group))


def _counts(
    own: ColumnBaseline, name: str, before: Cells, now: Cells, group: _Group
) -> tuple[Reference, ColumnCount]:
    base, base_missing = _count(own, before[name][group.base])
    window, missing = _count(own, now[name][group.window])
    count = ColumnCount(
        cells=window,
        missing=missing,
        invalid=0,
        below=0,
        above=0,
        magnitudes=np.zeros(0, np.int64),
        unseen={},
    )
    return Reference(own, base, base_missing), count


def _count(own: ColumnBaseline, cells: Integers) -> tuple[Integers, int]:
    known = cells[cells >= 0]
    return np.bincount(known, minlength=own.cell_count), len(cells) - len(known)


def _of_training(baseline: Baseline) -> Cells:
    places = enumerate(baseline.features)
    rows = baseline.rows.astype(np.int64)
    return {name: rows[:, place] for place, name in places} if rows.size else {}


def _of_window(baseline: Baseline, rows: Rows) -> Cells:
    found = {}
    for name, own in baseline.features.items():
        column = rows.table.columns.get(FEATURE + name)
        if column is not None:
            found[name] = own.cells_of(own.read(column))
    return found


def _groups(baseline: Baseline, before: Cells, now: Cells, by: str) -> Iterator[_Group]:
    if by not in before or by not in now:
        return
    own = baseline.features[by]
    for value, low, high in _bounds(own):
        base = (before[by] >= low) & (before[by] <= high)
        window = (now[by] >= low) & (now[by] <= high)
        if window.any():
            yield _Group(by, value, base, window)


def _bounds(own: ColumnBaseline) -> list[tuple[str, int, int]]:
    """Return the groups of a column: its name, its first and its last cell."""
    if own.is_of_hours:
        parts = [(f"{h:02d}:00 to {h + 6:02d}:00", h, h + 5) for h in range(0, 24, 6)]
    elif own.by_value:
        values = own.values[:MOST_GROUPS]
        parts = [(str(value), place, place) for place, value in enumerate(values)]
    else:
        ends = [*own.quintiles.tolist(), len(own.edges)]
        starts = [0, *(end + 1 for end in ends[:-1])]
        edges = [own.low, *own.edges.tolist(), own.high]
        parts = [
            (f"{edges[start]:.4g} to {edges[end + 1]:.4g}", start, end)
            for start, end in zip(starts, ends, strict=True)
        ]
    return parts if len(parts) > 1 else []


def only_where(baseline: Baseline, rows: Rows, name: str) -> tuple[str, str] | None:
    """Find the only group in which a feature moved.

    Parameters
    ----------
    baseline : Baseline
        With rows of training.
    rows : Rows
        Events of the window.
    name : str
        A feature that moved in all rows together.

    Returns
    -------
    tuple of (str, str) or None
        Another feature and its value: there it moved, and in the other rows it did not.
        None where it moved here and there.
    """
    before, now = _of_training(baseline), _of_window(baseline, rows)
    if name not in before or name not in now:
        return None
    own = baseline.features[name]
    groups = [g for by in now if by != name for g in _groups(baseline, before, now, by)]
    groups = [group for group in groups if group.is_large]
    sure = [(_chance(own, name, before, now, group), group) for group in groups]
    for chance, group in sorted(sure, key=lambda pair: pair[0]):
        if chance * len(groups) > ALPHA:
            return None
        others = _Group(group.by, "", ~group.base, ~group.window)
        if others.is_large and _chance(own, name, before, now, others) > STILL:
            return group.by, group.value
    return None


def _chance(own: ColumnBaseline, name: str, before: Cells, now: Cells, group: _Group) -> float:
    found = chance_of(*_counts(own, name, before, now, group))
    return 1.0 if found is None else found
