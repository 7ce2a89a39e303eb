"""How often were held-out rows asked which version is better?

Rows that judge many pairs of versions pick one by luck sooner or later: each pair is
written down, and their number is shown beside every verdict.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from mlops_magics.errors.storage import ReadOnlyWorkspace, WorkspaceBusy

if TYPE_CHECKING:
    from mlops_magics.registry.versions import ModelVersion

    from .workspace import Workspace


def look(workspace: "Workspace", one: "ModelVersion", two: "ModelVersion", row_count: int) -> int:
    """Write down that two versions were judged on held-out rows.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    one, two : ModelVersion
        Two versions of one model, in any order.
    row_count : int
        Held-out rows that judged them.

    Returns
    -------
    int
        Pairs of versions of this model that have been judged so, with this one; the same
        pair asked again learns nothing new and counts once.
    """
    model_id, pair = one.model_id, sorted((one.number, two.number))
    # where writing is not allowed, looking is
    with suppress(ReadOnlyWorkspace, WorkspaceBusy), workspace.storage.transaction() as transaction:
        transaction.execute(
            "INSERT INTO look VALUES (?, ?, ?, ?, ?, ?)",
            (transaction.take_seq(), model_id, *pair, row_count, transaction.now),
        )
    with workspace.storage.reading() as reading:
        found = reading.execute(
            "SELECT DISTINCT first, second FROM look WHERE model_id = ?", (model_id,)
        ).fetchall()
    return len({tuple(pair), *map(tuple, found)})
