"""What do the windows of events say that have closed since the last look?

Each closed window is judged once, from the sums that are kept anyway: late rows of a
judged window change nothing. What the windows change and that they were judged is one
transaction, so several kernels can look at once and one of them writes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span

from . import closing, findings, metrics, rules, slices, summaries
from .alert import Alert, Rule
from .alerts import Change
from .closing import DAY, Window
from .columns import ColumnMeter
from .dailies import DAYS_BEFORE, Columns, Dailies, days_of
from .events import FEATURE
from .findings import EARLIER, POOLED, Finding
from .metrics import METER
from .story import Judged, Story
from .tallies import HOURS_OF_A_DAY


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
    end = today * HOURS_OF_A_DAY
    parts = summaries.collect(storage, judged.stream, [METER], begin, end, by_day=True)[0]
    new = closing.closed(days_of(parts), today)
    if not new:
        return ()
    sums = Sums.collect(storage, judged, [*(one.window for one in story.kept), *new])
    kept_rules = rules.rules(storage, judged.model_id)
    for place, window in enumerate(new, start=len(story.kept)):
        found = sums.findings(place, kept_rules, story.changed_columns())
        for change in story.tell(window, found):
            where = _slice(storage, judged, change)
            if where is not None:
                story.put_slice(change, where)
    return story.write(storage)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What each window adds up to.

    Attributes
    ----------
    judged : Judged
        The version.
    windows : sequence of Window
        Some that were judged before, and the new ones.
    traffic : Dailies
        Of all of them.
    columns : Columns or None
        Of the same days and of four weeks before them; None without a baseline.
    """

    judged: Judged
    windows: Sequence[Window]
    traffic: Dailies
    columns: Columns | None

    @classmethod
    def collect(cls, storage: Storage, judged: Judged, windows: Sequence[Window]) -> "Sums":
        """Add up what is kept of these windows, once for all of them."""
        days = (windows[0].begin - DAYS_BEFORE, windows[-1].end)
        own = Dailies.collect(storage, judged.stream, METER, days)
        columns = None
        if judged.baseline is not None:
            meter = ColumnMeter(judged.baseline)
            columns = Columns(meter, Dailies.collect(storage, judged.stream, meter, days))
        return cls(judged, windows, own, columns)

    def findings(
        self, place: int, kept_rules: Sequence[Rule], changed: Mapping[str, int]
    ) -> list[Finding]:
        """Return what one window says, beside those before it."""
        window = self.windows[place]
        now = self.traffic.total([window])
        earlier = self.traffic.total(self.windows[max(place - EARLIER, 0) : place])
        found = findings.of_traffic(now, earlier)
        moved = None
        if self.columns is not None:
            last = self.windows[max(place - POOLED + 1, 0) : place + 1]
            single = pooled = self.columns.compare([window], window.begin, changed)
            if len(last) > 1:
                pooled = self.columns.compare(last, window.begin, changed)
            found += findings.of_columns(single, pooled, len(last))
            moved = sum(column.has_moved for column in single)
        if kept_rules:
            usage = metrics.to_metrics(self.judged.model_id, now, {})
            found += rules.of_traffic(kept_rules, usage, moved)
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
