"""How much was asked of a model, how quickly and how surely did it answer?

The meter of what every event has, whatever its features: one tally answers traffic,
latency, errors, confidence, and what performance the confidences promise.
"""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import sketch
from mlops_magics.storage.rows import Dated
from mlops_magics.tables.table import Table

from .events import PROBABILITY
from .tallies import Integers, Marks, Names, Place, Tally

# Sums are whole billionths, so that their order does not matter.
BILLION = 10**9
# Ten days, in milliseconds or in any unit: what is beyond is a broken clock.
MOST = 1e9
LOWEST_CELL = int(sketch.cells(np.array([sketch.SMALLEST]))[0])
SKETCH_CELLS = int(sketch.cells(np.array([MOST]))[0]) - LOWEST_CELL + 1
# Log-odds of the second of two classes, by tenths from -10 to 10.
ODDS_CELLS, ODDS_PER_UNIT = 200, 10

ROWS, FAILED, TIMED, SURE = range(4)
LATENCY = 4
WIDTH = LATENCY + SKETCH_CELLS
ODDS = WIDTH + SKETCH_CELLS

# latency in nanoseconds, confidence, its variance as a coin, and entropy in nats
LATENCY_SUM, CONFIDENCE_SUM, VARIANCE_SUM, ENTROPY_SUM = range(4)


class TrafficMeter:
    """Counts what every event has.

    Examples
    --------
    >>> TrafficMeter().sum_count
    4
    """

    of = "traffic"
    width = ODDS + ODDS_CELLS
    sum_count = 4

    def marks(self, rows: Dated) -> Marks:
        """Return what each event adds."""
        count, table = len(rows.event_time), rows.table
        latency, timed = _numbers(table, "latency_ms", count)
        sure, has_confidence = _numbers(table, "confidence", count)
        low, has_low = _numbers(table, "lower", count)
        high, has_high = _numbers(table, "upper", count)
        half = np.where(has_low & has_high, (high - low) / 2, np.nan)
        failed = ~_missing(table, "error", count)
        shares = _shares(table)
        entropy = np.zeros(count) if shares is None else _entropy(shares)
        quantities = [latency / 1000, sure, sure * (1 - sure), entropy]
        sums = [np.rint(np.nan_to_num(part) * BILLION).astype(np.int64) for part in quantities]
        places = [
            Place(ROWS, 1, np.zeros(count, np.int64)),
            Place(FAILED, 1, np.where(failed, 0, -1)),
            Place(TIMED, 1, np.where(timed, 0, -1)),
            Place(SURE, 1, np.where(has_confidence, 0, -1)),
            Place(LATENCY, SKETCH_CELLS, _sketched(latency)),
            Place(WIDTH, SKETCH_CELLS, _sketched(half)),
        ]
        if shares is not None and shares.shape[1] == 2:
            places.append(Place(ODDS, ODDS_CELLS, _odds_cells(shares[:, 1])))
        return Marks(
            places=places,
            sums=sums,
            names={"prediction": _answers(table, count)},
        )


def mean(tally: Tally, which: int, known: int) -> float | None:
    """Return the mean of what was summed; None where no event had it."""
    count = int(tally.counts[known])
    return int(tally.sums[which]) / BILLION / count if count else None


def sketch_of(tally: Tally, start: int) -> Mapping[int, int]:
    """Return the sketch that begins at a count: of latency, or of half widths."""
    counts = tally.counts[start : start + SKETCH_CELLS]
    filled = np.flatnonzero(counts)
    return dict(zip((filled + LOWEST_CELL).tolist(), counts[filled].tolist(), strict=True))


def odds_of(tally: Tally) -> tuple[NDArray[np.float64], Integers]:
    """Return the probabilities of the second of two classes, and how many had each."""
    middle = (np.arange(ODDS_CELLS) + 0.5) / ODDS_PER_UNIT - ODDS_CELLS / ODDS_PER_UNIT / 2
    return 1 / (1 + np.exp(-middle)), tally.counts[ODDS : ODDS + ODDS_CELLS]


def _numbers(table: Table, name: str, count: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if name not in table:
        return np.full(count, np.nan), np.zeros(count, bool)
    values = np.clip(table.columns[name].to_floats(), -MOST, MOST)
    return values, ~np.isnan(values)


def _missing(table: Table, name: str, count: int) -> NDArray[np.bool_]:
    return table.columns[name].missing if name in table else np.ones(count, bool)


def _sketched(values: NDArray[np.float64]) -> Integers:
    known = ~np.isnan(values)
    cells = np.full(len(values), -1, np.int64)
    cells[known] = sketch.cells(values[known]) - LOWEST_CELL
    return cells


def _shares(table: Table) -> NDArray[np.float64] | None:
    names = [name for name in table.names if name.startswith(PROBABILITY)]
    if not names:
        return None
    return np.stack([table.columns[name].to_floats() for name in names], axis=1)


def _entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=1), np.float64)


def _odds_cells(share: NDArray[np.float64]) -> Integers:
    known = ~np.isnan(share)
    inside = np.clip(share[known], 1e-6, 1 - 1e-6)
    odds = (np.log(inside / (1 - inside)) + ODDS_CELLS / ODDS_PER_UNIT / 2) * ODDS_PER_UNIT
    cells = np.full(len(share), -1, np.int64)
    cells[known] = np.clip(np.floor(odds), 0, ODDS_CELLS - 1).astype(np.int64)
    return cells


def _answers(table: Table, count: int) -> Names:
    """Return the class that each event answered; none for numbers and for failures."""
    if "prediction" not in table or not _missing(table, "value", count).all():
        return Names((), np.full(count, -1, np.int64))
    written = table.columns["prediction"].values.tolist()
    read = {text: json.loads(text or "null") for text in dict.fromkeys(written)}
    names = {text: None if found is None else str(found) for text, found in read.items()}
    return Names.of([*map(names.__getitem__, written)])
