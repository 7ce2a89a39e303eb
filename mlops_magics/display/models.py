"""How do models, versions and promotions look?"""

from mlops_magics.registry.versions import ModelVersion, Promotion
from mlops_magics.workspace.results import ModelCard, ModelHistory, ModelSummary

from .bundle import Bundle
from .grid import Cell, Grid
from .numbers import count, figure
from .page import Headline, Line, page
from .training import CALLED, MAIN, job_parts


def main_metric(version: ModelVersion) -> str:
    """Return the metric that speaks for a version, such as 'AUC 0.74'."""
    main = MAIN.get(str(version.metadata.get("task")), "loss")
    if version.metrics.get(main) is None:
        main = next((name for name in version.metrics if version.metrics[name] is not None), "")
    if not main:
        return "–"
    said = f"{CALLED.get(main, main)} {figure(version.metrics[main])}"
    return said if version.metadata.get("measured_on") != "training" else f"{said} (its own rows)"


def summaries(result: tuple[ModelSummary, ...]) -> Bundle:
    """Return the list of models."""
    rows = [
        [
            model.model_id,
            model.production.version if model.production else "–",
            model.newest.version,
            main_metric(model.production or model.newest),
            count(model.prediction_count),
        ]
        for model in result
    ]
    headers = ("model", "production", "newest", "metric", "predictions")
    return page(Headline(count(len(result), "model")), Grid(headers, rows, "lllrr"))


def history(result: ModelHistory) -> Bundle:
    """Return the versions of one model, and how their stages came about."""
    rows: list[list[Cell]] = []
    for version in result.versions:
        is_live = version.stage == "production"
        stage: Cell = (f"● {version.stage}", "good") if is_live else version.stage
        rows.append(
            [
                version.version,
                stage,
                main_metric(version),
                figure(version.metrics.get("loss")),
                count(version.metadata.get("row_count", 0)),
                version.framework,
            ]
        )
    headers = ("version", "stage", "metric", "loss", "rows", "made with")
    changes = [f"{c.version} {c.stage}: {c.why}" for c in result.changes[-8:]]
    return page(
        Headline(result.model_id, f"· {count(len(result.versions), 'version')}"),
        Grid(headers, rows, "llrrrl"),
        *(Line(change) for change in changes),
    )


def version(result: ModelVersion) -> Bundle:
    """Return one version in a line."""
    return page(Headline(result.name, f"· {result.stage} · {main_metric(result)}"))


def promotion(result: Promotion) -> Bundle:
    """Return what a promotion or a rollback did."""
    found = result.version
    rows: list[list[Cell]] = [
        [v.gate, ("● passed", "good") if v.passed else ("■ failed", "bad"), v.said]
        for v in result.verdicts
    ]
    said = f"is in {found.stage}"
    if not result.verdicts and found.stage == "production":
        said = "is back in production"
    return page(
        Headline(f"{found.model_id} {found.version}", said, "good"),
        Line(f"{result.replaced} was there before and is in staging") if result.replaced else None,
        Grid(("gate", "verdict", "why"), rows, "lll") if rows else None,
    )


def card(result: ModelCard) -> Bundle:
    """Return one version: what it is, from where, how good."""
    found = result.version
    views = found.metadata.get("views", ())
    sources = ", ".join(f"{view['view']} v{view['number']}" for view in views)
    return page(
        Headline(found.name, f"· {found.stage} · {main_metric(found)}"),
        Line(f"predicts {found.metadata.get('target', '–')} · made with {found.framework}"),
        Line(f"feature views: {sources}") if sources else None,
        *(Line(f"{change.stage}: {change.why}") for change in result.changes),
        *(job_parts(result.job)[1:] if result.job is not None else []),
    )
