"""What does each day add up to, and how much do days differ by themselves?

Weekdays, weather and sales are alike for all rows of one day: a day that differs from
training may be a day like any other. What the days before differed by says how much of
that is usual. It judges nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mlops_magics.model.cells import ColumnBaseline
from mlops_magics.statistics import clusters
from mlops_magics.statistics.clusters import LEAST_DAYS
from mlops_magics.storage import Storage

from . import summaries, traffic
from .closing import Window
from .columns import ColumnMeter
from .drift import compare_columns
from .reports import ColumnDrift
from .tallies import HOURS_OF_A_DAY, Hours, Integers, Meter, Tally

# Four weeks have four of each weekday, and are short beside a season.
DAYS_BEFORE = 28
BINS = 10
DAYS_OF_A_WEEK = 7

Key = tuple[str, str]


def days_of(parts: Iterable[Hours]) -> dict[int, int]:
    """Return the events of each UTC day, from parts of the sums of traffic."""
    found: dict[int, int] = {}
    for hours in parts:
        for day, own in hours.days():
            rows = int(own.count[own.cell == traffic.ROWS].sum())
            found[day] = found.get(day, 0) + rows
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Dailies:
    """What each UTC day adds up to.

    Attributes
    ----------
    meter : Meter
        What is counted.
    days : list of int
        Days since 1970 UTC that have events, in order.
    tallies : list of Tally
        One a day.
    """

    meter: Meter
    days: list[int]
    tallies: list[Tally]

    @classmethod
    def collect(
        cls, storage: Storage, name: str, meter: Meter, window: tuple[int, int]
    ) -> "Dailies":
        """Read the days from the first of a window up to, without, its second."""
        begin, end = (day * HOURS_OF_A_DAY for day in window)
        found: dict[int, Tally] = {}
        for hours in summaries.collect(storage, name, [meter], begin, end, by_day=True)[0]:
            for day, own in hours.days():
                own.add_to(found.setdefault(day, Tally.empty(meter)))
        days = sorted(found)
        return cls(meter, days, [found[day] for day in days])

    def inside(self, begin: int, end: int) -> range:
        """Return the places of the days from begin up to, without, end."""
        return range(bisect_right(self.days, begin - 1), bisect_right(self.days, end - 1))

    def total(self, windows: Sequence[Window]) -> Tally:
        """Return what windows add up to."""
        whole = Tally.empty(self.meter)
        for window in windows:
            for place in self.inside(window.begin, window.end):
                whole.add(self.tallies[place])
        return whole


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of each day, to be compared with training.

    Attributes
    ----------
    meter : ColumnMeter
        With the baseline.
    dailies : Dailies
        Of that meter.
    """

    meter: ColumnMeter
    dailies: Dailies
    _counted: dict[int, dict[Key, Integers]] = field(default_factory=dict)

    def compare(
        self, windows: Sequence[Window], until: int, changed: Mapping[str, int]
    ) -> tuple[ColumnDrift, ...]:
        """Compare the sum of windows with training.

        Parameters
        ----------
        windows : sequence of Window
            In order.
        until : int
            How much days differ is read from the four weeks before this day.
        changed : mapping of str to int
            Columns that have an alert, with the day since when: what they differ by from
            then on is not what is usual.

        Returns
        -------
        tuple of ColumnDrift
            Without columns that cannot be told from a calendar before seven days are there.
        """
        own = [place for w in windows for place in self.dailies.inside(w.begin, w.end)]
        effects, calendar = dict[Key, float](), set[Key]()
        for key in self.meter.watched:
            alike = clusters.alikeness(self._before(key, until, changed.get(key[1])))
            now = np.array([self._count(place)[key] for place in own])
            if alike is not None:
                effects[key] = clusters.design_effect(alike, float(now.sum()), len(own))
            elif _may_be_calendar(self.meter.watched[key].baseline, now):
                calendar.add(key)
        found = compare_columns(self.meter, self.dailies.total(windows), {}, effects)
        return tuple(
            column
            for column in found
            if (column.role, column.name) not in calendar or column.unseen
        )

    def _before(self, key: Key, until: int, changed: int | None) -> Integers:
        """Return the bins of a column on each day of four weeks: before it changed, if known."""
        ends = [until] if changed is None else [changed, until]
        for end in ends:
            places = self.dailies.inside(end - DAYS_BEFORE, end)
            if len(places) >= LEAST_DAYS:
                return np.array([self._count(place)[key] for place in places])
        return np.zeros((0, 1), np.int64)

    def _count(self, place: int) -> dict[Key, Integers]:
        """Return the bins of every column on one day, missing values as one of them."""
        if place not in self._counted:
            tally = self.dailies.tallies[place]
            self._counted[place] = {key: self._bins(tally, key) for key in self.meter.watched}
        return self._counted[place]

    def _bins(self, tally: Tally, key: Key) -> Integers:
        count = self.meter.count_of(tally, *key)
        merged = self.meter.watched[key].baseline.merge(count.cells, BINS)
        return np.append(merged, count.missing + count.invalid)


def _may_be_calendar(own: ColumnBaseline, counts: Integers) -> bool:
    """Return whether a column may say which day it is: a weekday, a holiday.

    Of its few values each day has one, or two where days are cut in another zone.
    """
    if not own.by_value or len(own.values) > DAYS_OF_A_WEEK or not len(counts):
        return False
    most = 2 if len(own.values) > 4 else 1
    in_a_day = (counts[:, :-1] > 0).sum(axis=1)
    return bool((in_a_day <= most).all()) and not counts[:, -1].any()
