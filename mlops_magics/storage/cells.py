"""Which cell of a notebook did something come from?

A cell is kept once, however many facts come from it; a fact holds its number.
"""

from dataclasses import dataclass
from hashlib import sha256

from .catalog import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell as it was run.

    Attributes
    ----------
    source : str
        As it was typed, at most 64 KB.
    number : int
        Its execution count.
    """

    source: str
    number: int


def remember(transaction: Transaction, cell: Cell) -> int:
    """Return the id of a cell, which is kept if it was not yet.

    Parameters
    ----------
    transaction : Transaction
        The one that writes the fact.
    cell : Cell
        The cell.

    Returns
    -------
    int
        Its id in this workspace.
    """
    digest = sha256(cell.source.encode("utf-8", "surrogatepass")).hexdigest()
    row = (digest, cell.number, cell.source)
    transaction.execute("INSERT OR IGNORE INTO cell (sha256, number, source) VALUES (?, ?, ?)", row)
    found = transaction.execute(
        "SELECT cell_id FROM cell WHERE sha256 = ? AND number = ?", row[:2]
    ).fetchone()
    return int(found[0])


def find(reading: Transaction, cell_id: int) -> Cell | None:
    """Return a cell by its id."""
    row = reading.execute(
        "SELECT source, number FROM cell WHERE cell_id = ?", (cell_id,)
    ).fetchone()
    return None if row is None else Cell(source=row[0], number=row[1])
