"""How does a training's result look?"""

from mlops_magics.errors.error import printable
from mlops_magics.training.job import Report, TrainingJob

from . import charts
from .bundle import Bundle
from .grid import Grid
from .numbers import count, figure
from .page import Beside, Headline, Line, Part, Picture, page
from .writing import short

COLUMNS_SHOWN = 8

MAIN = {"binary": "auc", "multiclass": "accuracy", "regression": "r2"}
CALLED = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "loss": "loss",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
}


def job(result: TrainingJob) -> Bundle:
    """Return what came of a training."""
    return page(*job_parts(result))


def job_parts(result: TrainingJob) -> list[Part | None]:
    """Return the parts of a training's page."""
    if result.report is None:
        error = (result.error or "no reason is known").split(". Next:")[0]
        return [Headline(f"{result.model_id}: training {result.status}:", error, "bad")]
    report = result.report
    name = f"{result.model_id} {result.version or '(not registered)'}"
    is_honest = result.measured_on == "held-out"
    columns = count(len(report.used), "column")
    stopped = "" if result.status == "completed" else f" · {result.status}: the best so far"
    where = f"held out: {report.split}" if is_honest else report.split
    return [
        _headline(name, result, report, is_honest),
        Line(f"{where} · {columns} used{stopped}" if is_honest else f"{where}{stopped}"),
        Beside([_estimates(name, result, report), _learning(report)]),
        _metrics(result, report),
        *_left_out(report),
        *(Line(note) for note in report.notes),
        Line("Next:", f"%model {result.model_id} promote {result.version}")
        if result.version
        else None,
    ]


def _main(result: TrainingJob, report: Report) -> str:
    main = MAIN[report.task]
    if result.metrics.get(main) is None:
        main = "accuracy" if "accuracy" in result.metrics else "loss"
    return main


def _estimates(name: str, result: TrainingJob, report: Report) -> Picture | None:
    """Return the main metric beside that of simple answers, with intervals."""
    main = _main(result, report)
    found, simple = result.metrics.get(main), report.simple.get(main)
    if found is None or simple is None:
        return None
    low, high = report.intervals.get(main, (None, None))
    ours = charts.Estimate(
        name=short(printable(name)),
        value=found,
        said=figure(found),
        low=low,
        high=high,
        is_ours=True,
    )
    beside = charts.Estimate(name=_simple(report), value=simple, said=figure(simple))
    return Picture(charts.estimates([ours, beside]), f"{CALLED[main]} with its 95 % interval")


def _learning(report: Report) -> Picture | None:
    """Return the loss over the steps, where there were several."""
    if sum(held is not None for _, _, held in report.history) < 2:
        return None
    said = f"loss: training grey, folds blue; step {report.best_step} of {report.steps} kept"
    return Picture(charts.learning(report.history, report.best_step), said)


def _left_out(report: Report) -> list[Part]:
    """Return the columns that were left out, each with its reason."""
    columns = [f"{column} ({why})" for column, why in report.left_out.items()]
    if not columns:
        return []
    more = f" and {len(columns) - COLUMNS_SHOWN:,} more" if len(columns) > COLUMNS_SHOWN else ""
    return [Line(f"Left out: {', '.join(columns[:COLUMNS_SHOWN])}{more}.")]


def _simple(report: Report) -> str:
    return "always the commonest" if report.classes else "always the mean"


def _headline(name: str, result: TrainingJob, report: Report, is_honest: bool) -> Headline:
    main = _main(result, report)
    found = figure(result.metrics.get(main))
    if not is_honest:
        fits = f"fits its {report.training_count} rows: {CALLED[main]} {found}"
        return Headline(name, f"· {fits}; no honest estimate")
    ends = report.intervals.get(main)
    interval = f"({figure(ends[0])} to {figure(ends[1])})" if ends else ""
    return Headline(f"{name} · {CALLED[main]} {found}", interval)


def _metrics(result: TrainingJob, report: Report) -> Grid:
    rows = []
    for metric, found in result.metrics.items():
        ends = report.intervals.get(metric)
        interval = f"{figure(ends[0])} to {figure(ends[1])}" if ends else ""
        beside = figure(report.simple[metric]) if metric in report.simple else ""
        rows.append([CALLED.get(metric, metric), figure(found), interval, beside])
    return Grid(("metric", "this model", "95 % interval", _simple(report)), rows, "lrrr")
