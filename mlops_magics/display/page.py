"""How do HTML and text come from one description?

A page is parts: a headline, figures, tables, notes. Each part can be drawn and
can be written, so the two never say different things. Everything is escaped
here and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from .bundle import Bundle
from .theme import COLOURS, STYLE, SYMBOLS, Level

# A table of a thousand columns stays readable; the result itself has them all.
ROWS_SHOWN = 60


class Part(Protocol):
    """One part of a page."""

    def html(self) -> str:
        """Return it drawn."""

    def text(self) -> str:
        """Return it written."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What matters, large, with its context small.

    Parameters
    ----------
    big : str
        The first words.
    small : str, default=''
        What follows, in grey.
    level : str, optional
        good, watch or bad; shown as symbol and colour.
    """

    big: str
    small: str = ""
    level: Level | None = None

    def html(self) -> str:
        """Return it drawn."""
        mark = ""
        if self.level:
            mark = f'<span style="color:{COLOURS[self.level]}">{SYMBOLS[self.level]}</span> '
        small = f" <span class='g n'>{escape(self.small)}</span>" if self.small else ""
        return f"<div class='h'>{mark}<b>{escape(self.big)}</b>{small}</div>"

    def text(self) -> str:
        """Return it written."""
        mark = f"{SYMBOLS[self.level]} " if self.level else ""
        return f"{mark}{self.big}{' ' + self.small if self.small else ''}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of context, or a note.

    Parameters
    ----------
    said : str
        The line.
    code : str, default=''
        What to type, behind it.
    """

    said: str
    code: str = ""

    def html(self) -> str:
        """Return it drawn."""
        code = f" <code>{escape(self.code)}</code>" if self.code else ""
        return f"<div class='g'>{escape(self.said)}{code}</div>"

    def text(self) -> str:
        """Return it written."""
        return f"{self.said} {self.code}".strip()


@dataclass(frozen=True, slots=True)
class Figures:
    """A few numbers, large, each with what it is below.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Figure and label.
    drawn : sequence of (str, str), default=()
        More of them that the text leaves out: they differ between machines.
    """

    pairs: Sequence[tuple[str, str]]
    drawn: Sequence[tuple[str, str]] = ()

    def html(self) -> str:
        """Return it drawn."""
        cells = "".join(
            f"<div><b>{escape(figure)}</b><span class='g'>{escape(label)}</span></div>"
            for figure, label in (*self.pairs, *self.drawn)
        )
        return f"<div class='f'>{cells}</div>"

    def text(self) -> str:
        """Return it written."""
        return " · ".join(f"{figure} {label}" for figure, label in self.pairs)


@dataclass(frozen=True, slots=True)
class Bars:
    """A small histogram in a cell; the text leaves it out.

    Parameters
    ----------
    heights : tuple of float
        Left to right.
    behind : tuple of float, default=()
        Of the baseline, drawn in grey behind.
    level : str, optional
        good, watch or bad.
    """

    heights: tuple[float, ...]
    behind: tuple[float, ...] = ()
    level: Level | None = None

    def html(self) -> str:
        """Return it drawn."""
        top = max([*self.heights, *self.behind, 1e-12])
        width = max(3, min(12, 96 // max(len(self.heights), 1)))
        colour = COLOURS[self.level or "plain"]
        drawn = ""
        for place, height in enumerate(self.heights):
            base = self.behind[place] / top if place < len(self.behind) else 0.0
            bar = (
                f"<i style='width:{width}px;height:{base * 24:.0f}px;"
                f"background:{COLOURS['grey']};opacity:.4'></i>"
                if self.behind
                else ""
            )
            drawn += (
                f"{bar}<i style='width:{width}px;height:{height / top * 24:.0f}px;"
                f"background:{colour};margin-right:{3 if self.behind else 1}px'></i>"
            )
        return f"<span class='b'>{drawn}</span>"


Cell = str | Bars | tuple[str, Level]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Parameters
    ----------
    headers : sequence of str
        Names of the columns.
    rows : sequence of sequence of cells
        Text, bars, or (text, level).
    align : str
        One letter a column: l or r.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    align: str

    def html(self) -> str:
        """Return it drawn."""
        head = "".join(
            f"<th class='{a}'>{escape(h)}</th>"
            for h, a in zip(self.headers, self.align, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f"<td class='{a}'>{_cell_html(cell)}</td>"
                for cell, a in zip(row, self.align, strict=True)
            )
            + "</tr>"
            for row in self.rows[:ROWS_SHOWN]
        )
        body += f"<tr><td class='l g'>{self._more()}</td></tr>" if self._more() else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def text(self) -> str:
        """Return it written."""
        shown = [
            place
            for place in range(len(self.headers))
            if not any(isinstance(row[place], Bars) for row in self.rows)
        ]
        if not shown:
            return ""
        lines = [[self.headers[p] for p in shown]]
        lines += [[_cell_text(row[p]) for p in shown] for row in self.rows[:ROWS_SHOWN]]
        widths = [max(len(line[i]) for line in lines) for i in range(len(shown))]
        written = []
        for line in lines:
            cells = [
                cell.rjust(width) if self.align[p] == "r" else cell.ljust(width)
                for cell, width, p in zip(line, widths, shown, strict=True)
            ]
            written.append("  ".join(cells).rstrip())
        return "\n".join([*written, *filter(None, [self._more()])])

    def _more(self) -> str:
        hidden = len(self.rows) - ROWS_SHOWN
        return f"and {hidden:,} more" if hidden > 0 else ""


def _cell_html(cell: Cell) -> str:
    if isinstance(cell, Bars):
        return cell.html()
    if isinstance(cell, tuple):
        return f"<span style='color:{COLOURS[cell[1]]}'>{escape(cell[0])}</span>"
    return escape(cell)


def _cell_text(cell: Cell) -> str:
    return "" if isinstance(cell, Bars) else cell[0] if isinstance(cell, tuple) else cell


@dataclass(frozen=True, slots=True)
class Meter:
    """A share as a bar; the text says it elsewhere.

    Parameters
    ----------
    share : float
        0 to 1.
    """

    share: float

    def html(self) -> str:
        """Return it drawn."""
        inner = f"width:{self.share * 160:.0f}px;background:{COLOURS['plain']}"
        return f"<div class='m'><i style='{inner}'></i></div>"

    def text(self) -> str:
        """Return nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Code:
    """A source, as it was written.

    Parameters
    ----------
    source : str
        Several lines.
    """

    source: str

    def html(self) -> str:
        """Return it drawn."""
        return f"<pre>{escape(self.source.strip())}</pre>"

    def text(self) -> str:
        """Return it written."""
        return "\n".join(f"    {line.rstrip()}" for line in self.source.strip().splitlines())


def page(*parts: Part | None) -> Bundle:
    """Return the output of several parts, one below the other.

    Parameters
    ----------
    *parts : Part or None
        None is left out.

    Returns
    -------
    Bundle
        HTML and text.

    Examples
    --------
    >>> page(Headline("churn v1", "is new")).text
    'churn v1 is new'
    """
    kept = [part for part in parts if part is not None]
    drawn = "".join(part.html() for part in kept)
    written = [text for text in (part.text() for part in kept) if text]
    return Bundle(
        html=f"<div class='mlops'><style>{STYLE}</style>{drawn}</div>", text="\n".join(written)
    )
