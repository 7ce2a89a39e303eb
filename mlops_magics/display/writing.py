"""How does what a user named get into a page?

Names and values come from tables that nobody has read before: they may hold
markup, line ends, directions of writing, or three hundred characters.
"""

import re
from html import escape

from mlops_magics.errors.error import printable

LONGEST = 30
# Words of Hebrew, Arabic and the others that are written from right to left, with what
# stands between them but no Latin letter, digit or escaped character.
RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
FROM_THE_RIGHT = re.compile(f"{RIGHT}(?:[^A-Za-z0-9&;<>]*{RIGHT})*")


def short(text: str, longest: int = LONGEST) -> str:
    """Return a text with its middle left out where it is long.

    Parameters
    ----------
    text : str
        A name or value.
    longest : int, default=30
        Characters that are kept.

    Returns
    -------
    str
        Begin and end of a long text, since names often differ at the end.

    Examples
    --------
    >>> short("average_of_the_monthly_charges_in_the_last_year", 20)
    'average_of_…ast_year'
    """
    if len(text) <= longest:
        return text
    end = longest // 2 - 2
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def html(text: str) -> str:
    """Return a text as HTML: visible, escaped, and kept apart from its neighbours.

    Parameters
    ----------
    text : str
        Whatever a user named.

    Returns
    -------
    str
        HTML; a text of another direction does not turn what stands beside it.

    Examples
    --------
    >>> html("<b>"), html("עמודה")
    ('&lt;b&gt;', '<bdi>עמודה</bdi>')
    """
    seen = escape(printable(text))
    if seen.isascii():
        return seen
    # a name inside a sentence of ours must not turn the figures that stand behind it
    turned = FROM_THE_RIGHT.sub(r"<bdi>\g<0></bdi>", seen)
    return turned if turned == f"<bdi>{seen}</bdi>" else f"<bdi>{turned}</bdi>"
