"""What do the texts of a CSV file look like, and how many of them each way?

Counts, for the columns of the table `csv`; what follows from the counts is told
by `csv_types`.
"""

from collections.abc import Sequence
from typing import Any

from .csv_advice import WRITTEN_DAY
from .quoting import literal

# What stands for no value, in small letters.
WORDS = ("na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "?", "-", "--", "—", ".", "\\n")
DAY = r"\d{4}-\d\d-\d\d"
CLOCK = r"[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?"
MONEY = r"([€$£¥₹]|\b[A-Z]{3}\b|kr\.?)"
GROUPS = r"(\d{1,3}([., \x{a0}\x{202f}']\d{3})+|\d+)([.,]\d+)?"
# The first that fits a text; blanks around it do not count. Down to the days no text
# fits two of them.
LOOKS = {
    "integer": r"[+-]?(0|[1-9]\d{0,14})",
    "number": r"[+-]?((\d+\.\d*|\.\d+)([eE][+-]?\d+)?|\d+[eE][+-]?\d+)",
    "long": r"[+-]?[1-9]\d{15,}",  # may be more than a float or 64 bits hold
    "padded": r"[+-]?0\d+",  # a code such as 007
    "day": DAY,
    "naive": DAY + CLOCK,
    "zoned": DAY + CLOCK + r" ?(Z|[+-]\d\d(:?\d\d)?)",
    "grouped": r"[+-]?[1-9]\d{0,2}(,\d{3})+",  # 1,234: thousands or decimals
    "comma": r"[+-]?\d+,\d+",  # 9,99: decimals
    # money, percents, thousands divided by blanks: one number with a little around it
    "dressed": rf"({MONEY} ?)?[+-]?{GROUPS}( ?({MONEY}|%))?",
    "written": WRITTEN_DAY,  # 03/04/2026
}
WITHOUT_DIGITS = {"boolean": r"(?i:true|false)", "infinite": r"[+-]?(?i:inf|infinity)"}
# Rows that are looked at before all others; and what is checked on the others, if
# these rows have nothing else: one pattern in place of all.
FIRST_ROWS = 200
CHECKED = {
    **{frozenset([look]): LOOKS[look] for look in ("integer", "number", "day", "naive", "zoned")},
    frozenset(["integer", "number"]): f"({LOOKS['integer']})|({LOOKS['number']})",
    frozenset(["boolean"]): WITHOUT_DIGITS["boolean"],
}

Looks = dict[str, int]


def looks_of(cursor: Any, columns: Sequence[str]) -> dict[str, Looks]:
    """Count what the texts of each column look like.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        Has the table `csv` with the texts.
    columns : sequence of str
        Its columns: names of ours.

    Returns
    -------
    dict of str to mapping of str to int
        For each column how many of its texts look how: a key of `LOOKS`, `boolean`,
        `infinite`, `word` for a word that means no value, or `text`. Where all look
        like plain numbers, only the looks count.
    """
    first = _counted(cursor, f"(SELECT * FROM csv LIMIT {FIRST_ROWS:d})", columns)  # noqa: S608 - ours
    plain = {
        column: f" *({CHECKED[frozenset(first[column])]}) *"
        for column in columns
        if frozenset(first[column]) in CHECKED
    }
    others = [column for column in columns if column not in plain]
    if plain:
        checks = ", ".join(
            f"count({column}) = count(*) FILTER (regexp_full_match({column}, {literal(pattern)}))"
            for column, pattern in plain.items()
        )
        found = cursor.execute(f"SELECT {checks} FROM csv").fetchone()  # noqa: S608 - ours
        others += [column for column, is_so in zip(plain, found, strict=True) if not is_so]
    whole = _counted(cursor, "csv", others) if others else {}
    return {column: whole.get(column, first[column]) for column in columns}


def _counted(cursor: Any, rows: str, columns: Sequence[str]) -> dict[str, Looks]:
    # the patterns are dear, and most texts repeat: each different one is looked at once
    cases = " ".join(_case(look, pattern) for look, pattern in LOOKS.items())
    words = " ".join(_case(look, pattern) for look, pattern in WITHOUT_DIGITS.items())
    found = cursor.execute(
        f"""
        SELECT name, CASE WHEN {is_word("t")} THEN 'word'
            WHEN NOT regexp_matches(t, '[0-9]') THEN CASE {words} ELSE 'text' END
            {cases} ELSE 'text' END AS look, sum(n)::BIGINT
        FROM (SELECT name, trim(t) AS t, count(*) AS n FROM
            (UNPIVOT {rows} ON {", ".join(columns)} INTO NAME name VALUE t) GROUP BY ALL)
        GROUP BY ALL
        """  # noqa: S608 - ours and quoted
    ).fetchall()
    counts: dict[str, dict[str, int]] = {column: {} for column in columns}
    for name, look, count in found:
        counts[name][look] = count
    return counts


def _case(look: str, pattern: str) -> str:
    return f"WHEN regexp_full_match(t, {literal(pattern)}) THEN {literal(look)}"


def is_word(text: str) -> str:
    """Return the condition that a text in SQL is a word for no value.

    Examples
    --------
    >>> is_word("t")[:13]
    'lower(t) IN ('
    """
    return f"lower({text}) IN ({', '.join(literal(word) for word in WORDS)})"


def example_of(cursor: Any, column: str, look: str) -> str:
    """Return the first text of a column, in alphabetical order, that looks so."""
    text = f"trim({column})"
    pattern = LOOKS.get(look)
    where = is_word(text) if pattern is None else f"regexp_full_match({text}, {literal(pattern)})"
    found = cursor.execute(f"SELECT min({text}) FROM csv WHERE {where}").fetchone()  # noqa: S608
    return str(found[0])
