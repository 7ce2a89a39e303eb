"""How do the values of one entity look over time?

One small chart a feature, as Vega-Lite specifications: what was known at the moment
in blue, what is later in grey, what was true by then and became known later in the
colour to watch.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.error import printable
from mlops_magics.features.history import History, Known
from mlops_magics.tables.table import Column

from .charts import GREY, PLAIN, WATCH, Spec
from .writing import short

# More points than there are pixels look the same: of each span its lowest and highest.
MOST_POINTS = 400
# Up to here each row has a dot of its own.
MOST_DOTS = 40
MOST_NAMES = 5
CHARTED = ("number", "integer", "boolean", "category", "identifier")

Places = NDArray[np.int64]


def timeline(history: History, name: str, known: Known) -> Spec | None:
    """Return one feature of an entity over time.

    Parameters
    ----------
    history : History
        The entity's rows.
    name : str
        The feature.
    known : Known
        The moment, and what was known then.

    Returns
    -------
    dict or None
        A specification about 290 pixels wide; None for prose, times, and features that
        never had a value.
    """
    column = history.table.columns[name]
    present = np.flatnonzero(~column.missing)
    if column.kind not in CHARTED or not len(present) or history.version.time is None:
        return None
    shown = _thinned(column, present)
    points = _points(history, column, shown)
    last = [point for point in points if point["seen"] <= known.at]
    if last:
        # what was known stays in force until the moment; the chart ends where its rows do
        end = min(known.at, points[-1]["time"])
        last = [*last, {**last[-1], "time": max(end, last[-1]["time"])}]
    late = [p for p in points if p["time"] <= known.at < p["seen"]]
    return _spec(_in_milliseconds(points), _in_milliseconds(last), _in_milliseconds(late), column)


def _points(history: History, column: Column, shown: Places) -> list[dict[str, Any]]:
    names = _names(column, shown)
    return [
        {"time": time, "seen": seen, "value": found}
        for time, seen, found in zip(
            history.event_time[shown].tolist(),
            history.seen_from[shown].tolist(),
            names if names is not None else column.to_floats()[shown].tolist(),
            strict=True,
        )
    ]


def _names(column: Column, shown: Places) -> list[str] | None:
    """Return the values as names, those that are rare as one; None for numbers."""
    if _is_number(column):
        return None
    texts = [short(printable(str(v).lower() if v in (True, False) else str(v)), 14)
             for v in column.take(shown).to_list()]  # fmt: skip
    common = {text for text, _ in Counter(texts).most_common(MOST_NAMES)}
    return [text if text in common else "any other" for text in texts]


def _is_number(column: Column) -> bool:
    return column.kind in ("number", "integer") or column.stored_in == "int64"


def _thinned(column: Column, present: Places) -> Places:
    """Return some of the rows, so that the chart looks as with all of them."""
    if len(present) <= MOST_POINTS:
        return present
    if not _is_number(column):
        spread = np.linspace(0, len(present) - 1, MOST_POINTS).round().astype(np.int64)
        return present[np.unique(spread)]
    values = column.to_floats()
    spans = np.array_split(present, MOST_POINTS // 2)
    ends = [(span[values[span].argmin()], span[values[span].argmax()]) for span in spans]
    return np.unique(np.array(ends, np.int64))


def _in_milliseconds(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"time": p["time"] // 1000, "value": p["value"]} for p in points]


def _spec(
    points: list[dict[str, Any]],
    known: list[dict[str, Any]],
    late: list[dict[str, Any]],
    column: Column,
) -> Spec:
    # the lines begin at one place in all charts of numbers, and in all of names
    width, labels = (240, 40) if _is_number(column) else (200, 80)
    axis = {"title": None, "tickCount": 3, "minExtent": labels, "labelLimit": labels}
    y: Spec = {"field": "value", "type": "quantitative", "scale": {"zero": False}, "axis": axis}
    if not _is_number(column):
        y = {"field": "value", "type": "nominal", "axis": axis}
    x = {
        "field": "time",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {
            "title": None,
            "labelOverlap": "greedy",
            "tickCount": 3,
            "grid": False,
            "labelSeparation": 8,
        },
    }
    line = {"type": "line", "interpolate": "step-after", "strokeWidth": 1.4}
    dot = {"type": "point", "filled": True, "size": 22, "opacity": 1}
    parts = [(points, {**line, "color": GREY, "opacity": 0.6})]
    parts += [(known, {**line, "color": PLAIN})] if known else []
    parts += [(known[:-1] or known, {**dot, "color": PLAIN})] if len(known) <= MOST_DOTS else []
    parts += [(points, {**dot, "color": GREY, "size": 9})] if len(points) <= MOST_DOTS else []
    parts += [(late, {**dot, "color": WATCH, "size": 40, "shape": "triangle-up"})] if late else []
    layers = [
        {"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": y}}
        for values, mark in parts
    ]
    if known and known[-1]["time"] < points[-1]["time"]:
        rule = {"type": "rule", "strokeDash": [3, 3], "color": PLAIN}
        moment = [{"time": known[-1]["time"]}]
        layers.append({"data": {"values": moment}, "mark": rule, "encoding": {"x": x}})
    return {"width": width, "height": 60, "layer": layers}
