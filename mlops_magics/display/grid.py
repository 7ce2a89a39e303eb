"""How does a table look, in HTML and as text?"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from mlops_magics.errors.error import printable

from . import pictures
from .theme import ALIGN, STYLES, Level, tag
from .writing import html as escaped
from .writing import short

# A table of a thousand columns stays readable; the result itself has them all.
ROWS_SHOWN = 30


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


@dataclass(frozen=True, slots=True)
class Share:
    """A share as a small bar in a cell; the text leaves it out.

    Parameters
    ----------
    share : float
        0 to 1.
    """

    share: float


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of ours in a cell: shown whole, over several lines where it is long.

    Parameters
    ----------
    words : str
        The sentence; names in it are the user's.
    """

    words: str


Cell = str | Bars | Share | Said | tuple[str, Level]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Parameters
    ----------
    headers : sequence of str
        Names of the columns.
    rows : sequence of sequence of cells
        Text, a small picture, or (text, level).
    align : str
        One letter a column: l or r.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    align: str

    def html(self) -> str:
        """Return it drawn."""
        head = "".join(
            f"<th style='{STYLES['head']};{ALIGN[a]}'>{escaped(h)}</th>"
            for h, a in zip(self.headers, self.align, strict=True)
        )
        body = "".join(
            f"<tr>{''.join(map(_drawn, row, self.align))}</tr>" for row in self.rows[:ROWS_SHOWN]
        )
        if self._more():
            body += f"<tr>{_drawn(self._more(), 'l')}</tr>"
        table = tag("table", "table", f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>")
        return tag("div", "scroll", table)

    def text(self) -> str:
        """Return it written."""
        shown = [
            place
            for place in range(len(self.headers))
            if not any(isinstance(row[place], Bars | Share) for row in self.rows)
        ]
        if not shown:
            return ""
        lines = [[_written(self.headers[p]) for p in shown]]
        lines += [[_written(row[p]) for p in shown] for row in self.rows[:ROWS_SHOWN]]
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


def _drawn(cell: Cell, align: str) -> str:
    title = ""
    match cell:
        case Bars():
            inner = pictures.bars(cell.heights, cell.behind, cell.level or "plain")
        case Share():
            inner = pictures.meter(cell.share, width=96)
        case Said(words):
            inner = escaped(words)
            return f"<td style='{STYLES['cell']};{ALIGN[align]};white-space:normal'>{inner}</td>"
        case (said, level):
            inner = tag("span", "", escaped(said), level)
        case str():
            inner = escaped(_written(cell))
            if len(printable(cell)) > len(_written(cell)):
                title = f' title="{escape(printable(cell))}"'
    return f"<td{title} style='{STYLES['cell']};{ALIGN[align]}'>{inner}</td>"


def _written(cell: Cell) -> str:
    if isinstance(cell, Said):
        return printable(cell.words)
    said = cell[0] if isinstance(cell, tuple) else cell
    return short(printable(said)) if isinstance(said, str) else ""
