"""How are rows counted in a sentence?"""


def rows(count: int) -> str:
    """Return a number of rows.

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    str
        In the right number.

    Examples
    --------
    >>> rows(1), rows(1234)
    ('1 row', '1,234 rows')
    """
    return "1 row" if count == 1 else f"{count:,} rows"
