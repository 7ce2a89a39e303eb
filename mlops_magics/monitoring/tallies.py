"""What adds up, so that a window of any length is a sum?

A meter says what each row adds: to which counts, by how much to which sums, and which
names. Rows are tallied by hour, hours are kept by day, and tallies are added in any
order: everything is a whole number. It reads no store and knows no meaning of a count.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mlops_magics.storage.rows import Dated

Integers = NDArray[np.int64]

MICROSECONDS_OF_AN_HOUR = 3_600_000_000
HOURS_OF_A_DAY = 24
# Names are for people; what is beyond the commonest of an hour is in the counts alone.
NAMES_OF_AN_HOUR = 50


class Place(NamedTuple):
    """To which count each row adds one.

    Attributes
    ----------
    start, span : int
        Where these counts are in the tally, and how many there are.
    cells : array of int, shape (n,)
        From 0 up to, without, span; -1 for a row that adds to none.
    """

    start: int
    span: int
    cells: Integers


class Names(NamedTuple):
    """Which name each row adds.

    Attributes
    ----------
    texts : sequence of str
        All names.
    codes : array of int, shape (n,)
        Places in `texts`; -1 for a row that adds none.
    """

    texts: Sequence[str]
    codes: Integers

    @classmethod
    def of(cls, names: Sequence[str | None]) -> "Names":
        """Return the names of rows, None for a row that adds none."""
        texts = [text for text in dict.fromkeys(names) if text is not None]
        codes: dict[str | None, int] = {text: code for code, text in enumerate(texts)}
        codes[None] = -1
        return cls(texts, np.fromiter(map(codes.__getitem__, names), np.int64, len(names)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """What each of n rows adds to a tally.

    Attributes
    ----------
    places : sequence of Place
        Counts.
    sums : iterable of array of int64, shape (n,)
        Whole numbers, one array a sum; made one by one, as there may be many.
    names : mapping of str to Names
        By kind of names.
    """

    places: list[Place]
    sums: Iterable[Integers]
    names: Mapping[str, Names]


class Meter(Protocol):
    """What a tally counts."""

    @property
    def of(self) -> str:
        """What tells its tallies from those of others."""

    @property
    def width(self) -> int:
        """How many counts a tally has."""

    @property
    def sum_count(self) -> int:
        """How many sums it has."""

    def marks(self, rows: Dated) -> Marks:
        """Return what each row adds."""


@dataclass(slots=True, eq=False)
class Tally:
    """What some events add up to.

    Attributes
    ----------
    counts : array of int64, shape (width,)
        As the meter places them.
    sums : array of int64, shape (sums,)
        As the meter adds them.
    names : dict of str to Counter
        The commonest names of each hour, with their counts.
    first, last : int or None
        Range of event_time, microseconds.
    """

    counts: Integers
    sums: Integers
    names: dict[str, Counter[str]]
    first: int | None = None
    last: int | None = None

    @classmethod
    def empty(cls, meter: Meter) -> "Tally":
        """Return what no event adds up to."""
        return cls(np.zeros(meter.width, np.int64), np.zeros(meter.sum_count, np.int64), {})

    def add(self, other: "Tally") -> None:
        """Add what other events add up to."""
        self.counts += other.counts
        self.sums += other.sums
        for kind, counted in other.names.items():
            self.names.setdefault(kind, Counter()).update(counted)
        self.widen(other.first, other.last)

    def widen(self, first: int | None, last: int | None) -> None:
        """Include another range of times."""
        if first is not None and last is not None:
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hours:
    """What the events of each hour add up to, only what is not zero.

    Attributes
    ----------
    hour : array of int64, shape (h,)
        Hours since 1970 UTC that have events, in order.
    first, last : array of int64, shape (h,)
        Range of event_time in each, microseconds.
    sums : array of int64, shape (h, sums)
        Sums of each.
    place, cell, count : array of int64, shape (c,)
        Which hour, as a place in `hour` and in order, has how much at which count.
    names : tuple of (int, str, dict of str to int)
        Place of an hour, kind of names, and the names with their counts.
    """

    hour: Integers
    first: Integers
    last: Integers
    sums: Integers
    place: Integers
    cell: Integers
    count: Integers
    names: tuple[tuple[int, str, Mapping[str, int]], ...]

    def between(self, begin: int, end: int) -> "Hours":
        """Return the hours from begin up to, without, end."""
        low, high = np.searchsorted(self.hour, [begin, end]).tolist()
        if (low, high) == (0, len(self.hour)):
            return self
        left, right = np.searchsorted(self.place, [low, high]).tolist()
        return Hours(
            hour=self.hour[low:high],
            first=self.first[low:high],
            last=self.last[low:high],
            sums=self.sums[low:high],
            place=self.place[left:right] - low,
            cell=self.cell[left:right],
            count=self.count[left:right],
            names=tuple((p - low, k, n) for p, k, n in self.names if low <= p < high),
        )

    def days(self) -> Iterable[tuple[int, "Hours"]]:
        """Yield each UTC day that has events, with its hours."""
        for day in np.unique(self.hour // HOURS_OF_A_DAY).tolist():
            begin = day * HOURS_OF_A_DAY
            yield day, self.between(begin, begin + HOURS_OF_A_DAY)

    def together(self) -> "Hours":
        """Return all of them as one, under the first hour of the first one's UTC day."""
        cell, place = np.unique(self.cell, return_inverse=True)
        names: dict[str, Counter[str]] = {}
        for _, kind, counted in self.names:
            names.setdefault(kind, Counter()).update(counted)
        return Hours(
            hour=self.hour[:1] // HOURS_OF_A_DAY * HOURS_OF_A_DAY,
            first=self.first.min(keepdims=True),
            last=self.last.max(keepdims=True),
            sums=self.sums.sum(axis=0, keepdims=True),
            place=np.zeros(len(cell), np.int64),
            cell=cell,
            # exact: a count is far below 2^53
            count=np.bincount(place, self.count, len(cell)).astype(np.int64),
            names=tuple((0, kind, dict(names[kind])) for kind in sorted(names)),
        )

    def add_to(self, tally: Tally) -> None:
        """Add all hours to a tally."""
        if not len(self.hour):
            return
        width = len(tally.counts)
        # exact: a count is far below 2^53
        tally.counts += np.bincount(self.cell, self.count, width).astype(np.int64)
        tally.sums += self.sums.sum(axis=0)
        for _, kind, counted in self.names:
            tally.names.setdefault(kind, Counter()).update(counted)
        tally.widen(int(self.first.min()), int(self.last.max()))


def by_hour(meter: Meter, rows: Dated) -> Hours:
    """Tally rows by the hour of their event_time.

    Parameters
    ----------
    meter : Meter
        What is counted.
    rows : Rows or Append
        Events of one stream, in any order.

    Returns
    -------
    Hours
        Only hours that have events.
    """
    hour, place = np.unique(rows.event_time // MICROSECONDS_OF_AN_HOUR, return_inverse=True)
    marks = meter.marks(rows)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(hour)))
    times = rows.event_time[order]
    sums = [np.add.reduceat(one[order], starts) if len(hour) else one for one in marks.sums]
    found = [_counted(one, place, len(hour)) for one in marks.places]
    columns = [np.concatenate(part) for part in zip(*found, strict=True)]
    by_place = np.argsort(columns[0], kind="stable")
    return Hours(
        hour=hour,
        first=np.minimum.reduceat(times, starts) if len(hour) else times,
        last=np.maximum.reduceat(times, starts) if len(hour) else times,
        sums=np.array(sums, np.int64).reshape(meter.sum_count, len(hour)).T,
        place=columns[0][by_place],
        cell=columns[1][by_place],
        count=columns[2][by_place],
        names=_named(marks.names, place),
    )


def _counted(one: Place, hours: Integers, hour_count: int) -> tuple[Integers, Integers, Integers]:
    """Return hour, cell and count of what is not zero."""
    known = one.cells >= 0
    flat = hours * one.span + one.cells
    counts = np.bincount(flat if known.all() else flat[known], minlength=hour_count * one.span)
    filled = np.flatnonzero(counts)
    return filled // one.span, one.start + filled % one.span, counts[filled]


def _named(
    names: Mapping[str, Names], hours: Integers
) -> tuple[tuple[int, str, Mapping[str, int]], ...]:
    found: dict[tuple[int, str], dict[str, int]] = {}
    for kind, (texts, codes) in names.items():
        known, span = codes >= 0, max(len(texts), 1)
        both, counts = np.unique(hours[known] * span + codes[known], return_counts=True)
        hour = both // span
        for place in np.lexsort((-counts, hour)).tolist():
            counted = found.setdefault((int(hour[place]), kind), {})
            if len(counted) < NAMES_OF_AN_HOUR:
                counted[texts[int(both[place]) % span]] = int(counts[place])
    ordered = sorted(found)
    return tuple((*entry, found[entry]) for entry in ordered)


def to_bytes(hours: Hours) -> bytes:
    """Return the hours of a day as they are kept."""
    arrays = [hours.hour, hours.first, hours.last, hours.sums.ravel()]
    arrays += [hours.place, hours.cell, hours.count]
    small = [_smallest(array) for array in arrays]
    head = {
        "types": [array.dtype.str for array in small],
        "sizes": [len(array) for array in small],
        "names": hours.names,
    }
    written = json.dumps(head, ensure_ascii=False).encode()
    parts = [len(written).to_bytes(4, "little"), written, *(array.tobytes() for array in small)]
    return zlib.compress(b"".join(parts), level=1)


def from_bytes(kept: bytes) -> Hours:
    """Return what `to_bytes` was given."""
    content = zlib.decompress(kept)
    begin = 4 + int.from_bytes(content[:4], "little")
    head = json.loads(content[4:begin])
    arrays = []
    for kind, size in zip(head["types"], head["sizes"], strict=True):
        found = np.frombuffer(content, np.dtype(kind), size, begin)
        arrays.append(found.astype(np.int64))
        begin += found.nbytes
    hour, first, last, sums, place, cell, count = arrays
    return Hours(
        hour=hour,
        first=first,
        last=last,
        sums=sums.reshape(len(hour), -1),
        place=place,
        cell=cell,
        count=count,
        names=tuple((entry[0], entry[1], entry[2]) for entry in head["names"]),
    )


def _smallest(array: Integers) -> NDArray[Any]:
    """Return the same numbers in the fewest bytes that hold them."""
    low, high = (int(array.min()), int(array.max())) if len(array) else (0, 0)
    for kind in ("<u1", "<u2", "<u4"):
        if low >= 0 and high <= np.iinfo(kind).max:
            return array.astype(kind)
    return array.astype("<i8")
