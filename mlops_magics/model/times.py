"""What does a point in time say to a network?

Days since 2000 for trends, and sine and cosine of the day of the week, the day of
the year and the hour for cycles. UTC, as tables keep times.
"""

import numpy as np
from numpy.typing import NDArray

PARTS = 7
MICROSECONDS_OF_A_DAY = 86_400_000_000
DAYS_FROM_1970_TO_2000 = 10_957
# 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday
WEEKDAY_OF_1970 = 3


def parts(micros: NDArray[np.int64], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the seven numbers of each time.

    Parameters
    ----------
    micros : array of int64, shape (n,)
        Microseconds since 1970 UTC.
    missing : array of bool, shape (n,)
        True where there is no time.

    Returns
    -------
    array of float64, shape (n, 7)
        Days since 2000; sine and cosine of day of the week (period 7), day of the
        year (365.25) and hour (24, with minutes). NaN where missing.

    Examples
    --------
    >>> noon = np.array([946_728_000_000_000])  # Saturday, 2000-01-01 12:00
    >>> parts(noon, np.array([False])).round(2).tolist()[0]
    [0.5, -0.97, -0.22, 0.02, 1.0, 0.0, -1.0]
    """
    days = micros // MICROSECONDS_OF_A_DAY
    of_day = micros - days * MICROSECONDS_OF_A_DAY
    dates = days.astype("datetime64[D]")
    day_of_year = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    day_of_year += 1
    hours = (of_day // 60_000_000) / 60
    turns = np.stack([(days + WEEKDAY_OF_1970) % 7 / 7, day_of_year / 365.25, hours / 24], axis=1)
    angles = 2 * np.pi * turns
    result = np.empty((len(micros), PARTS))
    result[:, 0] = days - DAYS_FROM_1970_TO_2000 + of_day / MICROSECONDS_OF_A_DAY
    result[:, 1::2] = np.sin(angles)
    result[:, 2::2] = np.cos(angles)
    result[missing] = np.nan
    return result
