"""Which charts are there?

Each is a Vega-Lite specification, made from plain numbers. It is drawn by
`pictures`, beside a table or a line that says the key numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .pictures import INK
from .theme import COLOURS

Spec = dict[str, Any]
PLAIN, GREY, WATCH = COLOURS["plain"], COLOURS["grey"], COLOURS["watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its interval, in one row of a chart.

    Parameters
    ----------
    name : str
        What has the figure.
    value : float
        The figure.
    low, high : float, optional
        Ends of its interval.
    is_ours : bool, default=False
        Whether it is the one that the page is about.
    said : str
        The figure in words.
    """

    name: str
    value: float
    said: str
    low: float | None = None
    high: float | None = None
    is_ours: bool = False


def estimates(rows: Sequence[Estimate]) -> Spec:
    """Return figures with intervals, one below the other.

    Parameters
    ----------
    rows : sequence of Estimate
        Top to bottom.

    Returns
    -------
    dict
        A specification, 150 pixels wide without its labels.

    Examples
    --------
    >>> estimates([Estimate(name="v1", value=0.7, said="0.70")])["height"]["step"]
    20
    """
    values = [
        {
            "name": row.name,
            "value": row.value,
            "low": row.value if row.low is None else row.low,
            "high": row.value if row.high is None else row.high,
            "said": row.said,
            "ours": row.is_ours,
        }
        for row in rows
    ]
    colour = {"condition": {"test": "datum.ours", "value": PLAIN}, "value": GREY}
    y = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelFontSize": 11},
    }
    x = {"field": "low", "type": "quantitative", "scale": {"zero": False}, "axis": None}
    return {
        "data": {"values": values},
        "width": 150,
        "height": {"step": 20},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2.4},
                "encoding": {"x": x, "x2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
                "encoding": {"x": {**x, "field": "value"}, "color": colour},
            },
            {
                "mark": {"type": "text", "align": "right", "color": INK},
                "encoding": {"x": {"value": 192}, "text": {"field": "said"}},
            },
        ],
    }


def learning(history: Sequence[tuple[int, float, float | None]], best_step: int) -> Spec:
    """Return the loss over the steps of a training.

    Parameters
    ----------
    history : sequence of (int, float, float or None)
        Step, loss on the rows learned from, loss on rows left out.
    best_step : int
        The step whose weights were kept.

    Returns
    -------
    dict
        A specification of 190 by 76 pixels.

    Examples
    --------
    >>> learning([(1, 0.7, 0.7), (2, 0.5, 0.6)], 2)["width"]
    190
    """
    values = [{"step": step, "loss": loss, "rows": "training"} for step, loss, _ in history]
    values += [
        {"step": step, "loss": held, "rows": "held-out"}
        for step, _, held in history
        if held is not None
    ]
    scale = {"domain": ["training", "held-out"], "range": [GREY, PLAIN]}
    return {
        "width": 190,
        "height": 76,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "line", "strokeWidth": 1.6},
                "encoding": {
                    "x": {
                        "field": "step",
                        "type": "quantitative",
                        "axis": {"title": None, "tickCount": 4, "grid": False},
                    },
                    "y": {
                        "field": "loss",
                        "type": "quantitative",
                        "scale": {"zero": False},
                        "axis": {"title": None, "tickCount": 3},
                    },
                    "color": {"field": "rows", "scale": scale, "legend": None},
                },
            },
            {
                "data": {"values": [{"step": best_step}]},
                "mark": {"type": "rule", "strokeDash": [2, 2], "color": GREY},
                "encoding": {"x": {"field": "step", "type": "quantitative"}},
            },
        ],
    }


def over_time(windows: Sequence[Mapping[str, Any]], reference: float | None) -> Spec:
    """Return a figure by month with its intervals, and what training promised.

    Parameters
    ----------
    windows : sequence of mapping
        `month` such as 2013-04, `value`, and `low`, `high` and `estimated` where they
        are known.
    reference : float or None
        The figure of training, as a dashed line.

    Returns
    -------
    dict
        A specification of 560 by 110 pixels.

    Examples
    --------
    >>> len(over_time([{"month": "2013-04", "value": 0.7}], 0.72)["layer"])
    3
    """
    x = {"field": "month", "type": "ordinal", "axis": {"title": None, "labelAngle": 0}}
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": None, "tickCount": 4, "grid": True},
    }
    values = [{"low": w["value"], "high": w["value"], **w} for w in windows]
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "color": PLAIN, "point": {"filled": True, "color": PLAIN}},
            "encoding": {"x": x, "y": y},
        },
        {
            "mark": {"type": "rule", "color": PLAIN, "strokeWidth": 1.6},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
    ]
    if any(window.get("estimated") is not None for window in windows):
        # an open ring: promised by the predictions themselves, not measured
        ring = {"type": "point", "filled": False, "color": GREY, "size": 45}
        layers.append({"mark": ring, "encoding": {"x": x, "y": {**y, "field": "estimated"}}})
    if reference is not None:
        dashed = {"type": "rule", "strokeDash": [4, 3], "color": GREY}
        layers.append(
            {
                "data": {"values": [{"value": reference}]},
                "mark": dashed,
                "encoding": {"y": y},
            }
        )
    return {"data": {"values": values}, "width": 560, "height": 110, "layer": layers}


def reliability(points: Sequence[tuple[float, float]]) -> Spec:
    """Return what was promised against what came true.

    Parameters
    ----------
    points : sequence of (float, float)
        Mean predicted probability and share that came true, both 0 to 1.

    Returns
    -------
    dict
        A specification of 76 by 76 pixels with the diagonal.

    Examples
    --------
    >>> reliability([(0.2, 0.25)])["height"]
    76
    """
    axis = {"title": None, "values": [0, 0.5, 1], "grid": False}
    scale = {"domain": [0, 1]}
    place = {
        "x": {"field": "promised", "type": "quantitative", "axis": axis, "scale": scale},
        "y": {"field": "true", "type": "quantitative", "axis": axis, "scale": scale},
    }
    diagonal = [{"promised": 0, "true": 0}, {"promised": 1, "true": 1}]
    found = [{"promised": promised, "true": true} for promised, true in points]
    return {
        "width": 76,
        "height": 76,
        "encoding": place,
        "layer": [
            {
                "data": {"values": diagonal},
                "mark": {"type": "line", "strokeDash": [2, 2], "color": GREY, "strokeWidth": 1},
            },
            {
                "data": {"values": found},
                "mark": {"type": "point", "filled": True, "color": PLAIN, "opacity": 1},
            },
        ],
    }


def ranking(rows: Sequence[tuple[str, float]]) -> Spec:
    """Return named figures as bars, longest first as given.

    Parameters
    ----------
    rows : sequence of (str, float)
        Name and figure; below zero goes to the left.

    Returns
    -------
    dict
        A specification, 150 pixels wide without its labels.

    Examples
    --------
    >>> ranking([("tenure", 0.2)])["width"]
    150
    """
    values = [{"name": name, "value": value, "up": value >= 0} for name, value in rows]
    colour = {"condition": {"test": "datum.up", "value": PLAIN}, "value": GREY}
    return {
        "data": {"values": values},
        "width": 150,
        "height": {"step": 17},
        "mark": {"type": "bar", "height": 10},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None}},
            "x": {"field": "value", "type": "quantitative", "axis": None},
            "color": colour,
        },
    }
