"""How does a row that is tried look, and what it changes?"""

from mlops_magics.inference.answers import Prediction
from mlops_magics.model.signature import Feature
from mlops_magics.workspace.what_if import Input, WhatIf

from .bundle import Bundle
from .grid import Cell, Drawn, Grid, Said
from .numbers import count, duration, percent, value
from .page import Heading, Headline, Line, Meter, Part, page
from .predictions import explained, interval, probabilities
from .writing import short

INPUTS_SHOWN = 12
LEVELS_SHOWN, LONGEST_LEVEL = 3, 20


def what_if(result: WhatIf) -> Bundle:
    """Return the answer for a row as it is now, beside that of the start."""
    now = result.prediction
    answer: list[Part | None] = [
        Headline(value(now.prediction), interval(now)),
        Line(_moved(result)),
        None if now.confidence is None else Meter(now.confidence),
        probabilities(now),
        Line(f"{result.version.name}, {result.version.stage} · nothing is recorded"),
    ]
    return page(
        *answer,
        *_why(now),
        Heading("The row"),
        _inputs(result),
        *(Line(warning) for warning in now.warnings),
        *(Line(said) for said in result.said),
    )


def _why(now: Prediction) -> list[Part | None]:
    found = now.explanation
    if found is None:
        return []
    if not found.others and not any(c.amount for c in found.contributions):
        return [Line("nothing pushes it: the row is as is typical for training")]
    return explained(found)


def _moved(result: WhatIf) -> str:
    """Return how sure the answer is, and what it was at the start."""
    now, start = result.prediction, result.start
    sure = "" if now.confidence is None else percent(now.confidence)
    if not result.changed:
        return " · ".join(filter(None, [sure, "nothing is changed yet"]))
    before = value(start.prediction)
    if start.confidence is not None:
        before = f"{before}, {percent(start.confidence)}"
    elif start.prediction != now.prediction and interval(start):
        before = f"{before} ({interval(start)})"
    changes = count(len(result.changed), "change")
    return " · ".join(filter(None, [sure, f"after {changes}; at the start {before}"]))


def _inputs(result: WhatIf) -> Grid:
    """Return the features that were changed, then those that matter most."""
    shown = result.inputs[: max(INPUTS_SHOWN, len(result.changed))]
    rows: list[list[Cell]] = [
        [
            found.feature.name,
            *_values(found),
            Said(seen(found.feature)) if found.feature.levels else seen(found.feature),
            Drawn(_origin(found, result.start)),
        ]
        for found in shown
    ]
    hidden = len(result.inputs) - len(shown)
    if hidden > 0:
        rows.append([f"and {hidden:,} more", "", "", "", Drawn("")])
    headers = ("feature", "now", "at the start", "in training", "from")
    return Grid(headers, rows, "lrrll")


def _values(found: Input) -> list[Cell]:
    if found.is_changed:
        return [(value(found.value), "plain"), value(found.start)]
    # what a view on demand made of a change moves as well
    before = value(found.start)
    return [value(found.value), before if value(found.value) != before else ""]


def seen(feature: Feature) -> str:
    """Return what training saw of a feature, in few words: its range, or its commonest values."""
    if feature.kind == "time" or (not feature.levels and feature.low is None):
        return ""
    if not feature.levels:
        return f"{value(feature.low)} to {value(feature.high)}"
    named = ", ".join(short(level, LONGEST_LEVEL) for level in feature.levels[:LEVELS_SHOWN])
    hidden = len(feature.levels) - LEVELS_SHOWN
    return f"{named} and {hidden:,} more" if hidden > 0 else named


def _origin(found: Input, start: Prediction) -> str:
    age = start.ages.get(found.feature.name)
    if age is not None:
        return f"{duration(age)} old"
    return {"looked up": "not known", "typical": "as is typical"}.get(found.origin, found.origin)
