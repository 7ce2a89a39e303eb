"""Which kind of column is this?

Decided once, from the values and the name, when a table comes in. Arrays and
Python values in, a Column and the repairs that were made out; knows no pandas
and no file.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .moments import read_array, read_times
from .table import Column, Kind, Reading

# Below this many rows, all-different values say nothing about what they are.
ROWS_TO_KNOW_AN_IDENTIFIER = 20
# Distinct texts of more words than this, on average, are prose and not names.
WORDS_OF_PROSE = 4
# customer_id and customerId are named like one; paid and valid are not
IDENTIFIER_NAME = re.compile(r"(?i:(?:^|[\W_])(?:id|uuid|guid|rowid|index)$)|[a-z](?:Id|ID)$")
INT64 = range(-(2**63), 2**63)


def from_array(name: str, array: NDArray[Any], missing: NDArray[np.bool_]) -> Reading:
    """Read a typed NumPy array.

    Parameters
    ----------
    name : str
        The column's name: an integer column named like an id is one.
    array : array, shape (n,)
        Any real, boolean, datetime64, timedelta64 or object dtype.
    missing : array of bool, shape (n,)
        True where there is no value, whatever stands in `array`.

    Returns
    -------
    Reading
        The column and the repairs.

    Examples
    --------
    >>> from_array("x", np.array([1.0, np.inf]), np.array([False, False])).repairs
    ("1 infinite value in 'x' read as missing",)
    """
    code = array.dtype.kind
    if code == "b":
        return Reading(Column("boolean", np.where(missing, False, array), missing))
    if code == "u" and array.size and int(array.max(initial=0)) not in INT64:
        return from_values(
            name, [None if m else int(v) for v, m in zip(array, missing, strict=True)]
        )
    if code in "iu":
        values = np.where(missing, 0, array).astype(np.int64)
        return Reading(Column(integer_kind(name, values, missing), values, missing))
    if code == "f":
        return _number(name, array.astype(np.float64, copy=False), missing)
    if code == "M":
        return read_array(name, array, missing)
    if code == "m":
        lost = missing | np.isnat(array)
        seconds = array.astype("timedelta64[us]").astype(np.int64) / 1e6
        said = f"{name!r} is a duration: read as seconds"
        return Reading(Column("number", np.where(lost, np.nan, seconds), lost), (said,))
    objects = array.tolist()
    if np.count_nonzero(missing):
        objects = [None if m else v for v, m in zip(objects, missing.tolist(), strict=True)]
    return from_values(name, objects)


def _number(name: str, values: NDArray[np.float64], missing: NDArray[np.bool_]) -> Reading:
    infinite = np.isinf(values) & ~missing
    lost = missing | np.isnan(values) | infinite
    column = Column("number", np.where(lost, np.nan, values), lost)
    count = int(infinite.sum())
    if not count:
        return Reading(column)
    noun = "value" if count == 1 else "values"
    return Reading(column, (f"{count} infinite {noun} in {name!r} read as missing",))


def is_missing(value: object) -> bool:
    """Tell whether a Python value stands for no value: None, NaN, NaT or NA.

    Examples
    --------
    >>> is_missing(float("nan")), is_missing("")
    (True, False)
    """
    if value is None:
        return True
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    # pandas' NaT and NA, without importing pandas
    return type(value).__name__ in ("NaTType", "NAType")


def from_values(name: str, values: Sequence[object]) -> Reading:
    """Read Python values, of one type or mixed.

    Examples
    --------
    >>> from_values("b", [True, None, False]).column.kind
    'boolean'
    >>> from_values("m", [1, "a"]).repairs
    ("'m' mixes int and str: read as text",)
    """
    present = set(map(type, values))
    missing = _missing(values, present)
    if missing.any():
        present = set(map(type, _present(values, missing)))
    for is_of, read in _READERS:
        if present and all(issubclass(kind, is_of) and _is_fair(kind, is_of) for kind in present):
            return read(name, values, missing)
    if not present:
        # nothing to tell from: a number column in which every value is missing
        return Reading(Column("number", np.full(len(values), np.nan), missing))
    # Arrow's bytes come as a bytearray
    kinds = sorted({kind.__name__.replace("bytearray", "bytes") for kind in present})
    plural = f"mixes {' and '.join(kinds[:3])}" if len(kinds) > 1 else f"holds {kinds[0]} values"
    reading = _texts(
        name, [None if m else as_text(v) for v, m in zip(values, missing, strict=True)], missing
    )
    return Reading(reading.column, (f"{name!r} {plural}: read as text",))


def from_value(name: str, value: object) -> Column:
    """Read one Python value: what `from_values` makes of it, many times faster.

    Examples
    --------
    >>> from_value("x", 1.5).to_list(), from_value("x", None).to_list()
    ([1.5], [None])
    """
    plain: tuple[Kind, Any] | None = None
    if type(value) is float and math.isfinite(value):
        plain = "number", np.float64
    elif type(value) is int and value in INT64:
        plain = "integer", np.int64
    elif type(value) is bool:
        plain = "boolean", np.bool_
    elif type(value) is str and value.isascii():
        plain = "category", object
    if plain is None:
        return from_values(name, [value]).column
    return Column(plain[0], np.array([value], plain[1]), np.zeros(1, bool))


def _missing(values: Sequence[object], types: set[type]) -> NDArray[np.bool_]:
    # most columns can be told by their types, many times faster than by asking each value
    if types <= {str, int, bool}:
        return np.zeros(len(values), bool)
    if types <= {str, int, bool, type(None)}:
        return np.fromiter((value is None for value in values), bool, len(values))
    return np.fromiter((is_missing(value) for value in values), bool, len(values))


def _present(values: Sequence[object], missing: NDArray[np.bool_]) -> list[object]:
    return [value for value, is_lost in zip(values, missing, strict=True) if not is_lost]


def _is_fair(kind: type, is_of: object) -> bool:
    # bool is an int to Python; to a table it is a kind of its own
    return is_of is _BOOLEAN or not issubclass(kind, bool | np.bool_)


def as_text(value: object) -> str:
    """Return the one text of a value: 5 and 5.0 are '5', objects are JSON.

    Examples
    --------
    >>> as_text(5.0), as_text(True), as_text({"a": 1})
    ('5', 'True', '{"a": 1}')
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, np.ndarray):
        value = value.tolist()  # NumPy's own text leaves out the middle of a long one
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return str(value)


def _booleans(name: str, values: Sequence[Any], missing: NDArray[np.bool_]) -> Reading:
    array = np.fromiter(
        (bool(v) and not m for v, m in zip(_safe(values, missing, False), missing, strict=True)),
        bool,
    )
    return Reading(Column("boolean", array, missing))


def _integers(name: str, values: Sequence[Any], missing: NDArray[np.bool_]) -> Reading:
    numbers = [int(v) for v in _safe(values, missing, 0)]
    if any(v not in INT64 for v in numbers):
        texts = [None if m else str(v) for v, m in zip(numbers, missing, strict=True)]
        said = f"{name!r} has integers beyond 64 bits: read as text"
        return Reading(_texts(name, texts, missing).column, (said,))
    array = np.array(numbers, np.int64)
    return Reading(Column(integer_kind(name, array, missing), array, missing))


def _numbers(name: str, values: Sequence[Any], missing: NDArray[np.bool_]) -> Reading:
    if all(_is_whole(value) for value in _present(values, missing)):
        return _integers(name, values, missing)
    floats = [_as_float(v) for v in _safe(values, missing, math.nan)]
    reading = _number(name, np.array(floats), missing)
    pairs = zip(values, floats, missing, strict=True)
    count = sum(not m and _is_rounded(v, number) for v, number, m in pairs)
    return Reading(reading.column, (*reading.repairs, *rounded(name, count)))


def _is_whole(value: object) -> bool:
    # an Arrow or SQL decimal without decimal places; 1.00 is a number that happens to be whole
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else -1
    return isinstance(value, int | np.integer) or (isinstance(exponent, int) and exponent >= 0)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond the largest float
        return math.inf


def _is_rounded(value: object, number: float) -> bool:
    """Tell whether a float has lost digits of what was given, within what a float prints."""
    if not math.isfinite(number):
        return False
    if isinstance(value, int | np.integer):
        return int(number) != value
    return isinstance(value, Decimal) and Decimal(repr(number)) != value


def rounded(name: str, count: int) -> tuple[str, ...]:
    """Return what is said of values that have more digits than a float.

    Examples
    --------
    >>> rounded("price", 2)
    ("2 values in 'price' have more digits than a number holds: rounded",)
    """
    if not count:
        return ()
    noun, has = ("value", "has") if count == 1 else ("values", "have")
    return (f"{count} {noun} in {name!r} {has} more digits than a number holds: rounded",)


def _durations(name: str, values: Sequence[Any], missing: NDArray[np.bool_]) -> Reading:
    seconds = [
        v / np.timedelta64(1, "s") if isinstance(v, np.timedelta64) else v.total_seconds()
        for v in _safe(values, missing, timedelta())
    ]
    column = Column("number", np.where(missing, np.nan, np.array(seconds)), missing)
    return Reading(column, (f"{name!r} is a duration: read as seconds",))


def _texts(name: str, values: Sequence[Any], missing: NDArray[np.bool_]) -> Reading:
    texts = [*map(str, _safe(values, missing, ""))]
    whole = texts if _is_unicode(texts) else [_as_unicode(text) for text in texts]
    array = np.array([*whole, None], dtype=object)[:-1]
    column = Column(text_kind(array, missing), array, missing)
    count = 0 if whole is texts else sum(a != b for a, b in zip(texts, whole, strict=True))
    if not count:
        return Reading(column)
    noun = "text" if count == 1 else "texts"
    said = f"{count} {noun} in {name!r} with half a character: it is read as '?'"
    return Reading(column, (said,))


def _is_unicode(texts: Sequence[str]) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_unicode(text: str) -> str:
    """Replace lone surrogates, which no file and no database can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _safe(values: Sequence[Any], missing: NDArray[np.bool_], filler: object) -> list[Any]:
    if not missing.any():
        return list(values)
    return [filler if m else v for v, m in zip(values, missing.tolist(), strict=True)]


_BOOLEAN = (bool, np.bool_)
_Reader = Callable[[str, Sequence[Any], NDArray[np.bool_]], Reading]
_READERS: tuple[tuple[tuple[type, ...], _Reader], ...] = (
    (_BOOLEAN, _booleans),
    # before the integers: NumPy counts its own durations among them
    ((timedelta, np.timedelta64), _durations),
    ((int, np.integer), _integers),
    ((int, float, Decimal, np.integer, np.floating), _numbers),
    ((str,), _texts),
    ((datetime, date, np.datetime64), read_times),
)


def integer_kind(name: str, values: NDArray[np.int64], missing: NDArray[np.bool_]) -> Kind:
    """Tell an identifier from an integer: named like one and every value another.

    Examples
    --------
    >>> integer_kind("row_id", np.arange(50), np.zeros(50, bool))
    'identifier'
    >>> integer_kind("x", np.arange(50), np.zeros(50, bool))
    'integer'
    """
    present = values[~missing]
    if len(present) < ROWS_TO_KNOW_AN_IDENTIFIER or not IDENTIFIER_NAME.search(name):
        return "integer"
    return "identifier" if len(np.unique(present)) == len(present) else "integer"


def text_kind(values: NDArray[Any], missing: NDArray[np.bool_]) -> Kind:
    """Tell category, text and identifier apart by how often a value repeats.

    Examples
    --------
    >>> text_kind(np.array(["a", "b"] * 20, dtype=object), np.zeros(40, bool))
    'category'
    """
    present = values[~missing].tolist()
    if len(present) < ROWS_TO_KNOW_AN_IDENTIFIER:
        return "category"
    distinct = len(set(present))
    if distinct <= len(present) / 2:
        return "category"
    words = sum(value.count(" ") + 1 for value in present[:1000]) / min(len(present), 1000)
    if words > WORDS_OF_PROSE:
        return "text"
    return "identifier" if distinct == len(present) else "category"
