"""Which names does this workspace not know?"""

from collections.abc import Iterable
from difflib import get_close_matches

from .error import LONGEST_VALUE, MLOpsError, shown


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
        return f"Did you mean {shown(near[0])}?"
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return f"Known: {', '.join(map(_clipped, known[:8])) or 'none yet'}{more}."


def _clipped(name: str) -> str:
    return name if len(name) <= LONGEST_VALUE else f"{name[:LONGEST_VALUE]}…"


class UnknownName(MLOpsError, LookupError):
    """A name that this workspace does not know."""

    def __init__(self, kind: str, name: str, known: Iterable[str], next_step: str) -> None:
        super().__init__(f"no {kind} named {shown(name)}. {nearest(name, known)} Next: {next_step}")


class AmbiguousName(MLOpsError, LookupError):
    """A bare word that names two things."""

    def __init__(self, name: str, first: str, second: str, next_step: str) -> None:
        super().__init__(f"{shown(name)} is both {first} and {second}. Next: {next_step}")
