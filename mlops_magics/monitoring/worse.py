"""Is a version worse than what was approved, as far as labels have come?

Week by week, where labels have had time to come: alarm where the loss is more than 3.1
standard errors larger, or more than 1.645 in two weeks running. Each week is judged once.
"""

from collections.abc import Mapping, Sequence

from mlops_magics.statistics import drift as statistics
from mlops_magics.storage import Storage

from . import cohorts, labels, measuring, outcomes, rules
from .alert import Alert, Rule, key_of
from .closing import DAY, Window
from .cohorts import Cohort
from .estimation import Promise
from .findings import Finding
from .story import Judged, Story

FEWEST_LABELS = 50
# Facts, section 6: once, or in two weeks running.
Z_ONCE, Z_TWICE = 3.1, 1.645
# A loss that is larger by less is not worth a look, however sure it is.
LEAST_INCREASE = 0.02


def judge_labels(storage: Storage, judged: Judged) -> tuple[Alert, ...]:
    """Judge the weeks whose labels have come since the last look.

    Parameters
    ----------
    storage : Storage
        The workspace.
    judged : Judged
        The version.

    Returns
    -------
    tuple of Alert
        What has changed, as it is now.
    """
    story = Story.read(storage, judged, "labels")
    version = (judged.model_id, judged.version)
    found = cohorts.measure(storage, version, FEWEST_LABELS).cohorts
    kept_rules = rules.rules(storage, judged.model_id)
    key = key_of("performance", "loss")
    for cohort in found:
        window = Window(cohort.start // DAY, cohort.end // DAY, cohort.count)
        if story.end is not None and window.begin < story.end:
            continue
        was_worse = bool(story.kept) and key in story.kept[-1].found
        worse = _worse(judged, cohort, was_worse)
        figures = _figures(storage, judged, cohort, kept_rules)
        story.tell(window, [*([worse] if worse else []), *rules.broken(kept_rules, figures)])
    return story.write(storage)


def _worse(judged: Judged, cohort: Cohort, was_worse: bool) -> Finding | None:
    if judged.approved is None:
        return None
    promised, error = judged.approved
    both = (cohort.error**2 + error**2) ** 0.5
    more = cohort.loss - promised
    if both <= 0 or more <= LEAST_INCREASE * abs(promised) or more <= Z_TWICE * both:
        return None
    z = more / both
    limit = f"{Z_ONCE}" if z > Z_ONCE else f"{Z_TWICE} two weeks running"
    return Finding(
        kind="performance",
        subject="loss",
        level="alarm" if z > Z_ONCE or was_worse else "watch",
        severity=statistics.severity(more / abs(promised)) if promised else "large",
        said=f"loss {cohort.loss:.3g} on {cohort.labelled:,} labels, {promised:.3g} when approved",
        by_chance=f"{z:.1f} standard errors more; chance stays below {limit}",
    )


def _figures(
    storage: Storage, judged: Judged, cohort: Cohort, kept: Sequence[Rule]
) -> Mapping[str, float | None]:
    """Return what rules ask of a week; rows are read for other figures than the loss."""
    wanted = {rule.name for rule in kept} & set(rules.OF_LABELS)
    if wanted <= {"loss"}:
        return {"loss": cohort.loss}
    known = labels.newest_labels(storage, judged.model_id, cohort.start)
    found = outcomes.read(storage, judged.stream, known, cohort.start)
    inside = (found.event_time < cohort.end).nonzero()[0]
    return measuring.measure(found.take(inside), Promise()).metrics
