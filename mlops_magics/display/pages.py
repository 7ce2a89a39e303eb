"""Which page belongs to which result?"""

from collections.abc import Callable, Sequence
from typing import Any

from mlops_magics.features.view import FeatureWrite, View
from mlops_magics.inference.answers import Prediction
from mlops_magics.monitoring.alert import Alert, Rule
from mlops_magics.monitoring.reports import (
    BaselineWrite,
    DriftReport,
    Event,
    LabelWrite,
    Metrics,
    Performance,
)
from mlops_magics.monitoring.retraining import RetrainingRequest
from mlops_magics.registry.rollouts import Rollout
from mlops_magics.registry.versions import Deletion, ModelVersion, Promotion
from mlops_magics.training.job import TrainingJob
from mlops_magics.workspace import results
from mlops_magics.workspace.background import BackgroundTraining
from mlops_magics.workspace.beside import SideBySide
from mlops_magics.workspace.card import ModelCard
from mlops_magics.workspace.compare import Comparison
from mlops_magics.workspace.exploring import ViewExploration
from mlops_magics.workspace.predict import Answered
from mlops_magics.workspace.views import ViewReport, ViewSummary
from mlops_magics.workspace.what_if import WhatIf

from . import (
    alerts,
    beside,
    card,
    dashboard,
    drift,
    exploring,
    features,
    models,
    monitoring,
    performance,
    predictions,
    retraining,
    serving,
    training,
    what_if,
    workspace,
)
from .bundle import Bundle
from .page import Headline, Line, page
from .workspace import greeting

__all__ = ["greeting", "is_ours", "lines", "render"]

LINES_SHOWN = 12
PAGES: dict[type, Callable[[Any], Bundle]] = {
    FeatureWrite: features.write,
    View: features.view,
    ViewReport: features.report,
    ViewExploration: exploring.exploration,
    TrainingJob: training.job,
    BackgroundTraining: training.background,
    ModelVersion: models.version,
    Promotion: models.promotion,
    Deletion: models.deletion,
    Rollout: models.rollout,
    Comparison: models.comparison,
    SideBySide: beside.side_by_side,
    Prediction: predictions.prediction,
    Answered: predictions.answered,
    WhatIf: what_if.what_if,
    Metrics: monitoring.metrics,
    DriftReport: drift.drift,
    Performance: performance.performance,
    LabelWrite: monitoring.labels,
    BaselineWrite: drift.baseline,
    Alert: alerts.one,
    Rule: alerts.rule,
    results.AlertHistory: alerts.history,
    results.Webhook: alerts.webhook,
    results.Dashboard: dashboard.dashboard,
    results.Dataset: workspace.dataset,
    ModelCard: card.card,
    results.ModelHistory: models.history,
    results.Overview: workspace.overview,
    results.Serving: serving.serving,
    results.Trace: monitoring.trace,
    results.Retraining: retraining.retraining,
    results.RetrainingStanding: retraining.standing,
}
LISTINGS: dict[type, Callable[[Any], Bundle]] = {
    ViewSummary: features.views,
    Alert: alerts.listing,
    Rule: alerts.rules,
    Event: monitoring.events,
    TrainingJob: training.jobs,
    Metrics: monitoring.metrics_over_time,
    results.ModelSummary: models.summaries,
    RetrainingRequest: retraining.requests,
}


def is_ours(result: object) -> bool:
    """Return whether a result has a page; a plain dict or a table shows itself."""
    return type(result) in PAGES or isinstance(result, results.Listing)


def render(result: Any) -> Bundle:
    """Return the page of a result.

    Parameters
    ----------
    result : object
        A result of the package.

    Returns
    -------
    Bundle
        HTML and text.

    Examples
    --------
    >>> render(results.Listing()).text
    'nothing yet'
    """
    if isinstance(result, results.Listing):
        return LISTINGS[type(result[0])](result) if result else page(Line(result.empty))
    return PAGES[type(result)](result)


def lines(said: str, more: Sequence[str]) -> Bundle:
    r"""Return a headline and what is to be known beside it.

    Parameters
    ----------
    said : str
        The headline.
    more : sequence of str
        One line each.

    Returns
    -------
    Bundle
        To stand above a table that the notebook shows itself.

    Examples
    --------
    >>> lines("3 rows", ["one of them is late"]).text
    '3 rows\none of them is late'
    """
    hidden = len(more) - LINES_SHOWN
    rest = [Line(f"and {hidden:,} more")] if hidden > 0 else []
    return page(Headline(said), *(Line(line) for line in more[:LINES_SHOWN]), *rest)
