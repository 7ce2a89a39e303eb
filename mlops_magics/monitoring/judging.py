"""What do the windows of events say that have closed since the last look?

Each closed window is judged once, from the sums that are kept anyway: late rows of a
judged window change nothing. What the windows change and that they were judged is one
transaction, so several kernels can look at once and one of them writes it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span

from . import closing, findings, metrics, rules, slices, summaries, traffic
from .alert import Alert, Rule
from .alerts import Change
from .closing import DAY, Window
from .columns import ColumnMeter
from .drift import compare_columns
from .events import FEATURE
from .findings import EARLIER, POOLED, Finding
from .metrics import METER
from .reports import ColumnDrift
from .story import Judged, Story
from .tallies import HOURS_OF_A_DAY, Hours, Meter, Tally


def judge_events(storage: Storage, judged: Judged) -> tuple[Alert, ...]:
    """Judge the windows of events that have closed since the last look.

    Parameters
    ----------
    storage : Storage
        The workspace.
    judged : Judged
        The version.

    Returns
    -------
    tuple of Alert
        What has changed, as it is now; nothing where no window has closed.
    """
    story = Story.read(storage, judged, "events")
    today = storage.clock.now() // DAY
    begin = summaries.NEVER if story.end is None else story.end * HOURS_OF_A_DAY
    parts = summaries.collect(storage, judged.stream, [METER], begin, today * HOURS_OF_A_DAY)[0]
    new = closing.closed(days_of(parts), today)
    if not new:
        return ()
    sums = Sums.collect(storage, judged, [*(one.window for one in story.kept), *new])
    kept_rules = rules.rules(storage, judged.model_id)
    for place, window in enumerate(new, start=len(story.kept)):
        for change in story.tell(window, sums.findings(place, kept_rules)):
            where = _slice(storage, judged, change)
            if where is not None:
                story.put_slice(change, where)
    return story.write(storage)


def days_of(parts: Iterable[Hours]) -> dict[int, int]:
    """Return the events of each UTC day, from parts of the sums of traffic."""
    found: dict[int, int] = {}
    for hours in parts:
        for day, own in hours.days():
            rows = int(own.count[own.cell == traffic.ROWS].sum())
            found[day] = found.get(day, 0) + rows
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What each window adds up to.

    Attributes
    ----------
    judged : Judged
        The version.
    meter : ColumnMeter or None
        Of its columns; None without a baseline.
    traffic, columns : list of Tally
        One a window; no columns without a baseline.
    """

    judged: Judged
    meter: ColumnMeter | None
    traffic: list[Tally]
    columns: list[Tally]

    @classmethod
    def collect(cls, storage: Storage, judged: Judged, windows: Sequence[Window]) -> "Sums":
        """Add up what is kept of these windows, once for all of them."""
        meter = None if judged.baseline is None else ColumnMeter(judged.baseline)
        meters: list[Meter] = [METER] if meter is None else [METER, meter]
        begin, end = windows[0].hours[0], windows[-1].hours[1]
        parts = summaries.collect(storage, judged.stream, meters, begin, end)
        sums = [_by_window(of, own, windows) for of, own in zip(meters, parts, strict=True)]
        return cls(judged, meter, sums[0], sums[1] if meter else [])

    def findings(self, place: int, kept_rules: Sequence[Rule]) -> list[Finding]:
        """Return what one window says, beside those before it."""
        now, earlier = self.traffic[place], Tally.empty(METER)
        for before in self.traffic[max(place - EARLIER, 0) : place]:
            earlier.add(before)
        found = findings.of_traffic(now, earlier)
        moved = None
        if self.meter is not None:
            single = self._compare([self.columns[place]])
            last = self.columns[max(place - POOLED + 1, 0) : place + 1]
            pooled = single if len(last) == 1 else self._compare(last)
            found += findings.of_columns(single, pooled, len(last))
            moved = sum(column.has_moved for column in single)
        if kept_rules:
            usage = metrics.to_metrics(self.judged.model_id, now, {})
            found += rules.of_traffic(kept_rules, usage, moved)
        return found

    def _compare(self, tallies: Sequence[Tally]) -> tuple[ColumnDrift, ...]:
        assert self.meter is not None
        whole = Tally.empty(self.meter)
        for tally in tallies:
            whole.add(tally)
        return compare_columns(self.meter, whole, {})


def _by_window(meter: Meter, parts: Iterable[Hours], windows: Sequence[Window]) -> list[Tally]:
    """Return what each window adds up to; days between windows belong to none."""
    found = [Tally.empty(meter) for _ in windows]
    begins = [window.hours[0] for window in windows]
    for hours in parts:
        if not len(hours.hour):
            continue
        first = max(bisect_right(begins, int(hours.hour[0])) - 1, 0)
        last = bisect_right(begins, int(hours.hour[-1]))
        for place in range(first, last):
            hours.between(*windows[place].hours).add_to(found[place])
    return found


def _slice(storage: Storage, judged: Judged, change: Change) -> str | None:
    """Return where alone a column moved, when its alert opens: rows are read for it."""
    alert, baseline = change.alert, judged.baseline
    has_opened = alert.state == "open" and alert.opened_at == change.at
    if not has_opened or alert.kind != "drift" or baseline is None or not baseline.rows.size:
        return None
    wanted = tuple(FEATURE + name for name in baseline.features)
    begin, end = alert.window[0], change.at - 1
    span = Span(since=begin, until=end, limit=slices.ROWS_READ, only=wanted)
    rows = storage.log.read("event", judged.stream, span)
    found = slices.only_where(baseline, rows, alert.subject)
    return None if found is None else f"{found[0]} is {found[1]}"
