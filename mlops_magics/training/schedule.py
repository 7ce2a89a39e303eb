"""Which rows does a fit see at each step, how large is the step, and what is padded?

Everything that is drawn or computed before the first step, in NumPy. It runs no
network.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .plan import FitPlan

MOST_ROWS_OF_A_BATCH = 256
LEAST_ROWS_OF_A_BATCH = 8
WARM_UP = 0.05
# Rows of its own fold on which a member is checked, at most: beyond, a check costs
# more than the steps between two checks and the best step hardly changes.
MOST_ROWS_OF_A_CHECK = 2048
SMALLEST_BUCKET = 64
STEPS_BETWEEN_CHECKS = 20
EPOCHS_OF_A_LARGE_TABLE, MOST_STEPS = 3, 2000


class Rows(NamedTuple):
    """Which rows each member learns from and is checked on.

    Parameters
    ----------
    learned : array of float32, shape (members, rows)
        1 where the member learns from the row, 0 where it leaves it out.
    checked : array of int32, shape (members, checked rows)
        Places of the rows that it is checked on, repeated to equal length.
    counted : array of float32, shape (members, checked rows)
        1 where the check counts, 0 where the row is a repetition.

    Examples
    --------
    >>> Rows._fields
    ('learned', 'checked', 'counted')
    """

    learned: NDArray[np.float32]
    checked: NDArray[np.int32]
    counted: NDArray[np.float32]


def bucket(rows: int) -> int:
    """Return the padded number of rows: 64, 96, 128, 192, 256 and so on."""
    size = SMALLEST_BUCKET
    while size < rows:
        size = size * 3 // 2 if size & (size - 1) == 0 else size * 4 // 3
    return size


def round_up(number: int, multiple: int) -> int:
    """Return the smallest multiple that is not below a number, and at least one.

    Parameters
    ----------
    number : int
        Any number from 0.
    multiple : int
        Of what.

    Returns
    -------
    int
        A multiple of it.

    Examples
    --------
    >>> round_up(33, 32), round_up(0, 32)
    (64, 32)
    """
    return max(multiple, -(-number // multiple) * multiple)


def padded_outputs(outputs: int) -> int:
    """Return the padded number of classes: up to 4 as they are, then 8, 16, 24."""
    return outputs if outputs <= 4 else round_up(outputs, 8)


def batch_size(rows: int) -> int:
    """Return how many rows a step sees: the power of two below an eighth, 8 to 256."""
    eighth = max(rows // 8, LEAST_ROWS_OF_A_BATCH)
    return min(MOST_ROWS_OF_A_BATCH, 1 << (eighth.bit_length() - 1))


def batches(rows: int, steps: int, generator: np.random.Generator) -> NDArray[np.int32]:
    """Return the rows of each step: one shuffle of the table after the other.

    Parameters
    ----------
    rows : int
        Rows of the table.
    steps : int
        Steps of the schedule.
    generator : numpy.random.Generator
        Source of the shuffles.

    Returns
    -------
    array of int32, shape (steps, batch)
        Places of rows.

    Examples
    --------
    >>> np.bincount(batches(8, 4, np.random.default_rng(0)).ravel()).tolist()
    [4, 4, 4, 4, 4, 4, 4, 4]
    """
    size = batch_size(rows)
    shuffles = -(-steps * size // rows)
    order = np.concatenate([generator.permutation(rows) for _ in range(shuffles)])
    return order[: steps * size].reshape(steps, size).astype(np.int32)


def steps_of(plan: FitPlan, rows: int) -> int:
    """Return how many steps a table of so many rows gets.

    Parameters
    ----------
    plan : FitPlan
        Its steps are for tables of up to some 50,000 rows; its epochs overrule them.
    rows : int
        Rows of the table.

    Returns
    -------
    int
        A multiple of the steps between two checks. A large table is seen three times,
        within 2,000 steps.

    Examples
    --------
    >>> plan = FitPlan.for_classes("churn", 2)
    >>> steps_of(plan, 4_000), steps_of(plan, 160_000), steps_of(plan, 10_000_000)
    (600, 1880, 2000)
    """
    epochs = plan.epochs or EPOCHS_OF_A_LARGE_TABLE
    needed = round_up(-(-epochs * rows // batch_size(rows)), STEPS_BETWEEN_CHECKS)
    if plan.epochs is not None:
        return needed
    return max(plan.steps, min(needed, MOST_STEPS))


def learning_rates(peak: float, steps: int, horizon: int | None = None) -> NDArray[np.float32]:
    """Return the learning rate of each step: a short warm-up, then half a cosine.

    Parameters
    ----------
    peak : float
        The rate that the warm-up leads to.
    steps : int
        Steps of the schedule.
    horizon : int, optional
        The step that the cosine ends at, where time will be over before the last one.

    Returns
    -------
    array of float32, shape (steps,)
        Above 0 up to the horizon.

    Examples
    --------
    >>> [f"{rate:.4f}" for rate in learning_rates(0.02, 600)[[0, 29, 300, 599]]]
    ['0.0007', '0.0199', '0.0100', '0.0000']
    """
    step = np.arange(steps)
    warm_up = np.minimum(1, (step + 1) / (WARM_UP * steps))
    cosine = (1 + np.cos(np.pi * np.minimum(step / (horizon or steps), 1))) / 2
    return (peak * warm_up * cosine).astype(np.float32)


def member_rows(
    folds: NDArray[np.int64] | None, rows: int, members: int, generator: np.random.Generator
) -> Rows:
    """Return what each member learns from and is checked on.

    Parameters
    ----------
    folds : array of int, shape (rows,), or None
        Fold of each row; member m leaves out fold m. None: all learn from all.
    rows : int
        Rows of the table.
    members : int
        Networks of the ensemble.
    generator : numpy.random.Generator
        Chooses the rows of a check where there are too many.

    Returns
    -------
    Rows
        Padded so that tables of one bucket share a compiled program.

    Examples
    --------
    >>> own = member_rows(np.arange(80) % 8, 80, 8, np.random.default_rng(0))
    >>> own.learned.sum(axis=1).tolist()[:2], own.checked.shape, own.counted.sum()
    ([70.0, 70.0], (8, 16), np.float32(80.0))
    """
    padded = bucket(rows)
    share = padded if folds is None else padded // members
    length = min(round_up(share, 8), MOST_ROWS_OF_A_CHECK)
    learned = np.zeros((members, padded), np.float32)
    checked = np.zeros((members, length), np.int32)
    counted = np.zeros((members, length), np.float32)
    for member in range(members):
        own = np.ones(rows, bool) if folds is None else folds == member
        learned[member, :rows] = True if folds is None else ~own
        places = generator.permutation(np.flatnonzero(own))[:length]
        checked[member] = np.resize(places, length)
        counted[member, : len(places)] = 1
    return Rows(learned, checked, counted)
