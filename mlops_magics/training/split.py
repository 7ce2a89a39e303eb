"""Which rows are held out, and which fold is each other row in?

The newest fifth where times are known, else the fifth of each class with the
smallest hashes: the same rows whatever their order and the seed, and again in later
versions. It reads no table; `row_hashes` makes the hashes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .row_hashes import Hashes, mix

Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

HELD_OUT_SHARE = 0.2
# An accuracy on 8 rows or of a class with one row says nothing (facts/statistics.md §5).
LEAST_ROWS = 40
LEAST_ROWS_OF_A_CLASS = 5
# One fold a member of the ensemble.
FOLDS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Where each row of a table belongs.

    Parameters
    ----------
    training : array of int, shape (t,)
        Places of the rows to learn from, ascending.
    held_out : array of int, shape (h,)
        Places of the rows to measure on, ascending; empty where there are too few.
    measured_on : str
        "held-out" or "training".
    by : str
        time, group or random: how they were chosen; none where nothing is held out.
    folds : array of int, shape (t,), or None
        Fold of each training row, 0 to 7; None under 40 rows.

    Examples
    --------
    >>> found = split(mix(np.arange(100, dtype=np.uint64)), np.arange(100) % 2)
    >>> len(found.training), len(found.held_out), found.measured_on
    (80, 20, 'held-out')
    """

    training: Places
    held_out: Places
    measured_on: Literal["held-out", "training"]
    folds: Places | None
    by: Literal["time", "group", "random", "none"] = "none"


def split(
    hashes: Hashes,
    targets: NDArray[np.int64] | NDArray[np.float64],
    times: NDArray[np.int64] | None = None,
    groups: Hashes | None = None,
    kept: Hashes | None = None,
) -> Split:
    """Split rows into those to learn from and those to measure on.

    Parameters
    ----------
    hashes : array of uint64, shape (n,)
        Which row each is.
    targets : array of int or float, shape (n,)
        Codes of classes as int, or the numbers of a regression as float.
    times : array of int64, shape (n,), optional
        When each row became known: the newest fifth is held out then. Rows of one
        moment stay together.
    groups : array of uint64, shape (n,), optional
        Which entity each row is of: no entity is on both sides. With times the
        entities that came last are held out.
    kept : array of uint64, optional
        Hashes of rows that were held out before and stay so; not with times, where
        newer rows take their place.

    Returns
    -------
    Split
        Under 40 rows, or without two classes of at least 5, nothing is held out. A
        smaller class beside others is learned from and not measured.

    Examples
    --------
    >>> newest = split(mix(np.arange(50, dtype=np.uint64)), np.zeros(50), times=np.arange(50))
    >>> newest.held_out.tolist()
    [40, 41, 42, 43, 44, 45, 46, 47, 48, 49]
    """
    is_classes = targets.dtype.kind in "iub"
    strata = targets if is_classes else np.zeros(len(targets), np.int64)
    _, stratum, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    is_large = sizes >= LEAST_ROWS_OF_A_CLASS
    is_enough = len(hashes) >= LEAST_ROWS and is_large.sum() >= min(len(sizes), 2)
    out, by = np.zeros(len(hashes), bool), "none"
    if is_enough:
        # with them all rows that look alike stay in training
        stays = np.isin(hashes, hashes[~is_large[stratum]])
        out, by = _held_out(hashes, np.where(stays, -1, stratum), times, groups, kept)
    training = np.flatnonzero(~out)
    folds = None
    if len(hashes) >= LEAST_ROWS:
        own = None if groups is None else groups[training]
        folds = assign_folds(hashes[training], targets[training], own)
    return Split(
        training=training,
        held_out=np.flatnonzero(out),
        measured_on="held-out" if out.any() else "training",
        folds=folds,
        by=by if out.any() else "none",  # type: ignore[arg-type]
    )


def assign_folds(
    hashes: Hashes,
    targets: NDArray[np.int64] | NDArray[np.float64],
    groups: Hashes | None = None,
) -> Places:
    """Return the fold of each row: as alike in their targets as they can be.

    Parameters
    ----------
    hashes : array of uint64, shape (n,)
        Which row each is.
    targets : array, shape (n,)
        Codes of classes, or numbers.
    groups : array of uint64, shape (n,), optional
        Which entity each row is of: an entity is in one fold.

    Returns
    -------
    array of int, shape (n,)
        0 to 7, each for an eighth of the rows or the entities; equal rows are in one.

    Examples
    --------
    >>> folds = assign_folds(np.arange(80, dtype=np.uint64), np.repeat([0, 1], 40))
    >>> np.bincount(folds[:40]).tolist()
    [5, 5, 5, 5, 5, 5, 5, 5]
    """
    # other bits than those that chose the held-out rows
    order_of_rows = mix(~hashes)
    if groups is not None:
        names, member = np.unique(mix(~groups), return_inverse=True)
        if len(names) >= FOLDS:
            return np.asarray(member % FOLDS, np.int64)
    order = np.lexsort((order_of_rows, targets))
    _, first, which = np.unique(order_of_rows[order], return_index=True, return_inverse=True)
    if len(first) < FOLDS:
        first, which = np.arange(len(order)), np.arange(len(order))
    # of equal rows the first, by its target, says where they all are
    of_distinct = np.empty(len(first), np.int64)
    of_distinct[np.argsort(first)] = np.arange(len(first)) % FOLDS
    folds = np.empty(len(hashes), np.int64)
    folds[order] = of_distinct[which]
    return folds


def _held_out(
    hashes: Hashes,
    stratum: Places,
    times: NDArray[np.int64] | None,
    groups: Hashes | None,
    kept: Hashes | None,
) -> tuple[Mask, str]:
    """Return the rows to hold out, of the classes that are not -1, and how they were chosen."""
    free = stratum >= 0
    by = "random"
    if groups is not None:
        out, by = _groups(hashes, groups, times, kept) & free, "group"
    else:
        out = np.zeros(len(hashes), bool)
        if times is not None:
            out = _newest(times, stratum) & free
            by = "time" if out.any() else "random"
        if not out.any():
            out = _smallest(hashes, stratum, kept)
    # a model that has not seen a class cannot be measured on it
    lacks_a_class = len(np.unique(stratum[~out])) < len(np.unique(stratum))
    return (np.zeros(len(hashes), bool), "none") if lacks_a_class else (out, by)


def _newest(times: NDArray[np.int64], stratum: Places) -> Mask:
    """Return about the newest fifth, cut between two moments; nothing where it cannot be."""
    moments, counts = np.unique(times, return_counts=True)
    newer = np.cumsum(counts[::-1])[::-1]  # rows at each moment or after it
    chosen = int(np.abs(newer - HELD_OUT_SHARE * len(times)).argmin())
    out = np.asarray(times >= moments[chosen], bool)
    lacks_a_class = len(np.unique(stratum[~out])) < len(np.unique(stratum))
    return np.zeros(len(times), bool) if out.mean() > 0.5 or lacks_a_class else out


def _smallest(hashes: Hashes, stratum: Places, kept: Hashes | None) -> Mask:
    """Return the fifth of each class with the smallest hashes, and all that were out before."""
    out = np.zeros(len(hashes), bool) if kept is None else np.isin(hashes, kept)
    out &= stratum >= 0
    for place in np.unique(stratum[stratum >= 0]).tolist():
        rows = np.flatnonzero((stratum == place) & ~out)
        already = int((stratum[out] == place).sum())
        wanted = round(HELD_OUT_SHARE * (len(rows) + already)) - already
        if wanted > 0:
            last = np.partition(hashes[rows], wanted - 1)[wanted - 1]
            out[rows[hashes[rows] <= last]] = True
    # equal rows stay together, whatever their classes
    return np.asarray(np.isin(hashes, hashes[out]) & (stratum >= 0), bool)


def _groups(
    hashes: Hashes, groups: Hashes, times: NDArray[np.int64] | None, kept: Hashes | None
) -> Mask:
    """Return whole entities of about a fifth of the rows."""
    names, member, counts = np.unique(groups, return_inverse=True, return_counts=True)
    first = np.zeros(len(names))
    if times is not None:
        first = np.full(len(names), np.inf)
        np.minimum.at(first, member, times.astype(np.float64))
    was_out = np.zeros(len(names), bool)
    if kept is not None and times is None:
        was_out[member[np.isin(hashes, kept)]] = True
    order = np.lexsort((mix(names), -first, ~was_out))
    before = np.cumsum(counts[order]) - counts[order]
    is_out = np.zeros(len(names), bool)
    is_out[order[before + counts[order] / 2 <= HELD_OUT_SHARE * len(groups)]] = True
    if len(names) > 1 and not is_out.any():
        # all entities are large: the one that is nearest to a fifth
        is_out[np.abs(counts - HELD_OUT_SHARE * len(groups)).argmin()] = True
    return np.asarray((is_out | was_out)[member], bool)
