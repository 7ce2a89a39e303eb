"""How does a network see numbers?

Scaled by median and quartiles, with a flag where missing, and cut into pieces so
that it can bend at the training sample's quantiles. All numeric columns at once,
in float64 until the last step; it knows no tables and no names.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .document import Document, Malformed

Floats = NDArray[np.float64]

# The distance of two values must stay finite, whatever the values are.
LARGEST = 1e300
# x / sqrt(1 + (x / 3)^2) never leaves -3 to 3, and is nearly x below 1.
ROOM = 3.0
# Rows that are encoded at a time: 480 pieces of them in float64 take 16 MB.
ROWS_AT_A_TIME = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Numerics:
    """What was learned of the numeric columns, as plain arrays.

    Parameters
    ----------
    median : array of float, shape (p,)
        Fills what is missing.
    scale : array of float, shape (p,)
        One over the quartiles' distance, or where that is 0 over the mean distance of the
        values that are not the median; 0 for a column of one value.
    varying : array of int, shape (v,)
        Columns with more than one value; the others are left out.
    flagged : array of int, shape (f,)
        Columns with a flag for missing values.
    piece_column : array of int, shape (b,)
        Column that each piece belongs to.
    piece_low : array of float, shape (b,)
        Lower end of each piece.
    piece_width : array of float, shape (b,)
        Width of each piece.

    Notes
    -----
    Pieces: Gorishniy et al. (2022), "On Embeddings for Numerical Features", the
    piecewise-linear encoding, from -1 below a piece to 1 above it.

    Examples
    --------
    >>> numerics = Numerics.fit(np.array([[0.0], [1.0], [2.0], [np.nan]]), bins=16)
    >>> numerics.transform(np.array([[1.0], [np.nan]])).tolist()
    [[0.0, 0.0, 1.0, -1.0], [0.0, 1.0, 1.0, -1.0]]
    """

    median: Floats
    scale: Floats
    varying: NDArray[np.int64]
    flagged: NDArray[np.int64]
    piece_column: NDArray[np.int64]
    piece_low: Floats
    piece_width: Floats

    @classmethod
    def fit(cls, matrix: Floats, bins: int) -> "Numerics":
        """Learn medians, scales and pieces from the training rows.

        Parameters
        ----------
        matrix : array of float, shape (n, p)
            Numeric columns, NaN where missing.
        bins : int
            Pieces a column, at most; fewer where values tie.

        Returns
        -------
        Numerics
            What `transform` needs.
        """
        count = matrix.shape[1]
        median, scale = np.zeros(count), np.zeros(count)
        flagged, varying = [], []
        edges: list[Floats] = []
        for column in range(count):
            known = bounded(matrix[:, column])
            known = known[~np.isnan(known)]
            if 0 < len(known) < len(matrix):
                flagged.append(column)
            median[column] = np.median(known) if len(known) else 0.0
            filled = np.append(known, np.full(len(matrix) - len(known), median[column]))
            scale[column] = _scale(filled)
            if scale[column] > 0:
                varying.append(column)
            edges.append(_edges(filled, bins))
        return cls(
            median,
            scale,
            np.array(varying, np.int64),
            np.array(flagged, np.int64),
            np.repeat(np.arange(count), [len(e) - 1 for e in edges]),
            np.concatenate([np.zeros(0), *(e[:-1] for e in edges)]),
            np.concatenate([np.zeros(0), *(np.diff(e) for e in edges)]),
        )

    @property
    def width(self) -> int:
        """How many inputs of the network come out."""
        return len(self.varying) + len(self.flagged) + len(self.piece_column)

    def inputs(self) -> NDArray[np.int64]:
        """Return, for each input of the network, the numeric column that it tells of."""
        return np.concatenate([self.varying, self.flagged, self.piece_column])

    def transform(self, matrix: Floats) -> NDArray[np.float32]:
        """Encode rows.

        Parameters
        ----------
        matrix : array of float, shape (n, p)
            Numeric columns, NaN where missing.

        Returns
        -------
        array of float32, shape (n, width)
            The scaled columns, the flags, the pieces; always finite.
        """
        encoded = np.empty((len(matrix), self.width), np.float32)
        for start in range(0, len(matrix), ROWS_AT_A_TIME):
            rows = slice(start, start + ROWS_AT_A_TIME)
            self._transform(matrix[rows], encoded[rows])
        return encoded

    def _transform(self, matrix: Floats, encoded: NDArray[np.float32]) -> None:
        scaled, flags = len(self.varying), len(self.varying) + len(self.flagged)
        missing = np.isnan(matrix)
        filled = np.where(missing, self.median, bounded(matrix))
        with np.errstate(over="ignore"):  # a very far value is as far as ROOM
            far = ((filled - self.median) * self.scale)[:, self.varying]
            pieces = (filled[:, self.piece_column] - self.piece_low) / self.piece_width
        far = np.clip(far, -1e9, 1e9)
        encoded[:, :scaled] = far / np.sqrt(1 + (far / ROOM) ** 2)
        encoded[:, scaled:flags] = missing[:, self.flagged]
        encoded[:, flags:] = np.clip(pieces, 0, 1) * 2 - 1

    def to_json(self) -> dict[str, Any]:
        """Return everything as strict JSON."""
        return {
            "median": self.median.tolist(),
            "scale": self.scale.tolist(),
            "varying": self.varying.tolist(),
            "flagged": self.flagged.tolist(),
            "piece_column": self.piece_column.tolist(),
            "piece_low": self.piece_low.tolist(),
            "piece_width": self.piece_width.tolist(),
        }

    @classmethod
    def from_json(cls, parsed: Any) -> "Numerics":
        """Read them back, or raise `Malformed`."""
        document = Document(parsed)
        numerics = cls(
            document.floats("median"),
            document.floats("scale"),
            document.integers("varying"),
            document.integers("flagged"),
            document.integers("piece_column"),
            document.floats("piece_low"),
            document.floats("piece_width"),
        )
        count, pieces = len(numerics.median), len(numerics.piece_column)
        columns = np.concatenate([numerics.varying, numerics.flagged, numerics.piece_column])
        sizes = [
            (numerics.median, count),
            (numerics.scale, count),
            (numerics.piece_low, pieces),
            (numerics.piece_width, pieces),
        ]
        if any(array.shape != (size,) for array, size in sizes):
            raise Malformed("numeric arrays of unequal length")
        if columns.size and (columns.min() < 0 or columns.max() >= count):
            raise Malformed("a numeric column out of range")
        if not (numerics.piece_width > 0).all():
            raise Malformed("a piece without width")
        return numerics


def bounded(values: Floats) -> Floats:
    """Return the values within +-1e300, so that differences stay finite; NaN stays."""
    return np.clip(values, -LARGEST, LARGEST)


def _scale(filled: Floats) -> float:
    """Return one over the quartiles' distance, or where they meet over what the others have.

    Where a pile of equal values takes both quartiles, the mean distance of the other
    values from it says how far they are: the range would be that of one far value.
    """
    quarter, middle, three_quarters = np.quantile(filled, [0.25, 0.5, 0.75]).tolist()
    distance = three_quarters - quarter
    if distance <= 0:
        others = filled[filled != middle]
        if not len(others):
            return 0.0
        # divided first: the sum of distances of 1e300 is no number
        distance = float(np.abs(others / len(others) - middle / len(others)).sum())
    if distance <= 0:
        return 0.0
    return float(min(1 / max(distance, 1 / LARGEST), LARGEST))


def _edges(filled: Floats, bins: int) -> Floats:
    """Return the ends of the pieces: half from rows, half from distinct values.

    The second half keeps pieces where a pile of equal values takes all quantiles of
    the rows (zero-inflated columns).
    """
    distinct = np.unique(filled)
    if len(distinct) > bins + 1:
        shares = np.linspace(0, 1, bins // 2 + 1)
        both = np.append(np.quantile(filled, shares), np.quantile(distinct, shares))
        distinct = np.unique(both)
    # one piece alone says no more than the scaled value does
    return distinct if len(distinct) > 2 else np.zeros(1)
