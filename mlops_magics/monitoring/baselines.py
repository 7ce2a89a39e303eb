"""With which table is a model compared that was not trained here?

Baselines that were learned from a table are kept by model, the newest counts. It
learns none; `Baseline.fit` does.
"""

import json
import zlib
from dataclasses import dataclass

import numpy as np

from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptBaseline:
    """A baseline that was learned from a table.

    Attributes
    ----------
    baseline : Baseline
        Its cells.
    written_at : int
        When, microseconds.
    """

    baseline: Baseline
    written_at: int


def keep(storage: Storage, model_id: str, baseline: Baseline) -> None:
    """Keep a baseline; it counts from now on.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    baseline : Baseline
        As it was learned.
    """
    arrays = baseline.arrays()
    document = {"baseline": baseline.to_json(), "sizes": [len(array) for array in arrays]}
    packed = zlib.compress(b"".join(array.astype("<f4").tobytes() for array in arrays))
    with storage.transaction() as transaction:
        transaction.execute(
            "INSERT INTO baseline VALUES (?, ?, ?, ?, ?)",
            (transaction.take_seq(), model_id, json.dumps(document), packed, transaction.now),
        )


def newest(storage: Storage, model_id: str) -> KeptBaseline | None:
    """Return the newest baseline of a model that was learned from a table.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.

    Returns
    -------
    KeptBaseline or None
        None where there is none.
    """
    with storage.reading() as reading:
        row = reading.execute(
            "SELECT document, arrays, written_at FROM baseline WHERE model_id = ?"
            " ORDER BY seq DESC LIMIT 1",
            (model_id,),
        ).fetchone()
    if row is None:
        return None
    document = json.loads(row[0])
    whole = np.frombuffer(zlib.decompress(row[1]), "<f4").astype(np.float32)
    ends = np.cumsum(document["sizes"])
    arrays = np.split(whole, ends[:-1])
    return KeptBaseline(
        baseline=Baseline.from_json(document["baseline"], arrays), written_at=int(row[2])
    )
