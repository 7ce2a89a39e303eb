"""When is this?

Reads times of every library as microseconds since 1970 UTC. A time without a zone
is read as UTC, which is said; one outside Python's own years is missing, and
counted.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .table import EPOCH, Column, Reading

# Python's own times: 0001-01-01 to 9999-12-31, as days and as microseconds since 1970.
DAYS = (-719_162, 2_932_896)
MICROS = (DAYS[0] * 86_400_000_000, (DAYS[1] + 1) * 86_400_000_000 - 1)
BEYOND = MICROS[1] + 1


def read_array(name: str, array: NDArray[Any], missing: NDArray[np.bool_]) -> Reading:
    """Read a datetime64 array of any unit, which holds UTC.

    Examples
    --------
    >>> far = np.array(["12024-01-01", "NaT"], "datetime64[s]")
    >>> read_array("t", far, np.zeros(2, bool)).repairs
    ("1 time in 't' outside the years 1 to 9999 read as missing",)
    """
    absent = missing | np.isnat(array)
    # in days first: a far year in seconds would wrap around in microseconds
    days = array.astype("datetime64[D]").astype(np.int64)
    near = ~absent & (days >= DAYS[0]) & (days <= DAYS[1])
    micros = np.where(near, array, np.datetime64(0, "D")).astype("datetime64[us]").astype(np.int64)
    return _counted(name, np.where(near, micros, BEYOND), absent)


def read_times(name: str, values: Sequence[Any], missing: NDArray[np.bool_]) -> Reading:
    """Read datetimes, dates and NumPy's times, of one type or mixed.

    Examples
    --------
    >>> read_times("t", [datetime(2024, 1, 1)], np.zeros(1, bool)).repairs
    ("times in 't' have no zone: read as UTC",)
    """
    moments = [EPOCH if lost else v for v, lost in zip(values, missing, strict=True)]
    reading = _counted(name, np.array([to_micros(v) for v in moments], np.int64), missing)
    times = [v for v, m in zip(moments, missing, strict=True) if not m and isinstance(v, datetime)]
    return Reading(reading.column, (*reading.repairs, *_zones_said(name, times)))


def _zones_said(name: str, times: Sequence[datetime]) -> tuple[str, ...]:
    """Say how times were read that have no zone, or several."""
    zones = {time.tzinfo for time in times}
    # one zone may have two offsets in a year, and one offset two names
    offsets = {time.utcoffset() for time in times if time.tzinfo is not None}
    if len(offsets) > 1 and len(zones - {None}) > 1:
        return (f"times in {name!r} are of {len(zones - {None})} time zones: read into UTC",)
    if None not in zones:
        return ()
    return (f"some {no_zone(name)}" if offsets else no_zone(name),)


def _counted(name: str, micros: NDArray[np.int64], missing: NDArray[np.bool_]) -> Reading:
    """Return a time column; what lies outside Python's years is missing, and counted."""
    far = ~missing & ((micros < MICROS[0]) | (micros > MICROS[1]))
    column = Column("time", np.where(missing | far, 0, micros), missing | far)
    count = int(far.sum())
    if not count:
        return Reading(column)
    noun = "time" if count == 1 else "times"
    said = f"{count} {noun} in {name!r} outside the years 1 to 9999 read as missing"
    return Reading(column, (said,))


def to_micros(value: datetime | date | np.datetime64) -> int:
    """Return microseconds since 1970 UTC; a naive time is read as UTC, a far year is BEYOND.

    Examples
    --------
    >>> to_micros(date(1970, 1, 2))
    86400000000
    """
    if isinstance(value, np.datetime64):
        day = int(value.astype("datetime64[D]").astype(np.int64))
        is_near = DAYS[0] <= day <= DAYS[1]
        return int(value.astype("datetime64[us]").astype(np.int64)) if is_near else BEYOND
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def no_zone(name: str) -> str:
    """Return what is said of times without a zone.

    Examples
    --------
    >>> no_zone("t")
    "times in 't' have no zone: read as UTC"
    """
    return f"times in {name!r} have no zone: read as UTC"
