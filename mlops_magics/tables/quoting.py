"""How does a name or a text of a user's stand in SQL? Quoted, always."""

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
