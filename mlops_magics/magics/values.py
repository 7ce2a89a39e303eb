"""What is the value behind a flag?

Reads one token as the flag's kind says. A `{…}` is data or nothing: the value of
any other flag is what is written. It evaluates nothing and looks nothing up.
"""

import math
import re
import unicodedata
from keyword import iskeyword

from mlops_magics.errors.request import BadLine

from .durations import read_duration
from .flags import Flag
from .parsing import Token

Value = bool | int | float | str | tuple[str, ...] | Token

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")  # any of them fits an int64
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_value(flag: Flag, token: Token, usage: str) -> Value:
    """Read what stands behind a flag.

    Parameters
    ----------
    flag : Flag
        The flag, which takes a value.
    token : Token
        What stands behind it.
    usage : str
        The usage that an error ends with.

    Returns
    -------
    int, float, str, tuple of str or Token
        By the flag's kind: a duration in microseconds; data, and a time in braces, as
        the token itself.

    Raises
    ------
    BadLine
        The token is no value of that kind.

    Examples
    --------
    >>> from .parsing import tokenize
    >>> columns = Flag("columns", "names", "only these", "COL,…")
    >>> read_value(columns, tokenize('"Monthly charges",tenure').tokens[0], "")
    ('Monthly charges', 'tenure')
    """
    if flag.kind == "data" and len(token.pieces) == 1:
        return token
    if flag.kind == "time" and token.braces:
        return token  # an expression, which the magic evaluates
    value = None if token.has_braces else _read(flag, token)
    if value is None:
        given = clipped(f"{{{token.text}}}" if token.braces else token.text)
        raise BadLine(f"--{flag.name} is {given}, not {_expected(flag)}", usage)
    return value


def read_names(token: Token) -> tuple[str, ...] | None:
    """Read a list of names, such as `customers:tenure,usage`.

    Parameters
    ----------
    token : Token
        A list, parts of which may be quoted.

    Returns
    -------
    tuple of str or None
        The names in order; None where one is empty or in braces.

    Examples
    --------
    >>> from .parsing import tokenize
    >>> read_names(tokenize("customers:tenure,usage").tokens[0])
    ('customers:tenure', 'usage')
    """
    names = tuple(item.text for item in token.items())
    return None if token.has_braces or not all(names) else names


def clipped(text: str) -> str:
    """Write a text of the user for an error: quoted, on one line, not too long.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Its repr, of the first 60 characters.

    Examples
    --------
    >>> clipped("tleco")
    "'tleco'"
    """
    return repr(text) if len(text) <= 60 else f"{text[:59]!r}…"


def _read(flag: Flag, token: Token) -> Value | None:
    text = token.text
    match flag.kind:
        case "integer":
            number = int(text) if INTEGER.fullmatch(text) else None
            return number if number is not None and number >= flag.least else None
        case "number":
            # a number beyond the largest float reads as infinity
            real = float(text) if NUMBER.fullmatch(text) else math.inf
            return real if math.isfinite(real) else None
        case "duration":
            return read_duration(text)
        case "names":
            return read_names(token)
        case "choice":
            return text if text in flag.choices else None
        case "column":
            return text if text and len(token.items()) == 1 else None
        case "name":
            # Python reads a variable's name in this form
            name = unicodedata.normalize("NFKC", text)
            return name if name.isidentifier() and not iskeyword(name) else None
        case "time":
            return text or None
        case "text":
            return text
        case _:  # data in several pieces, or a flag without value
            return None


def _expected(flag: Flag) -> str:
    match flag.kind:
        case "integer":
            return f"a whole number from {flag.least}"
        case "duration":
            return "a duration such as 7d, 12h, 30m or 45s"
        case "names":
            return "a list such as a,b without blanks (names with blanks in quotes)"
        case "choice":
            return " or ".join(flag.choices)
        case "data":
            return "a variable, {an expression} or a quoted path"
        case "name":
            return "the name of a variable"
        case "time":
            return "a time such as 2024-06-01T12:00, or {an expression}"
        case "number" | "column":
            return f"one {flag.kind}"
        case _:
            return "plain or quoted text"
