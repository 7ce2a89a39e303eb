"""What is left of a version that is deleted?

Its number, its history and its predictions. Its file and the rows kept to compare it on
are gone, and the disk has their room again.
"""

from collections.abc import Callable

from mlops_magics.storage import Storage

from . import rows
from .stages import check_free
from .versions import Deletion, ModelVersion

# Streams of the log that belong to one version alone; its events belong to monitoring.
STREAMS = ("trained", "evaluation")


def delete(storage: Storage, version: ModelVersion, again: Callable[[], ModelVersion]) -> Deletion:
    """Delete a version for good.

    Parameters
    ----------
    storage : Storage
        The workspace.
    version : ModelVersion
        Which one.
    again : callable
        Reads it once more, inside the transaction.

    Returns
    -------
    Deletion
        How many bytes are free again.

    Raises
    ------
    InProduction
        If it is in production, perhaps only since a moment ago.
    """
    with storage.transaction() as transaction:
        check_free(again(), "deleted")
        rows.add_deletion(transaction, (version.model_id, version.number))
        paths = [
            path for kind in STREAMS for path in storage.forget(transaction, kind, version.name)
        ]
    # A file that is still there after a kill is swept up by the next training.
    sha256 = version.artifact_sha256
    with storage.transaction() as transaction:
        if sha256 is not None and not rows.is_named(transaction, sha256):
            paths.append(storage.artifacts.path(sha256))
        freed = sum(path.stat().st_size for path in paths if path.is_file())
        for path in paths:
            path.unlink(missing_ok=True)
    return Deletion(name=version.name, byte_count=freed)
