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


@dataclass(frozen=True, slots=True)
class Drawn:
    """What differs from run to run, such as a time: drawn, and left out of the text.

    Parameters
    ----------
    said : str
        A few words.
    """

    said: str


Cell = str | Bars | Share | Said | Drawn | tuple[str, Level]


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
        shown = self.written_places()
        if not shown:
            return ""
        lines = [[written(self.headers[p]) for p in shown]]
        lines += [[written(row[p]) for p in shown] for row in self.rows[:ROWS_SHOWN]]
        widths = [max(len(line[i]) for line in lines) for i in range(len(shown))]
        rows = []
        for line in lines:
            cells = [
                cell.rjust(width) if self.align[p] == "r" else cell.ljust(width)
                for cell, width, p in zip(line, widths, shown, strict=True)
            ]
            rows.append("  ".join(cells).rstrip())
        return "\n".join([*rows, *filter(None, [self._more()])])

    def written_places(self) -> list[int]:
        """Return the places of the columns that hold words which stay the same."""
        return self.places_without((Bars, Share, Drawn))

    def places_without(self, kinds: tuple[type, ...]) -> list[int]:
        """Return the places of the columns in which no cell is of these kinds."""
        return [
            place
            for place in range(len(self.headers))
            if not any(isinstance(row[place], kinds) for row in self.rows)
        ]

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
        case Drawn(words):
            inner = escaped(words)
        case (said, level):
            inner = tag("span", "", escaped(said), level)
        case str():
            inner = escaped(written(cell))
            if len(printable(cell)) > len(written(cell)):
                title = f' title="{escape(printable(cell))}"'
    return f"<td{title} style='{STYLES['cell']};{ALIGN[align]}'>{inner}</td>"


def written(cell: Cell) -> str:
    """Return a cell as text; a picture is left out."""
    if isinstance(cell, Said):
        return printable(cell.words)
    if isinstance(cell, Drawn):
        return printable(cell.said)
    if isinstance(cell, tuple):
        return printable(cell[0])  # our own words with a level, in full as they are drawn
    return short(printable(cell)) if isinstance(cell, str) else ""
