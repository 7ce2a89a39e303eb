"""How does one prediction look?"""

from mlops_magics.inference.answers import Prediction

from .bundle import Bundle
from .numbers import duration, percent, value
from .page import Grid, Headline, Line, Meter, page


def prediction(result: Prediction) -> Bundle:
    """Return the card of one prediction: the answer, how sure, from which values."""
    made_by = f"{result.version or ''}{', ' + result.stage if result.stage else ''}"
    sure = "" if result.confidence is None else f"{percent(result.confidence)} · "
    rows = [
        [
            name,
            value(found),
            f"{duration(result.ages[name])} old" if name in result.ages else "given",
        ]
        for name, found in result.features.items()
    ]
    return page(
        Headline(value(result.prediction)),
        Line(f"{sure}{result.model_id or ''} {made_by}".strip()),
        None if result.confidence is None else Meter(result.confidence),
        Grid(("feature", "value", "from"), rows, "lrl"),
        *(Line(warning) for warning in result.warnings),
    )
