"""Which colours and sizes does everything have?

Inline styles, since a notebook that is not trusted loses its style sheets; text
takes the notebook's own colour, so it follows the theme. Nothing here needs a
network or a script.
"""

from typing import Literal

Level = Literal["good", "watch", "bad", "plain", "grey"]

# Contrast of at least 4.1 to 1 on white and on JupyterLab's dark background alike.
COLOURS: dict[str, str] = {
    "good": "#1b8560",
    "watch": "#a56a14",
    "bad": "#c94f44",
    "plain": "#4c78a8",
    "grey": "#767676",
}
# What they become in the dark, where the page or the picture can tell: 6 to 1 and more.
DARK: dict[str, str] = {
    "good": "#5cc29a",
    "watch": "#d9a24a",
    "bad": "#e2786e",
    "plain": "#7fb0e0",
    "grey": "#9a9a9a",
}
# Colour never stands alone.
SYMBOLS: dict[str, str] = {"good": "●", "watch": "▲", "bad": "■", "plain": "·", "grey": "·"}

STYLES: dict[str, str] = {
    "page": "max-width:700px;font-size:13px;line-height:1.5;padding:4px 0",
    "headline": "font-size:17px;line-height:1.4;margin:2px 0",
    "heading": "font-size:14px;font-weight:600;margin:14px 0 2px 0",
    "soft": "opacity:.72",
    "figures": "display:flex;flex-wrap:wrap;margin:8px 0 4px 0",
    "figure": "margin:0 32px 4px 0",
    "number": "font-size:20px;line-height:1.3;font-weight:600",
    "label": "font-size:12px;opacity:.72",
    "beside": "display:flex;flex-wrap:wrap;align-items:flex-start",
    "part": "box-sizing:border-box;min-width:0;max-width:100%;padding:0 24px 0 0",
    "scroll": "overflow-x:auto",
    "table": "border-collapse:collapse;margin:4px 0 8px 0;font-size:13px;color:inherit",
    "head": "font-weight:400;opacity:.72;padding:3px 12px 3px 0;white-space:nowrap",
    "cell": "padding:3px 12px 3px 0;white-space:nowrap",
    "source": "margin:6px 0;padding:4px 10px;font-size:12px;overflow-x:auto;"
    "border-left:2px solid #8a8a8a;background-color:transparent",
    "code": "font-size:12px;background-color:transparent;padding:0",
}
ALIGN = {"l": "text-align:left", "r": "text-align:right"}

# What a trusted notebook has in addition; without it everything can still be read.
SHEET = (
    ".mlops table tr,.mlops table thead{background:none!important}"
    ".mlops table td,.mlops table th{vertical-align:middle;font-variant-numeric:tabular-nums}"
    ".mlops table thead{border-bottom:1px solid var(--jp-border-color2,#cfcfcf)}"
    ".mlops img{vertical-align:middle}"
    ".mlops,.mlops pre,.mlops code{color:var(--jp-ui-font-color1,inherit)}"
    + "".join(
        f"[data-jp-theme-light=false] .mlops .{level}{{color:{colour}!important}}"
        for level, colour in DARK.items()
    )
)


def tag(name: str, style: str, inner: str, level: Level | None = None) -> str:
    """Return an element with its style.

    Parameters
    ----------
    name : str
        Name of the element.
    style : str
        Key of `STYLES`, or empty.
    inner : str
        Its content: HTML that is escaped already.
    level : str, optional
        good, watch or bad, for its colour.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> tag("b", "", "moved", "bad")
    "<b class='bad' style='color:#c94f44'>moved</b>"
    """
    said = ";".join(filter(None, [STYLES.get(style, style), level and f"color:{COLOURS[level]}"]))
    marked = f" class='{level}'" if level else ""
    styled = f" style='{said}'" if said else ""
    return f"<{name}{marked}{styled}>{inner}</{name}>"
