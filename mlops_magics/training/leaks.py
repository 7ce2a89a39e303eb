"""Which columns tell the target nearly alone?

The score that each column reaches by itself, out of fold: a column that restates the
target is known by it. It drops nothing; the user decides.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import classification
from mlops_magics.tables.table import Column, Table

from .findings import Leak

# By chance the best of twenty columns reaches .69 on 100 rows (facts: 99 % quantile).
SUSPICIOUS = 0.98
CELLS_OF_A_NUMBER = 64
# Rows of the overall mean that each cell's mean is mixed with: few, as a cell that
# restates the target must be able to say so.
SMOOTHING = 0.1
# A class with fewer rows makes a perfect score likely.
LEAST_ROWS_OF_A_CLASS = 10
MOST_ROWS = 20_000

Floats = NDArray[np.float64]


def find_leaks(
    table: Table, targets: NDArray[np.int64] | Floats, folds: NDArray[np.int64], classes: int
) -> tuple[Leak, ...]:
    """Return the columns that tell the target nearly alone, the worst first.

    Parameters
    ----------
    table : Table
        The features of the training rows.
    targets : array, shape (n,)
        Codes of classes, or numbers.
    folds : array of int, shape (n,)
        Fold of each row.
    classes : int
        How many classes; 0 for numbers.

    Returns
    -------
    tuple of Leak
        AUC (mean of one-vs-rest), or R² of the ranks of numbers, of at least .98.

    Examples
    --------
    >>> y = np.arange(80) % 2
    >>> same = Column("integer", y * 7, np.zeros(80, bool))
    >>> find_leaks(Table.of({"x": same}), y, np.arange(80) // 2 % 8, 2)
    (Leak(column='x', metric='auc', score=1.0),)
    """
    if len(targets) > MOST_ROWS:
        some = np.random.default_rng(0).choice(len(targets), MOST_ROWS, replace=False)
        table, targets, folds = table.take(some), targets[some], folds[some]
    metric: Literal["auc", "r2"] = "auc" if classes else "r2"
    found = []
    for name, column in table.columns.items():
        score = _score(_cells(column), targets, folds, classes)
        if score is not None and score >= SUSPICIOUS:
            found.append(Leak(column=name, metric=metric, score=score))
    return tuple(sorted(found, key=lambda leak: -leak.score))


def _cells(column: Column) -> NDArray[np.int64]:
    """Return a small whole number a row: the level, or the part of the range; 0 is missing."""
    known = column.values[~column.missing]
    cells = np.zeros(len(column), np.int64)
    if column.stored_in == "text":
        levels = {level: place for place, level in enumerate(dict.fromkeys(known.tolist()), 1)}
        cells[~column.missing] = [levels[value] for value in known.tolist()]
        return cells
    numbers = known.astype(np.float64)
    distinct = np.unique(numbers)
    if len(distinct) > CELLS_OF_A_NUMBER:
        distinct = np.unique(np.quantile(numbers, np.linspace(0, 1, CELLS_OF_A_NUMBER + 1)[1:-1]))
    cells[~column.missing] = np.searchsorted(distinct, numbers, side="left") + 1
    return cells


def _score(
    cells: NDArray[np.int64],
    targets: NDArray[np.int64] | Floats,
    folds: NDArray[np.int64],
    classes: int,
) -> float | None:
    if not classes:
        # of ranks: a few far values would hide or make a high score
        numbers = classification.midranks(targets.astype(np.float64))
        guess = _out_of_fold(cells, numbers, folds)
        spread = ((numbers - numbers.mean()) ** 2).sum()
        return float(1 - ((numbers - guess) ** 2).sum() / spread) if spread else None
    codes = targets.astype(np.int64)
    areas = []
    for code in range(classes)[1 if classes == 2 else 0 :]:
        positive = codes == code
        if min(positive.sum(), (~positive).sum()) >= LEAST_ROWS_OF_A_CLASS:
            guess = _out_of_fold(cells, positive.astype(np.float64), folds)
            areas.append(classification.binary_auc(positive, guess))
    known = [area for area in areas if area is not None]
    return float(np.mean(known)) if known else None


def _out_of_fold(cells: NDArray[np.int64], values: Floats, folds: NDArray[np.int64]) -> Floats:
    """Return the mean of each row's cell over the rows of the other folds."""
    size = int(cells.max()) + 1
    sums, counts = np.bincount(cells, values, size), np.bincount(cells, minlength=size)
    guess = np.empty(len(values))
    for fold in np.unique(folds):
        own = folds == fold
        other_sums = sums - np.bincount(cells[own], values[own], size)
        other_counts = counts - np.bincount(cells[own], minlength=size)
        prior = other_sums.sum() / max(other_counts.sum(), 1)
        means = (other_sums + SMOOTHING * prior) / (other_counts + SMOOTHING)
        guess[own] = means[cells[own]]
    return guess
