"""Is this a table of a user's?

Told by the name of its type alone: no library is imported for it, since whoever
holds such a table has imported its library already.
"""

from collections.abc import Mapping

POLARS = frozenset(["DataFrame", "LazyFrame"])


def library(value: object) -> str:
    """Return the top package of a value's type.

    Examples
    --------
    >>> library([]), library(__import__("numpy").zeros(1))
    ('builtins', 'numpy')
    """
    return type(value).__module__.partition(".")[0]


def is_polars(value: object) -> bool:
    """Tell whether a value is a polars frame, eager or lazy."""
    return library(value) == "polars" and type(value).__name__ in POLARS


def speaks_arrow(value: object) -> bool:
    """Tell whether a value hands itself out as an Arrow stream.

    Examples
    --------
    >>> speaks_arrow({"a": [1]})
    False
    """
    return hasattr(value, "__arrow_c_stream__")


def is_table(value: object) -> bool:
    """Tell whether a variable is a table that has a name worth offering.

    A list of rows and a dict of columns can be given as tables too; among the
    variables of a notebook they are most often something else.

    Examples
    --------
    >>> is_table([{"a": 1}])
    False
    """
    if isinstance(value, type | str | Mapping):
        return False
    is_pandas = library(value) == "pandas" and type(value).__name__ == "DataFrame"
    is_ours = library(value) == "mlops_magics" and type(value).__name__ == "Table"
    return is_pandas or is_ours or is_polars(value) or _is_stream(value)


def _is_stream(value: object) -> bool:
    # a pandas or polars Series speaks Arrow as well, and is no table
    return speaks_arrow(value) and type(value).__name__ not in ("Series", "ChunkedArray", "Array")
