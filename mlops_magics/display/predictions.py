"""How does one prediction look?"""

from mlops_magics.inference.answers import Prediction

from .bundle import Bundle
from .numbers import duration, percent, value
from .page import Grid, Headline, Line, Meter, page


def prediction(result: Prediction) -> Bundle:
    """Return the card of one prediction: the answer, how sure, from which values."""
    made_by = f"{result.version or ''}{', ' + result.stage if result.stage else ''}"
    answered_by = f"{result.model_id or ''} {made_by}".strip()
    sure = "" if result.confidence is None else f"{percent(result.confidence)} · "
    rows = [
        [
            name,
            value(found),
            _origin(name, found, result),
        ]
        for name, found in result.features.items()
    ]
    return page(
        Headline(value(result.prediction)),
        Line(f"{sure}{answered_by}"),
        None if result.confidence is None else Meter(result.confidence),
        Grid(("feature", "value", "from"), rows, "lrl"),
        *(Line(warning) for warning in result.warnings),
    )


def _origin(name: str, found: object, result: Prediction) -> str:
    if found is None:
        return "not known"
    return f"{duration(result.ages[name])} old" if name in result.ages else "given"
