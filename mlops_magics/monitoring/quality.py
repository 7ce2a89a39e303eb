"""In which weeks was what fed a model broken?

A wrong unit, a clock that slipped, a column that is mostly missing: what was predicted
then says nothing of the model, and nothing is to be learned from it.
"""

from collections.abc import Iterable, Iterator

from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage

from . import events, health, summaries
from .columns import ColumnMeter
from .drift import compare_columns
from .tallies import MICROSECONDS_OF_AN_HOUR

Span = tuple[int, int]


def broken_spans(
    storage: Storage, version: tuple[str, str], baseline: Baseline, spans: Iterable[Span]
) -> Iterator[tuple[Span, str]]:
    """Yield the stretches of time in which inputs were broken, with the column that was.

    Parameters
    ----------
    storage : Storage
        The workspace.
    version : (str, str)
        Model and version.
    baseline : Baseline
        What its training saw.
    spans : iterable of (int, int)
        Bounds of event_time in whole hours, microseconds, without the end.

    Yields
    ------
    ((int, int), str)
        The stretch, and the first column that looks like a mistake.
    """
    meter, name = ColumnMeter(baseline), events.stream(*version)
    for start, end in spans:
        hours = start // MICROSECONDS_OF_AN_HOUR, end // MICROSECONDS_OF_AN_HOUR
        parts = summaries.collect(storage, name, [meter], *hours, by_day=True)[0]
        tally = summaries.total(meter, parts)
        for column in compare_columns(meter, tally, {}):
            if any(reason.is_urgent for reason in health.broken(column)):
                yield (start, end), column.name
                break
