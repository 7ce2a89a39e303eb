"""Which rows of a training are kept, and as what?

Of the rows that were learned from two hashes each, so that nobody measures on them
later; of the held-out rows the rows themselves, so that versions can be compared.
"""

import json
from typing import TYPE_CHECKING

import numpy as np

from mlops_magics.tables.table import Column, Table

from .row_hashes import Hashes, row_hashes

if TYPE_CHECKING:
    from .assembly import Prepared
    from .split import Places

FEATURE, TARGET, HASH = "feature:", "target", "hash"
# Ten thousand tell losses apart that differ by a fiftieth of their deviation.
MOST_ROWS_TO_COMPARE_ON = 10_000
# So that a row of an event or of another version can be found here: no key, no name.
ANY_MODEL = ""


def hashes(prepared: "Prepared", rows: "Places") -> Table:
    """Return what tells whether a row is one of these.

    Parameters
    ----------
    prepared : Prepared
        The rows of a training.
    rows : array of int
        Which of them.

    Returns
    -------
    Table
        `hash` as the split knows a row (by its key, where it has one); `content` of the
        values of its features alone, which a recorded prediction has as well.
    """
    by_content = content(prepared.features.take(rows))
    order = np.argsort(prepared.hashes[rows])
    columns = {"hash": prepared.hashes[rows], "content": by_content}
    nothing = np.zeros(len(rows), bool)
    return Table.of(
        {
            name: Column("integer", found[order].view(np.int64), nothing)
            for name, found in columns.items()
        }
    )


def content(features: Table) -> Hashes:
    """Return the hash of the values of each row, whatever the order of the columns."""
    return row_hashes(features, ANY_MODEL)


def to_compare_on(prepared: "Prepared") -> Table:
    """Return held-out rows with their target, at most ten thousand.

    Parameters
    ----------
    prepared : Prepared
        The rows of a training.

    Returns
    -------
    Table
        Each feature under a name of its own, the target as JSON, in its own type, and
        the hash by which the split knew the row.
    """
    held_out = prepared.rows.held_out
    if len(held_out) > MOST_ROWS_TO_COMPARE_ON:
        # the smallest hashes are a sample that does not depend on the order of the rows
        held_out = held_out[np.argsort(content(prepared.features.take(held_out)))]
        held_out = np.sort(held_out[:MOST_ROWS_TO_COMPARE_ON])
    table = prepared.features.take(held_out)
    names = Column("integer", prepared.hashes[held_out].view(np.int64), np.zeros(len(table), bool))
    columns = {HASH: names} | {FEATURE + name: column for name, column in table.columns.items()}
    values = prepared.target.values[held_out].tolist()
    classes = prepared.target.classes
    texts = [json.dumps(classes[v] if classes else v, ensure_ascii=False) for v in values]
    array = np.array([*texts, None], dtype=object)[:-1]
    columns[TARGET] = Column("category", array, np.zeros(len(texts), bool))
    return Table.of(columns)
