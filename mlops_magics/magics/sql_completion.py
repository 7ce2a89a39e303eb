"""What may stand at the cursor in the SQL of a features cell?

Tables behind FROM and JOIN, variables behind `$`, elsewhere the columns of the
tables that the query mentions. It reads SQL as a row of words, since half a query
does not parse, and it knows only the names that it is given: no file is opened.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from mlops_magics.tables.quoting import identifier

from .completion import Names
from .cursor import Query

TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<text>'(?:[^']|'')*(?:'|\Z))
      | (?P<quoted>"(?:[^"]|"")*(?:"|\Z))
      | (?P<parameter>\$\w*)
      | (?P<name>[^\W\d]\w*)
      | (?P<number>\d[\w.]*)
      | (?P<mark>\S)""",
    re.VERBOSE | re.DOTALL,
)
PLAIN = re.compile(r"[^\W\d]\w*")
# DuckDB's own list; a column that is called so needs its quotes
RESERVED = frozenset(
    "all analyse analyze and any array as asc asymmetric both case cast check collate column "
    "constraint create default deferrable desc describe distinct do else end except false fetch "
    "for foreign from group having in initially intersect into lambda lateral leading limit not "
    "null offset on only or order pivot pivot_longer pivot_wider placing primary qualify "
    "references returning select show some summarize symmetric table then to trailing true union "
    "unique unpivot using variadic when where window with".split()
)
# words that may follow a table and are no alias of it
FOLLOWERS = RESERVED | frozenset(
    "anti asof cross full inner join left natural positional right semi tablesample".split()
)
# FROM inside these divides arguments: extract(year FROM moment)
FUNCTIONS_WITH_FROM = frozenset("extract overlay position substring trim".split())


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: its kind, and what it says without its quotes."""

    kind: str
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Return whether it is one of these words of SQL."""
        return self.kind == "name" and self.text.casefold() in words


@dataclass(slots=True)
class Mentioned:
    """What a query names: tables by alias and by name, and what it defines itself."""

    tables: dict[str, str] = field(default_factory=dict)
    defined: list[str] = field(default_factory=list)
    # what may follow the last word: a table, its alias, or a comma and another table
    wanted: Literal["table", "alias", "comma", ""] = ""


def sql_fragment(query: Query) -> str:
    """Return the part of the SQL that a completion replaces.

    Parameters
    ----------
    query : Query
        The SQL around the cursor.

    Returns
    -------
    str
        The name at the cursor, as it is written; empty behind a blank.

    Examples
    --------
    >>> sql_fragment(Query('SELECT c."Monthly ch', ""))
    '"Monthly ch'
    """
    word = _under_cursor(list(_words(query.before)), query.before)
    return query.before[word.start :] if word else ""


def complete_sql(query: Query, names: Names) -> list[str]:
    """List what may stand at the cursor, as it is to be written.

    Parameters
    ----------
    query : Query
        The SQL around the cursor.
    names : Names
        The names that can be completed.

    Returns
    -------
    list of str
        Each replaces `sql_fragment(query)`; empty inside a text or a comment.

    Examples
    --------
    >>> names = Names(views=("customers",), columns={"customers": ("plan", "Monthly charges")})
    >>> complete_sql(Query("SELECT * FROM cu", ""), names)
    ['customers']
    >>> complete_sql(Query("SELECT c.", " FROM customers c"), names)
    ['plan', '"Monthly charges"']
    """
    words = list(_words(query.before))
    if words and words[-1].kind in ("comment", "text") and _is_open(words[-1], query.before):
        return []
    at = _under_cursor(words, query.before)
    before = words[:-1] if at else words
    stem = at.text.casefold() if at else ""
    if at and at.kind == "parameter":
        return [f"${name}" for name in names.parameters if name.casefold().startswith(stem)]
    # a word that touches the cursor from behind belongs to what is replaced
    whole = _mentioned([*before, *_words(re.sub(r"\A\w+", "", query.after))])
    if len(before) > 1 and before[-1].text == "." and before[-2].kind in ("name", "quoted"):
        candidates = _columns_of(before[-2].text, whole, names)
    elif _mentioned(before).wanted == "table":
        candidates = [*names.frames, *names.views, *names.datasets, *whole.defined]
    else:
        candidates = _columns(whole, names)
    quoted = at is not None and at.kind == "quoted"
    found = (name for name in candidates if name.casefold().startswith(stem))
    return list(dict.fromkeys(_written(name, quoted) for name in found))


def _words(sql: str) -> Iterator[Word]:
    for found in TOKEN.finditer(sql):
        kind, text = found.lastgroup or "", found[0]
        if kind == "quoted":
            text = text[1:].removesuffix('"').replace('""', '"')
        elif kind == "parameter":
            text = text[1:]
        yield Word(kind, text, found.start(), found.end())


def _under_cursor(words: list[Word], sql: str) -> Word | None:
    """Return the name that ends at the cursor."""
    if not words or words[-1].end < len(sql):
        return None
    return words[-1] if words[-1].kind in ("name", "quoted", "parameter") else None


def _is_open(word: Word, sql: str) -> bool:
    """Return whether the cursor stands inside a text or a comment."""
    written = sql[word.start :]
    if word.end < len(sql):
        return False
    if word.kind == "text":
        return written.count("'") % 2 == 1
    return written.startswith("--") or not written.endswith("*/") or len(written) < 4


def _mentioned(words: list[Word]) -> Mentioned:
    """Read the tables behind FROM, JOIN and their commas, with their aliases."""
    found = Mentioned()
    words = [word for word in words if word.kind != "comment"]
    table, functions, previous = "", [""], Word("", "", 0, 0)
    for place, word in enumerate(words):
        is_named = word.kind in ("name", "quoted")
        if word.is_word("from", "join"):
            divides = functions[-1] in FUNCTIONS_WITH_FROM or previous.is_word("distinct")
            found.wanted = "" if divides else "table"
        elif found.wanted == "table" and (is_named or word.kind == "text"):
            table, found.wanted = word.text, "alias"
            found.tables[table.casefold()] = table
        elif found.wanted == "alias" and is_named and word.text.casefold() not in FOLLOWERS:
            found.tables[word.text.casefold()], found.wanted = table, "comma"
        elif found.wanted in ("alias", "comma") and word.text == ",":
            found.wanted = "table"
        elif not (found.wanted == "alias" and word.is_word("as")):
            found.wanted = ""
        if word.text == "(":
            functions.append(previous.text.casefold())
        elif word.text == ")" and len(functions) > 1:
            functions.pop()
        elif word.is_word("as") and _defines(words, place):
            found.defined.append(previous.text)
        previous = word
    return found


def _defines(words: list[Word], place: int) -> bool:
    """Return whether `AS` at this place stands in WITH name AS (…)."""
    follows = words[place + 1 : place + 2]
    before = words[max(place - 2, 0) : place]
    return (
        bool(follows)
        and follows[0].text == "("
        and len(before) == 2
        and (before[0].text == "," or before[0].is_word("with", "recursive"))
        and before[1].kind in ("name", "quoted")
    )


def _columns_of(alias: str, mentioned: Mentioned, names: Names) -> Iterable[str]:
    table = mentioned.tables.get(alias.casefold(), alias)
    known = {name.casefold(): columns for name, columns in names.columns.items()}
    return known.get(table.casefold(), ())


def _columns(mentioned: Mentioned, names: Names) -> list[str]:
    """Return the columns of the mentioned tables; of all where none is mentioned yet."""
    tables = dict.fromkeys(mentioned.tables.values()) or names.columns
    return [column for table in tables for column in _columns_of(table, Mentioned(), names)]


def _written(name: str, quoted: bool) -> str:
    if quoted or not PLAIN.fullmatch(name) or name.casefold() in RESERVED:
        return identifier(name)
    return name
