"""What has moved in a window, with the slices that moved?

One report from the sums of a window; rows are read for slices and for a baseline whose
cells were never counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span

from . import events, slices, summaries
from .columns import ColumnMeter
from .drift import compare_columns, compare_pairs
from .events import FEATURE
from .reports import DriftReport, SliceDrift
from .tallies import MICROSECONDS_OF_AN_HOUR, Tally, by_hour

DAY = 24 * MICROSECONDS_OF_AN_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a window is compared.

    Parameters
    ----------
    importance : mapping of str to float, default={}
        Of the features, where it is known.
    by : str, optional
        The feature whose groups are compared; by default those are found in which
        something moved.
    finds : bool, default=True
        Whether such groups are looked for: up to 20,000 rows are read for it.
    baseline_is : str, default='training'
        How the baseline is called.
    is_kept : bool, default=True
        Whether segments are counted in the baseline's cells for good; for a baseline
        that is named once they are not.
    """

    importance: Mapping[str, float] = field(default_factory=dict)
    by: str | None = None
    finds: bool = True
    baseline_is: str = "training"
    is_kept: bool = True


def compare(
    storage: Storage,
    version: tuple[str, str],
    baseline: Baseline,
    since: int | None,
    wanted: Comparison,
) -> DriftReport:
    """Compare the events of a window with a baseline.

    Parameters
    ----------
    storage : Storage
        The workspace.
    version : (str, str)
        Model and version.
    baseline : Baseline
        What it is compared with.
    since : int or None
        From the beginning of this hour on, microseconds.
    wanted : Comparison
        How.

    Returns
    -------
    DriftReport
        Also of no events.

    Raises
    ------
    UnknownName
        If there is no such feature to group by.
    """
    if wanted.by is not None and wanted.by not in baseline.features:
        step = f"%monitor {version[0]} drift names them"
        raise UnknownName("feature", wanted.by, baseline.features, step)
    meter, name = ColumnMeter(baseline), events.stream(*version)
    begin = summaries.NEVER if since is None else since // MICROSECONDS_OF_AN_HOUR
    tally, count = _window(storage, name, meter, begin, wanted.is_kept)
    columns = compare_columns(meter, tally, wanted.importance)
    looks = wanted.finds or wanted.by is not None
    moved = frozenset(c.name for c in columns if c.has_moved and c.role == "feature")
    return DriftReport(
        model_id=version[0],
        version=version[1],
        count=count,
        first=tally.first,
        last=tally.last,
        columns=columns,
        pairs=compare_pairs(meter, tally),
        slices=_slices(storage, name, baseline, begin, (wanted.by, moved)) if looks else (),
        by=wanted.by,
        baseline=wanted.baseline_is,
        baseline_rows=max((column.rows for column in baseline.features.values()), default=0),
    )


def _window(
    storage: Storage, name: str, meter: ColumnMeter, begin: int, is_kept: bool
) -> tuple[Tally, int]:
    if is_kept:
        parts = summaries.collect(storage, name, [meter], begin, by_day=True)[0]
    else:
        span = Span(since=begin * MICROSECONDS_OF_AN_HOUR)
        parts = [by_hour(meter, storage.log.read("event", name, span))]
    tally = summaries.total(meter, parts)
    counts = [meter.count_of(tally, role, column).rows for role, column in meter.watched]
    return tally, max(counts, default=0)


def _slices(
    storage: Storage,
    name: str,
    baseline: Baseline,
    begin: int,
    wanted: tuple[str | None, frozenset[str]],
) -> tuple[SliceDrift, ...]:
    by, moved = wanted
    if not baseline.rows.size:
        return ()
    features = tuple(FEATURE + feature for feature in baseline.features)
    since = begin * MICROSECONDS_OF_AN_HOUR
    span = Span(since=since, limit=slices.ROWS_READ, only=features)
    rows = storage.log.read("event", name, span)
    if by is not None:
        return slices.compare_groups(baseline, rows, by)
    return slices.find_moved(baseline, rows, moved)
