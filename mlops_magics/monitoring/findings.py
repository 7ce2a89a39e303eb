"""What does a closed window say about the columns and the traffic of a model?

Turns comparisons that were made into findings: what changed, how surely, how much. The
rule: alarm where Holm's p over all columns is at most 0.1 % in one window, or in the
last four together, and the size is worth a look. It counts nothing and keeps no state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops_magics.statistics import drift as statistics
from mlops_magics.statistics import pearson, sketch
from mlops_magics.statistics.drift import ROWS_FOR_TEN_BINS, Severity

from . import traffic
from .alert import Kind, key_of
from .drift import ALL_ROWS, ALPHA, LEAST_SIZE
from .health import FAILURES_TO_ACT, MOSTLY_MISSING
from .reports import ColumnDrift
from .tallies import Tally

# Of 22 rules that were simulated, this one finds a quarter of a standard deviation within
# three windows at the fewest false alarms (facts: statistics, section 1).
POOLED = 4
ALPHA_TO_WATCH = 0.05
# Where so many rows count as one, a few days are too few for the limits of a chi-square.
ALIKE = 2.0
# What a latency is compared with: the windows before.
EARLIER = 7
# An answer within a tenth of a second feels immediate (Nielsen 1993); half of it is fine
# whatever it was before, and batches take far less than single rows: a choice.
LATENCY_THAT_IS_FELT_MS = 50.0
LATENCY_FACTOR = 2.0
# A percentile of 95 has an upper bound only from so many rows on.
FEWEST_FOR_P95 = 72
# A number is called higher or lower where the middle bin moved by a twentieth of all bins.
DIRECTION = 0.05

Level = Literal["alarm", "watch", "faint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a window says.

    Attributes
    ----------
    kind, subject : str
        As of the alert that it can open.
    level : str
        alarm opens an alert, watch makes one to be watched, faint keeps one from closing.
    severity : str
        By size.
    said, by_chance : str
        What changed, and how much that is against chance.
    """

    kind: Kind
    subject: str
    level: Level
    severity: Severity
    said: str
    by_chance: str

    @property
    def key(self) -> tuple[str, str]:
        """What there is one open alert of."""
        return key_of(self.kind, self.subject)


def of_columns(
    single: Sequence[ColumnDrift], pooled: Sequence[ColumnDrift], window_count: int
) -> list[Finding]:
    """Return what the columns of a window say.

    Parameters
    ----------
    single, pooled : sequence of ColumnDrift
        The window, and the last windows together, each judged over all its columns.
    window_count : int
        How many windows are together.

    Returns
    -------
    list of Finding
        At most one a column.
    """
    together = {(column.role, column.name): column for column in pooled}
    among = sum(column.adjusted is not None for column in single)
    found = []
    for column in single:
        whole = together.get((column.role, column.name), column)
        level = _level(column, whole, among)
        if level is None:
            continue
        shown, count = column, 1
        is_single = column.has_moved or _is_broken(column) or level == "watch"
        if not is_single and not _is_new(column, among):
            shown, count = whole, window_count
        found.append(_finding(shown, level, among, count))
    return found


def _level(column: ColumnDrift, whole: ColumnDrift, among: int) -> Level | None:
    if _is_broken(column) or _is_new(column, among):
        return "alarm"
    if _is_sure(column) or _is_sure(whole):
        return "alarm"
    if column.has_moved or whole.has_moved or _is_below(column, ALPHA_TO_WATCH):
        return "watch"
    return "faint" if _is_below(whole, ALPHA_TO_WATCH) else None


def _is_sure(column: ColumnDrift) -> bool:
    """Return whether a column has moved, and in enough rows.

    Where rows of a day are alike, the limits hold for what counts as a hundred others.
    """
    independent = column.drift.rows / column.effect
    is_enough = column.effect < ALIKE or independent >= ROWS_FOR_TEN_BINS
    return column.has_moved and is_enough


def _is_new(column: ColumnDrift, among: int) -> bool:
    """Return whether more values are unseen than chance explains: one is enough to name."""
    return column.role == "feature" and column.novelty * max(among, 1) <= ALPHA


def _is_below(column: ColumnDrift, alpha: float) -> bool:
    is_sure = column.adjusted is not None and column.adjusted <= alpha
    return is_sure and (column.drift.size or 0.0) >= LEAST_SIZE


def _is_broken(column: ColumnDrift) -> bool:
    """Return whether a column looks like a mistake in what feeds the model."""
    if column.role != "feature":
        return False
    has_slipped = column.unit is not None or column.hours is not None
    return has_slipped or (column.drift.state == "all missing" and column.missing[0] < 1)


def _finding(column: ColumnDrift, level: Level, among: int, window_count: int) -> Finding:
    is_new = _is_new(column, among)
    kind, said = _what(column, is_new)
    size = column.drift.size
    severity = statistics.severity(size or 0.0)
    if _is_broken(column) or (kind == "missing" and column.missing[1] >= MOSTLY_MISSING):
        severity = "large"
    together = f" in the last {window_count} windows together" if window_count > 1 else ""
    if column.adjusted is None:
        by_chance = "beyond any chance" if kind == "missing" else "not by chance: it fits exactly"
    else:
        surest = min(column.adjusted, column.novelty * among if is_new else 1.0)
        by_chance = f"{chance_said(surest)} over {among} columns{together}"
    if size is not None and kind == "drift":
        said += f", size {size:.2f}"
        allowed = (column.drift.critical or 0.0) - ((column.drift.psi or 0.0) - size)
        if size > allowed > 0:
            by_chance += f"; chance explains a size of {allowed:.2f}"
    return Finding(
        kind=kind,
        subject=column.name,
        level=level,
        severity=severity,
        said=said,
        by_chance=by_chance,
    )


def _what(column: ColumnDrift, is_new: bool) -> tuple[Kind, str]:
    """Return what happened to a column, and how that is said."""
    name = column.name
    if column.role == "feature" and column.unit is not None:
        times = f"{column.unit:,.0f}" if column.unit > 1 else f"1/{1 / column.unit:,.0f}"
        some = "" if column.unit_share > ALL_ROWS else f" in {column.unit_share:.0%} of its rows"
        return "unit", f"{name} looks {times} times as large{some}: has its unit changed?"
    if column.role == "feature" and column.hours is not None:
        when = "late" if column.hours > 0 else "early"
        hours = abs(column.hours)
        said = f"{name} looks {hours} {'hour' if hours == 1 else 'hours'} {when}"
        return "clock", f"{said}: has its zone changed?"
    before, now = column.missing
    lost = now + column.invalid / max(column.drift.rows, 1)
    is_lost = column.drift.state == "all missing" or (
        lost > before and column.tests.get("missing", 1.0) <= min(column.tests.values())
    )
    if is_lost:
        other = f", and {column.invalid:,} values of another kind" if column.invalid else ""
        return "missing", f"{name} missing in {_percent(now)}, {_percent(before)} before{other}"
    share = _unseen_share(column, is_new)
    if share is not None:
        first, *more = column.unseen
        others = f" and {len(more)} more" if more else ""
        said = f"{name}: '{first}'{others} unseen in training"
        return "unseen", f"{said}, {_percent(share)} of rows"
    return "drift", f"{name} {_moved(column)}"


def _unseen_share(column: ColumnDrift, is_new: bool) -> float | None:
    """Return the share of unseen values where they are what changed, or most of it."""
    share = sum(column.unseen.values()) / max(column.drift.rows, 1)
    changed = 0.5 * float(np.abs(np.subtract(column.base, column.window)).sum())
    is_most = share >= changed / 2 or (is_new and not column.has_moved)
    return share if share > 0 and is_most else None


def _moved(column: ColumnDrift) -> str:
    if column.range is None or len(column.base) < 2:
        return "moved"
    places = np.arange(len(column.base)) / (len(column.base) - 1)
    shift = float(places @ np.subtract(column.window, column.base))
    if abs(shift) < DIRECTION:
        return "moved"
    return "is higher" if shift > 0 else "is lower"


def of_traffic(now: Tally, earlier: Tally) -> list[Finding]:
    """Return what a window says about failures and latency.

    Parameters
    ----------
    now, earlier : Tally
        Of traffic: the window, and the windows before it.

    Returns
    -------
    list of Finding
        Each against what was usual before.
    """
    return [found for found in (_failures(now, earlier), _latency(now, earlier)) if found]


def _failures(now: Tally, earlier: Tally) -> Finding | None:
    rows, failed = int(now.counts[traffic.ROWS]), int(now.counts[traffic.FAILED])
    before, failed_before = int(earlier.counts[traffic.ROWS]), int(earlier.counts[traffic.FAILED])
    share, share_before = failed / max(rows, 1), failed_before / max(before, 1)
    if not failed or share <= share_before:
        return None
    # without windows before, none had failed: the half row of every test of ours
    p_value = _more(failed, rows, failed_before, before) if before else ALPHA
    if p_value > ALPHA:
        return None
    is_much = share >= FAILURES_TO_ACT
    said = f"{_percent(share)} of predictions failed"
    return Finding(
        kind="errors",
        subject="predictions",
        level="alarm" if is_much else "watch",
        severity=statistics.severity(share),
        said=f"{said}, {_percent(share_before)} before" if before else said,
        by_chance=f"{chance_said(p_value)} against {before:,} predictions before"
        if before
        else "there is nothing before to compare it with",
    )


def _latency(now: Tally, earlier: Tally) -> Finding | None:
    times, before = (traffic.sketch_of(tally, traffic.LATENCY) for tally in (now, earlier))
    rows, rows_before = sum(times.values()), sum(before.values())
    if min(rows, rows_before) < FEWEST_FOR_P95:
        return None
    slow, slow_before = sketch.percentile(times, 0.95), sketch.percentile(before, 0.95)
    assert slow is not None
    assert slow_before is not None
    if slow < LATENCY_THAT_IS_FELT_MS or slow < LATENCY_FACTOR * slow_before:
        return None
    p_value = _more(_above(times, slow_before), rows, _above(before, slow_before), rows_before)
    if p_value > ALPHA:
        return None
    return Finding(
        kind="latency",
        subject="p95_latency_ms",
        level="alarm",
        severity="large" if slow >= 4 * slow_before else "moderate",
        said=f"p95 of the latency is {slow:,.0f} ms, {slow_before:,.0f} ms before",
        by_chance=f"{chance_said(p_value)} against {rows_before:,} predictions before",
    )


def _above(counts: Mapping[int, int], limit: float) -> int:
    cell = int(sketch.cells(np.array([limit]))[0])
    return sum(count for place, count in counts.items() if place > cell)


def _more(some: int, rows: int, some_before: int, rows_before: int) -> float:
    """Return the chance of two shares that differ so much."""
    both = np.array([rows_before - some_before, some_before]), np.array([rows - some, some])
    return pearson.compare(*both).p_value


def of_silence(active_days: int, days: int, empty_days: int, longest: int) -> Finding | None:
    """Return whether no events at all are more than a pause.

    Parameters
    ----------
    active_days, days : int
        Days with events, and all days, up to the last event.
    empty_days : int
        Days that have ended since then, all without an event.
    longest : int
        The longest pause before.

    Returns
    -------
    Finding or None
        Where the pause is the longest so far and its chance at most 0.1 %: each day is
        without events as often as days were before, half a day added.

    Examples
    --------
    >>> of_silence(28, 28, 1, 0) is None, of_silence(28, 28, 2, 0).severity
    (True, 'large')
    """
    if active_days < 3 or empty_days <= longest:
        return None
    p_value = ((days - active_days + 0.5) / (days + 1)) ** empty_days
    if p_value > ALPHA:
        return None
    said = "1 day" if empty_days == 1 else f"{empty_days} days"
    return Finding(
        kind="silence",
        subject="predictions",
        level="alarm",
        severity="large",
        said=f"no predictions for {said}",
        by_chance=f"{chance_said(p_value)}: they came on {active_days} of {days} days before",
    )


def chance_said(p_value: float) -> str:
    """Return a p-value as it stands in an alert.

    Examples
    --------
    >>> chance_said(1e-9), chance_said(0.0004)
    ('p < 0.0001', 'p 0.0004')
    """
    return "p < 0.0001" if p_value < 1e-4 else f"p {p_value:.2g}"


def _percent(share: float) -> str:
    """Return a share; a small one with a digit more, since it is the digit that alerts."""
    return f"{share * 100:.0f} %" if share in (0, 1) or share >= 0.095 else f"{share * 100:.1f} %"
