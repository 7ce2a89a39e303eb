"""How does a name or a text of a user's stand in SQL? Quoted, always."""

from collections.abc import Sequence

# How a column that is stored so is called in SQL; a time is its microseconds.
SQL_TYPES = {
    "float64": "DOUBLE",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
    "time": "BIGINT",
    "text": "VARCHAR",
}


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier.

    Examples
    --------
    >>> identifier('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a quoted SQL literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def names_apart(names: Sequence[str]) -> list[str]:
    """Return names that differ by more than capital letters, which make no other name in SQL.

    Parameters
    ----------
    names : sequence of str
        All different.

    Returns
    -------
    list of str
        The same, a number behind those that an earlier one stands for.

    Examples
    --------
    >>> names_apart(["Rate", "rate", "rate_1"])
    ['Rate', 'rate_2', 'rate_1']
    """
    taken = {name.casefold() for name in names}
    seen: set[str] = set()
    given = []
    for name in names:
        called, number = name, 0
        while called.casefold() in seen or (number and called.casefold() in taken):
            number += 1
            called = f"{name}_{number}"
        seen.add(called.casefold())
        given.append(called)
    return given
