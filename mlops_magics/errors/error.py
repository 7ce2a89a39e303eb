"""What is a mistake of the user, and how does a notebook show it?

One line: what is wrong, with the value, and what to do next. Nothing here
raises; the kinds of mistakes are in the files beside this one.
"""

from collections.abc import Mapping
from types import MappingProxyType

LONGEST_VALUE = 80
# Parts of words in several scripts, though they cannot be seen by themselves.
JOINERS = "\u200c\u200d"


class MLOpsError(Exception):
    """Base of every error that a user can cause; one line in a notebook.

    Attributes
    ----------
    places : mapping of str to int or None
        The columns that it is about, each with its first row, counted from 0; None
        where no row is meant.
    """

    places: Mapping[str, int | None] = MappingProxyType({})

    def __str__(self) -> str:
        # a KeyError would show its argument's repr, with quotes around the sentence
        return printable(str(self.args[0])) if self.args else ""

    def _render_traceback_(self) -> list[str]:
        # IPython's own hook: the cell fails with this line and no traceback.
        return [f"{type(self).__name__}: {self}"]


def printable(text: str) -> str:
    r"""Write a text on one line: what breaks, hides or turns it round stands as its code.

    Parameters
    ----------
    text : str
        Any text, also of the user's data.

    Returns
    -------
    str
        The same where every letter can be seen.

    Examples
    --------
    >>> print(printable("two\nlines"))
    two\nlines
    """
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter in JOINERS
        else letter.encode("unicode_escape").decode()
        for letter in text
    )


def shown(value: object) -> str:
    """Write a value of the user's for an error: its repr, not too long.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    str
        Of a text the first 80 letters.

    Examples
    --------
    >>> shown("tleco"), shown(3)
    ("'tleco'", '3')
    """
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]!r}…"
    said = repr(value)
    return said if len(said) <= 2 * LONGEST_VALUE else f"{said[:LONGEST_VALUE]}…"
