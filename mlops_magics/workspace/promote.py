"""How does a version get into production?

Gathers the evidence that the gates look at: the file, the features, the rows that it
has not learned from, the version that it would replace.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.registry import rollouts
from mlops_magics.registry.gates import Against, Evidence, Probabilities
from mlops_magics.registry.references import to_promote
from mlops_magics.registry.stages import check_reason
from mlops_magics.registry.versions import ModelVersion, Promotion
from mlops_magics.statistics import calibration
from mlops_magics.statistics.paired import LEAST_ROWS, Paired, compare_losses
from mlops_magics.tables.table import Value
from mlops_magics.training.job import Report, TrainingJob

from .compare import compare
from .evaluation import answers, codes, losses, numbers, own_rows
from .predict import load
from .views import keep_online

if TYPE_CHECKING:
    from .workspace import Workspace

# Enough to tell 1 % from 2 %.
DRAWS = 500


def promote(
    workspace: "Workspace",
    model_id: str,
    version: str | None = None,
    stage: str = "production",
    force: bool = False,
    because: str | None = None,
) -> Promotion:
    """Promote a version through the gates.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.
    version : str, optional
        By default the newest that is neither archived nor interrupted.
    stage : str, default='production'
        staging or production; only production has gates.
    force : bool, default=False
        Whether it may pass gates that hold it back.
    because : str, optional
        Why; kept for ever.

    Returns
    -------
    Promotion
        The version in its new stage, and what each gate said.

    Raises
    ------
    NotPromotable
        If a gate holds it back; nothing changes.
    Overtaken
        If another version went into production meanwhile.
    """
    reason = check_reason(force, because)
    registry = workspace.registry
    if version is None:
        version = to_promote(registry.list_versions(model_id)).version
    chosen = registry.get_model(model_id, version)
    evidence = gather(workspace, chosen) if stage == "production" else None
    return promote_on(workspace, chosen, evidence, stage, reason)


def promote_on(
    workspace: "Workspace",
    chosen: ModelVersion,
    evidence: Evidence | None,
    stage: str = "production",
    reason: str | None = None,
) -> Promotion:
    """Promote a version on evidence that was gathered, in one transaction.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    chosen : ModelVersion
        The version.
    evidence : Evidence or None
        What the gates look at; None where there are none.
    stage : str, default='production'
        Where to.
    reason : str, optional
        Why it may pass gates that hold it back.

    Returns
    -------
    Promotion
        As of `promote`.
    """
    name, version = chosen.model_id, chosen.version
    with workspace.storage.transaction() as transaction:
        beside = rollouts.running(transaction, name)
        promotion = workspace.registry.promote_model(name, version, stage, evidence, reason)
        keep_online(workspace)
        if stage == "production" and beside is not None and beside.version == version:
            rollouts.add(transaction, chosen, "off", why="promoted")
    return promotion


def rollback(workspace: "Workspace", model_id: str) -> Promotion:
    """Put the version back that was in production before.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    model_id : str
        The model.

    Returns
    -------
    Promotion
        Which version is in production now.
    """
    with workspace.storage.transaction():
        promotion = workspace.registry.rollback(model_id)
        keep_online(workspace)
    return promotion


def gather(workspace: "Workspace", version: ModelVersion) -> Evidence:
    """Return what there is to know of a version.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    version : ModelVersion
        The version.

    Returns
    -------
    Evidence
        None where something cannot be known, such as of a model made elsewhere.
    """
    versions = workspace.registry.list_versions(version.model_id)
    others = [v for v in versions if v.stage == "production" and v.version != version.version]
    evidence = replace(workspace.registry.evidence(version), is_first=not others)
    if evidence.damage is not None:
        current = others[-1].version if others else None
        unread = None if current is None else Against(name=current, rows=0, paired=None)
        return replace(evidence, production=unread)
    lacking, found = _features(workspace, version)
    model = load(workspace, version)
    table, labels = own_rows(workspace, version)
    answered = answers(model, table) if labels else None
    report = report_of(workspace, version)
    return replace(
        evidence,
        lacking=lacking,
        found=found,
        baseline=_against_what_training_saw(report) or _against_a_constant(model, answered, labels),
        production=_against_production(workspace, version, others),
        has_classes=bool(model.signature.classes),
        probabilities=_probabilities(model, answered, labels),
        is_interrupted=version.is_interrupted,
        leaks=None if report is None else tuple(leak.column for leak in report.leaks),
    )


def report_of(workspace: "Workspace", version: ModelVersion) -> Report | None:
    """Return what the training of a version said of it; None if it was not trained here."""
    job = job_of(workspace, version)
    return None if job is None else job.report


def job_of(workspace: "Workspace", version: ModelVersion) -> TrainingJob | None:
    """Return the run that made a version; a file from elsewhere may claim any, and has none."""
    for job in workspace.training.list_jobs():
        is_claimed = job.job_id == version.metadata.get("job_id")
        if is_claimed and (job.model_id, job.version) == (version.model_id, version.version):
            return job
    return None


def _features(
    workspace: "Workspace", version: ModelVersion
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the features that are looked up and not there, and the views that are."""
    lacking: list[str] = []
    found: dict[str, set[str]] = {}
    for view, column in version.metadata.get("sources", {}).values():
        try:
            known = found.get(view) or {f.name for f in workspace.features.describe(view).features}
        except UnknownName:
            lacking.append(f"{view}:{column}")
            continue
        found[view] = known
        if column not in known:
            lacking.append(f"{view}:{column}")
    return tuple(lacking), tuple(found)


def _against_what_training_saw(report: Report | None) -> Against | None:
    """Return a version beside the answer that training said for all rows.

    As the report has it: by entities where rows of one are not independent.
    """
    if report is None or not report.baselines or report.held_out_count < LEAST_ROWS:
        return None
    simple = report.baselines[0]
    if simple.gain is None or simple.gain_ends is None:
        return None
    low, high = simple.gain_ends
    paired = Paired(gain=simple.gain, low=low, high=high, rows=report.held_out_count)
    return Against(name=simple.name, rows=report.held_out_count, paired=paired)


def _against_a_constant(model: Any, answered: Any, labels: list[Value]) -> Against | None:
    """Return a version beside the best answer that looks at no column.

    Best in hindsight, on the very rows that are compared: what training would have
    said for all rows cannot be better there.
    """
    if answered is None:
        return None
    if answered.ndim == 1:
        goals = numbers(labels)
        constant = (goals - np.nanmean(goals)) ** 2
    else:
        places = codes(model, labels)
        shares = np.bincount(places + 1, minlength=len(model.signature.classes) + 1) / len(places)
        constant = -np.log(shares[places + 1])
    own = losses(model, answered, labels)
    usable = np.isfinite(own) & np.isfinite(constant)
    paired = compare_losses(own[usable], constant[usable])
    return Against(name="the best constant answer", rows=int(usable.sum()), paired=paired)


def _against_production(
    workspace: "Workspace", version: ModelVersion, others: list[ModelVersion]
) -> Against | None:
    if not others or others[-1].artifact_sha256 is None:
        return None if not others else Against(name=others[-1].version, rows=0, paired=None)
    name = others[-1].version
    found = compare(workspace, version.model_id, name, version.version)
    return Against(name=name, rows=found.rows, paired=found.paired, looks=found.looks)


def _probabilities(model: Any, answered: Any, labels: list[Value]) -> Probabilities | None:
    """Return how far the probability of the second class, or of the likeliest, can be taken."""
    if answered is None or answered.ndim == 1 or len(labels) < calibration.LEAST_ROWS:
        return None
    places = codes(model, labels)
    if answered.shape[1] == 2:
        happened, said = places == 1, answered[:, 1]
    else:
        happened, said = answered.argmax(axis=1) == places, answered.max(axis=1)
    error = calibration.error(happened, said)
    chance = calibration.error_by_chance(happened, said, draws=DRAWS)
    if error is None or chance is None:
        return None
    return Probabilities(error=error, by_chance=chance, rows=len(labels))
