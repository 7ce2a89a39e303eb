"""How does a training's result look?"""

from mlops_magics.training.job import Report, TrainingJob

from .bundle import Bundle
from .numbers import count, figure
from .page import Bars, Grid, Headline, Line, page

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
    if result.report is None:
        error = (result.error or "no reason is known").split(". Next:")[0]
        return page(Headline(f"{result.model_id}: training {result.status}:", error, "bad"))
    report = result.report
    name = f"{result.model_id} {result.version or '(not registered)'}"
    is_honest = result.measured_on == "held-out"
    columns = count(len(report.used), "column")
    stopped = "" if result.status == "completed" else f" · {result.status}: the best so far"
    where = f"held out: {report.split}" if is_honest else report.split
    return page(
        _headline(name, result, report, is_honest),
        Line(f"{where} · {columns} used{stopped}" if is_honest else f"{where}{stopped}"),
        _metrics(result, report),
        _curve(report),
        *(Line(f"Left out: {column} ({why}).") for column, why in report.left_out.items()),
        *(Line(note) for note in report.notes),
        Line("Next:", f"%model {result.model_id} promote {result.version}")
        if result.version
        else None,
    )


def _headline(name: str, result: TrainingJob, report: Report, is_honest: bool) -> Headline:
    main = MAIN[report.task]
    if result.metrics.get(main) is None:
        main = "accuracy" if "accuracy" in result.metrics else "loss"
    found = figure(result.metrics.get(main))
    if not is_honest:
        fits = f"fits its {report.training_count} rows: {CALLED[main]} {found}"
        return Headline(name, f"· {fits}; no honest estimate")
    ends = report.intervals.get(main)
    interval = f"({figure(ends[0])} to {figure(ends[1])})" if ends else ""
    return Headline(f"{name} · {CALLED[main]} {found}", interval)


def _metrics(result: TrainingJob, report: Report) -> Grid:
    simple = "always the commonest" if report.classes else "always the mean"
    rows = []
    for metric, found in result.metrics.items():
        ends = report.intervals.get(metric)
        interval = f"{figure(ends[0])} to {figure(ends[1])}" if ends else ""
        beside = figure(report.simple[metric]) if metric in report.simple else ""
        rows.append([CALLED.get(metric, metric), figure(found), interval, beside])
    return Grid(("metric", "this model", "95 % interval", simple), rows, "lrrr")


def _curve(report: Report) -> Grid | None:
    """Return the loss of the folds over the steps, as bars."""
    losses = [held for _, _, held in report.history if held is not None]
    if len(losses) < 2:
        return None
    floor = min(losses) * 0.9
    bars = Bars(tuple(max(loss - floor, 0.0) for loss in losses))
    kept = f"step {report.best_step} of {report.steps} kept"
    return Grid((f"held-out loss of the folds, {kept}",), [[bars]], "l")
