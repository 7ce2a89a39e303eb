"""How is a number written, with a unit and no more digits than it deserves?"""

from datetime import UTC, datetime, timedelta

from .writing import short

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def count(number: int, noun: str = "") -> str:
    """Return a count with its noun in the right number.

    Parameters
    ----------
    number : int
        How many.
    noun : str, default=''
        In the singular.

    Returns
    -------
    str
        Such as '1,234 rows'.

    Examples
    --------
    >>> count(1, "row"), count(1234, "row"), count(2, "entity")
    ('1 row', '1,234 rows', '2 entities')
    """
    if not noun:
        return f"{number:,}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def percent(share: float | None) -> str:
    """Return a share as a percentage; a dash where there is none.

    Examples
    --------
    >>> percent(0.8), percent(None)
    ('80 %', '–')
    """
    return "–" if share is None else f"{share * 100:.0f} %"


def figure(value: float | None, digits: int = 2) -> str:
    """Return a metric with a few digits; a dash where it is not defined.

    Parameters
    ----------
    value : float or None
        The metric.
    digits : int, default=2
        Behind the point.

    Returns
    -------
    str
        Such as '0.74'.

    Examples
    --------
    >>> figure(0.7436), figure(None), figure(1234567.0), figure(-0.001)
    ('0.74', '–', '1,234,567', '0.00')
    """
    if value is None:
        return "–"
    # adding 0 takes the sign from what rounds to nothing
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{round(value, digits) + 0.0:.{digits}f}"


def value(found: object) -> str:
    """Return a value of a column in few characters.

    Examples
    --------
    >>> value(0.30000001), value(12), value(None), value("a")
    ('0.3', '12', '–', 'a')
    """
    if found is None:
        return "–"
    if isinstance(found, float):
        return f"{found:.3g}" if abs(found) < 1000 else f"{found:,.0f}"
    if isinstance(found, datetime):
        return date(found)
    return short(str(found))


def date(moment: datetime | int | None) -> str:
    """Return a day, with the time where it is not midnight.

    Examples
    --------
    >>> date(datetime(2013, 1, 1, tzinfo=UTC)), date(0)
    ('1 Jan 2013', '1 Jan 1970')
    """
    if moment is None:
        return "–"
    when = moment if isinstance(moment, datetime) else EPOCH + timedelta(microseconds=moment)
    day = f"{when.day} {when:%b %Y}"
    return day if (when.hour, when.minute) == (0, 0) else f"{day} {when:%H:%M}"


def day(moment: int | None) -> str:
    """Return the day of a moment in microseconds.

    Examples
    --------
    >>> day(86_400_000_001)
    '2 Jan 1970'
    """
    if moment is None:
        return "–"
    when = EPOCH + timedelta(microseconds=moment)
    return f"{when.day} {when:%b %Y}"


def days(first: int | None, last: int | None) -> str:
    """Return the days from one moment to another, in microseconds.

    Examples
    --------
    >>> days(0, 1), days(0, 86_400_000_000)
    ('1 Jan 1970', '1 Jan 1970 to 2 Jan 1970')
    """
    return day(first) if day(first) == day(last) else f"{day(first)} to {day(last)}"


def duration(micros: int) -> str:
    """Return a length of time in its largest unit.

    Examples
    --------
    >>> duration(90 * 60 * 1_000_000), duration(26 * 3600 * 1_000_000)
    ('90 min', '26 h')
    """
    minutes = micros / 60e6
    if minutes < 1:
        return f"{micros / 1e6:.0f} s"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"


def size(byte_count: int) -> str:
    """Return a size on disk.

    Examples
    --------
    >>> size(2_500_000)
    '2.5 MB'
    """
    return f"{byte_count / 1e6:.1f} MB" if byte_count >= 1e5 else f"{byte_count / 1e3:.0f} kB"


def chance(p_value: float | None) -> str:
    """Return a p-value.

    Examples
    --------
    >>> chance(1e-9), chance(0.31)
    ('< 0.0001', '0.31')
    """
    if p_value is None:
        return "–"
    return "< 0.0001" if p_value < 1e-4 else f"{p_value:.2g}"
