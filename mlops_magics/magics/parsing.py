r"""Which tokens does a magic's line hold?

Cuts a line at its blanks. It knows no magic and no variable: what a token means
is decided by the place where it stands (`request`). The rules, in this order:

- `{…}` goes up to the first `}` at which Python can read it: an expression
  inside, or a dict with its braces. Quotes and braces open only at the start of
  a word or after `=` or `,`; elsewhere a quote is a letter and a `{` an error.
- Quoted text ends at the same quote. A backslash is itself, except before that
  quote: there `\"` is the quote and `\\` one backslash, so that any text can be
  written and a Windows path stays as it is.
- `#` at the start or after a blank ends the line; `;` at its end, before or
  behind the comment, means: do not show.
"""

import ast
import re
import sys
import warnings
from dataclasses import dataclass
from typing import Literal

from mlops_magics.errors.request import BadLine

# `;` that nothing follows but more of them and a comment
ENDING = re.compile(r";[;\s]*+(?:(?<=\s)#.*)?\Z", re.DOTALL)
NEEDS_QUOTES = re.compile(r"[\s\"'{},=;#]|^-|^$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a token that was written in one way.

    Parameters
    ----------
    text : str
        What it says, without its quotes or braces.
    kind : {"plain", "quoted", "braces"}
        How it was written.

    Examples
    --------
    >>> tokenize('contract="Month to month"').tokens[0].pieces[1]
    Piece(text='Month to month', kind='quoted')
    """

    text: str
    kind: Literal["plain", "quoted", "braces"]


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a line, which remembers how it was written.

    Parameters
    ----------
    pieces : tuple of Piece
        Its parts, several where quotes follow `=` or `,`; none for the value of
        `COLUMN=`.
    position : int, default=0
        Where it starts in the line, from 0.

    Examples
    --------
    >>> word = tokenize("{telco[telco.tenure > 3]}").tokens[0]
    >>> word.braces, word.text
    (True, 'telco[telco.tenure > 3]')
    """

    pieces: tuple[Piece, ...]
    position: int = 0

    @property
    def text(self) -> str:
        """What the token says, without quotes or braces."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def quoted(self) -> bool:
        """Whether the whole token is one quoted text."""
        return self._is_only("quoted")

    @property
    def braces(self) -> bool:
        """Whether the whole token is one `{…}`; `text` is then the expression."""
        return self._is_only("braces")

    @property
    def plain(self) -> bool:
        """Whether the token is a bare word."""
        return self._is_only("plain")

    @property
    def has_braces(self) -> bool:
        """Whether any part of the token is a `{…}`."""
        return any(piece.kind == "braces" for piece in self.pieces)

    def divide(self) -> "tuple[Token, Token] | None":
        """Divide `COLUMN=VALUE` at the first `=` outside quotes.

        Returns
        -------
        tuple of Token or None
            Column and value; the value has no pieces where nothing follows.
            None where there is no `=` or nothing before it.

        Examples
        --------
        >>> column, value = tokenize("plan=a=b").tokens[0].divide()
        >>> column.text, value.text
        ('plan', 'a=b')
        """
        parts = self._cut("=", 1)
        return (parts[0], parts[1]) if len(parts) == 2 and parts[0].pieces else None

    def items(self) -> "tuple[Token, ...]":
        """Divide a list at its commas outside quotes.

        Returns
        -------
        tuple of Token
            At least one; an item without pieces where two commas meet.

        Examples
        --------
        >>> [item.text for item in tokenize('"Monthly charges",tenure').tokens[0].items()]
        ['Monthly charges', 'tenure']
        """
        return self._cut(",", sys.maxsize)

    def _is_only(self, kind: str) -> bool:
        return len(self.pieces) == 1 and self.pieces[0].kind == kind

    def _cut(self, mark: str, most: int) -> "tuple[Token, ...]":
        parts: list[list[Piece]] = [[]]
        for piece in self.pieces:
            if piece.kind != "plain":
                parts[-1].append(piece)
                continue
            for index, chunk in enumerate(piece.text.split(mark, most - len(parts) + 1)):
                if index:
                    parts.append([])
                if chunk:
                    parts[-1].append(Piece(chunk, "plain"))
        return tuple(Token(tuple(part), self.position) for part in parts)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a line holds.

    Parameters
    ----------
    tokens : tuple of Token
        Its words, in order.
    silent : bool
        Whether it ends with `;`: nothing is shown.

    Examples
    --------
    >>> tokenize("churn today; # the usual").silent
    True
    """

    tokens: tuple[Token, ...]
    silent: bool


def tokenize(line: str) -> Tokens:
    """Cut a magic's line into tokens.

    Parameters
    ----------
    line : str
        What stands behind the magic's name.

    Returns
    -------
    Tokens
        The words and whether the line ends with `;`.

    Raises
    ------
    BadLine
        A quote or a brace that is not closed, or that touches other text.

    Examples
    --------
    >>> [token.text for token in tokenize('churn --note "best so far"  # really').tokens]
    ['churn', '--note', 'best so far']
    """
    tokens: list[Token] = []
    at = 0
    while True:
        while at < len(line) and line[at].isspace():
            at += 1
        if at == len(line):
            return Tokens(tuple(tokens), silent=False)
        if line[at] == "#":
            return Tokens(tuple(tokens), silent=line.rstrip().endswith(";"))
        if _ends(line, at):
            return Tokens(tuple(tokens), silent=True)
        token, at = _read_token(line, at)
        tokens.append(token)


def quote(text: str) -> str:
    r"""Write a text so that it is read back as one token.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text itself where it is a plain word, else in double quotes.

    Examples
    --------
    >>> print(quote("tenure"), quote("Monthly charges"), quote('5" disk'))
    tenure "Monthly charges" "5\" disk"
    """
    if not NEEDS_QUOTES.search(text):
        return text
    inside = re.sub(
        r'(\\*)("|\Z)', lambda run: run[1] * 2 + ("\\" if run[2] else "") + run[2], text
    )
    return f'"{inside}"'


def _ends(line: str, at: int) -> bool:
    return line[at] == ";" and ENDING.match(line, at) is not None


def _read_token(line: str, start: int) -> tuple[Token, int]:
    pieces: list[Piece] = []
    at = start
    while at < len(line) and not line[at].isspace() and not _ends(line, at):
        if line[at] in "\"'":
            text, at = _read_quoted(line, at)
            pieces.append(Piece(text, "quoted"))
            _check_boundary(line, at)
        elif line[at] == "{":
            text, at = _read_braces(line, at)
            pieces.append(Piece(text, "braces"))
            _check_boundary(line, at)
        else:
            text, at = _read_plain(line, at)
            pieces.append(Piece(text, "plain"))
    return Token(tuple(pieces), start), at


def _read_plain(line: str, start: int) -> tuple[str, int]:
    at = start
    while at < len(line) and not line[at].isspace() and not _ends(line, at):
        opens = at > start and line[at - 1] in "=,"
        if opens and line[at] in "\"'{":
            break
        if line[at] == "{":
            raise BadLine(
                f"a '{{' inside a word, at {_place(line, at)}",
                "put a blank before it for a Python expression, or quotes around the text",
            )
        at += 1
    return line[start:at], at


def _read_quoted(line: str, start: int) -> tuple[str, int]:
    mark = line[start]
    text: list[str] = []
    at = start + 1
    while at < len(line):
        behind = at
        while behind < len(line) and line[behind] == "\\":
            behind += 1
        if line[behind : behind + 1] == mark:
            text.append("\\" * ((behind - at) // 2))
            if (behind - at) % 2 == 0:
                return "".join(text), behind + 1
            text.append(mark)
        else:
            text.append(line[at : behind + 1])
        at = behind + 1
    raise BadLine(
        f"the quote at {_place(line, start)} is not closed", f"put {mark} where the text ends"
    )


def _read_braces(line: str, start: int) -> tuple[str, int]:
    end = line.find("}", start)
    while end != -1:
        inside = line[start + 1 : end].strip()
        if _parsed(inside) is not None:
            return inside, end + 1
        whole = line[start : end + 1]
        if isinstance(_parsed(whole), ast.Dict):
            return whole, end + 1
        end = line.find("}", end + 1)
    raise BadLine(
        f"no Python expression ends behind the '{{' at {_place(line, start)}",
        "close it with '}', or put quotes around the text",
    )


def _parsed(expression: str) -> ast.expr | None:
    # what a notebook's own Python says of an odd escape it says when it is evaluated
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(expression, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _check_boundary(line: str, at: int) -> None:
    if at < len(line) and not line[at].isspace() and line[at] not in "=," and not _ends(line, at):
        raise BadLine(
            f"text touches the quote or brace before {_place(line, at)}", "put a blank between them"
        )


def _place(line: str, at: int) -> str:
    more = "…" if len(line) - at > 20 else ""
    return f"character {at + 1} ({line[at : at + 20]!r}{more})"
