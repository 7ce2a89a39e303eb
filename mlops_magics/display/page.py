"""How do HTML and text come from one description?

A page is parts: a headline, figures, tables, pictures, notes. Each part can be
drawn and can be written, so the two never say different things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mlops_magics.errors.error import printable

from . import pictures
from .bundle import Bundle
from .theme import SHEET, SYMBOLS, Level, tag
from .writing import html as escaped


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
        mark = tag("span", "", SYMBOLS[self.level], self.level) + " " if self.level else ""
        small = " " + tag("span", "soft", escaped(self.small)) if self.small else ""
        return tag("div", "headline", f"{mark}<b>{escaped(self.big)}</b>{small}")

    def text(self) -> str:
        """Return it written."""
        mark = f"{SYMBOLS[self.level]} " if self.level else ""
        return printable(f"{mark}{self.big}{' ' + self.small if self.small else ''}")


@dataclass(frozen=True, slots=True)
class Heading:
    """What the next parts are about.

    Parameters
    ----------
    said : str
        Two or three words of ours.
    """

    said: str

    def html(self) -> str:
        """Return it drawn."""
        return tag("div", "heading", escaped(self.said))

    def text(self) -> str:
        """Return it written, with a line of its own above."""
        return f"\n{self.said}"


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
        said = tag("span", "soft", escaped(self.said))
        return (
            f"<div>{said}{' ' + tag('code', 'code', escaped(self.code)) if self.code else ''}</div>"
        )

    def text(self) -> str:
        """Return it written."""
        return printable(f"{self.said} {self.code}".strip())


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
            tag(
                "div",
                "figure",
                tag("div", "number", escaped(figure)) + tag("div", "label", escaped(label)),
            )
            for figure, label in (*self.pairs, *self.drawn)
        )
        return tag("div", "figures", cells)

    def text(self) -> str:
        """Return it written."""
        return printable(" · ".join(f"{figure} {label}" for figure, label in self.pairs))


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
        return f"<div>{pictures.meter(self.share)}</div>"

    def text(self) -> str:
        """Return nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, with what it shows below; the numbers stand beside it as text.

    Parameters
    ----------
    chart : mapping
        One of `charts`.
    said : str
        What it shows; our own words.
    """

    chart: Mapping[str, Any]
    said: str

    def html(self) -> str:
        """Return it drawn."""
        drawn = pictures.chart(self.chart, self.said)
        return f"<div>{drawn}{tag('div', 'label', escaped(self.said))}</div>"

    def text(self) -> str:
        """Return nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over steps with what they show below, on a page that changes.

    Parameters
    ----------
    lines : sequence of (sequence of (float, float), str)
        Each its points and its level.
    marked : float or None
        A step that is marked.
    said : str
        What they show; our own words.
    size : (int, int), default=(320, 90)
        In pixels.
    from_zero : bool, default=False
        Whether the lower end is zero.
    """

    lines: Sequence[tuple[Sequence[tuple[float, float]], Level]]
    marked: float | None
    said: str
    size: tuple[int, int] = (320, 90)
    from_zero: bool = False

    def html(self) -> str:
        """Return it drawn."""
        drawn = pictures.curves(self.lines, self.marked, self.said, self.size, self.from_zero)
        return f"<div>{drawn}{tag('div', 'label', escaped(self.said))}</div>" if drawn else ""

    def text(self) -> str:
        """Return nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Parts beside each other where there is room, else below; written one a line.

    Parameters
    ----------
    parts : sequence of Part or None
        Left to right; None is left out.
    """

    parts: Sequence[Part | None]

    def html(self) -> str:
        """Return it drawn."""
        drawn = (tag("div", "part", part.html()) for part in self.parts if part is not None)
        return tag("div", "beside", "".join(drawn))

    def text(self) -> str:
        """Return it written."""
        return Stack(self.parts).text()


@dataclass(frozen=True, slots=True)
class Stack:
    """Parts one below the other, inside something that stands beside.

    Parameters
    ----------
    parts : sequence of Part or None
        Top to bottom; None is left out.
    """

    parts: Sequence[Part | None]

    def html(self) -> str:
        """Return it drawn."""
        return "".join(part.html() for part in self.parts if part is not None)

    def text(self) -> str:
        """Return it written."""
        written = (part.text() for part in self.parts if part is not None)
        return "\n".join(filter(None, written))


@dataclass(frozen=True, slots=True)
class OnlyDrawn:
    """A part that differs from run to run: drawn, and left out of the text.

    Parameters
    ----------
    part : Part
        Such as ids and versions.
    """

    part: Part

    def html(self) -> str:
        """Return it drawn."""
        return self.part.html()

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
        return tag("pre", "source", "\n".join(escaped(line) for line in self._lines()))

    def text(self) -> str:
        """Return it written."""
        return "\n".join(f"    {printable(line)}" for line in self._lines())

    def _lines(self) -> list[str]:
        return [line.rstrip().expandtabs(4) for line in self.source.strip().splitlines()]


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
    whole = Stack(parts)
    drawn = tag("div", "page", f"<style>{SHEET}</style>{whole.html()}")
    return Bundle(html=f"<div class='mlops'>{drawn}</div>", text=whole.text())
