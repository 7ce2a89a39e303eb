"""Simulated years: weekly rows whose true probability is known."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

DAY = 86_400_000_000
COLUMNS = list("abcd")
FIRST_WEEKS = 5  # as many as the first training has
BEFORE = np.array([1.0, 1.0, -0.5, 0.0])
SUDDEN = np.array([-0.5, 1.0, 0.5, 0.5])
SLOW = np.array([-0.8, 0.4, 0.5, 1.0])


@dataclass(frozen=True)
class World:
    """A year of one model.

    Attributes
    ----------
    name : str
        What changes.
    changes_at : int or None
        In which week it begins.
    weights, shift : callable
        From week to the truth's weights, and to how far the first column has moved.
    delays : (float, float)
        Days until a label comes, of the second class and of the first.
    censored : float
        Share of the labels that never come.
    """

    name: str
    changes_at: int | None = None
    weights: object = field(default=lambda week, weeks: BEFORE)
    shift: object = field(default=lambda week: 0.0)
    delays: tuple[float, float] = (10.0, 10.0)
    censored: float = 0.0

    def week(self, number, weeks, rows, seed):
        """Return features, true probability, outcome and delay of each row of a week."""
        chance = np.random.default_rng([seed, number + 100])
        frame = pd.DataFrame(chance.normal(size=(rows, 4)), columns=COLUMNS)
        frame["a"] += self.shift(number)
        share = 1 / (1 + np.exp(-frame.to_numpy() @ self.weights(number, weeks)))
        outcome = np.where(chance.random(rows) < share, "yes", "no")
        days = np.where(outcome == "yes", *self.delays) + chance.random(rows)
        days[chance.random(rows) < self.censored] = np.inf
        return frame, share, outcome, days


def from_week(start, value, week, weeks=0):
    return value if week >= start else BEFORE


def slowly(week, weeks):
    way = np.clip(week / weeks, 0.0, 1.0)
    return (1 - way) * BEFORE + way * SLOW


def worlds(change=6):
    sudden = partial(from_week, change, SUDDEN)
    return {
        world.name: world
        for world in (
            World("nothing changes"),
            World("inputs shift", change, shift=lambda week: 1.0 if week >= change else 0.0),
            World("relation jumps", change, weights=lambda week, weeks: sudden(week)),
            World("relation drifts", 0, weights=slowly),
            World(
                "relation jumps, late labels",
                change,
                weights=lambda week, weeks: sudden(week),
                delays=(30.0, 5.0),
                censored=0.3,
            ),
        )
    }
