"""How does a model look to somebody who follows it?

The dashboard, with its traffic as small pictures and the groups that were picked.
"""

from collections.abc import Callable, Sequence

from mlops_magics.monitoring.reports import Metrics
from mlops_magics.workspace.following import Sight

from .bundle import Bundle
from .dashboard import dashboard_parts
from .drift import groups_grid
from .numbers import count, figure, percent, value
from .page import Beside, Curves, Heading, Line, Part, page
from .theme import Level

SIZE = (164, 44)
CALLED = {1: "an hour", 6: "in 6 hours", 24: "a day", 168: "a week", 672: "in 4 weeks"}

Found = Callable[[Metrics], float | None]


def sight(result: Sight) -> Bundle:
    """Return what a follower sees.

    Parameters
    ----------
    result : Sight
        What was found.

    Returns
    -------
    Bundle
        HTML and text.
    """
    parts = dashboard_parts(result.dashboard, _traffic(result))
    return page(*parts, *_groups(result))


def _traffic(result: Sight) -> Part | None:
    """Return predictions, confidence and latency over time; in words, how they are now."""
    each = CALLED[result.hours]
    stretches = result.traffic
    if len(stretches) < 2:
        return None
    last = stretches[-1]
    counts = f"{count(last.count)} predictions {each}"
    sure = f"{percent(last.avg_confidence)} confidence"
    slow = f"{figure(last.p50_latency_ms)} ms p50, {figure(last.p95_latency_ms)} ms p95"
    return Beside(
        [
            _curve(stretches, [(lambda one: float(one.count), "plain")], counts),
            _curve(stretches, [(lambda one: one.avg_confidence, "plain")], sure),
            _curve(
                stretches,
                [
                    (lambda one: one.p50_latency_ms, "plain"),
                    (lambda one: one.p95_latency_ms, "grey"),
                ],
                slow,
            ),
        ]
    )


def _curve(
    stretches: Sequence[Metrics], lines: Sequence[tuple[Found, Level]], said: str
) -> Part | None:
    drawn = [
        (
            [
                (float(one.first or 0), found)
                for one in stretches
                if (found := figure_of(one)) is not None
            ],
            level,
        )
        for figure_of, level in lines
    ]
    if not any(len(line) > 1 for line, _ in drawn):
        return None
    return Curves(drawn, None, said, SIZE, from_zero=True)


def _groups(result: Sight) -> list[Part]:
    """Return what moved in each group of the column that was picked."""
    groups = result.groups
    if groups is None:
        return []
    by = value(groups.by)
    if not groups.slices:
        return [Heading(f"By {by}"), Line("no group has enough rows to compare")]
    return [Heading(f"By {by}"), groups_grid(groups)]
