"""How does a page become a file of its own, in Markdown or in HTML?

The same parts as in a notebook. Neither form needs a network, a script or a style sheet
from elsewhere.
"""

import re
from collections.abc import Sequence
from html import escape

from mlops_magics.errors.error import printable
from mlops_magics.workspace.card import ModelCard

from .card import card_parts
from .grid import Bars, Grid, Share, written
from .page import Beside, Code, Heading, Headline, Line, OnlyDrawn, Part, Stack, page

# What Markdown would take for markup; a backslash makes each a letter again.
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|~>])")
DOCUMENTS = (".md", ".html")


def card_document(result: ModelCard, form: str) -> str:
    """Return a model card as a document.

    Parameters
    ----------
    result : ModelCard
        The card.
    form : str
        .md or .html.

    Returns
    -------
    str
        The whole file.

    Examples
    --------
    >>> card_document(card, ".md").splitlines()[0]  # doctest: +SKIP
    '# churn@v2 · production · AUC 0.74'
    """
    parts = card_parts(result)
    return to_markdown(parts) if form == ".md" else to_html(parts, result.version.name)


def to_html(parts: Sequence[Part | None], title: str) -> str:
    """Return a page as an HTML file that stands alone.

    Parameters
    ----------
    parts : sequence of Part or None
        Of the page.
    title : str
        For the browser's tab.

    Returns
    -------
    str
        Light or dark as the reader's system is.
    """
    head = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<meta name='color-scheme' content='light dark'><title>{escape(printable(title))}</title>"
        "<style>body{font-family:system-ui,sans-serif;margin:24px}</style></head>"
    )
    return f"{head}<body>{page(*parts).html}</body></html>\n"


def to_markdown(parts: Sequence[Part | None]) -> str:
    r"""Return a page as Markdown.

    Parameters
    ----------
    parts : sequence of Part or None
        Of the page; pictures are left out, since their numbers stand beside them.

    Returns
    -------
    str
        With tables as GitHub reads them; what a user named cannot be markup.

    Examples
    --------
    >>> print(to_markdown([Headline("churn@v1", "· production"), Line("a*b")]), end="")
    # churn@v1 · production
    <BLANKLINE>
    a\*b
    """
    blocks = [block for part in parts if part is not None for block in _blocks(part)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _blocks(part: Part) -> list[str]:
    match part:
        case Headline():
            return [f"# {_plain(f'{part.big} {part.small}'.strip())}"]
        case Heading():
            return [f"## {_plain(part.said)}"]
        case Line():
            code = f" {_code(part.code)}" if part.code else ""
            return [f"{_plain(part.said)}{code}"]
        case Code():
            return [_fenced(part.text())]
        case Grid():
            return [_table(part)]
        case OnlyDrawn():
            return _blocks(part.part)
        case Beside() | Stack():
            inner = [_blocks(one) for one in part.parts if one is not None]
            return [block for blocks in inner for block in blocks]
        case _:
            return [_plain(part.text())]


def _plain(text: str) -> str:
    seen = MARKUP.sub(r"\\\1", printable(text))
    return seen.replace("&", "&amp;").replace("<", "&lt;")


def _code(text: str) -> str:
    return f"``{printable(text).replace('`', chr(39))}``"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = [line[4:] if line.startswith("    ") else line for line in text.splitlines()]
    return "\n".join([f"{fence}python", *lines, fence])


def _table(grid: Grid) -> str:
    places = grid.places_without((Bars, Share))
    if not places:
        return ""
    lines = [[_plain(grid.headers[p]) for p in places]]
    lines.append(["---:" if grid.align[p] == "r" else "---" for p in places])
    lines += [[_plain(written(row[p])) for p in places] for row in grid.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
