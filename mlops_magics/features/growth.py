"""How has a view grown, and what has it been missing?

Its rows cut into spans of equal length, by event time, or by the time of writing
where it has none; per feature, the share of rows without a value in each.
"""

from dataclasses import dataclass

from mlops_magics import tables
from mlops_magics.storage import Storage

from .view import View

SPANS = 12

COUNTS = """
SELECT least((({moment}) - $first) // $width, {last}) AS span, count(*) AS rows{counts}
FROM ({scan}) GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Rows and missing values over time.

    Attributes
    ----------
    first, last : int, optional
        The times of the oldest and the newest row, microseconds; None without rows.
    rows : tuple of int
        Rows in each span, oldest first.
    missing : dict of str to tuple of (float or None)
        Per feature, the share without a value in each span; None where there are no rows.
    """

    first: int | None
    last: int | None
    rows: tuple[int, ...]
    missing: dict[str, tuple[float | None, ...]]


def growth(storage: Storage, view: View) -> Growth:
    """Return the growth of the newest version of a view.

    Parameters
    ----------
    storage : Storage
        Where its rows are.
    view : View
        The view.

    Returns
    -------
    Growth
        Twelve spans; none for a view without rows.
    """
    if not view.row_count:
        return Growth(first=None, last=None, rows=(), missing={})
    cursor = storage.cursor()
    scan = storage.log.scan(cursor, "feature", view.current.stream, view.features)
    moment = "written_at" if view.current.time is None else "event_time"
    ends = cursor.execute(f"SELECT min({moment}), max({moment}) FROM ({scan})")  # noqa: S608 - ours
    first, last = ends.fetchall()[0]
    names = [f"f{place}" for place in range(len(view.features))]
    counts = "".join(f", count(*) - count({name}) AS {name}" for name in names)
    query = COUNTS.format(moment=moment, last=SPANS - 1, counts=counts, scan=scan)
    bound = {"first": first, "width": max((last - first) // SPANS, 1)}
    found = tables.from_cursor(cursor.execute(query, bound), ["span", "rows", *names])
    cursor.close()
    spans = dict(zip(found.column("span").to_list(), found.rows(), strict=True))
    return Growth(
        first=first,
        last=last,
        rows=tuple(spans[span]["rows"] if span in spans else 0 for span in range(SPANS)),
        missing={
            field.name: tuple(
                spans[span][name] / spans[span]["rows"] if span in spans else None
                for span in range(SPANS)
            )
            for field, name in zip(view.features, names, strict=True)
        },
    )
