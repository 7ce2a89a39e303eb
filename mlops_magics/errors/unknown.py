"""Which names does this workspace not know?"""

from collections.abc import Iterable
from difflib import get_close_matches

from .error import MLOpsError


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list what is known.

    Examples
    --------
    >>> nearest("chrun", ["churn", "late"])
    "Did you mean 'churn'?"
    >>> nearest("x", [])
    'Known: none yet.'
    """
    known = sorted(set(known))
    near = get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return f"Known: {', '.join(known[:8]) or 'none yet'}{more}."


class UnknownName(MLOpsError, LookupError):
    """A name that this workspace does not know."""

    def __init__(self, kind: str, name: str, known: Iterable[str], next_step: str) -> None:
        super().__init__(f"no {kind} named {name!r}. {nearest(name, known)} Next: {next_step}")


class AmbiguousName(MLOpsError, LookupError):
    """A bare word that names two things."""

    def __init__(self, name: str, first: str, second: str, next_step: str) -> None:
        super().__init__(f"{name!r} is both {first} and {second}. Next: {next_step}")
