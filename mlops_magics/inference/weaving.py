"""How do the answers of two versions become those of one table?"""

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.conversion import below
from mlops_magics.tables.table import Table

from .answers import Predictions
from .findings import merge

Floats = NDArray[np.float64]


def weave(first: Predictions, second: Predictions, order: NDArray[np.int64]) -> Predictions:
    """Return the answers of two versions in the order of the rows that were asked for.

    Parameters
    ----------
    first, second : Predictions
        Of the same question; a class that one does not know has the probability 0 there.
    order : array of int, shape (n,)
        Where each row is, among those of the first and then those of the second.

    Returns
    -------
    Predictions
        With the features that both take.
    """
    classes = tuple(dict.fromkeys([*first.classes, *second.classes]))
    one, other = first.features, second.features
    names = [name for name in one.names if name in other]
    answers = [Table.of({"prediction": part.prediction}) for part in (first, second)]
    return Predictions(
        prediction=below(*answers).take(order).columns["prediction"],
        confidence=_together(first.confidence, second.confidence, order),
        probabilities=_together(
            _spread(first, first.probabilities, classes),
            _spread(second, second.probabilities, classes),
            order,
        ),
        classes=classes,
        lower=_together(first.lower, second.lower, order),
        upper=_together(first.upper, second.upper, order),
        features=below(one.select(names), other.select(names)).take(order),
        sets=_sets(first, second, classes, order),
        findings=tuple(merge([*first.findings, *second.findings])),
        ignored=tuple(dict.fromkeys([*first.ignored, *second.ignored])),
    )


def _together(one: Floats | None, other: Floats | None, order: NDArray[np.int64]) -> Floats | None:
    return None if one is None or other is None else np.concatenate([one, other])[order]


def _spread(part: Predictions, values: Floats | None, classes: tuple[object, ...]) -> Floats | None:
    """Return one column a class, also for those that a version does not know."""
    if values is None:
        return None
    places = [classes.index(value) for value in part.classes]
    wide = np.zeros((len(values), len(classes)))
    wide[:, places] = values
    return wide


def _sets(
    first: Predictions,
    second: Predictions,
    classes: tuple[object, ...],
    order: NDArray[np.int64],
) -> NDArray[np.bool_] | None:
    found = [
        None if part.sets is None else _spread(part, part.sets.astype(np.float64), classes)
        for part in (first, second)
    ]
    woven = _together(found[0], found[1], order)
    return None if woven is None else woven > 0
