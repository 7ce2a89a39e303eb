"""Which row is this, whatever the order of rows and columns?

A 64-bit hash of a row's key, else of all its feature values, and of the model's name.
It says which rows were trained on and which were held out; it hides nothing.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.table import Column, Table

Hashes = NDArray[np.uint64]

MISSING = np.uint64(0x9AE16A3B2F90404F)
# Up to here a whole number and the float of the same value hash alike.
LARGEST_EXACT = 2**53


def row_hashes(table: Table, model_id: str) -> Hashes:
    """Return the hash of each row.

    Parameters
    ----------
    table : Table
        The key columns of the rows, or where there is no key all features; never
        the target, or a row's side would depend on it.
    model_id : str
        Name of the model, so that each model holds out rows of its own.

    Returns
    -------
    array of uint64, shape (n,)
        Equal for equal rows, whatever the order of the columns; 5, 5.0 and True
        are what a column of another kind makes of them.

    Notes
    -----
    Texts by BLAKE2b, numbers by the finaliser of SplitMix64 (Steele et al. 2014)
    over their bits; columns are added, each mixed with its name.

    Examples
    --------
    >>> age = Column("integer", np.array([5, 7]), np.zeros(2, bool))
    >>> same = Column("number", np.array([7.0, 5.0]), np.zeros(2, bool))
    >>> first = row_hashes(Table.of({"age": age}), "churn")
    >>> (first == row_hashes(Table.of({"age": same}), "churn")[::-1]).tolist()
    [True, True]
    """
    total = np.full(len(table), _of_text(model_id), np.uint64)
    for name, column in table.columns.items():
        # unsigned addition wraps around, which is what is wanted
        total += mix(_of_column(column) ^ np.uint64(_of_text(name)))
    return mix(total)


def number_copies(hashes: Hashes, targets: NDArray[Any]) -> Hashes:
    """Return hashes that tell copies of a row apart.

    Parameters
    ----------
    hashes : array of uint64, shape (n,)
        As `row_hashes` makes them.
    targets : array, shape (n,)
        Says which copy is the first, so that the order of the rows does not.

    Returns
    -------
    array of uint64, shape (n,)
        The first copy's is its hash, the others' are not.

    Examples
    --------
    >>> one = np.array([5, 5, 7], np.uint64)
    >>> numbered = number_copies(one, np.array([1, 0, 1]))
    >>> len(np.unique(numbered)), int(numbered[1]), int(numbered[2])
    (3, 5, 7)
    """
    order = np.lexsort((targets, hashes))
    ordered = hashes[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(begins, len(ordered)))
    copy = np.empty(len(hashes), np.uint64)
    copy[order] = np.arange(len(hashes)) - np.repeat(begins, lengths)
    return np.where(copy == 0, hashes, mix(hashes + mix(copy)))


def mix(numbers: Hashes) -> Hashes:
    """Return the numbers with all their bits mixed; different ones stay different."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def _of_text(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _of_column(column: Column) -> Hashes:
    if column.stored_in == "text":
        texts = column.values.tolist()
        known = {text: _of_text(text) for text in set(texts)}
        hashes = np.fromiter((known[text] for text in texts), np.uint64, len(texts))
    else:
        values = column.values
        # adding 0 makes the two zeros one
        floats = values.astype(np.float64) + 0.0
        bits = floats.view(np.uint64)
        if column.values.dtype == np.int64:
            is_large = (values > LARGEST_EXACT) | (values < -LARGEST_EXACT)
            bits = np.where(is_large, values.view(np.uint64), bits)
        hashes = mix(bits)
    return np.where(column.missing, MISSING, hashes)
