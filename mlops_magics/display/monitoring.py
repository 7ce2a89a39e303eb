"""How does monitoring look?"""

from mlops_magics.monitoring.reports import (
    ColumnDrift,
    DriftReport,
    Event,
    LabelWrite,
    Metrics,
    Performance,
    PerformanceWindow,
)
from mlops_magics.workspace.results import Dashboard, Trace

from . import charts
from .bundle import Bundle
from .grid import Bars, Cell, Grid
from .numbers import chance, count, date, day, duration, figure, percent, value
from .page import Code, Figures, Headline, Line, Part, Picture, page
from .theme import Level
from .training import CALLED

COLUMNS_SHOWN = 8
LINES_SHOWN = 12
LEVELS: dict[str, Level] = {"small": "plain", "moderate": "watch", "large": "bad"}


def metrics(result: Metrics) -> Bundle:
    """Return traffic, confidence, latency and errors."""
    if not result.count:
        next_step = Line("Next:", f"%predict {result.model_id} DATA")
        return page(Headline(f"{result.model_id}: no predictions yet"), next_step)
    latency = [
        (f"{figure(found)} ms", f"latency {name}")
        for name, found in (
            ("p50", result.p50_latency_ms),
            ("p95", result.p95_latency_ms),
            ("p99", result.p99_latency_ms),
        )
    ]
    return page(
        Headline(result.model_id, f"· {count(result.count, 'prediction')}"),
        Line(f"{day(result.first)} to {day(result.last)}"),
        Figures(
            [
                (percent(result.avg_confidence), "average confidence"),
                (percent(result.error_rate), "errors"),
            ],
            drawn=latency,
        ),
    )


def drift(result: DriftReport) -> Bundle:
    """Return which columns have moved since training."""
    moved = len(result.moved)
    level: Level = "watch" if moved else "good"
    said = f"{moved} of {len(result.columns)} columns moved"
    return page(
        Headline(said, f"since {result.model_id} {result.version} was trained", level),
        Line(f"the newest {count(result.count, 'prediction')}, {_span(result)}"),
        drift_grid(result.columns),
        *_unseen(result),
    )


def _span(result: DriftReport) -> str:
    return f"{day(result.first)} to {day(result.last)}"


def drift_grid(columns: tuple[ColumnDrift, ...]) -> Grid:
    """Return the table of columns with what moved first."""
    headers = ("column", "training grey, now in colour", "size", "p", "")
    return Grid(headers, [_drift_row(column) for column in columns], "llrrl")


def _drift_row(column: ColumnDrift) -> list[Cell]:
    found = column.drift
    if found.psi is None:
        return [column.name, Bars(column.window, column.base), "–", "–", found.state]
    level = LEVELS.get(column.severity or "")
    state: Cell = (f"▲ {column.severity}", level) if level else "as expected"
    bars = Bars(column.window, column.base, level)
    size = figure(max(found.size or 0.0, 0.0))
    return [column.name, bars, size, chance(found.p_value), state]


def _unseen(result: DriftReport) -> list[Line]:
    lines = []
    for column in result.columns:
        if column.unseen and column.role == "feature":
            names = ", ".join(f"{name} ({n})" for name, n in list(column.unseen.items())[:4])
            lines.append(Line(f"{column.name}: unseen in training: {names}"))
    return lines


def performance(result: Performance) -> Bundle:
    """Return how good the predictions were."""
    return page(*_performance_parts(result))


def _performance_parts(result: Performance) -> list[Part]:
    whole = result.overall
    labelled = f"{count(whole.labelled)} of {count(whole.count, 'prediction')} labelled"
    main = _main(whole)
    head = Headline(
        f"{CALLED[main]} {figure(whole.metrics[main])} measured",
        f"· {figure(result.reference.get(main))} when trained",
    )
    said = Line(f"{result.model_id} {result.version} · {labelled}")
    return [head, said, *_by_month(result, main)]


def _by_month(result: Performance, main: str) -> list[Part]:
    """Return measured performance by month: drawn where there are several, and as a table."""
    rows = [_window_row(window, main) for window in result.windows]
    headers = ["month", "predictions", "labelled", CALLED[main], "95 % interval", "loss"]
    align = "lrrrrr"
    if result.overall.positive_share is not None:
        headers, align = [*headers, "came true", "promised"], align + "rr"
        for row, window in zip(rows, result.windows, strict=True):
            row += [percent(window.positive_share), percent(window.predicted_share)]
    table: list[Part] = [Grid(headers, rows, align)]
    measured = [_point(window, main) for window in result.windows]
    if sum(point["value"] is not None for point in measured) < 2:
        return table
    chart = charts.over_time(measured, result.reference.get(main))
    said = f"{CALLED[main]} by month, measured with its 95 % interval; dashed: when trained"
    return [Picture(chart, said), *table]


def _point(window: PerformanceWindow, main: str) -> dict[str, object]:
    found = window.metrics.get(main)
    low, high = window.intervals.get(main, (found, found))
    return {"month": window.name, "value": found, "low": low, "high": high}


def _main(window: PerformanceWindow) -> str:
    order = ("auc", "accuracy", "rmse", "loss")
    return next(name for name in order if window.metrics.get(name) is not None)


def _window_row(window: PerformanceWindow, main: str) -> list[Cell]:
    ends = window.intervals.get(main)
    interval = f"{figure(ends[0])} to {figure(ends[1])}" if ends else ""
    return [
        window.name,
        count(window.count),
        count(window.labelled),
        figure(window.metrics.get(main)),
        interval,
        figure(window.metrics.get("loss")),
    ]


def labels(result: LabelWrite) -> Bundle:
    """Return what one table of labels did."""
    parts = []
    if result.corrected:
        parts.append(f"{count(result.corrected)} corrected an earlier one")
    if result.unmatched:
        parts.append(f"{count(result.unmatched)} belong to no prediction yet and are kept")
    if result.ambiguous:
        parts.append(f"{count(result.ambiguous)} have a key with several predictions: give --time")
    if result.delay is not None:
        parts.append(f"half arrived within {duration(result.delay)}")
    return page(
        Headline(count(result.matched, "label"), f"· {result.model_id}"),
        *(Line(part) for part in parts),
        Line("Next:", f"%monitor {result.model_id} performance"),
    )


def dashboard(result: Dashboard) -> Bundle:
    """Return everything about one model in use."""
    found = result.metrics
    name = f"{result.version.model_id} {result.version.version}"
    if not found.count:
        next_step = Line("Next:", f"%predict {result.version.model_id} DATA")
        return page(Headline(f"{name}: no predictions yet"), next_step)
    span = f"{day(found.first)} to {day(found.last)}"
    said = f"{name}, {result.version.stage} · {span} · {count(found.count, 'prediction')}"
    parts: list[Part] = [_verdict(result), Line(said), _tiles(result)]
    if result.performance is not None:
        parts += _by_month(result.performance, _main(result.performance.overall))
    else:
        step = f"%monitor {found.model_id} labels DATA --label COLUMN"
        parts.append(Line("no labels yet. Next:", step))
    if result.drift is not None:
        shown = result.drift.columns[:COLUMNS_SHOWN]
        more = len(result.drift.columns) - len(shown)
        parts += [drift_grid(shown), *_unseen(result.drift)]
        if more > 0:
            parts.append(Line(f"and {more} more:", f"%monitor {found.model_id} drift"))
    return page(*parts)


def _tiles(result: Dashboard) -> Figures:
    """Return the numbers that matter most."""
    found, tiles = result.metrics, []
    if result.performance is not None:
        whole = result.performance.overall
        main = _main(whole)
        ends = whole.intervals.get(main)
        interval = f", {figure(ends[0])} to {figure(ends[1])}" if ends else ""
        tiles.append((figure(whole.metrics[main]), f"{CALLED[main]} measured{interval}"))
        promised = result.performance.reference.get(main)
        tiles.append((figure(promised), f"{CALLED[main]} when trained"))
        tiles.append((percent(whole.labelled / max(whole.count, 1)), "labelled"))
    if found.avg_confidence is not None:
        tiles.append((percent(found.avg_confidence), "average confidence"))
    if result.drift is not None:
        moved, of = len(result.drift.moved), len(result.drift.columns)
        tiles.append((f"{moved} of {of}", "columns moved"))
    if found.error_rate:
        tiles.append((percent(found.error_rate), "errors"))
    return Figures(tiles, drawn=[(f"{figure(found.p50_latency_ms)} ms", "a prediction, p50")])


def _verdict(result: Dashboard) -> Headline:
    """Return one sentence: healthy, or what to watch and why."""
    moved = [c.name for c in result.drift.moved if c.role == "feature"] if result.drift else []
    names = ", ".join(moved[:3]) + (f" and {len(moved) - 3} more" if len(moved) > 3 else "")
    before = after = None
    if result.performance is not None:
        before = result.performance.reference.get("loss")
        after = result.performance.overall.metrics.get("loss")
    is_worse = before is not None and after is not None and after > before * 1.1
    if is_worse:
        said = f"loss {figure(after)} measured against {figure(before)} when trained"
        behind = f"; {names} moved" if moved else ""
        return Headline("Watch:", said + behind, "watch")
    if moved:
        return Headline("Watch:", f"{names} moved since training", "watch")
    return Headline("Healthy:", "nothing moved beyond chance", "good")


def events(result: tuple[Event, ...]) -> Bundle:
    """Return the newest predictions."""
    rows = [
        [
            date(event.event_time),
            event.version or "–",
            value(event.prediction),
            percent(event.confidence),
            ", ".join(f"{name}={found}" for name, found in event.key.items()),
            event.request_id or "",
        ]
        for event in result
    ]
    headers = ("event_time", "version", "prediction", "confidence", "key", "request_id")
    return page(Headline(count(len(result), "prediction")), Grid(headers, rows, "lllrll"))


def trace(result: Trace) -> Bundle:
    """Return where one prediction comes from."""
    event = result.event
    key = ", ".join(f"{name}={found}" for name, found in event.key.items())
    label = "no label yet" if result.label is None else f"label {value(result.label)}"
    made_by = f"{event.model_id} {event.version or ''}".strip()
    parts: list[Part] = [
        Headline(value(event.prediction), f"· {percent(event.confidence)} · {label}"),
        Line(" · ".join(filter(None, [made_by, date(event.event_time), key]))),
    ]
    if result.cell is not None:
        parts += [Line(f"asked by cell {result.cell.number}"), Code(_begin(result.cell.source))]
    if result.job is not None and result.job.report is not None:
        report = result.job.report
        number = None if result.version is None else result.version.metadata.get("cell_number")
        where = f" by cell {number}" if number else ""
        said = f"trained{where} on {count(report.training_count, 'row')} to predict {report.target}"
        parts.append(Line(f"{said}, {report.split} held out"))
    for source in result.sources:
        values = ", ".join(f"{name} {value(found)}" for name, found in source.features.items())
        cell = f", made by cell {source.cell_number}" if source.cell_number else ""
        parts.append(Line(f"{source.view} v{source.number}{cell}: {values}"))
        if source.sql:
            parts.append(Code(source.sql))
    return page(*parts)


def _begin(source: str) -> str:
    """Return the first lines of a cell."""
    lines = source.strip().splitlines()
    more = [f"and {len(lines) - LINES_SHOWN} more lines"] if len(lines) > LINES_SHOWN else []
    return "\n".join([*lines[:LINES_SHOWN], *more])
