"""How long is `7d`?

A whole number and one unit, as `--since` and `--ttl` take it, in microseconds.
It knows no flag and raises nothing.
"""

import re
from types import MappingProxyType

MICROSECONDS = MappingProxyType(
    {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
)
WRITTEN = re.compile(r"([0-9]{1,12})([smhd])")
# a century: far beyond any window, and a time minus it still fits an int64
LONGEST = 36_500 * MICROSECONDS["d"]


def read_duration(text: str) -> int | None:
    """Read a duration.

    Parameters
    ----------
    text : str
        A whole number and one of s, m (minutes), h, d.

    Returns
    -------
    int or None
        Microseconds, at least one second and at most 36,500 days; None where the
        text is no such duration.

    Examples
    --------
    >>> read_duration("90s"), read_duration("7 days")
    (90000000, None)
    """
    found = WRITTEN.fullmatch(text)
    if not found:
        return None
    length = int(found[1]) * MICROSECONDS[found[2]]
    return length if 0 < length <= LONGEST else None
