"""What would read these texts as numbers, or as times?

For a column that is left a text because a guess could be wrong: the expression to
write in a features cell, and what it makes of one of the texts.
"""

from collections.abc import Sequence
from typing import Any

from .quoting import identifier, literal

# A comma before other than three digits stands before decimals, and so does the one
# comma beside dots that divide thousands.
DECIMAL_COMMA = r".*,(\d{1,2}|\d{4,})(\D.*)?|.*\d\.\d{3}[.,]\d.*"
# Day, month and year in any order: 03/04/2026, 3.4.26, 2026/04/03.
WRITTEN_DAY = r"(\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2}))([T ].*)?"
NUMBER = "TRY_CAST(regexp_replace({}, '[^0-9.+-]', '', 'g') AS DOUBLE)"
NUMBER_WITH_COMMA = (
    "TRY_CAST(replace(regexp_replace({}, '[^0-9,+-]', '', 'g'), ',', '.') AS DOUBLE)"
)


def read_as_number(cursor: Any, name: str, column: str) -> str:
    """Return the expression that reads such texts as numbers, with an example.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        Has the table `csv` with the texts.
    name, column : str
        What the column is called, and what it is called in the table.

    Returns
    -------
    str
        Such as ``TRY_CAST(… AS DOUBLE) reads '1,234' as 1234``.
    """
    query = f"SELECT any_value({column}) FROM csv WHERE regexp_full_match({column}, ?)"  # noqa: S608
    comma = cursor.execute(query, [DECIMAL_COMMA]).fetchone()[0]
    form = NUMBER if comma is None else NUMBER_WITH_COMMA
    # the longest is likeliest to show all that stands around the digits
    order = f"length({column}) DESC, {column}"
    return _shown(cursor, name, column, [form], f"{form.format(column)} IS NOT NULL", order)


def read_as_time(cursor: Any, name: str, column: str) -> str:
    """Return the expression that reads such texts as times, with an example.

    Two expressions where it is not known whether the day or the month comes first.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        Has the table `csv` with the texts.
    name, column : str
        What the column is called, and what it is called in the table.

    Returns
    -------
    str
        Such as ``try_strptime("when", '%d/%m/%Y') reads '03/04/2026' as 2026-04-03 00:00:00``.
    """
    day = f"trim(regexp_replace({column}, '[T ].*', ''))"
    part = (
        f"TRY_CAST(split_part(replace(replace({day}, '.', '/'), '-', '/'), '/', {{}}) AS INTEGER)"
    )
    query = (
        f"SELECT max({part.format(1)}), max({part.format(2)}), max({part.format(3)}),"  # noqa: S608
        f" any_value(regexp_extract({column}, '[./-]')) FROM csv"
        f" WHERE regexp_full_match({column}, ?)"
    )
    first, second, year, mark = cursor.execute(query, [WRITTEN_DAY]).fetchone()
    if first > 31:
        dashed = "{}" if mark == "-" else f"replace({{}}, {literal(mark)}, '-')"
        forms = [f"TRY_CAST({dashed} AS TIMESTAMP)"]
    else:
        years = "%Y" if year > 99 else "%y"
        by_day, by_month = f"%d{mark}%m{mark}{years}", f"%m{mark}%d{mark}{years}"
        orders = [by_day] if first > 12 else [by_month] if second > 12 else [by_day, by_month]
        forms = [f"try_strptime({{}}, {literal(order)})" for order in orders]
    return _shown(cursor, name, column, forms, f"{forms[0].format(column)} IS NOT NULL", column)


def _shown(
    cursor: Any, name: str, column: str, forms: Sequence[str], where: str, order: str
) -> str:
    """Return the expressions with what they make of the first text that they can read."""
    tried = ", ".join(f"CAST({form.format(column)} AS VARCHAR)" for form in forms)
    query = f"SELECT {column}, {tried} FROM csv WHERE {where} ORDER BY {order} LIMIT 1"  # noqa: S608
    found = cursor.execute(query).fetchone()
    expressions = [form.format(identifier(name)) for form in forms]
    if found is None:
        return f"{expressions[0]} may read it"
    example, *made = found
    shown = [
        f"{expression} reads {example!r} as {(value or 'nothing').removesuffix('.0')}"
        for expression, value in zip(expressions, made, strict=True)
    ]
    return ", or ".join(shown)
