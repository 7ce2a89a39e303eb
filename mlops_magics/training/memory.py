"""Will a training fit into memory?

An estimate before anything is encoded, against what the machine has free. It stops
nothing while it runs.
"""

from pathlib import Path

from mlops_magics.errors.state import NotEnoughMemory
from mlops_magics.model.times import PARTS
from mlops_magics.tables.table import Table

from .schedule import bucket

# The encoded rows as they are made, padded, and as JAX holds them.
COPIES = 3
BYTES_OF_AN_INPUT = 4
# Everything that does not grow with the rows: JAX, its programs, weights and moments.
FIXED = 400_000_000
INPUTS_BESIDE_PIECES = 2
INPUTS_OF_A_CATEGORY = 14
MEMORY_OF_LINUX = Path("/proc/meminfo")
LIMIT_OF_A_CONTAINER = Path("/sys/fs/cgroup/memory.max")
USED_OF_A_CONTAINER = Path("/sys/fs/cgroup/memory.current")


def bytes_needed(table: Table, bins: int, outputs: int, rows: int) -> int:
    """Return about how much a fit takes at most.

    Parameters
    ----------
    table : Table
        The features.
    bins : int
        Pieces of a number.
    outputs : int
        Classes, or 1.
    rows : int
        Rows to learn from.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> import numpy as np
    >>> from mlops_magics.tables.table import Column
    >>> age = Column("integer", np.arange(3), np.zeros(3, bool))
    >>> bytes_needed(Table.of({"age": age}), 16, 2, 100_000)
    428311552
    """
    widths = {"text": INPUTS_OF_A_CATEGORY + outputs, "time": PARTS * (bins + INPUTS_BESIDE_PIECES)}
    inputs = sum(
        widths.get(column.stored_in, bins + INPUTS_BESIDE_PIECES)
        for column in table.columns.values()
    )
    return FIXED + COPIES * BYTES_OF_AN_INPUT * bucket(rows) * inputs


def bytes_free() -> int | None:
    """Return how much memory a process may still take; None where nothing tells."""
    if not MEMORY_OF_LINUX.exists():
        return None
    lines = dict(line.split(":", 1) for line in MEMORY_OF_LINUX.read_text().splitlines())
    if "MemAvailable" not in lines:
        return None
    free = int(lines["MemAvailable"].split()[0]) * 1024
    if LIMIT_OF_A_CONTAINER.exists() and USED_OF_A_CONTAINER.exists():
        limit = LIMIT_OF_A_CONTAINER.read_text().strip()
        if limit.isdecimal():
            free = min(free, int(limit) - int(USED_OF_A_CONTAINER.read_text()))
    return free


def check_memory(model_id: str, needed: int, rows: int, free: int | None) -> None:
    """Raise before a training starts that would not fit.

    Parameters
    ----------
    model_id : str
        How the error names the training.
    needed : int
        As `bytes_needed` says.
    rows : int
        Rows to learn from.
    free : int or None
        As `bytes_free` says; None checks nothing.

    Raises
    ------
    NotEnoughMemory
        With the number of rows that would fit.

    Examples
    --------
    >>> check_memory("churn", 5 * 10**9, 1_000_000, 10**9)
    Traceback (most recent call last):
    mlops_magics.errors.state.NotEnoughMemory: training 'churn' on 1,000,000 rows needs ...
    """
    if free is None or needed <= free:
        return
    fits = max(0, int(rows * (free - FIXED) / (needed - FIXED)))
    # two digits are all that an estimate deserves
    fits = int(float(f"{fits:.1e}"))
    step = "close other kernels, or name fewer columns with --columns"
    if fits >= 1000:
        step = f"learn from at most {fits:,} rows, or name fewer columns with --columns"
    raise NotEnoughMemory(model_id, f"{rows:,} rows", (needed, free), step)
