"""How does a picture get into a cell's output?

As an image with an SVG inside it: the one form that a notebook shows also where
it is not trusted, has no kernel and no script. Bars and meters are drawn here,
since a page has a hundred of them; charts are drawn by Vega-Lite.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from mlops_magics.errors.error import printable

from .theme import COLOURS, DARK, Level

# Text in a chart; Vega knows no 'currentColor', so it is drawn in this and recoloured.
INK = "#444444"
INK_IN_THE_DARK = "#c8c8c8"
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
BAR_WIDTH, BAR_HEIGHT = 96, 24
CURVES_EDGE = 3
GREY = COLOURS["grey"]
CONFIG: dict[str, Any] = {
    "background": None,
    # browsers draw text wider than it was measured
    "padding": {"left": 14, "right": 8, "top": 2, "bottom": 2},
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 10,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "gridColor": GREY,
        "gridOpacity": 0.25,
    },
    "text": {"color": INK, "fontSize": 11},
}

# The page's theme reaches an image through this one query.
PAIRS = [*((COLOURS[level], DARK[level]) for level in DARK), (INK, INK_IN_THE_DARK)]
RULES = "".join(
    f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in PAIRS
)
RECOLOUR = f"<style>@media (prefers-color-scheme:dark){{{RULES}}}</style>"
OPENING = re.compile(r"<svg[^>]*>")


def image(svg: str, alt: str, shrinks: bool = True) -> str:
    """Return an image that holds a drawing, in both themes.

    Parameters
    ----------
    svg : str
        The drawing; its colours are those of the theme.
    alt : str
        What it shows; it is escaped here.
    shrinks : bool, default=True
        Whether it becomes smaller where there is little room.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> image("<svg></svg>", "nothing")[:26]
    "<img alt='nothing' style='"
    """
    opening = OPENING.match(svg)
    assert opening is not None
    recoloured = f"{opening[0]}{RECOLOUR}{svg[opening.end() :]}"
    encoded = b64encode(recoloured.encode()).decode("ascii")
    width = "100%" if shrinks else "none"
    source = f"data:image/svg+xml;base64,{encoded}"
    return f"<img alt='{escape(printable(alt))}' style='max-width:{width}' src='{source}'>"


def chart(spec: Mapping[str, Any], alt: str) -> str:
    """Return a Vega-Lite chart as an image.

    Parameters
    ----------
    spec : mapping
        A Vega-Lite specification without a config; ours is added.
    alt : str
        What it shows.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> spec = {"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a"}}}
    >>> chart(spec, "a point").startswith("<img alt='a point'")
    True
    """
    # imported here: it starts a JavaScript engine, which the first chart alone pays for
    import vl_convert

    svg = vl_convert.vegalite_to_svg({**spec, "config": CONFIG})
    return image(svg.replace('font-family="sans-serif"', f'font-family="{FONT}"'), alt)


def bars(heights: Sequence[float], behind: Sequence[float] = (), level: Level = "plain") -> str:
    """Return a small histogram.

    Parameters
    ----------
    heights : sequence of float
        Left to right, not negative.
    behind : sequence of float, default=()
        Those of the baseline, wider and grey behind them.
    level : str, default='plain'
        For the colour.

    Returns
    -------
    str
        HTML; empty where there is nothing to draw.

    Examples
    --------
    >>> bars([]), bars([1.0, 2.0])[:30]
    ('', "<img alt='histogram of 2 bars'")
    """
    if not len(heights):
        return ""
    top = max(*heights, *behind, 1e-300)
    step = min(BAR_WIDTH / len(heights), 16.0)
    drawn = "".join(
        _bar(place * step + 0.5, step - 1, height / top, GREY, 0.4)
        for place, height in enumerate(behind)
    )
    inset = step * 0.25 if len(behind) else 0.5
    drawn += "".join(
        _bar(place * step + inset, step - 2 * inset, height / top, COLOURS[level], 0.9)
        for place, height in enumerate(heights)
    )
    return image(
        _svg(BAR_WIDTH, BAR_HEIGHT, drawn), f"histogram of {len(heights)} bars", shrinks=False
    )


def meter(share: float, level: Level = "plain", width: int = 160) -> str:
    """Return a share as the filled part of a bar.

    Parameters
    ----------
    share : float
        0 to 1.
    level : str, default='plain'
        For the colour.
    width : int, default=160
        In pixels.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> meter(0.5)[:18]
    "<img alt='50 %' st"
    """
    colour = COLOURS[level]
    rest = f'<rect width="{width}" height="8" rx="2" fill="{GREY}" opacity=".3"/>'
    part = f'<rect width="{share * width:.1f}" height="8" rx="2" fill="{colour}"/>'
    return image(_svg(width, 8, rest + part), f"{share * 100:.0f} %", shrinks=False)


def curves(
    lines: Sequence[tuple[Sequence[tuple[float, float]], Level]],
    marked: float | None,
    alt: str,
    size: tuple[int, int] = (320, 90),
    from_zero: bool = False,
) -> str:
    """Return lines over steps, small and quickly drawn, for a page that changes.

    Parameters
    ----------
    lines : sequence of (sequence of (float, float), str)
        Each its points from left to right, and its colour.
    marked : float or None
        A step that is marked by a dashed line.
    alt : str
        What they show.
    size : (int, int), default=(320, 90)
        Width and height in pixels.
    from_zero : bool, default=False
        Whether the lower end is zero, for what is counted.

    Returns
    -------
    str
        HTML; empty with fewer than two points.

    Examples
    --------
    >>> curves([([(1, 0.7), (2, 0.5)], "plain")], 2, "loss")[:18]
    "<img alt='loss' st"
    """
    points = [point for line, _ in lines for point in line]
    if len(points) < 2:
        return ""
    (left, right), (low, high) = (_ends([p[axis] for p in points]) for axis in (0, 1))
    low = min(low, 0.0) if from_zero else low
    width, height = size
    inner = height - 2 * CURVES_EDGE

    def across(step: float) -> float:
        return CURVES_EDGE + (step - left) / (right - left) * (width - 2 * CURVES_EDGE)

    drawn = ""
    if marked is not None:
        place = f"{across(marked):.1f}"
        drawn = (
            f'<line x1="{place}" x2="{place}" y1="0" y2="{height}" stroke="{GREY}" '
            'stroke-dasharray="2 2"/>'
        )
    for line, level in lines:
        path = " ".join(
            f"{across(step):.1f},{CURVES_EDGE + (high - found) / (high - low) * inner:.1f}"
            for step, found in line
        )
        drawn += (
            f'<polyline points="{path}" fill="none" stroke="{COLOURS[level]}" '
            'stroke-width="1.6" stroke-linejoin="round"/>'
        )
    return image(_svg(width, height, drawn), alt)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """Return the smallest and the largest value, apart where they are one."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _bar(left: float, width: float, share: float, colour: str, opacity: float) -> str:
    # what is there at all is seen: half a pixel at least
    height = max(share * (BAR_HEIGHT - 1), 0.6 if share > 0 else 0.0)
    return (
        f'<rect x="{left:.1f}" y="{BAR_HEIGHT - height:.1f}" width="{max(width, 0.5):.1f}" '
        f'height="{height:.1f}" fill="{colour}" opacity="{opacity}"/>'
    )


def _svg(width: int, height: int, drawn: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{drawn}</svg>'
    )
