"""Which of a model's metrics comes first, and what is it called?"""

from collections.abc import Mapping
from typing import Any

NAMES = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "loss": "loss",
}


def main_metric(metrics: Mapping[str, Any]) -> str | None:
    """Return the key of the first metric that is there, AUC before accuracy before R²."""
    return next((name for name in NAMES if metrics.get(name) is not None), None)


def named(metric: str) -> str:
    """Return what a metric is called."""
    return NAMES.get(metric, metric.replace("_", " "))


def in_order(metrics: Mapping[str, Any]) -> list[str]:
    """Return the keys of the metrics that are numbers, the main one first."""
    known = [n for n in NAMES if isinstance(metrics.get(n), (int, float))]
    rest = [n for n in metrics if n not in NAMES and isinstance(metrics[n], (int, float))]
    return known + sorted(rest)
