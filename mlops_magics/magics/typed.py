"""What was typed, where IPython would not hand it to a magic of ours?

It looks for a magic called `model;` where a `;` touches the name, and answers an
empty features cell itself, with an error that a notebook does not store. The two
transformers here change such lines and no others.
"""

import re
import tokenize

from IPython.core.inputtransformer2 import make_tokens_by_line

from .verbs import VERBS

NAMES = "|".join(verb for verb in VERBS if verb.isalpha())
EMPTY_CELL = re.compile(r"\s*%%features\b(?!\?)[^\n]*\n?\Z")
TOUCHING = re.compile(rf"(?:[^%#\n]+=)?\s*%(?:{NAMES})(?=;)")


def divide_semicolon(lines: list[str]) -> list[str]:
    r"""Put a blank between the name of a magic and a `;`.

    Parameters
    ----------
    lines : list of str
        A cell, with the ends of its lines.

    Returns
    -------
    list of str
        The cell; the same where there is no such magic.

    Examples
    --------
    >>> divide_semicolon(["models = %model;\n", "%model churn;\n"])
    ['models = %model ;\n', '%model churn;\n']
    """
    ends = {row: found.end() for row, line in enumerate(lines) if (found := TOUCHING.match(line))}
    if not ends:
        return lines
    starts = _operators(lines)
    divided = list(lines)
    for row, end in ends.items():
        # the same letters inside a text of Python's are no magic
        if (row, lines[row].rindex("%", 0, end)) in starts:
            divided[row] = f"{lines[row][:end]} {lines[row][end:]}"
    return divided


def fill_empty_cell(lines: list[str]) -> list[str]:
    r"""Give a features cell without SQL an empty line, so that the magic sees it.

    Parameters
    ----------
    lines : list of str
        A cell, with the ends of its lines.

    Returns
    -------
    list of str
        The cell; the same where it is no such cell.

    Examples
    --------
    >>> fill_empty_cell(["%%features customers --key id\n"])
    ['%%features customers --key id\n', '\n']
    """
    if not EMPTY_CELL.match("".join(lines)):
        return lines
    return [*(line if line.endswith("\n") else line + "\n" for line in lines), "\n"]


def _operators(lines: list[str]) -> set[tuple[int, int]]:
    """Return where the signs of a cell stand that are neither text nor comment."""
    return {
        (token.start[0] - 1, token.start[1])
        for line in make_tokens_by_line(lines)
        for token in line
        if token.type == tokenize.OP
    }
