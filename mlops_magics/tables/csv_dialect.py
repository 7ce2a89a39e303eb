"""How is this CSV file laid out?

What divides its fields, and whether its first row names them: told from its
beginning, by the same rules whatever the rest of it holds.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

BEGINNING = 1 << 18  # characters that are looked at
ROWS = 500
# Where two divide the file equally well, the one that is rarer inside of values.
SEPARATORS = ("\t", ";", "|", ",")
# Divides nothing: for a file of one column.
NOTHING = "\x1f"
# What stands in data and is hardly ever a name.
VALUE = re.compile(
    r"\s*([+-]?(\d[\d.,]*|\.\d+)([eE][+-]?\d+)?\s*%?|true|false|\d{4}-\d\d-\d\d([T ].*)?)\s*", re.I
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV file is laid out.

    Attributes
    ----------
    separator : str
        What stands between two fields.
    names : tuple of str
        The names of the columns, as they stand or as they are called.
    header_rows : int
        How many rows come before the first of the data.
    repairs : tuple of str
        What is said of the names.
    """

    separator: str
    names: tuple[str, ...]
    header_rows: int
    repairs: tuple[str, ...]


def layout_of(path: Path, kind: str) -> Layout | None:
    """Tell how a file is laid out.

    Parameters
    ----------
    path : Path
        In UTF-8.
    kind : str
        Its ending; a .tsv is divided by tabs.

    Returns
    -------
    Layout or None
        None where the file is empty.
    """
    with path.open(encoding="utf-8-sig", newline="") as text:
        beginning = text.read(BEGINNING)
        if text.read(1):  # a last line that is cut off tells nothing
            beginning = beginning[: beginning.rfind("\n") + 1] or beginning
    candidates = ("\t",) if kind == ".tsv" else SEPARATORS
    separator = max(candidates, key=lambda mark: _consistency(beginning, mark))
    if _consistency(beginning, separator) <= 0:
        separator = NOTHING
    rows = _rows(beginning, separator)
    filled = [row for row in rows if row]
    if not filled:
        return None
    # DuckDB leaves out blank lines, but in a file of one column: there they are missing values
    blank = rows.index(filled[0]) if separator == NOTHING else 0
    width = Counter(map(len, filled)).most_common(1)[0][0]
    if _is_data(filled[0], filled[1:]):
        names = tuple(f"column{place}" for place in range(1, width + 1))
        said = "the file has no header: its columns are called column1, column2, …"
        return Layout(separator, names, blank, (said,))
    names, repairs = _named(filled[0])
    return Layout(separator, names, blank + 1, repairs)


def _rows(text: str, separator: str) -> list[list[str]]:
    return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), ROWS))


def _consistency(text: str, separator: str) -> float:
    """Return the share of rows of the commonest width; 0 where the first row is not divided."""
    widths = [len(row) for row in _rows(text, separator) if row]
    if not widths or widths[0] < 2:
        return 0.0
    return Counter(widths).most_common(1)[0][1] / len(widths)


def _is_data(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is one of the data: it has values, and none is out of place."""
    if not any(VALUE.fullmatch(cell) for cell in first):
        return False
    for place, cell in enumerate(first):
        below = [row[place] for row in others if place < len(row) and row[place].strip()]
        if cell.strip() and below and not VALUE.fullmatch(cell):
            values = sum(bool(VALUE.fullmatch(other)) for other in below)
            if values > len(below) / 2:
                return False  # a word above numbers is a name
    return True


def _named(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names, called = [], []
    for place, name in enumerate(header, 1):
        names.append(name or f"column{place}")
        if not name:
            called.append(f"column{place}")
    if not called:
        return tuple(names), ()
    has = "1 column has" if len(called) == 1 else f"{len(called)} columns have"
    return tuple(names), (f"{has} no name: called {', '.join(called[:5])}",)
