"""How does a version get into a stage, and what does a rollback go back to?"""

from mlops_magics.errors.state import NothingToRollBack
from mlops_magics.storage.catalog import Transaction

from . import rows
from .versions import ModelVersion, Stage, StageChange, Verdict


def rollback_target(
    versions: tuple[ModelVersion, ...], changes: tuple[StageChange, ...]
) -> tuple[ModelVersion, ModelVersion]:
    """Return the version in production, and the one to put back there.

    Parameters
    ----------
    versions : tuple of ModelVersion
        Of one model.
    changes : tuple of StageChange
        Its history, oldest first.

    Returns
    -------
    tuple of (ModelVersion, ModelVersion)
        The second is the newest that was in production before, was not itself
        rolled back and is not archived.

    Raises
    ------
    NothingToRollBack
        If there is none.
    """
    name = versions[0].model_id
    step = f"%model {name} promote"
    current = next((v for v in versions if v.stage == "production"), None)
    if current is None:
        raise NothingToRollBack(name, "no version is in production", step)
    rolled_back = {c.version for c in changes if c.why.startswith("rolled back")}
    usable = {v.version: v for v in versions if v.stage != "archived"}
    for change in reversed(changes):
        is_candidate = change.stage == "production" and change.version not in rolled_back
        if is_candidate and change.version != current.version and change.version in usable:
            return current, usable[change.version]
    raise NothingToRollBack(name, "no other version was in production before", step)


def put_in_stage(
    transaction: Transaction,
    versions: tuple[ModelVersion, ...],
    chosen: ModelVersion,
    stage: Stage,
    verdicts: tuple[Verdict, ...],
) -> str | None:
    """Put a version into a stage, and the one that it replaces in production out of it.

    Parameters
    ----------
    transaction : Transaction
        Both happen when it commits.
    versions : tuple of ModelVersion
        Of the model.
    chosen : ModelVersion
        The version to move.
    stage : str
        Where to.
    verdicts : tuple of Verdict
        What the gates said; kept with the change.

    Returns
    -------
    str or None
        The version that was replaced.
    """
    replaced = None
    for other in versions if stage == "production" else ():
        if other.stage == "production" and other.version != chosen.version:
            which = (other.model_id, other.number)
            rows.add_change(transaction, which, "staging", f"replaced by {chosen.version}")
            replaced = other.version
    which = (chosen.model_id, chosen.number)
    rows.add_change(transaction, which, stage, "promoted", verdicts)
    return replaced
