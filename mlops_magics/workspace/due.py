"""Does a model have to be retrained, by what its policy asks for?

Looks at labels that have come since the last time, week by week, against the loss of
the model as it was approved. It asks for nothing itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mlops_magics.monitoring import cohorts, quality
from mlops_magics.monitoring.cohorts import Cohort, Matured
from mlops_magics.monitoring.retraining import DAY, Policy, RetrainingRequest, Why
from mlops_magics.registry.stages import ROLLED_BACK
from mlops_magics.registry.versions import ModelVersion

from .predict import load
from .promote import report_of

if TYPE_CHECKING:
    from .workspace import Workspace

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# One week so far off, or two in a row this far: 0.2 false requests a year (simulated).
Z_OF_ONE, Z_OF_TWO = 3.1, 1.645
Z = 1.959963984540054
# A loss that is larger by less is worth no training, however sure it is.
LEAST_INCREASE = 0.02
BROKEN = frozenset({"unit", "clock", "missing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What speaks for a retraining, or what it still waits for.

    Attributes
    ----------
    reason : str or None
        performance, drift or age; None where nothing does.
    evidence : tuple of str
        What was seen, a sentence each.
    waits_for : str
        Why there is no reason, in half a sentence.
    since : int or None
        From when on things are no longer as they were, microseconds of event_time.
    until : int or None
        End of the labels that were looked at, microseconds of event_time.
    """

    reason: Why | None = None
    evidence: tuple[str, ...] = ()
    waits_for: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The best loss that a version was approved with.

    Attributes
    ----------
    version : str
        Which one.
    loss, error : float
        Its mean on held-out rows, and the standard error of that.
    """

    version: str
    loss: float
    error: float


def look(
    workspace: "Workspace",
    policy: Policy,
    champion: ModelVersion,
    last: RetrainingRequest | None,
) -> Due:
    """Look whether a policy asks for a retraining.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    policy : Policy
        What may ask.
    champion : ModelVersion
        The version that answers.
    last : RetrainingRequest or None
        The newest that ran; only labels that came after those that it looked at count.

    Returns
    -------
    Due
        The first reason that holds: performance, then drift, then age.
    """
    now = workspace.storage.clock.now()
    if last is not None and now - last.requested_at < policy.cool_down:
        left = _days(last.requested_at + policy.cool_down - now)
        return Due(waits_for=f"cools down for {left} after request {last.request_no}")
    version = (champion.model_id, champion.version)
    found = cohorts.measure(workspace.storage, version, policy.min_labels)
    seen = last.until if last is not None and last.champion == champion.version else None
    new = _new(found, seen)
    if new < policy.min_labels:
        has = f"{new:,} of {policy.min_labels:,}"
        return Due(waits_for=f"waits for labels of predictions that are old enough: {has}")
    due = _worse(workspace, champion, found.cohorts, seen) if policy.performance else Due()
    until = found.cohorts[-1].end if found.cohorts else found.until
    if due.reason is None and policy.drift:
        due = _moved(workspace, champion, until) or due
    age = now - champion.registered_at
    if due.reason is None and policy.age is not None and age > policy.age:
        said = f"{champion.version} is {_days(age)} old"
        return Due(reason="age", evidence=(said,), until=until)
    return due


def _new(found: Matured, seen: int | None) -> int:
    if seen is None:
        return found.labelled
    return sum(cohort.labelled for cohort in found.cohorts if cohort.end > seen)


def _moved(workspace: "Workspace", champion: ModelVersion, until: int | None) -> Due | None:
    """Return what alerts say of the inputs; broken ones are to be mended, not learned."""
    found = workspace.monitoring.alerts(champion.model_id, "open")
    own = [alert for alert in found if alert.version == champion.version]
    for alert in own:
        if alert.kind in BROKEN:
            return Due(waits_for=f"alert {alert.alert_id} is open: mend what feeds {alert.subject}")
    moved = [alert for alert in own if alert.kind == "drift"]
    if not moved:
        return None
    evidence = tuple(f"alert {a.alert_id}: {a.said}, {a.by_chance}" for a in moved[:3])
    since = min(alert.window[0] for alert in moved)
    return Due(reason="drift", evidence=evidence, since=since, until=until)


def _worse(
    workspace: "Workspace", champion: ModelVersion, weeks: tuple[Cohort, ...], seen: int | None
) -> Due:
    """Return whether the newest weeks are worse than what was approved."""
    approved = best_approved(workspace, champion)
    if approved is None:
        return Due(waits_for=f"{champion.version} was measured on no rows of its own time")
    if not weeks or (seen is not None and weeks[-1].end <= seen):
        return Due(waits_for="waits for a week whose labels have come")
    off = [_off(week, approved) for week in weeks]
    run = 0
    while run < len(off) and off[-1 - run] > Z_OF_TWO:
        run += 1
    is_sure = off[-1] > Z_OF_ONE or run >= 2
    if not is_sure or weeks[-1].loss - approved.loss <= LEAST_INCREASE * abs(approved.loss):
        said = (
            f"loss {weeks[-1].loss:.3g}, {approved.loss:.3g} when {approved.version} was approved"
        )
        return Due(waits_for=f"nothing is beyond chance in the newest week ({said})")
    bad, spans = weeks[-run:], [(week.start, week.end) for week in weeks[-run:]]
    version, baseline = (champion.model_id, champion.version), load(workspace, champion).baseline
    for span, column in quality.broken_spans(workspace.storage, version, baseline, spans):
        said = f"{column} was broken from {_date(span[0])} on: mend what feeds it"
        return Due(waits_for=f"the loss is larger, but {said}")
    evidence = tuple(
        f"loss {week.loss:.3g} in {week.labelled:,} labelled predictions of {_date(week.start)} to"
        f" {_date(week.end - DAY)}, {approved.loss:.3g} when {approved.version} was approved:"
        f" {z:.1f} standard errors more"
        for week, z in zip(bad[-3:], off[-run:][-3:], strict=True)
    )
    since, until = bad[0].start, bad[-1].end
    return Due(reason="performance", evidence=evidence, since=since, until=until)


def best_approved(workspace: "Workspace", champion: ModelVersion) -> Approved | None:
    """Return the best loss with which a version went into production.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    champion : ModelVersion
        The version that answers.

    Returns
    -------
    Approved or None
        Never that of a challenger because it is the newest: a model of old and new rows
        mixed would be its own yardstick and stay (facts/statistics.md §6). None where
        no version was measured on rows that it had not learned from.
    """
    versions = {v.version: v for v in workspace.registry.list_versions(champion.model_id)}
    passed: dict[str, None] = {}
    for change in workspace.registry.history(champion.model_id):
        if change.stage == "production" and change.why == "promoted":
            passed[change.version] = None
        elif change.why.startswith(ROLLED_BACK):
            passed.pop(change.version, None)
    names = [name for name in passed if name in versions] or [champion.version]
    known = [_approved(workspace, versions[name]) for name in names]
    return min((one for one in known if one is not None), key=lambda one: one.loss, default=None)


def _approved(workspace: "Workspace", version: ModelVersion) -> Approved | None:
    report, loss = report_of(workspace, version), version.metrics.get("loss")
    if report is None or loss is None or not report.held_out_count:
        return None
    low, high = report.intervals.get("loss", (loss, loss))
    return Approved(version=version.version, loss=loss, error=(high - low) / 2 / Z)


def _off(week: Cohort, approved: Approved) -> float:
    """Return by how many standard errors a week is worse."""
    error = (week.error**2 + approved.error**2) ** 0.5
    return (week.loss - approved.loss) / max(error, 1e-12)


def _date(moment: int) -> str:
    return f"{EPOCH + timedelta(microseconds=moment):%Y-%m-%d}"


def _days(length: int) -> str:
    days = max(round(length / DAY), 1)
    return f"{days} day{'s' if days > 1 else ''}"
