"""How does drift look: what moved, by how much, and where?"""

from collections.abc import Iterator

from mlops_magics.monitoring.drift import ALL_ROWS, ALPHA, range_is_left
from mlops_magics.monitoring.reports import (
    BaselineWrite,
    ColumnDrift,
    DriftReport,
    PairDrift,
    SliceDrift,
)
from mlops_magics.statistics.drift import ROWS_FOR_FIVE_BINS

from .bundle import Bundle
from .grid import Bars, Cell, Grid
from .numbers import chance, count, days, figure, percent, value
from .page import Headline, Line, page
from .theme import Level

LEVELS: dict[str, Level] = {"small": "plain", "moderate": "watch", "large": "bad"}
NAMED = 4


def drift(result: DriftReport) -> Bundle:
    """Return which columns have moved."""
    name = f"{result.model_id} {result.version}"
    if not result.count:
        step = Line("Next:", f"%predict {result.model_id} DATA")
        return page(Headline(f"{name}: no predictions in this window"), step)
    if result.by is not None:
        return _by(result)
    moved = len(result.moved)
    level: Level = "watch" if moved else "good"
    rows = f", {count(result.baseline_rows, 'row')}" if result.baseline_rows else ""
    return page(
        Headline(
            f"{moved} of {count(len(result.columns), 'column')} moved",
            f"· {name} against {result.baseline}{rows}",
            level,
        ),
        Line(f"{count(result.count, 'prediction')}, {span(result)}"),
        drift_grid(result.columns),
        *findings(result),
        Line(f"Where nothing moves, about {_one_in(ALPHA)} such tables names a column."),
    )


def span(result: DriftReport) -> str:
    """Return the days of a report."""
    return days(result.first, result.last)


def _one_in(share: float) -> str:
    return f"one in {1 / share:,.0f}"


def drift_grid(columns: tuple[ColumnDrift, ...]) -> Grid:
    """Return the table of columns with what moved first."""
    has_importance = any(column.importance is not None for column in columns)
    headers = ["column", "before in grey", "size", "p"]
    align = "llrr"
    if has_importance:
        headers, align = [*headers, "matters"], align + "r"
    rows = [_drift_row(column, has_importance) for column in columns]
    return Grid((*headers, ""), rows, align + "l")


def _drift_row(column: ColumnDrift, has_importance: bool) -> list[Cell]:
    matters: list[Cell] = []
    if has_importance:
        matters = ["" if column.importance is None else percent(column.importance)]
    found = column.drift
    if found.psi is None:
        state = found.state
        if state == "too few rows":
            state = f"too few rows: {found.rows} of {ROWS_FOR_FIVE_BINS}"  # type: ignore[assignment]
        return [column.name, Bars(column.window, column.base), "–", "–", *matters, state]
    level = LEVELS.get(column.severity or "")
    said: Cell = (f"▲ {column.severity}", level) if level else "as expected"
    bars = Bars(column.window, column.base, level)
    size = figure(max(found.size or 0.0, 0.0))
    return [column.name, bars, size, chance(column.adjusted), *matters, said]


def findings(result: DriftReport) -> list[Line]:
    """Return what a table of sizes does not say, one line each."""
    lines = [line for column in result.columns for line in _of_column(column, result.baseline)]
    lines += [Line(pair_said(pair)) for pair in result.pairs]
    if result.by is None:
        lines += [Line(slice_said(one)) for one in result.slices]
    return lines


def _of_column(column: ColumnDrift, baseline: str) -> Iterator[Line]:
    name = column.name
    if column.role != "feature":
        return
    if column.unit is not None:
        yield Line(f"{name}: {unit_said(column.unit, column.unit_share)}")
    if column.hours is not None:
        yield Line(f"{name}: {hours_said(column.hours)}")
    before, now = column.missing
    if now - before >= 0.01 and column.has_moved:
        yield Line(f"{name}: missing in {percent(now)}, {percent(before)} before")
    if column.invalid:
        yield Line(f"{name}: {count(column.invalid, 'value')} of another kind")
    if column.unseen:
        named = list(column.unseen.items())
        names = ", ".join(f"{value(found)} ({count(n)})" for found, n in named[:NAMED])
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        yield Line(f"{name}: unseen in {baseline}: {names}{more}")
    if column.range is not None and range_is_left(column):
        low, high = column.range
        allowed = f"; chance explains {count(column.outside_by_chance)}"
        yield Line(
            f"{name}: {count(column.outside)} outside the {value(low)} to {value(high)} "
            f"of {baseline}{allowed}"
        )


def unit_said(factor: float, share: float) -> str:
    """Return what a slip of the unit looks like."""
    times = f"{factor:,.0f}" if factor > 1 else f"1/{1 / factor:,.0f}"
    some = "" if share > ALL_ROWS else f" in {percent(share)} of its rows"
    return f"looks {times} times as large{some}: has its unit changed?"


def hours_said(hours: int) -> str:
    """Return what a slip of the clock looks like."""
    when = "late" if hours > 0 else "early"
    return f"looks {count(abs(hours), 'hour')} {when}: has its zone changed?"


def pair_said(pair: PairDrift) -> str:
    """Return what no longer goes together."""
    return (
        f"{pair.first} and {pair.second}: correlation {figure(pair.now)}, "
        f"{figure(pair.before)} before (p {chance(pair.adjusted)})"
    )


def slice_said(one: SliceDrift) -> str:
    """Return what moved where."""
    moved = ", ".join(f"{c.name} ({figure(c.drift.size)})" for c in one.moved[:NAMED])
    return f"where {one.by} is {value(one.value)} ({count(one.count, 'row')}): {moved} moved"


def _by(result: DriftReport) -> Bundle:
    moved = [one for one in result.slices if one.moved]
    level: Level = "watch" if moved else "good"
    by = result.by or ""
    headline = f"something moved in {len(moved)} of {count(len(result.slices), 'group')}"
    return page(
        Headline(headline, f"· {result.model_id} {result.version} by {by}", level),
        Line(f"{span(result)}, at most the newest 20,000 predictions"),
        groups_grid(result),
    )


def groups_grid(result: DriftReport) -> Grid:
    """Return the table of the groups of a column, with what moved in each."""
    rows: list[list[Cell]] = []
    for one in result.slices:
        names = ", ".join(f"{c.name} {figure(c.drift.size)}" for c in one.moved)
        said: Cell = (f"▲ {names}", "watch") if names else "as expected"
        if not one.columns:
            said = "too few rows"
        rows.append([value(one.value), count(one.count), said])
    return Grid((result.by or "", "rows", "moved, by size"), rows, "lrl")


def baseline(result: BaselineWrite) -> Bundle:
    """Return what was learned from a table."""
    columns = ", ".join(result.columns[:8]) + (" …" if len(result.columns) > 8 else "")
    answered = "predictions, too" if result.has_predictions else "without predictions"
    return page(
        Headline(f"{result.model_id}: a baseline", f"of {count(result.row_count, 'row')}"),
        Line(f"{count(len(result.columns), 'feature')}: {columns}; {answered}"),
        *(Line(f"Left out: {name} ({why}).") for name, why in result.left_out.items()),
        Line("Next:", f"%monitor {result.model_id} drift"),
    )
