"""From which probability on is a rare class best called?

Chosen on rows that were answered out of fold, judged on the held-out rows. Predictions
keep calling what is likelier; whoever needs the rare class compares its probability
with this number.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .findings import Threshold

Floats = NDArray[np.float64]

RARE = 0.2
# Fewer positives choose a threshold by luck (facts/statistics.md §5).
LEAST_ROWS = 50


def find_threshold(
    classes: tuple[Any, ...],
    out_of_fold: tuple[NDArray[np.int64], Floats],
    held_out: tuple[NDArray[np.int64], Floats],
) -> Threshold | None:
    """Return the threshold of the rare one of two classes.

    Parameters
    ----------
    classes : tuple of value
        Two, in their own type.
    out_of_fold, held_out : tuple of array
        Codes (n,) and probabilities (n, 2) of the rows to choose and to judge on.

    Returns
    -------
    Threshold or None
        None where neither class is below a fifth, or the rare one has under 50 rows.

    Examples
    --------
    >>> codes = (np.arange(1000) % 10 == 0).astype(int)
    >>> sure = np.where(codes == 1, 0.4, 0.1)
    >>> both = codes, np.stack([1 - sure, sure], axis=1)
    >>> find_threshold(("no", "yes"), both, both).probability
    0.4
    """
    codes, probabilities = out_of_fold
    counts = np.bincount(codes, minlength=2)
    rare = int(counts.argmin())
    if len(classes) != 2 or counts[rare] < LEAST_ROWS or counts[rare] >= RARE * len(codes):
        return None
    best = _best(codes == rare, probabilities[:, rare])
    is_rare, said = held_out[0] == rare, held_out[1][:, rare]
    called = said >= best
    right, occurs = int((called & is_rare).sum()), int(is_rare.sum())
    return Threshold(
        of=classes[rare],
        probability=best,
        precision=right / int(called.sum()) if called.any() else None,
        recall=right / occurs if occurs else None,
        usual_recall=int((is_rare & (said > 0.5)).sum()) / occurs if occurs else None,
    )


def _best(positive: NDArray[np.bool_], said: Floats) -> float:
    """Return the probability with the largest F1, called from it on."""
    order = np.argsort(-said, kind="stable")
    found = np.cumsum(positive[order])
    f1 = 2 * found / (np.arange(1, len(said) + 1) + positive.sum())
    # a threshold cannot fall between equal probabilities
    is_last = np.append(said[order][1:] != said[order][:-1], True)
    return float(said[order][np.where(is_last, f1, -1.0).argmax()])
