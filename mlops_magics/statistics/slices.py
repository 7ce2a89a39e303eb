"""Where is a model worse than elsewhere, beyond chance?

Every value of every column, and every pair of them, against all other rows. Codes of
values and losses go in; the few slices that stand out come out. It knows no model and
cuts no columns: `quantile_bins` does, for whoever asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

# With fewer rows in a slice or outside it nothing can be said.
LEAST_ROWS = 30
# Single values first: pairs are many, and cost power (simulated: .73 falls to .42).
ALPHA_OF_VALUES, ALPHA_OF_PAIRS = 0.04, 0.01
MOST_SLICES = 5
MOST_COLUMNS_IN_PAIRS = 40
BINS = 5

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Rows of one value, or of two, on which a model is worse than on the others.

    Parameters
    ----------
    where : tuple of (str, str)
        Column and value, one or two.
    rows : int
        Rows in the slice.
    loss, elsewhere : float
        Mean loss in it and outside it; the share of wrong answers for classes.
    p_value : float
        Chance of so much where the slice is like the others, one-sided.

    Examples
    --------
    >>> Slice(where=(("plan", "a"),), rows=40, loss=0.4, elsewhere=0.1, p_value=1e-6).name
    'plan a'
    """

    where: tuple[tuple[str, str], ...]
    rows: int
    loss: float
    elsewhere: float
    p_value: float

    @property
    def name(self) -> str:
        """Such as 'plan a, month 3'."""
        return ", ".join(f"{column} {value}" for column, value in self.where)


def find_slices(
    columns: Mapping[str, tuple[Codes, Sequence[str]]], losses: NDArray[np.float64]
) -> tuple[Slice, ...]:
    """Return the slices on which the loss is larger beyond chance.

    Parameters
    ----------
    columns : mapping of str to (array of int64, shape (n,); sequence of str)
        Code of the value in each row, and what each code means.
    losses : array of float64, shape (n,)
        Loss of each row; 0 and 1 where it is wrong or right.

    Returns
    -------
    tuple of Slice
        At most five, the surest first. A pair is left out where one of its values is
        a slice already.

    Notes
    -----
    Wrong answers: the upper tail of the hypergeometric law. Other losses: Welch's z.
    Benjamini & Hochberg (1995) over all values at 4 %, then over all pairs at 1 %.

    Examples
    --------
    >>> plan = np.repeat([0, 1], 200), ("a", "b")
    >>> wrong = np.concatenate([np.arange(200) % 10 < 4, np.arange(200) % 10 < 1])
    >>> [found.name for found in find_slices({"plan": plan}, wrong.astype(float))]
    ['plan a']
    """
    singles = _singles(columns, losses)
    found = _significant(singles, ALPHA_OF_VALUES)
    shown = {found_slice.where[0] for found_slice in found}
    pairs = _pairs(columns, losses)
    # the level is of all pairs that were looked at, also of those that are not shown
    for pair in _significant(pairs, ALPHA_OF_PAIRS):
        if not shown.intersection(pair.where):
            found.append(pair)
    return tuple(sorted(found, key=lambda s: (s.p_value, s.name))[:MOST_SLICES])


def quantile_bins(values: NDArray[np.float64]) -> tuple[Codes, tuple[str, ...]]:
    """Return the fifth of the values that each belongs to, and what the fifths are.

    Parameters
    ----------
    values : array of float64, shape (n,)
        NaN where missing.

    Returns
    -------
    codes : array of int64, shape (n,)
        One code a bin; the last one where missing.
    names : tuple of str
        Such as '10 to 20'; each value itself where there are at most five.

    Examples
    --------
    >>> codes, names = quantile_bins(np.array([1.0, 2.0, np.nan, 2.0]))
    >>> codes.tolist(), names
    ([0, 1, 2, 1], ('1', '2', 'missing'))
    """
    present = values[~np.isnan(values)]
    distinct = np.unique(present)
    if len(distinct) <= BINS:
        names = [f"{value:g}" for value in distinct]
        codes = np.searchsorted(distinct, values)
    else:
        edges = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1), method="lower"))
        names = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
        codes = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(names) - 1)
    codes = np.where(np.isnan(values), len(names), codes)
    return codes.astype(np.int64), (*names, "missing")


def hypergeometric_tail(marked: int, rows: int, drawn: int, found: int) -> float:
    """Return the chance of at least so many marked rows in a sample.

    Parameters
    ----------
    marked : int
        Marked rows among all.
    rows : int
        All rows.
    drawn : int
        Rows in the sample.
    found : int
        Marked rows in the sample.

    Returns
    -------
    float
        Upper tail, what was found included.

    Examples
    --------
    >>> round(hypergeometric_tail(5, 10, 5, 5), 6)
    0.003968
    """
    most = min(marked, drawn)
    counts = np.arange(found, most + 1)
    logs = _log_factorials(rows)

    def choose(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(logs[n] - logs[k] - logs[n - k], np.float64)

    possible = drawn - counts <= rows - marked
    counts = counts[possible]
    total = choose(rows, np.array([drawn]))[0]
    terms = choose(marked, counts) + choose(rows - marked, drawn - counts) - total
    return float(min(np.exp(terms).sum(), 1.0))


def _log_factorials(most: int) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _singles(
    columns: Mapping[str, tuple[Codes, Sequence[str]]], losses: NDArray[np.float64]
) -> list[Slice]:
    found = []
    for column, (codes, names) in columns.items():
        where = [((column, name),) for name in names]
        found += _judged(codes, where, losses)
    return found


def _pairs(
    columns: Mapping[str, tuple[Codes, Sequence[str]]], losses: NDArray[np.float64]
) -> list[Slice]:
    listed = list(columns.items())[:MOST_COLUMNS_IN_PAIRS]
    found = []
    for place, (first, (one, one_names)) in enumerate(listed):
        for second, (two, two_names) in listed[place + 1 :]:
            where = [((first, a), (second, b)) for a in one_names for b in two_names]
            found += _judged(one * len(two_names) + two, where, losses)
    return found


def _judged(
    codes: Codes, where: Sequence[tuple[tuple[str, str], ...]], losses: NDArray[np.float64]
) -> list[Slice]:
    """Return every slice that is large enough, with its p-value."""
    rows = len(losses)
    counts = np.bincount(codes, minlength=len(where))
    sums = np.bincount(codes, losses, minlength=len(where))
    squares = np.bincount(codes, losses**2, minlength=len(where))
    is_binary = bool(np.isin(losses, (0.0, 1.0)).all())
    found = []
    for place in np.flatnonzero((counts >= LEAST_ROWS) & (counts <= rows - LEAST_ROWS)).tolist():
        inside, outside = int(counts[place]), rows - int(counts[place])
        total, rest = float(sums[place]), float(losses.sum() - sums[place])
        if is_binary:
            p = hypergeometric_tail(int(losses.sum()), rows, inside, int(total))
        else:
            spread = float(squares[place]) / inside - (total / inside) ** 2
            others = float((losses**2).sum() - squares[place]) / outside - (rest / outside) ** 2
            error = sqrt(max(spread, 0.0) / inside + max(others, 0.0) / outside)
            z = (total / inside - rest / outside) / error if error else 0.0
            p = 0.5 * erfc(z / sqrt(2))
        made = Slice(
            where=where[place],
            rows=inside,
            loss=total / inside,
            elsewhere=rest / outside,
            p_value=p,
        )
        found.append(made)
    return found


def _significant(slices: list[Slice], alpha: float) -> list[Slice]:
    """Return those that Benjamini and Hochberg's rule keeps."""
    ordered = sorted(slices, key=lambda found: found.p_value)
    kept = 0
    for rank, found in enumerate(ordered, 1):
        if found.p_value <= alpha * rank / len(ordered):
            kept = rank
    return ordered[:kept]
