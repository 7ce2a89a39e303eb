"""Events of a model with 15 numbers and 5 categories, over one year."""

import numpy as np
import pandas as pd

from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring.events import Batch
from mlops_magics.tables.table import Column, Table

NUMBERS, CATEGORIES = 15, 5
LEVELS = np.array([f"level {n}" for n in range(12)], object)
START = 1_735_689_600_000_000  # 2025-01-01 UTC
YEAR = 365 * 24 * 3_600_000_000
AT_A_TIME = 100_000


def features(rows, seed=0):
    """Return the features of so many events."""
    generator = np.random.default_rng(seed)
    none = np.zeros(rows, bool)
    columns = {}
    for place in range(NUMBERS):
        columns[f"x{place}"] = Column("number", generator.normal(size=rows), none)
    for place in range(CATEGORIES):
        codes = generator.integers(0, len(LEVELS), rows)
        columns[f"c{place}"] = Column("category", LEVELS[codes], none)
    return Table.of(columns)


def answers(rows, seed=0):
    """Return the probability of the second class of so many events."""
    return np.random.default_rng(seed + 1).beta(2, 3, rows)


def baseline(rows=5000):
    """Return what training saw."""
    share = answers(rows, 99)
    answered = np.where(share > 0.5, "yes", "no").astype(object)
    column = Column("category", answered, np.zeros(rows, bool))
    return Baseline.fit(features(rows, 99), column, np.maximum(share, 1 - share))


def batches(rows):
    """Yield events in the order of time."""
    for begin in range(0, rows, AT_A_TIME):
        count = min(AT_A_TIME, rows - begin)
        share = answers(count, begin)
        answered = np.where(share > 0.5, "yes", "no").astype(object)
        yield Batch(
            prediction=Column("category", answered, np.zeros(count, bool)),
            features=features(count, begin),
            keys=[{}] * count,
            event_time=START + (begin + np.arange(count)) * (YEAR // rows),
            latency_ms=1.0,
            confidence=np.maximum(share, 1 - share),
            probabilities=np.stack([1 - share, share], axis=1),
            classes=("no", "yes"),
        )


def frame(rows, seed=0):
    """Return the features as a DataFrame."""
    return pd.DataFrame({name: c.values for name, c in features(rows, seed).columns.items()})


def to_csv(folder, rows):
    """Write training and so many events for a rival that reads files."""
    frame(5000, 99).to_csv(folder / "training.csv", index=False)
    frame(rows).to_csv(folder / "events.csv", index=False)
