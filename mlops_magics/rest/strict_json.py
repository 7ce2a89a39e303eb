"""What is JSON, exactly?

A body is refused where it says one thing twice, or what no JSON can say: NaN, Infinity,
half a letter. An answer never says these either: null, and beside it the reason.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .problems import Refused

Path = tuple[str | int, ...]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# half of a letter that is written as two
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _NotJson:
    """Stands in a parsed body for what no JSON can say."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


def read(body: bytes) -> Any:
    """Parse a body.

    Parameters
    ----------
    body : bytes
        As it came.

    Returns
    -------
    object
        Dicts, lists, texts, numbers, booleans and None.

    Raises
    ------
    Refused
        If it is no JSON; what was wrong is named with its place.

    Examples
    --------
    >>> read(b'{"rows": [{"x": 1}]}')
    {'rows': [{'x': 1}]}
    """
    odd: list[_NotJson] = []

    def remember(problem: str) -> _NotJson:
        odd.append(_NotJson(problem))
        return odd[-1]

    def unique(pairs: list[tuple[str, Any]]) -> Any:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        made[twice] = remember("the name stands twice in one object")
        return made

    def no_number(word: str) -> Any:
        return remember(f"{word} is no JSON; null says that a value is missing")

    try:
        text = body.decode()
        parsed = json.loads(text, object_pairs_hook=unique, parse_constant=no_number)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(400, f"the body is no JSON: {error.msg} at {where}") from error
    except UnicodeDecodeError as error:
        raise Refused(400, f"the body is no UTF-8 at byte {error.start}") from error
    except ValueError as error:  # a number of thousands of digits
        raise Refused(400, "the body has a number that is too long") from error
    except RecursionError as error:
        raise Refused(400, "the body has too many brackets within brackets") from error
    if odd or SURROGATE.search(body):
        _refuse_odd(parsed)
    return parsed


def _refuse_odd(parsed: Any) -> None:
    for path, value in _walk(parsed, ()):
        if isinstance(value, _NotJson):
            raise Refused.at(path, value.problem)
        if isinstance(value, str) and not _is_text(value):
            raise Refused.at(path, "half a letter: \\ud800 to \\udfff stand in pairs")


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path, name
            yield from _walk(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _walk(inner, (*path, place))
    else:
        yield path, value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def write(answer: Any) -> bytes:
    """Write an answer as JSON.

    Parameters
    ----------
    answer : object
        Dicts, lists, texts, numbers, booleans, times and None.

    Returns
    -------
    bytes
        Where a number is none, null; the answer then says under `undefined` where.

    Examples
    --------
    >>> write({"loss": float("nan")})
    b'{"loss":null,"undefined":{"loss":"it is not a number"}}'
    """
    try:
        text = _dumps(answer)
    except ValueError:
        reasons: dict[str, str] = {}
        plain = _without(answer, "", reasons)
        text = _dumps({**plain, "undefined": reasons} if isinstance(plain, dict) else plain)
    return text.encode()


def _dumps(answer: Any) -> str:
    return json.dumps(
        answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    )


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "item"):  # a number of NumPy's
        return value.item()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _without(value: Any, path: str, reasons: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {n: _without(v, f"{path}.{n}" if path else n, reasons) for n, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without(v, f"{path}[{place}]", reasons) for place, v in enumerate(value)]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        reasons[path] = "it is not a number" if math.isnan(value) else "it is infinite"
        return None
    return value


def moment(micros: int | None) -> str | None:
    """Write microseconds since 1970 UTC as ISO 8601.

    Examples
    --------
    >>> moment(0)
    '1970-01-01T00:00:00Z'
    """
    if micros is None:
        return None
    return (EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
