"""What did training see of every column, and what did the model answer there?

The cells of each feature, of the prediction and of the confidence, and which numbers
went together, captured once with the model. It counts no window; `cells` does, a
column at a time.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import correlation
from mlops_magics.tables.table import Column, Table

from .cells import ColumnBaseline
from .document import Document, Malformed

# All pairs of ten numbers and a few more; of many numbers those that go together most.
MOST_PAIRS = 50
# Whole rows that are kept, as cells: enough for a slice of a tenth.
ROWS_KEPT = 2000
# Fisher's z assumes scores that are nearly normal: many ties are not.
LEAST_CELLS_OF_A_PAIR = 20


class Pair(NamedTuple):
    """Two numbers, and how they went together in training.

    Parameters
    ----------
    first, second : str
        Two features.
    correlation : float
        Of their normal scores; a missing value counts as the middle one.

    Examples
    --------
    >>> Pair("height", "weight", 0.7).correlation
    0.7
    """

    first: str
    second: str
    correlation: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """What training saw of all features, and what the model answered there.

    Parameters
    ----------
    features : mapping of str to ColumnBaseline
        One a feature.
    prediction : ColumnBaseline or None
        Of the predicted classes, or of the predicted numbers; None where a table that
        holds no predictions is the baseline.
    confidence : ColumnBaseline or None
        Of the largest probability; None for regression.
    pairs : tuple of Pair, default=()
        Numbers that are watched together.
    rows : array of float32, shape (r, features)
        Up to 2,000 rows of training, each feature as its cell (-1: missing), so that
        slices can be compared; none by default.

    Examples
    --------
    >>> age = Column("integer", np.arange(40), np.zeros(40, bool))
    >>> baseline = Baseline.fit(Table.of({"age": age}), age, None)
    >>> baseline.features["age"].rows
    40
    """

    features: dict[str, ColumnBaseline]
    prediction: ColumnBaseline | None
    confidence: ColumnBaseline | None
    pairs: tuple[Pair, ...] = ()
    rows: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @classmethod
    def fit(
        cls,
        table: Table,
        prediction: Column | None,
        confidence: NDArray[np.float64] | None = None,
    ) -> "Baseline":
        """Capture the baseline of a training sample.

        Parameters
        ----------
        table : Table
            The features of the training rows.
        prediction : Column or None
            What the model answers for rows like these: out of fold, so that it is
            not surer than it will be. None where that is not known.
        confidence : array of float, shape (n,), optional
            The largest probability of each; None for regression.

        Returns
        -------
        Baseline
            One ColumnBaseline a column.
        """
        features = {name: ColumnBaseline.fit(table.columns[name]) for name in table}
        sure = None
        if confidence is not None:
            column = Column("number", confidence, np.zeros(len(confidence), bool))
            sure = ColumnBaseline.fit(column)
        answered = None
        if prediction is not None:
            answered = ColumnBaseline.fit(prediction, by_value=confidence is not None)
        pairs = _pairs(features, table)
        rows = _kept_rows(features, table)
        return cls(features=features, prediction=answered, confidence=sure, pairs=pairs, rows=rows)

    @cached_property
    def digest(self) -> str:
        """What tells this baseline from any other."""
        written = json.dumps(self.to_json(), sort_keys=True).encode()
        return hashlib.sha256(written).hexdigest()

    def scores(self, name: str) -> NDArray[np.int64]:
        """Return the normal score of each cell of a number, and of a missing value at the end."""
        return np.append(correlation.normal_scores(self.features[name].counts), 0)

    def columns(self) -> Sequence[ColumnBaseline]:
        """Return all columns, features first, in a fixed order."""
        answered = [column for column in (self.prediction, self.confidence) if column is not None]
        return [*self.features.values(), *answered]

    def arrays(self) -> list[NDArray[np.float32]]:
        """Return what JSON does not hold: the sample of each column, then the rows."""
        return [*(column.sample for column in self.columns()), *self.rows.T]

    def to_json(self) -> dict[str, Any]:
        """Return everything but the arrays as strict JSON."""
        return {
            "features": {name: column.to_json() for name, column in self.features.items()},
            "prediction": None if self.prediction is None else self.prediction.to_json(),
            "confidence": None if self.confidence is None else self.confidence.to_json(),
            "pairs": [list(pair) for pair in self.pairs],
        }

    @classmethod
    def from_json(cls, parsed: Any, arrays: Sequence[NDArray[np.float32]]) -> "Baseline":
        """Read it back, or raise `Malformed`.

        Parameters
        ----------
        parsed : object
            As `to_json` made it.
        arrays : sequence of array of float32
            As `arrays` returned them.

        Returns
        -------
        Baseline
            Equal to the one that was written.
        """
        document = Document(parsed)
        written = document.mapping("features")
        answered = [document.value("prediction"), document.value("confidence")]
        parts = [*written.values(), *(part for part in answered if part is not None)]
        if len(arrays) not in (len(parts), len(parts) + len(written)):
            raise Malformed("another number of samples than columns")
        read = iter([ColumnBaseline.from_json(*both) for both in zip(parts, arrays, strict=False)])
        features = {name: next(read) for name in written}
        rows = arrays[len(parts) :]
        if len({len(column) for column in rows}) > 1:
            raise Malformed("rows of several lengths")
        return cls(
            features=features,
            prediction=None if answered[0] is None else next(read),
            confidence=None if answered[1] is None else next(read),
            pairs=tuple(_pair(entry, features) for entry in document.items("pairs")),
            rows=np.stack(rows, axis=1) if rows else np.zeros((0, 0), np.float32),
        )


def _kept_rows(features: dict[str, ColumnBaseline], table: Table) -> NDArray[np.float32]:
    if not features:
        return np.zeros((0, 0), np.float32)
    count = min(len(table), ROWS_KEPT)
    # evenly spread: where rows are in the order of time, so are those that are kept
    places = np.linspace(0, len(table) - 1, count).round().astype(np.int64)
    kept = table.take(places)
    cells = [column.cells_of(kept.columns[name]) for name, column in features.items()]
    return np.stack(cells, axis=1).astype(np.float32)


def _pairs(features: dict[str, ColumnBaseline], table: Table) -> tuple[Pair, ...]:
    """Return the numbers that are watched together, with their correlations."""
    names = [
        name
        for name, column in features.items()
        if not column.by_value and column.cell_count >= LEAST_CELLS_OF_A_PAIR
    ]
    if len(names) < 2:
        return ()
    scores = []
    for name in names:
        own = np.append(correlation.normal_scores(features[name].counts), 0)
        scores.append(own[features[name].cells_of(table.columns[name])].astype(np.float64))
    found = np.clip(np.corrcoef(np.stack(scores)), -1.0, 1.0)
    pairs = [
        Pair(names[i], names[j], float(found[i, j])) for i, j in combinations(range(len(names)), 2)
    ]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.correlation))[:MOST_PAIRS])


def _pair(entry: Any, features: dict[str, ColumnBaseline]) -> Pair:
    is_pair = isinstance(entry, list) and len(entry) == 3
    if not is_pair or not all(isinstance(n, str) and n in features for n in entry[:2]):
        raise Malformed("a pair of features that are none")
    if isinstance(entry[2], bool) or not isinstance(entry[2], int | float) or abs(entry[2]) > 1:
        raise Malformed("a pair without a correlation")
    return Pair(entry[0], entry[1], float(entry[2]))
