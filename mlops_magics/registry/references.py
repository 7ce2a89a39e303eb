"""Which version does a reference mean?

Pure functions of the versions that there are.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mlops_magics.errors.error import MLOpsError
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import Deleted, NoneInStage, NotPromotable
from mlops_magics.errors.unknown import UnknownName

from .versions import STAGES, ModelVersion, Stage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_stage(versions: Sequence[ModelVersion], stage: str) -> ModelVersion:
    """Return the newest version in a stage.

    Parameters
    ----------
    versions : sequence of ModelVersion
        Of one model, oldest first.
    stage : str
        One of STAGES.

    Returns
    -------
    ModelVersion
        The newest.

    Raises
    ------
    NoneInStage
        If there is none.
    """
    found = [version for version in versions if version.stage == stage]
    if not found:
        name = versions[0].model_id
        can_promote = stage in ("staging", "production")
        flag = " --stage staging" if stage == "staging" else ""
        step = f"%model {name} promote vN{flag}" if can_promote else f"%model {name}"
        raise NoneInStage(name, stage, step)
    return found[-1]


def by_default(versions: Sequence[ModelVersion]) -> ModelVersion:
    """Return what a bare name means.

    Parameters
    ----------
    versions : sequence of ModelVersion
        Of one model, oldest first.

    Returns
    -------
    ModelVersion
        In production, else the newest that is neither archived nor interrupted, else
        the newest.
    """
    usable = [version for version in versions if version.is_usable]
    in_production = [version for version in versions if version.stage == "production"]
    return (in_production or usable or list(versions))[-1]


def to_promote(versions: Sequence[ModelVersion]) -> ModelVersion:
    """Return the version that is promoted where none is named.

    Parameters
    ----------
    versions : sequence of ModelVersion
        Of one model, oldest first.

    Returns
    -------
    ModelVersion
        The newest that is neither archived nor interrupted.

    Raises
    ------
    NotPromotable
        If there is none.
    """
    usable = [version for version in versions if version.is_usable]
    if not usable:
        name, newest = versions[0].model_id, versions[-1].version
        reason = "every version is archived or was interrupted"
        raise NotPromotable(name, [reason], f"name the version: %model {name} promote {newest}")
    return usable[-1]


def is_stage(word: str) -> bool:
    """Tell whether a word behind @ is a stage."""
    return word in STAGES


def stage_to_promote_to(word: str) -> Stage:
    """Return the stage that a word names, if a version can be promoted to it."""
    if word not in ("staging", "production"):
        raise BadArgument("stage", word, "staging or production")
    return "production" if word == "production" else "staging"


def not_there(versions: Sequence[ModelVersion], version: str, deleted_at: int | None) -> MLOpsError:
    """Return the error for a version that a model does not have.

    Parameters
    ----------
    versions : sequence of ModelVersion
        Those that it has.
    version : str
        The one that was asked for.
    deleted_at : int or None
        When it was deleted, microseconds; None where it never was there.

    Returns
    -------
    MLOpsError
        To be raised.
    """
    name = versions[0].model_id
    if deleted_at is not None:
        at = EPOCH + timedelta(microseconds=deleted_at)
        return Deleted(f"{name}@{version}", f"{at:%Y-%m-%d %H:%M}", f"%model {name}")
    known = [found.version for found in versions]
    return UnknownName(f"version of {name!r}", version, known, f"%model {name}")
