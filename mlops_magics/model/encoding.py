"""How does a row become the inputs of a network?

Each column by its kind: numbers, integers, booleans and times together as numeric
columns, categories and texts one by one. The same encoding runs in training and in
serving, so that skew between them cannot occur. It trains nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics.tables.table import Column, Table

from . import times
from .categories import Categories, Targets
from .document import Document, Malformed
from .numeric import Floats, Numerics

Way = Literal["numeric", "time", "categories"]


class Encoded(NamedTuple):
    """An encoding, and the training rows as it shows them to a network.

    Parameters
    ----------
    encoding : Encoding
        For any other rows.
    matrix : array of float32, shape (n, width)
        The training rows, target means out of fold.

    Examples
    --------
    >>> Encoded._fields
    ('encoding', 'matrix')
    """

    encoding: "Encoding"
    matrix: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Everything that turns a table of features into a network's inputs.

    Parameters
    ----------
    names : tuple of str
        The columns, in the order of training.
    ways : tuple of str
        numeric, time or categories, a column.
    numerics : Numerics
        The numeric columns and the parts of times, in order.
    categories : tuple of Categories
        The categories and texts, in order.

    Examples
    --------
    >>> age = Column("integer", np.array([20, 30, 40]), np.zeros(3, bool))
    >>> encoding, matrix = Encoding.fit_transform(Table.of({"age": age}), None, bins=16)
    >>> encoding.width, bool((encoding.transform(Table.of({"age": age})) == matrix).all())
    (3, True)
    """

    names: tuple[str, ...]
    ways: tuple[Way, ...]
    numerics: Numerics
    categories: tuple[Categories, ...]

    @classmethod
    def fit_transform(cls, table: Table, targets: Targets | None, bins: int) -> Encoded:
        """Learn an encoding and encode the training rows without leaking their labels.

        Parameters
        ----------
        table : Table
            The features of the training rows, and nothing else.
        targets : Targets or None
            Target and folds; None where there are too few rows for folds.
        bins : int
            Pieces of a numeric column, at most.

        Returns
        -------
        Encoded
            The encoding and the encoded training rows.
        """
        ways = tuple(_way(column) for column in table.columns.values())
        matrix = _numeric_matrix(list(table.columns.values()), ways)
        numerics = Numerics.fit(matrix, bins)
        fitted = [
            Categories.fit_transform(column, targets)
            for column, way in zip(table.columns.values(), ways, strict=True)
            if way == "categories"
        ]
        encoding = cls(table.names, ways, numerics, tuple(categories for categories, _ in fitted))
        blocks = [numerics.transform(matrix), *(inputs for _, inputs in fitted)]
        return Encoded(encoding, np.concatenate(blocks, axis=1))

    @property
    def width(self) -> int:
        """How many inputs of the network come out."""
        return self.numerics.width + sum(categories.width for categories in self.categories)

    def owners(self) -> NDArray[np.int64]:
        """Return, for each input of the network, the place of the column that it tells of."""
        widths = {"numeric": 1, "time": times.PARTS, "categories": 0}
        places = np.arange(len(self.ways))
        numeric = np.repeat(places, [widths[way] for way in self.ways])
        texts = places[[way == "categories" for way in self.ways]]
        sizes = [categories.width for categories in self.categories]
        return np.concatenate([numeric[self.numerics.inputs()], np.repeat(texts, sizes)])

    def plain(self) -> NDArray[np.bool_]:
        """Return which inputs a linear model takes: all but the pieces of numbers."""
        is_plain = np.ones(self.width, bool)
        pieces = len(self.numerics.piece_column)
        is_plain[self.numerics.width - pieces : self.numerics.width] = False
        return is_plain

    def transform(self, table: Table) -> NDArray[np.float32]:
        """Encode rows.

        Parameters
        ----------
        table : Table
            Rows with at least the columns of training, of the kinds of training.

        Returns
        -------
        array of float32, shape (n, width)
            Always finite.

        Raises
        ------
        MissingColumn
            If a column of training is not in the table.
        """
        columns = [table.column(name) for name in self.names]
        texts = [c for c, way in zip(columns, self.ways, strict=True) if way == "categories"]
        blocks = [self.numerics.transform(_numeric_matrix(columns, self.ways))]
        for column, categories in zip(texts, self.categories, strict=True):
            blocks.append(categories.transform(column))
        return np.concatenate(blocks, axis=1)

    def to_json(self) -> dict[str, Any]:
        """Return everything as strict JSON."""
        return {
            "names": list(self.names),
            "ways": list(self.ways),
            "numerics": self.numerics.to_json(),
            "categories": [categories.to_json() for categories in self.categories],
        }

    @classmethod
    def from_json(cls, parsed: Any) -> "Encoding":
        """Read it back, or raise `Malformed`."""
        document = Document(parsed)
        names, ways = document.texts("names"), document.texts("ways")
        numerics = Numerics.from_json(document.value("numerics"))
        categories = tuple(map(Categories.from_json, document.items("categories")))
        widths = {"numeric": 1, "time": times.PARTS, "categories": 0}
        if len(ways) != len(names) or not widths.keys() >= set(ways):
            raise Malformed("columns that are encoded in no known way")
        if sum(widths[way] for way in ways) != len(numerics.median):
            raise Malformed("another number of numeric columns than it names")
        if ways.count("categories") != len(categories):
            raise Malformed("another number of categories than it names")
        known: tuple[Any, ...] = ways
        return cls(names, known, numerics, categories)


def _way(column: Column) -> Way:
    stored = column.stored_in
    return "time" if stored == "time" else "categories" if stored == "text" else "numeric"


def _numeric_matrix(columns: Sequence[Column], ways: Sequence[Way]) -> Floats:
    """Return the numeric columns and the parts of times side by side, NaN where missing."""
    rows = len(columns[0]) if columns else 0
    width = sum({"numeric": 1, "time": times.PARTS, "categories": 0}[way] for way in ways)
    matrix = np.empty((rows, width))
    place = 0
    for column, way in zip(columns, ways, strict=True):
        if way == "numeric":
            matrix[:, place] = column.values
            matrix[column.missing, place] = np.nan
            place += 1
        elif way == "time":
            parts = times.parts(column.values, column.missing)
            matrix[:, place : place + times.PARTS] = parts
            place += times.PARTS
    return matrix
