"""What pushed this answer up and down?

Shapley values: how much each feature moves the answer away from that for a typical row,
averaged over all orders in which the row's values could replace the typical ones. They
add up to the answer. It records nothing and draws nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.signature import Feature
from mlops_magics.model.trained import TrainedModel
from mlops_magics.tables.table import Column, Table, Value

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]

# Up to so many features that differ from the typical row every coalition is asked: 1,024.
MOST_EXACT = 10
# Orders that are drawn above, each with its reverse: the two errors cancel in part.
PAIRS_OF_ORDERS = 32
# Of a table so many rows are explained, evenly spread, each with fewer questions.
ROWS_OF_A_TABLE = 100
MOST_EXACT_OF_A_TABLE, PAIRS_OF_A_TABLE = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """How far one feature moved the answer.

    Parameters
    ----------
    feature : str
        The feature.
    value, typical : value
        In this row, and in the typical one.
    amount : float
        Up where positive: of the probability, or in the target's unit.

    Examples
    --------
    >>> Contribution(feature="hour", value=18, typical=12, amount=0.2).amount
    0.2
    """

    feature: str
    value: Value
    typical: Value
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one answer is what it is.

    Parameters
    ----------
    of : value or None
        The class whose probability is explained; None for a number.
    typical : float
        What is answered for a typical row: medians and commonest values of training.
    answer : float
        What is answered for this one.
    contributions : tuple of Contribution
        The strongest first; with `others` they add up to answer less typical.
    others : float, default=0
        What the features that were not taken apart moved together.

    Examples
    --------
    >>> moved = Contribution(feature="hour", value=18, typical=12, amount=0.2)
    >>> Explanation(of="late", typical=0.3, answer=0.5, contributions=(moved,)).gap
    0.0
    """

    of: Value
    typical: float
    answer: float
    contributions: tuple[Contribution, ...]
    others: float = 0.0

    @property
    def gap(self) -> float:
        """What the contributions miss of the difference, as a share of it."""
        whole = self.answer - self.typical
        missed = abs(sum(c.amount for c in self.contributions) + self.others - whole)
        # rounding is no gap where hardly anything has moved
        return missed / max(abs(whole), 0.01) if missed > 1e-9 else 0.0


def explain_row(model: TrainedModel, row: Table, apart: Sequence[str] | None = None) -> Explanation:
    """Explain the answer for one row.

    Parameters
    ----------
    model : TrainedModel
        What answers.
    row : Table
        One row, in the kinds of training.
    apart : sequence of str, optional
        Only these features are taken apart, and all others move as one: fewer questions
        for a wide model. All are by default.

    Returns
    -------
    Explanation
        Exact for up to ten features that differ from the typical row, else estimated;
        complete in both cases.
    """
    base = typical_row(model)
    place = _explained_output(model, row)
    names = model.signature.names
    whole = frozenset(names if apart is None else apart)
    as_one = frozenset(p for p, name in enumerate(names) if name not in whole)
    effort = MOST_EXACT, PAIRS_OF_ORDERS
    amounts, start, end = _shapley(model, row, base, place, effort, as_one)
    values, usual = row.rows()[0], base.rows()[0]
    found = [
        Contribution(feature=name, value=values[name], typical=usual[name], amount=float(amount))
        for name, amount in zip(names, amounts, strict=False)
        if name in whole
    ]
    classes = model.signature.classes
    return Explanation(
        of=classes[place] if classes else None,
        typical=start,
        answer=end,
        contributions=tuple(sorted(found, key=lambda c: -abs(c.amount))),
        others=float(amounts[-1]),
    )


def explain_table(model: TrainedModel, rows: Table) -> tuple[Mapping[str, float], int]:
    """Return how far each feature moves the answers of a table.

    Parameters
    ----------
    model : TrainedModel
        What answers.
    rows : Table
        In the kinds of training.

    Returns
    -------
    tuple of (mapping of str to float, int)
        Mean absolute contribution of each feature, the largest first, and over how
        many rows: at most a hundred, evenly spread.
    """
    count = min(len(rows), ROWS_OF_A_TABLE)
    places = np.unique(np.linspace(0, len(rows) - 1, count).round().astype(np.int64))
    base, total = typical_row(model), np.zeros(len(model.signature.names))
    for place in places.tolist():
        row = rows.take(np.array([place]))
        output = _explained_output(model, row)
        effort = MOST_EXACT_OF_A_TABLE, PAIRS_OF_A_TABLE
        total += np.abs(_shapley(model, row, base, output, effort)[0][:-1])
    means = total / len(places)
    order = np.argsort(-means, kind="stable").tolist()
    return {model.signature.names[p]: float(means[p]) for p in order}, len(places)


def typical_row(model: TrainedModel) -> Table:
    """Return the row that others are explained against.

    Parameters
    ----------
    model : TrainedModel
        Knows what training saw.

    Returns
    -------
    Table
        One row: the median of a number, the middle of a time, the commonest value of
        anything else.
    """
    columns = {f.name: _typical(f, model.baseline) for f in model.signature.features}
    return Table.of(columns)


def _typical(feature: Feature, baseline: Baseline) -> Column:
    seen = baseline.features[feature.name]
    is_there = np.zeros(1, bool)
    if feature.kind in ("category", "text") or feature.levels:
        level = feature.levels[0] if feature.levels else ""
        return Column(feature.kind, np.array([level], dtype=object), ~is_there & (not level))
    if feature.kind == "boolean":
        counts = seen.counts[: len(seen.values)]
        commonest = bool(seen.values[int(counts.argmax())]) if len(counts) else False
        return Column(feature.kind, np.array([commonest]), is_there)
    if feature.low is None or feature.high is None:
        return _nothing(feature)
    if feature.kind == "time":
        middle = int(feature.low) + (int(feature.high) - int(feature.low)) // 2
        return Column(feature.kind, np.array([middle], np.int64), is_there)
    number = float(seen.sample[len(seen.sample) // 2]) if len(seen.sample) else feature.low
    if feature.kind == "number":
        return Column(feature.kind, np.array([number], np.float64), is_there)
    return Column(feature.kind, np.array([round(number)], np.int64), is_there)


def _nothing(feature: Feature) -> Column:
    filler = np.array([np.nan]) if feature.kind == "number" else np.zeros(1, np.int64)
    return Column(feature.kind, filler, np.ones(1, bool))


def _explained_output(model: TrainedModel, row: Table) -> int:
    if not model.signature.classes:
        return 0
    return int(model.probabilities(row)[0].argmax())


def _shapley(
    model: TrainedModel,
    row: Table,
    base: Table,
    output: int,
    effort: tuple[int, int],
    as_one: frozenset[int] = frozenset(),
) -> tuple[Floats, float, float]:
    """Return the contribution of every feature and of those `as_one`, and both answers."""
    names = model.signature.names
    # a feature that is as usual moves nothing, in whatever order it comes
    moved = [p for p, name in enumerate(names) if not _same(row.columns[name], base.columns[name])]
    players = [[place] for place in moved if place not in as_one]
    owners = [place for [place] in players]
    if len(players) < len(moved):
        players.append([place for place in moved if place in as_one])
        owners.append(len(names))
    most_exact, pairs = effort
    amounts = np.zeros(len(names) + 1)
    if len(players) <= most_exact:
        masks = _coalitions(len(players))
        answered = _answers(model, row, base, _spread(masks, players, len(names)), output)
        amounts[owners] = _exact(answered, len(players))
        return amounts, float(answered[0]), float(answered[-1])
    orders = _orders(len(players), pairs)
    masks = _prefixes(orders)
    answered = _answers(model, row, base, _spread(masks, players, len(names)), output)
    steps = answered.reshape(len(orders), len(players) + 1)
    for order, path in zip(orders, steps, strict=True):
        amounts[np.array(owners)[order]] += np.diff(path) / len(orders)
    return amounts, float(steps[0, 0]), float(steps[0, -1])


def _same(one: Column, other: Column) -> bool:
    if one.missing[0] or other.missing[0]:
        return bool(one.missing[0] and other.missing[0])
    return bool(one.values[0] == other.values[0])


def _coalitions(count: int) -> Masks:
    """Return every set of features: row m has feature j where bit j of m is set."""
    numbers = np.arange(2**count)[:, None]
    return np.asarray((numbers >> np.arange(count)) & 1, bool)


def _exact(answered: Floats, count: int) -> Floats:
    sizes = _coalitions(count).sum(axis=1)
    weights = np.array(
        [factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)]
    )
    found = np.empty(count)
    for place in range(count):
        without = np.flatnonzero(~_coalitions(count)[:, place])
        gain = answered[without | (1 << place)] - answered[without]
        found[place] = (weights[sizes[without]] * gain).sum()
    return found


def _orders(count: int, pairs: int) -> NDArray[np.int64]:
    """Return orders of the features, each followed by its reverse; always the same ones."""
    chance = np.random.default_rng(0)
    drawn = [chance.permutation(count) for _ in range(pairs)]
    return np.array([order for one in drawn for order in (one, one[::-1])], np.int64)


def _prefixes(orders: NDArray[np.int64]) -> Masks:
    """Return the sets that each order goes through, from none to all."""
    count = orders.shape[1]
    ranks = np.argsort(orders, axis=1)
    steps = np.arange(count + 1)
    return np.asarray(ranks[:, None, :] < steps[None, :, None]).reshape(-1, count)


def _spread(masks: Masks, players: list[list[int]], width: int) -> Masks:
    wide = np.zeros((len(masks), width), bool)
    for member, places in enumerate(players):
        wide[:, places] = masks[:, [member]]
    return wide


def _answers(model: TrainedModel, row: Table, base: Table, masks: Masks, output: int) -> Floats:
    """Return the answer for each mixture of the row and the typical one."""
    columns = {}
    for place, name in enumerate(model.signature.names):
        own, usual = row.columns[name], base.columns[name]
        chosen = masks[:, place]
        # an integer column that got fractions is a number in this row
        kind = own.kind if own.stored_in != "int64" else usual.kind
        values = np.where(chosen, own.values[0], usual.values[0])
        if own.stored_in == "text":
            values = values.astype(object)
        columns[name] = Column(kind, values, np.where(chosen, own.missing[0], usual.missing[0]))
    table = Table.of(columns)
    if model.signature.classes:
        return model.probabilities(table)[:, output]
    return model.values(table)
