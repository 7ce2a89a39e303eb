"""How do predictions look: one as a card, many in a summary above their table?"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.error import printable
from mlops_magics.inference.answers import Prediction, Predictions
from mlops_magics.inference.explanation import Explanation
from mlops_magics.workspace.predict import Answered

from . import charts
from .bundle import Bundle
from .grid import Bars, Cell, Grid, Share
from .numbers import count, duration, figure, percent, value
from .page import Beside, Heading, Headline, Line, Meter, Part, Picture, Stack, page
from .writing import short

CLASSES_SHOWN = 8
FEATURES_SHOWN = 8
LINES_SHOWN = 12


def prediction(result: Prediction) -> Bundle:
    """Return the card of one prediction: the answer, how sure, from which values."""
    made_by = f"{result.version or ''}{', ' + result.stage if result.stage else ''}"
    answered_by = f"{result.model_id or ''} {made_by}".strip()
    sure = "" if result.confidence is None else f"{percent(result.confidence)} · "
    rows: list[list[Cell]] = [
        [name, value(found), _origin(name, found, result)]
        for name, found in result.features.items()
    ]
    answer: list[Part | None] = [
        Headline(value(result.prediction), interval(result)),
        Line(f"{sure}{answered_by}"),
        None if result.routed is None else Line(result.routed),
        None if result.confidence is None else Meter(result.confidence),
        probabilities(result),
    ]
    return page(
        Beside([Stack(answer), Grid(("feature", "value", "from"), rows, "lrl")]),
        *(explained(result.explanation) if result.explanation else []),
        *(Line(warning) for warning in result.warnings),
    )


def explained(found: Explanation) -> list[Part | None]:
    """Return what pushed an answer, with what the parts add up to."""
    of = "" if found.of is None else f"that it is {value(found.of)}: "
    ends = f"{_amount(found, found.typical)} for a typical row, {_amount(found, found.answer)} here"
    moved = [c for c in found.contributions if c.amount][:FEATURES_SHOWN]
    rest = sum(c.amount for c in found.contributions[len(moved) :]) + found.others
    rows: list[list[Cell]] = [
        [c.feature, value(c.value), value(c.typical), _signed(found, c.amount)] for c in moved
    ]
    if found.others or len(moved) < len([c for c in found.contributions if c.amount]):
        rows.append(["all others", "", "", _signed(found, rest)])
    bars = [(short(printable(c.feature)), c.amount) for c in moved]
    return [
        Heading("Why"),
        Line(f"{of}{ends}; the parts add up to within {percent(found.gap)}"),
        Beside(
            [
                Picture(charts.ranking(bars), "to the right: up") if bars else None,
                Grid(("feature", "here", "typical", "moves it by"), rows, "lrrr"),
            ]
        ),
    ]


def _amount(found: Explanation, amount: float) -> str:
    return percent(amount) if found.of is not None else value(amount)


def _signed(found: Explanation, amount: float) -> str:
    sign = "+" if amount >= 0 else "-"
    size = f"{abs(amount) * 100:.1f} points" if found.of is not None else value(abs(amount))
    return f"{sign}{size}"


def interval(result: Prediction) -> str:
    """Return the interval, or the set of classes, that an answer has."""
    if result.set:
        return f"one of {', '.join(map(value, result.set))}"
    if result.lower is None or result.upper is None:
        return ""
    return f"{value(result.lower)} to {value(result.upper)}"


def probabilities(result: Prediction) -> Grid | None:
    """Return the likeliest classes where there are more than two."""
    if len(result.probabilities) < 3:
        return None
    likeliest = sorted(result.probabilities.items(), key=lambda item: -item[1])[:CLASSES_SHOWN]
    rows: list[list[Cell]] = [[value(c), percent(share), Share(share)] for c, share in likeliest]
    return Grid(("class", "probability", ""), rows, "lrl")


def _origin(name: str, found: object, result: Prediction) -> str:
    if found is None:
        return "not known"
    return f"{duration(result.ages[name])} old" if name in result.ages else "given"


def answered(result: Answered) -> Bundle:
    """Return what stands above a table of predictions: how many of what, and what was odd."""
    version = result.version
    hidden = len(result.said) - LINES_SHOWN
    notes = [Line(said) for said in result.said[:LINES_SHOWN]]
    if hidden > 0:
        notes.append(Line(f"and {hidden:,} more"))
    recorded = "" if result.request_ids is not None else ", not recorded"
    made_by = f"· {version.name}, {version.stage}{recorded}"
    return page(
        Headline(count(len(result), "prediction"), made_by),
        _classes(result.predictions) if len(result) else None,
        *_moved(result),
        *notes,
    )


def _moved(result: Answered) -> list[Part | None]:
    """Return how far each feature moves the answers, on average."""
    moved = [(name, mean) for name, mean in result.moved_by.items() if mean][:FEATURES_SHOWN]
    if not moved:
        return []
    is_share = result.predictions.confidence is not None
    rows: list[list[Cell]] = [
        [name, f"{mean * 100:.1f} points" if is_share else value(mean)] for name, mean in moved
    ]
    bars = [(short(printable(name)), mean) for name, mean in moved]
    return [
        Heading("What moves the answers"),
        Line(f"mean over {count(result.explained_count, 'row')}, up or down"),
        Beside(
            [
                Picture(charts.ranking(bars), "how far each feature moves an answer"),
                Grid(("feature", "moves it by"), rows, "lr"),
            ]
        ),
    ]


def _classes(found: Predictions) -> Grid:
    """Return how often each class was answered, and how surely."""
    if found.confidence is None:
        low, middle, high = (float(q) for q in np.quantile(found.prediction.values, (0, 0.5, 1)))
        bars = np.histogram(found.prediction.values.astype(np.float64), 12)[0]
        cells: list[Cell] = [value(low), value(middle), value(high), _bars(bars)]
        return Grid(("lowest", "median", "highest", ""), [cells], "rrrl")
    answers = np.array([*found.prediction.to_list(), None], dtype=object)[:-1]
    rows: list[list[Cell]] = []
    for answer, times in Counter(answers.tolist()).most_common(CLASSES_SHOWN):
        sure = found.confidence[answers == answer]
        bars = np.histogram(sure, 12, (1 / len(found.classes), 1.0))[0]
        share = times / len(answers)
        rows.append([value(answer), count(times), percent(share), figure(sure.mean()), _bars(bars)])
    headers = ("prediction", "rows", "share", "mean confidence", "confidence, low to high")
    return Grid(headers, rows, "lrrrl")


def _bars(counted: NDArray[np.int64]) -> Bars:
    return Bars(tuple(map(float, counted)))
