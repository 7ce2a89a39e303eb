"""How good were the predictions whose labels have arrived?

The metrics of training, on events with a label: overall and by calendar month.
"""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import classification, intervals, regression
from mlops_magics.storage.rows import Rows
from mlops_magics.tables.table import Value

from .events import PROBABILITY
from .reports import PerformanceWindow


def measure_labelled(
    rows: Rows, known: Mapping[str, Value]
) -> tuple[PerformanceWindow, tuple[PerformanceWindow, ...]]:
    """Measure events against their labels.

    Parameters
    ----------
    rows : Rows
        Events of one version.
    known : mapping of str to value
        Labels by request id.

    Returns
    -------
    tuple of (PerformanceWindow, tuple of PerformanceWindow)
        All of them, and each calendar month of event_time, oldest first.
    """
    values = [known.get(request_id or "") for request_id in rows.ids]
    months = rows.event_time.astype("datetime64[us]").astype("datetime64[M]")
    everything = np.arange(len(rows))
    windows = [
        _window(str(month), rows, values, everything[months == month])
        for month in np.unique(months)
    ]
    return _window("all", rows, values, everything), tuple(windows)


def _window(
    name: str, rows: Rows, values: list[Value], places: NDArray[np.int64]
) -> PerformanceWindow:
    labelled = np.array([p for p in places.tolist() if values[p] is not None], np.int64)
    names = [n for n in rows.table.names if n.startswith(PROBABILITY)]
    if not len(labelled):
        return PerformanceWindow(name=name, count=len(places), labelled=0, metrics={}, intervals={})
    if names:
        return _of_classes(name, rows, values, labelled, len(places))
    return _of_numbers(name, rows, values, labelled, len(places))


def _of_numbers(
    name: str, rows: Rows, values: list[Value], labelled: NDArray[np.int64], count: int
) -> PerformanceWindow:
    answered = rows.table.column("value").values[labelled]
    pairs = [
        (float(values[p]), answer)
        for p, answer in zip(labelled.tolist(), answered.tolist(), strict=True)
        if isinstance(values[p], int | float)
    ]
    goals, answers = np.array([g for g, _ in pairs]), np.array([a for _, a in pairs])
    metrics = {
        "loss": regression.mse(goals, answers),
        "rmse": regression.rmse(goals, answers),
        "mae": regression.mae(goals, answers),
        "r2": regression.r2(goals, answers),
    }
    return PerformanceWindow(
        name=name, count=count, labelled=len(pairs), metrics=metrics, intervals={}
    )


def _of_classes(
    name: str, rows: Rows, values: list[Value], labelled: NDArray[np.int64], count: int
) -> PerformanceWindow:
    names = [n for n in rows.table.names if n.startswith(PROBABILITY)]
    classes = [json.loads(n[len(PROBABILITY) :]) for n in names]
    codes = {json.dumps(value): place for place, value in enumerate(classes)}
    # a label that is none of the classes can be right for no answer; it is left out
    found = [(p, codes.get(json.dumps(values[p]))) for p in labelled.tolist()]
    kept = np.array([p for p, code in found if code is not None], np.int64)
    goals = np.array([code for _, code in found if code is not None], np.int64)
    if not len(kept):
        return PerformanceWindow(name=name, count=count, labelled=0, metrics={}, intervals={})
    shares = np.stack([rows.table.column(n).values[kept] for n in names], axis=1)
    chosen = shares.argmax(axis=1)
    metrics = {
        "accuracy": classification.accuracy(goals, chosen),
        "loss": classification.log_loss(goals, shares),
        "auc": classification.auc(goals, shares),
    }
    ends = {"accuracy": intervals.wilson(int((chosen == goals).sum()), len(goals))}
    is_binary = len(classes) == 2
    if is_binary:
        ends["auc"] = intervals.auc_interval(goals == 1, shares[:, 1])
    return PerformanceWindow(
        name=name,
        count=count,
        labelled=len(kept),
        metrics=metrics,
        intervals={n: (end.low, end.high) for n, end in ends.items() if end is not None},
        positive_share=float(goals.mean()) if is_binary else None,
        predicted_share=float(shares[:, 1].mean()) if is_binary else None,
    )
