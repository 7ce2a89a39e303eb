"""How does a network see categories and texts?

One input a level where there are few, and for three levels or more the mean of
the target over the rows of the level, seen only from other folds in training. A
level that training did not see, or no value, is 0 throughout.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.table import Column

from .document import Document, Malformed

Floats = NDArray[np.float64]

MOST_ONE_HOT = 12
LEAST_FOR_TARGET_MEANS = 3
# Rows of the overall mean that each level's mean is mixed with.
SMOOTHING = 10.0
# Puts means and counts on about the scale of the other inputs.
MEAN_FACTOR, COUNT_DIVISOR = 2.0, 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The target as numbers, whose means the levels of a category are told by.

    Parameters
    ----------
    values : array of float, shape (n, q)
        0 and 1 for two classes, one such column a class for more, else the target.
    folds : array of int, shape (n,)
        Fold of each row; a row's means are taken over the other folds.

    Examples
    --------
    >>> Targets(np.array([[0.0], [1.0]]), np.array([0, 1])).values.shape
    (2, 1)
    """

    values: Floats
    folds: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """What was learned of one category, as plain data.

    Parameters
    ----------
    levels : tuple of str
        Levels that are known, the commonest first; a row's code is the place of
        its level from 1, or 0.
    one_hot : int
        How many of the commonest levels have an input each; with two levels one
        input is -1 or 1.
    flagged : bool
        Whether an input says that the value is missing.
    means : array of float, shape (1 + levels, columns)
        Row of a code: scaled target means and log count. No columns where there
        are fewer than three levels, or no folds.

    Notes
    -----
    Mean of a level: (sum + 10 prior) / (rows + 10), Micci-Barreca (2001), out of
    fold as in Prokhorenkova et al. (2018) to keep the label from its own row.

    Examples
    --------
    >>> colours = Column("category", np.array(["red", "blue", "red"], object), np.zeros(3, bool))
    >>> categories, inputs = Categories.fit_transform(colours, None)
    >>> categories.levels, inputs.tolist()
    (('red', 'blue'), [[-1.0], [1.0], [-1.0]])
    """

    levels: tuple[str, ...]
    one_hot: int
    flagged: bool
    means: Floats
    _codes: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        codes = {level: code for code, level in enumerate(self.levels, start=1)}
        object.__setattr__(self, "_codes", codes)

    @classmethod
    def fit_transform(
        cls, column: Column, targets: Targets | None
    ) -> "tuple[Categories, NDArray[np.float32]]":
        """Learn the levels and encode the training rows without leaking their labels.

        Parameters
        ----------
        column : Column
            Category, text or identifier of the training rows.
        targets : Targets or None
            None where there are too few rows for folds: no target means then.

        Returns
        -------
        Categories
            What `transform` needs for other rows, with means over all folds.
        array of float32, shape (n, width)
            The training rows, with means over the other folds.
        """
        known = column.values[~column.missing].tolist()
        # ties in the order of the text, so that the order of the rows says nothing
        counted = sorted(Counter(known).items(), key=lambda pair: (-pair[1], pair[0]))
        levels = [level for level, _ in counted]
        if len(levels) > MOST_ONE_HOT:
            # a level of one row has no mean from other folds; an index of them is a copy
            levels = [level for level, count in counted if count > 1] or levels[:MOST_ONE_HOT]
        is_short = len(counted) <= MOST_ONE_HOT or targets is None
        one_hot = min(len(levels), MOST_ONE_HOT) if is_short else 0
        flagged = bool(column.missing.any()) and not column.missing.all()
        blank = cls(tuple(levels), one_hot, flagged, np.zeros((len(levels) + 1, 0)))
        codes = blank.codes(column)
        if targets is None or len(levels) < LEAST_FOR_TARGET_MEANS:
            return blank, blank._assemble(codes, column.missing, blank.means[codes])
        full, out_of_fold = _target_means(codes, len(levels), targets)
        categories = cls(tuple(levels), one_hot, flagged, full)
        return categories, categories._assemble(codes, column.missing, out_of_fold)

    @property
    def width(self) -> int:
        """How many inputs of the network come out."""
        hot = 1 if self.one_hot == 2 else self.one_hot
        return hot + self.flagged + int(self.means.shape[1])

    def codes(self, column: Column) -> NDArray[np.int64]:
        """Return the place of each row's level from 1; 0 for unseen and missing."""
        values = column.values.tolist()
        code_of = {level: self._codes.get(level, 0) for level in set(values)}
        codes = np.fromiter(map(code_of.__getitem__, values), np.int64, len(values))
        codes[column.missing] = 0
        return codes

    def transform(self, column: Column) -> NDArray[np.float32]:
        """Encode rows.

        Parameters
        ----------
        column : Column
            The same feature of any rows.

        Returns
        -------
        array of float32, shape (n, width)
            One-hot levels, the flag, target means and log count.
        """
        codes = self.codes(column)
        return self._assemble(codes, column.missing, self.means[codes])

    def _assemble(
        self, codes: NDArray[np.int64], missing: NDArray[np.bool_], means: Floats
    ) -> NDArray[np.float32]:
        encoded = np.zeros((len(codes), self.width), np.float32)
        hot = self.width - self.flagged - means.shape[1]
        if self.one_hot == 2:
            encoded[:, 0] = np.where(codes == 1, -1, codes == 2)
        elif self.one_hot:
            encoded[:, :hot] = codes[:, None] == np.arange(1, hot + 1)
        if self.flagged:
            encoded[:, hot] = missing
        encoded[:, hot + self.flagged :] = means
        return encoded

    def to_json(self) -> dict[str, Any]:
        """Return everything as strict JSON."""
        return {
            "levels": list(self.levels),
            "one_hot": self.one_hot,
            "flagged": self.flagged,
            "means": self.means.tolist(),
        }

    @classmethod
    def from_json(cls, parsed: Any) -> "Categories":
        """Read it back, or raise `Malformed`."""
        document = Document(parsed)
        levels = document.texts("levels")
        one_hot = document.integer("one_hot")
        means = document.floats("means")
        if means.ndim != 2 or len(means) != len(levels) + 1:
            raise Malformed(f"target means of another shape than {len(levels)} levels")
        if not 0 <= one_hot <= min(len(levels), MOST_ONE_HOT):
            raise Malformed(f"{one_hot} of {len(levels)} levels one-hot")
        return cls(levels, one_hot, document.flag("flagged"), means)


def _target_means(codes: NDArray[np.int64], levels: int, targets: Targets) -> tuple[Floats, Floats]:
    """Return the means by code over all folds, and by row over the other folds."""
    sums, counts = _sums(codes, levels, targets.values)
    prior = targets.values.mean(axis=0)
    spread = targets.values.std(axis=0) + 1e-9
    full = _scaled_means(sums, counts, prior, spread)
    out_of_fold = np.empty((len(codes), full.shape[1]))
    for fold in np.unique(targets.folds):
        own = targets.folds == fold
        own_sums, own_counts = _sums(codes[own], levels, targets.values[own])
        others = _scaled_means(sums - own_sums, counts - own_counts, prior, spread)
        out_of_fold[own] = others[codes[own]]
    return full, out_of_fold


def _sums(codes: NDArray[np.int64], levels: int, values: Floats) -> tuple[Floats, Floats]:
    by_column = [np.bincount(codes, column, levels + 1) for column in values.T]
    sums = np.stack(by_column, axis=1).astype(np.float64)
    return sums, np.bincount(codes, minlength=levels + 1).astype(np.float64)


def _scaled_means(sums: Floats, counts: Floats, prior: Floats, spread: Floats) -> Floats:
    mixed = (sums + SMOOTHING * prior) / (counts[:, None] + SMOOTHING)
    means = (mixed - prior) / spread * MEAN_FACTOR
    table = np.append(means, np.log1p(counts)[:, None] / COUNT_DIVISOR, axis=1)
    table[0] = 0.0  # unseen and missing say nothing
    return table
