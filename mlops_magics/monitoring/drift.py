"""Which columns have moved since training?

Counts a window of events over the cells that training fixed and compares the
shares. It judges by what chance explains at these sample sizes.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.cells import ColumnBaseline
from mlops_magics.statistics import drift as statistics
from mlops_magics.tables.table import Column

from .reports import ColumnDrift

# False alarms of one column in one look; many columns in many looks need a strict one.
ALPHA = 0.001
# A real but tiny shift of a large sample is not worth a look (facts: +0.15 sd is about 0.02).
LEAST_SIZE = 0.02
UNSEEN_SHOWN = 50
# Too few rows are said to be so; their bars are still drawn.
FEWEST_BINS = 5


def compare_columns(
    baseline: Baseline,
    features: dict[str, Column],
    prediction: Column | None,
    confidence: Column | None,
) -> tuple[ColumnDrift, ...]:
    """Compare every column of a window with training.

    Parameters
    ----------
    baseline : Baseline
        What training saw.
    features : dict of str to Column
        The features of the window; one that is not there is left out.
    prediction, confidence : Column or None
        What the model answered in the window.

    Returns
    -------
    tuple of ColumnDrift
        The largest debiased size first.
    """
    found = [
        compare_column(name, "feature", own, features[name])
        for name, own in baseline.features.items()
        if name in features
    ]
    if prediction is not None:
        found.append(compare_column("prediction", "prediction", baseline.prediction, prediction))
    if confidence is not None and baseline.confidence is not None:
        found.append(compare_column("confidence", "confidence", baseline.confidence, confidence))
    return tuple(sorted(found, key=lambda c: (-(c.drift.size or 0.0), c.name)))


def compare_column(name: str, role: str, baseline: ColumnBaseline, column: Column) -> ColumnDrift:
    """Compare one column of a window with training.

    Parameters
    ----------
    name, role : str
        The column; feature, prediction or confidence.
    baseline : ColumnBaseline
        Its cells and counts in training.
    column : Column
        Its values in the window.

    Returns
    -------
    ColumnDrift
        With the shares to be drawn.
    """
    counted = baseline.count(column)
    bins = statistics.bins_for(len(column)) or FEWEST_BINS
    base, window = baseline.merge(baseline.counts, bins), baseline.merge(counted.cells, bins)
    missing = int(column.missing.sum())
    found = statistics.compare(base, window, baseline.missing, missing, alpha=ALPHA)
    severity = None
    is_beyond = found.psi is not None and found.critical is not None and found.psi > found.critical
    if is_beyond and (found.size or 0.0) >= LEAST_SIZE:
        severity = statistics.severity(found.size or 0.0)
    return ColumnDrift(
        name=name,
        role=role,
        drift=found,
        severity=severity,
        unseen=_unseen(baseline, column),
        base=_shares(base),
        window=_shares(window),
    )


def _shares(counts: NDArray[Any]) -> tuple[float, ...]:
    total = float(np.sum(counts)) or 1.0
    return tuple((np.asarray(counts) / total).tolist())


def _unseen(baseline: ColumnBaseline, column: Column) -> dict[str, int]:
    """Return the values that training did not have, the commonest first."""
    if not baseline.by_value:
        return {}
    cells = baseline.cells_of(column)
    unseen = column.values[cells == baseline.cell_count - 1].tolist()
    return {str(value): count for value, count in Counter(unseen).most_common(UNSEEN_SHOWN)}
