"""How does a version get into a stage, and what does a rollback go back to?"""

from datetime import UTC, datetime, timedelta

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import InProduction, NothingToRollBack, NotPromotable, Overtaken
from mlops_magics.storage.catalog import Transaction

from . import rows
from .versions import ModelVersion, Promotion, Stage, StageChange, Verdict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROLLED_BACK = "rolled back"


def check_reason(force: bool, because: str | None) -> str | None:
    """Return why a gate may be passed; None where none is to be.

    Parameters
    ----------
    force : bool
        Whether the version is to pass gates that hold it back.
    because : str or None
        Why, in words.

    Returns
    -------
    str or None
        The reason, without blanks around it.

    Raises
    ------
    BadArgument
        If one is given without the other.
    """
    reason = (because or "").strip()
    if force and not reason:
        raise BadArgument("because", because, "the reason in words, which stays on the card")
    if because is not None and not force:
        raise BadArgument("because", because, "--force with it, or leave it out")
    return reason or None


def check_verdicts(
    chosen: ModelVersion, verdicts: tuple[Verdict, ...], because: str | None
) -> None:
    """Raise unless every gate lets a version pass, or a reason was given.

    Parameters
    ----------
    chosen : ModelVersion
        The version.
    verdicts : tuple of Verdict
        What the gates said.
    because : str or None
        Why it goes past them.

    Raises
    ------
    NotPromotable
        With every gate that did not pass. A damaged file passes for no reason: it could
        not answer.
    """
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if because is not None:
        failed = [v for v in failed if v.gate == "intact" and v.passed is False]
    if not failed:
        return
    name, version = chosen.model_id, chosen.version
    step = f"%train {name} again"
    if because is None and all(verdict.gate != "intact" or verdict.passed for verdict in failed):
        step = f'mend that, or %model {name} promote {version} --force --because "…"'
    refusal = Promotion(version=chosen, verdicts=verdicts, is_refused=True)
    raise NotPromotable(chosen.name, [f"{v.gate}: {v.said}" for v in failed], step, refusal)


def check_not_overtaken(
    chosen: ModelVersion,
    against: str | None,
    versions: tuple[ModelVersion, ...],
    changes: tuple[StageChange, ...],
) -> None:
    """Raise if another version went into production while this one was judged.

    Parameters
    ----------
    chosen : ModelVersion
        The version to promote.
    against : str or None
        The version in production that it was compared with.
    versions : tuple of ModelVersion
        As they are now.
    changes : tuple of StageChange
        The history, oldest first.

    Raises
    ------
    Overtaken
        With the version that is there now, and since when.
    """
    current = next((v for v in versions if v.stage == "production"), None)
    if current is None or current.version in (against, chosen.version):
        return
    moment = next(c for c in reversed(changes) if c.version == current.version)
    at = EPOCH + timedelta(microseconds=moment.written_at)
    step = f"%model {chosen.model_id} promote {chosen.version} again, against {current.version}"
    raise Overtaken(chosen.name, current.version, f"{at:%H:%M}", step)


def check_free(version: ModelVersion, doing: str) -> None:
    """Raise InProduction if a version is in production."""
    if version.stage == "production":
        step = f"%model {version.model_id} rollback, or promote another version"
        raise InProduction(version.name, doing, step)


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
        rolled back since, and is neither archived nor deleted.

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
    usable = {v.version: v for v in versions if v.stage != "archived"}
    left_by_rollback: set[str] = set()
    for change in reversed(changes):
        if change.why.startswith(ROLLED_BACK):
            left_by_rollback.add(change.version)
        was_there = change.stage == "production" and change.version not in left_by_rollback
        if was_there and change.version != current.version and change.version in usable:
            return current, usable[change.version]
    raise NothingToRollBack(name, "no other version was in production before", step)


def roll_back(transaction: Transaction, current: ModelVersion, target: ModelVersion) -> None:
    """Put a version back into production in the place of another.

    Parameters
    ----------
    transaction : Transaction
        Both happen when it commits.
    current, target : ModelVersion
        As `rollback_target` found them.
    """
    name = current.model_id
    why = f"{ROLLED_BACK} to {target.version}"
    rows.add_change(transaction, (name, current.number), "staging", why)
    why = f"rollback from {current.version}"
    rows.add_change(transaction, (name, target.number), "production", why)


def put_in_stage(
    transaction: Transaction,
    versions: tuple[ModelVersion, ...],
    chosen: ModelVersion,
    stage: Stage,
    verdicts: tuple[Verdict, ...],
    because: str | None = None,
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
    because : str, optional
        Why it goes past them; kept as well.

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
    is_forced = because is not None and not all(verdict.passed for verdict in verdicts)
    why = "promoted past its gates" if is_forced else "promoted"
    reason = because if is_forced else None
    which = (chosen.model_id, chosen.number)
    rows.add_change(transaction, which, stage, why, verdicts, reason)
    return replaced
