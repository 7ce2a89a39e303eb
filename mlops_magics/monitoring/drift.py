"""Which columns have moved since training?

Compares the counts of a window with those of a baseline, column by column and pair by
pair, and judges by what chance explains at these sample sizes. It counts no rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.cells import ColumnBaseline
from mlops_magics.statistics import chi_square, correlation, kolmogorov, pearson, slips
from mlops_magics.statistics import drift as statistics
from mlops_magics.statistics.drift import Counts
from mlops_magics.statistics.multiplicity import holm
from mlops_magics.statistics.ranges import most_by_chance, novel

from .columns import ColumnCount, ColumnMeter
from .reports import ColumnDrift, PairDrift
from .tallies import Integers, Tally

# False alarms of a whole report: of all its columns, and of all its pairs.
ALPHA = 0.001
# A real but tiny shift of a large sample is not worth a look (facts: +0.15 sd is about 0.02).
LEAST_SIZE = 0.02
LEAST_CORRELATION_CHANGE = 0.1
ROWS_FOR_PAIRS = 100
# Of another unit: what is left is outliers.
ALL_ROWS = 0.99
# Too few rows are said to be so; their bars are still drawn.
FEWEST_BINS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a column of a window is compared with.

    Attributes
    ----------
    baseline : ColumnBaseline
        Its cells.
    cells : array of int64, shape (cells,)
        Rows of the reference in each.
    missing : int
        Rows of the reference without a value.
    """

    baseline: ColumnBaseline
    cells: Integers
    missing: int

    @classmethod
    def of_training(cls, baseline: ColumnBaseline) -> "Reference":
        """Return all rows of training."""
        return cls(baseline, baseline.counts, baseline.missing)


def compare_columns(
    meter: ColumnMeter,
    tally: Tally,
    importance: Mapping[str, float],
    effects: Mapping[tuple[str, str], float] | None = None,
) -> tuple[ColumnDrift, ...]:
    """Compare every column of a window with the baseline.

    Parameters
    ----------
    meter : ColumnMeter
        With the baseline.
    tally : Tally
        The window.
    importance : mapping of str to float
        Of the features, where it is known.
    effects : mapping of (str, str) to float, optional
        By role and name: how much larger a chi-square is than that of independent rows.

    Returns
    -------
    tuple of ColumnDrift
        What moved first, then by size times importance. A column that no event has
        is left out.
    """
    found = []
    for (role, name), watched in meter.watched.items():
        count = meter.count_of(tally, role, name)
        if count.rows:
            reference = Reference.of_training(watched.baseline)
            effect = (effects or {}).get((role, name), 1.0)
            found.append(compare_column(name, role, reference, count, effect))
    return ordered(judge(found), importance)


def ordered(
    columns: Sequence[ColumnDrift], importance: Mapping[str, float]
) -> tuple[ColumnDrift, ...]:
    """Return columns with their importance, what moved and matters most first."""
    most = max((value for value in importance.values()), default=0.0)
    if most > 0:
        columns = [
            replace(column, importance=max(importance.get(column.name, 0.0), 0.0) / most)
            if column.role == "feature"
            else column
            for column in columns
        ]
    return tuple(sorted(columns, key=lambda c: (not c.has_moved, -c.weight, c.name)))


def judge(columns: Sequence[ColumnDrift]) -> list[ColumnDrift]:
    """Say which of several columns moved, so that few reports have a false alarm."""
    tested = [column for column in columns if column.p_value is not None]
    adjusted = holm([column.p_value for column in tested if column.p_value is not None])
    by_place = dict(zip(map(id, tested), adjusted, strict=True))
    judged = []
    for column in columns:
        judged.append(as_judged(column, by_place.get(id(column))))
    return judged


def as_judged(column: ColumnDrift, chance: float | None) -> ColumnDrift:
    """Return a column with what all tests together say of it.

    Parameters
    ----------
    column : ColumnDrift
        As it was compared.
    chance : float or None
        Its p-value by Holm over all of them; None where it could not be measured.

    Returns
    -------
    ColumnDrift
        With its severity where it moved.
    """
    size = column.drift.size or 0.0
    has_moved = chance is not None and chance <= ALPHA and size >= LEAST_SIZE
    severity = statistics.severity(size) if has_moved else None
    return replace(column, adjusted=chance, severity=severity)


def compare_column(
    name: str, role: str, reference: Reference, count: ColumnCount, effect: float = 1.0
) -> ColumnDrift:
    """Compare one column of a window with a reference; it is not judged yet.

    Parameters
    ----------
    name, role : str
        The column; feature, prediction or confidence.
    reference : Reference
        What it is compared with.
    count : ColumnCount
        The window.
    effect : float, default=1.0
        How much larger a chi-square is than that of independent rows.

    Returns
    -------
    ColumnDrift
        With the shares to be drawn.
    """
    own = reference.baseline
    lost = count.missing + count.invalid
    bins = statistics.bins_for(count.rows) or FEWEST_BINS
    base, window = own.merge(reference.cells, bins), own.merge(count.cells, bins)
    found = statistics.compare(base, window, reference.missing, lost, alpha=ALPHA)
    found = statistics.of_clusters(found, effect)
    tests = {} if found.psi is None else _tests(reference, count, found, effect)
    base_rows = int(reference.cells.sum()) + reference.missing
    rows = int(count.cells.sum())
    outside = count.below + count.above
    most = most_by_chance(ALPHA / 2, base_rows, rows) if outside else 0
    unit, unit_share = _unit(own, count)
    return ColumnDrift(
        name=name,
        role=role,
        drift=found,
        severity=None,
        unseen=count.unseen,
        base=_shares(base),
        window=_shares(window),
        tests=tests,
        p_value=min(1.0, len(tests) * min(tests.values())) if tests else None,
        missing=(reference.missing / max(base_rows, 1), count.missing / count.rows),
        invalid=count.invalid,
        outside=outside,
        outside_by_chance=most,
        range=own.range,
        novelty=_novelty(reference, count),
        effect=effect,
        unit=unit,
        unit_share=unit_share,
        hours=_hours(own, reference, count),
    )


def chance_of(reference: Reference, count: ColumnCount) -> float | None:
    """Return the p-value that `compare_column` finds, in a fraction of its time.

    Parameters
    ----------
    reference : Reference
        What the column is compared with.
    count : ColumnCount
        The window.

    Returns
    -------
    float or None
        None where it cannot be measured.
    """
    own, lost = reference.baseline, count.missing + count.invalid
    bins = statistics.bins_for(count.rows) or FEWEST_BINS
    merged = own.merge(reference.cells, bins), own.merge(count.cells, bins)
    found = statistics.compare(*merged, reference.missing, lost, alpha=ALPHA)
    if found.psi is None:
        return None
    tests = _tests(reference, count, found)
    return min(1.0, len(tests) * min(tests.values()))


def _novelty(reference: Reference, count: ColumnCount) -> float:
    """Return the chance of the unseen values of a window."""
    own = reference.baseline
    if not own.by_value or own.is_of_hours or own.is_constant:
        return 1.0
    new, base_new = int(count.cells[-1]), int(reference.cells[-1]) + len(own.pooled)
    return novel(new, base_new, int(reference.cells.sum()), int(count.cells.sum()))


def _unit(own: ColumnBaseline, count: ColumnCount) -> tuple[float | None, float]:
    if not len(count.magnitudes):
        return None, 1.0
    sample = own.sample.astype(np.float64)
    factor = slips.unit_slip(sample, count.magnitudes)
    some = None if factor is not None else slips.partial_slip(sample, count.magnitudes)
    return (factor, 1.0) if some is None else (some.factor, some.share)


def _hours(own: ColumnBaseline, reference: Reference, count: ColumnCount) -> int | None:
    if not own.is_of_hours:
        return None
    return slips.hour_slip(reference.cells[: slips.HOURS], count.cells[: slips.HOURS])


def _tests(
    reference: Reference, count: ColumnCount, found: statistics.Drift, effect: float = 1.0
) -> dict[str, float]:
    """Return the p-value of each test that suits the column."""
    own, lost = reference.baseline, count.missing + count.invalid
    base_known, known = int(reference.cells.sum()), int(count.cells.sum())
    tests: dict[str, float] = {}
    if own.by_value:
        merged = [own.merge(cells, 10) for cells in (reference.cells, count.cells)]
        if base_known and known:
            tests["Pearson"] = _chance(*pearson.pool_rare(*merged), effect)
    else:
        assert found.p_value is not None
        tests["PSI"] = found.p_value
        if base_known and known:
            largest = kolmogorov.distance(reference.cells, count.cells)
            tests["KS"] = kolmogorov.p_value(largest, base_known / effect, known / effect)
    if reference.missing or lost or not tests:
        before, now = [base_known, reference.missing], [known, lost]
        tests["missing"] = _chance(np.array(before), np.array(now), effect)
    return tests


def _chance(base: Counts, window: Counts, effect: float) -> float:
    found = pearson.compare(base, window)
    if effect <= 1.0 or not found.degrees:
        return found.p_value
    return chi_square.survival(found.statistic / effect, found.degrees)


def range_is_left(column: ColumnDrift) -> bool:
    """Whether more rows are outside all of training than chance explains."""
    return column.outside > column.outside_by_chance


def compare_pairs(meter: ColumnMeter, tally: Tally) -> tuple[PairDrift, ...]:
    """Compare how numbers go together.

    Parameters
    ----------
    meter : ColumnMeter
        With the baseline.
    tally : Tally
        The window.

    Returns
    -------
    tuple of PairDrift
        Those beyond chance, the strangest first. A pair of which one column has lost
        or gained values is left out: its correlation changes with them.
    """
    tested = []
    for place, pair in enumerate(meter.baseline.pairs):
        sums = meter.pair_sums(tally, place)
        now, rows = correlation.of_sums(sums), int(sums[0])
        both = [_same_missing(meter, tally, name) for name in pair[:2]]
        if now is None or rows < ROWS_FOR_PAIRS or not all(both):
            continue
        base_rows = meter.baseline.features[pair.first].rows
        before = float(np.clip(pair.correlation, -correlation.SUREST, correlation.SUREST))
        tested.append((pair, now, correlation.p_value(before, now, base_rows, rows)))
    adjusted = holm([chance for _, _, chance in tested])
    found = [
        PairDrift(
            first=pair.first, second=pair.second, before=pair.correlation, now=now, adjusted=chance
        )
        for (pair, now, _), chance in zip(tested, adjusted, strict=True)
        if chance <= ALPHA and abs(now - pair.correlation) >= LEAST_CORRELATION_CHANGE
    ]
    return tuple(sorted(found, key=lambda p: -abs(p.now - p.before)))


def _same_missing(meter: ColumnMeter, tally: Tally, name: str) -> bool:
    own, count = meter.baseline.features[name], meter.count_of(tally, "feature", name)
    lost = count.missing + count.invalid
    before, now = [own.rows - own.missing, own.missing], [count.rows - lost, lost]
    return pearson.compare(np.array(before), np.array(now)).p_value > 0.01


def _shares(counts: NDArray[np.int64]) -> tuple[float, ...]:
    total = float(np.sum(counts)) or 1.0
    return tuple((np.asarray(counts) / total).tolist())
