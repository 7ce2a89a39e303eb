"""How do predictions look: one as a card, many in a summary above their table?"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from mlops_magics.inference.answers import Prediction, Predictions
from mlops_magics.workspace.predict import Answered

from .bundle import Bundle
from .grid import Bars, Cell, Grid, Share
from .numbers import count, duration, figure, percent, value
from .page import Beside, Headline, Line, Meter, Part, Stack, page

CLASSES_SHOWN = 8
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
        Headline(value(result.prediction), _interval(result)),
        Line(f"{sure}{answered_by}"),
        None if result.confidence is None else Meter(result.confidence),
        _probabilities(result),
    ]
    return page(
        Beside([Stack(answer), Grid(("feature", "value", "from"), rows, "lrl")]),
        *(Line(warning) for warning in result.warnings),
    )


def _interval(result: Prediction) -> str:
    if result.lower is None or result.upper is None:
        return ""
    return f"{value(result.lower)} to {value(result.upper)}"


def _probabilities(result: Prediction) -> Grid | None:
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
        *notes,
    )


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
