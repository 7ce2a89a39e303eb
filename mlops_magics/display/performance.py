"""How does performance look: what labels say, beside what the predictions promise?"""

from mlops_magics.monitoring.reports import Performance, PerformanceWindow
from mlops_magics.statistics.estimates import Gap

from . import charts
from .bundle import Bundle
from .grid import Cell, Grid
from .numbers import chance, count, duration, figure, percent
from .page import Headline, Line, Part, Picture, page
from .training import CALLED, OF_INTERVALS

ORDER = ("auc", "accuracy", "rmse", "mae", "loss")
OF_A_GAP = {
    "accuracy": "accuracy",
    "loss": "loss",
    "share": "share that came true",
    "mae": "mean error",
}


def performance(result: Performance) -> Bundle:
    """Return how good the predictions were."""
    return page(*parts(result))


def parts(result: Performance) -> list[Part]:
    """Return how good the predictions were, as parts of a page."""
    whole, name = result.overall, f"{result.model_id} {result.version}"
    measured, estimated = main(whole.metrics), main(_values(whole))
    if measured is not None:
        head = Headline(
            f"{CALLED[measured]} {figure(whole.metrics[measured])} measured",
            f"· {figure(result.reference.get(measured))} when trained",
        )
    elif estimated is not None:
        head = Headline(
            f"{CALLED[estimated]} {figure(_values(whole)[estimated])} estimated",
            f"· {figure(result.reference.get(estimated))} when trained · no labels yet",
        )
    else:
        head = Headline(f"{name}: nothing to measure yet")
    return [head, Line(f"{name} · {labelled_said(result)}"), *_relation(result), *by_window(result)]


def labelled_said(result: Performance) -> str:
    """Return how many predictions have a label, and how long labels take."""
    whole = result.overall
    said = f"{count(whole.labelled)} of {count(whole.count, 'prediction')} labelled"
    young = sum(w.count for w in result.windows) - whole.count
    if result.horizon is not None and young > 0:
        said += f"; {count(young)} younger than {duration(result.horizon)} left out"
    if whole.unusable:
        said += f"; {count(whole.unusable, 'label')} of another kind left out"
    return said


def _relation(result: Performance) -> list[Part]:
    """Return the line that compares what was measured with what was promised."""
    gaps = result.overall.gaps
    if not gaps:
        return []
    name, gap = min(gaps.items(), key=lambda pair: pair[1].p_value)
    if not result.has_changed:
        return [Line(f"as promised: {OF_A_GAP[name]} {_signed(gap)} off, within chance")]
    said = f"{OF_A_GAP[name]} is {_signed(gap)} off what these predictions promised"
    return [Line(f"{said} (p {chance(gap.p_value)}): the relation itself has changed")]


def _signed(gap: Gap) -> str:
    return f"{gap.value:+.2f} ({gap.low:+.2f} to {gap.high:+.2f})"


def by_window(result: Performance, first: str | None = None) -> list[Part]:
    """Return performance by month, week or day: drawn where there are several, and as a table.

    Of the metric that is asked for, where it was measured, else of the one that says most.
    """
    shown = first if result.overall.metrics.get(first or "") is not None else None
    shown = shown or main(result.overall.metrics) or main(_values(result.overall))
    shown = shown or next((m for w in result.windows if (m := main(w.metrics))), None)
    if shown is None:
        return []
    headers = [_period(result), "predictions", "labelled", CALLED[shown], "95 % interval"]
    align = "lrrrr"
    rows = [_row(window, shown) for window in result.windows]
    if any(shown in window.estimated for window in result.windows):
        headers, align = [*headers, "estimated"], align + "r"
        for row, window in zip(rows, result.windows, strict=True):
            row.append(figure(_values(window).get(shown)))
    if shown != "loss":
        headers, align = [*headers, "loss"], align + "r"
        for row, window in zip(rows, result.windows, strict=True):
            row.append(figure(window.metrics.get("loss")))
    if result.overall.positive_share is not None:
        headers, align = [*headers, "came true", "promised"], align + "rr"
        for row, window in zip(rows, result.windows, strict=True):
            row += [percent(window.positive_share), percent(window.predicted_share)]
    table: list[Part] = [Grid(headers, rows, align), *_young(result)]
    points = [_point(window, shown) for window in result.windows]
    if sum(point["value"] is not None for point in points) < 2:
        return table
    chart = charts.over_time(points, result.reference.get(shown))
    has_ends = any(shown in window.intervals for window in result.windows)
    said = f"{CALLED[shown]}: measured{OF_INTERVALS if has_ends else ''}; dashed: when trained"
    if any(point["estimated"] is not None for point in points):
        said += "; open: estimated without labels"
    return [Picture(chart, said), *table]


def _young(result: Performance) -> list[Line]:
    young = [window.name for window in result.windows if not window.is_mature and window.labelled]
    if not young or result.horizon is None or not any(w.is_mature for w in result.windows):
        return []
    return [
        Line(
            f"{', '.join(young)}: labels are still coming; "
            f"95 % of them take up to {duration(result.horizon)}"
        )
    ]


def _period(result: Performance) -> str:
    name = result.windows[0].name if result.windows else ""
    return "week" if "W" in name else "day" if len(name) > len("2013-04") else "month"


def _row(window: PerformanceWindow, shown: str) -> list[Cell]:
    ends = window.intervals.get(shown)
    interval = f"{figure(ends[0])} to {figure(ends[1])}" if ends else ""
    return [
        window.name,
        count(window.count),
        count(window.labelled),
        figure(window.metrics.get(shown)),
        interval,
    ]


def _point(window: PerformanceWindow, shown: str) -> dict[str, object]:
    found = window.metrics.get(shown)
    low, high = window.intervals.get(shown, (found, found))
    return {
        "month": window.name,
        "value": found,
        "low": low,
        "high": high,
        "estimated": _values(window).get(shown),
    }


def _values(window: PerformanceWindow) -> dict[str, float | None]:
    return {name: estimate.value for name, estimate in window.estimated.items()}


def main(metrics: object) -> str | None:
    """Return the metric that says most; None where none is defined."""
    assert isinstance(metrics, dict)
    return next((name for name in ORDER if metrics.get(name) is not None), None)
