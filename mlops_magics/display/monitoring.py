"""How does monitoring look?"""

from mlops_magics.monitoring.reports import (
    Event,
    LabelWrite,
    Metrics,
)
from mlops_magics.workspace.results import Trace

from .bundle import Bundle
from .grid import Cell, Grid
from .numbers import count, date, days, duration, figure, percent, value
from .page import Code, Figures, Headline, Line, Part, page
from .theme import Level

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
        Line(days(result.first, result.last)),
        Figures(
            [
                (percent(result.avg_confidence), "average confidence"),
                (percent(result.error_rate), "errors"),
            ],
            drawn=latency,
        ),
    )


def labels(result: LabelWrite) -> Bundle:
    """Return what one table of labels did."""
    parts = []
    if result.corrected:
        parts.append(f"{count(result.corrected)} corrected an earlier one")
    if result.unmatched:
        belong = "belongs" if result.unmatched == 1 else "belong"
        are = "is" if result.unmatched == 1 else "are"
        parts.append(f"{count(result.unmatched)} {belong} to no prediction yet and {are} kept")
    if result.ambiguous:
        named = ", ".join(result.ambiguous_keys)
        which = f" ({named}{' …' if result.ambiguous > len(result.ambiguous_keys) else ''})"
        have = "has" if result.ambiguous == 1 else "have"
        said = f"{count(result.ambiguous)} {have} a key with several predictions"
        parts.append(f"{said}{which if named else ''}: give --time")
    if result.missing:
        parts.append(f"{count(result.missing, 'row')} without a label left out")
    if result.delay is not None:
        parts.append(f"half arrived within {duration(result.delay)}")
    return page(
        Headline(count(result.matched, "label"), f"· {result.model_id}"),
        *(Line(part) for part in parts),
        Line("Next:", f"%monitor {result.model_id} performance"),
    )


def metrics_over_time(result: tuple[Metrics, ...]) -> Bundle:
    """Return traffic, confidence and errors of each stretch of time."""
    rows: list[list[Cell]] = [
        [
            date(found.first),
            count(found.count),
            percent(found.avg_confidence),
            percent(found.error_rate),
            ", ".join(f"{version} {count(n)}" for version, n in found.versions.items()),
        ]
        for found in result
    ]
    total = sum(found.count for found in result)
    headers = ("from", "predictions", "confidence", "errors", "versions")
    head = Headline(result[0].model_id, f"· {count(total, 'prediction')}")
    return page(head, Grid(headers, rows, "lrrrl"))


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
