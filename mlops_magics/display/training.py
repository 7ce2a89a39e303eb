"""How does a training's result look?"""

from mlops_magics.errors.error import printable
from mlops_magics.training.findings import Importance
from mlops_magics.training.job import Report, TrainingJob
from mlops_magics.workspace.background import BackgroundTraining

from . import charts
from .bundle import Bundle
from .grid import Cell, Drawn, Grid
from .numbers import chance, count, date, duration, figure, percent, value
from .page import Beside, Headline, Line, Part, Picture, page
from .theme import SYMBOLS, Level
from .writing import short

COLUMNS_SHOWN = 8
IMPORTANT_SHOWN = 6
# Of a calibration error, where probabilities are perfect.
LIKELY = 0.05

STATES: dict[str, Level] = {
    "running": "plain",
    "completed": "good",
    "interrupted": "watch",
    "cancelled": "watch",
    "failed": "bad",
    "lost": "bad",
}
OF_INTERVALS = " with its 95 % interval"
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


def background(result: BackgroundTraining) -> Bundle:
    """Return a training in a thread: that it runs, or what came of it."""
    if result.job is not None:
        return job(result.job)
    said = str(result.error) if result.error is not None else "· trains in the background"
    return page(Headline(result.model_id, said), Line("Next:", "%train jobs"))


def jobs(result: tuple[TrainingJob, ...]) -> Bundle:
    """Return every training in one line each, newest first."""
    rows: list[list[Cell]] = []
    for one in result:
        main = None if one.report is None else _main(one, one.report)
        found = f"{CALLED[main]} {figure(one.metrics.get(main))}" if main else "–"
        took = "–" if one.end_time is None else duration(one.end_time - one.start_time)
        status = (f"{SYMBOLS[STATES[one.status]]} {one.status}", STATES[one.status])
        began = Drawn(date(one.start_time))
        rows.append([one.model_id, one.version or "–", status, found, began, Drawn(took)])
    headers = ("model", "version", "status", "held out", "began", "took")
    lost = any(one.status == "lost" for one in result)
    return page(
        Headline(count(len(result), "training")),
        Grid(headers, rows, "llllll"),
        Line("lost: the process that ran it has ended before its end") if lost else None,
    )


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
        *(Line(f"{SYMBOLS['watch']} {printable(warning)}") for warning in report.warnings),
        Beside([_estimates(name, result, report), _learning(report)]),
        _metrics(result, report),
        *(Line(f"{CALLED.get(m, m)}: {why}") for m, why in report.undefined.items()),
        Beside([_curve(report), _ranking(report)]),
        _importance(report),
        *map(Line, _sure(report)),
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
    found = result.metrics.get(main)
    if found is None or not report.baselines:
        return None
    low, high = report.intervals.get(main, (None, None))
    rows = [
        charts.Estimate(
            name=short(printable(name)),
            value=found,
            said=figure(found),
            low=low,
            high=high,
            is_ours=True,
        )
    ]
    for simple in report.baselines:
        reached = simple.metrics.get(main)
        if reached is not None:
            low, high = simple.intervals.get(main, (None, None))
            said = figure(reached)
            rows.append(
                charts.Estimate(name=simple.name, value=reached, said=said, low=low, high=high)
            )
    has_ends = any(row.low is not None for row in rows)
    return Picture(charts.estimates(rows), f"{CALLED[main]}{OF_INTERVALS if has_ends else ''}")


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
    headers = ["metric", "this model", "95 % interval", *(one.name for one in report.baselines)]
    rows = []
    for metric, found in result.metrics.items():
        ends = report.intervals.get(metric)
        interval = f"{figure(ends[0])} to {figure(ends[1])}" if ends else ""
        beside = [figure(one.metrics.get(metric)) for one in report.baselines]
        rows.append([CALLED.get(metric, metric), figure(found), interval, *beside])
    return Grid(headers, rows, "l" + "r" * (len(headers) - 1))


def _curve(report: Report) -> Picture | None:
    """Return predicted against observed, where there are enough rows for a curve."""
    found = report.calibration
    if found is None or len(found.points) < 2:
        return None
    points = [(point.predicted, point.observed) for point in found.points]
    return Picture(charts.reliability(points), f"{printable(found.of)} against what happened")


def _ranking(report: Report) -> Picture | None:
    rows = [(short(printable(one.column)), one.increase) for one in _important(report)]
    return Picture(charts.ranking(rows), _unit(report)) if rows else None


def _important(report: Report) -> list[Importance]:
    return list(report.importance[:IMPORTANT_SHOWN])


def _unit(report: Report) -> str:
    return "loss more if shuffled" if report.classes else "R² less if shuffled"


def _importance(report: Report) -> Grid | None:
    rows: list[list[Cell]] = [
        [one.column, figure(one.increase), f"{figure(one.low)} to {figure(one.high)}"]
        for one in _important(report)
    ]
    return Grid(("column", _unit(report), "95 % interval"), rows, "lrr") if rows else None


def _sure(report: Report) -> list[str]:
    """Return what is known of probabilities, intervals, the rare class and new entities."""
    said = []
    if report.calibration is not None:
        found = report.calibration
        is_chance = found.by_chance >= LIKELY
        judged = "as chance alone makes it" if is_chance else "more than chance makes"
        error = f"off by {found.error * 100:.1f} points on average"
        said.append(f"Probabilities: {error}, {judged} (p {chance(found.by_chance)})")
    if report.coverage is not None:
        cover = report.coverage
        ends = f"{percent(cover.ends[0])} to {percent(cover.ends[1])}"
        held = f"hold {percent(cover.found)} of the held-out rows ({ends})"
        size = f"{value(cover.width)} wide on average"
        if cover.kind == "set":
            size = f"{figure(cover.width)} classes on average"
        said.append(f"{cover.kind.capitalize()}s for {percent(cover.asked)}: {held}, {size}")
    if report.threshold is not None:
        rare = report.threshold
        usual = f"at 0.50, which predictions use, {percent(rare.usual_recall)} are found"
        found_there = f"{percent(rare.recall)} are found and {percent(rare.precision)} of calls are"
        said.append(
            f"{value(rare.of)} is rare: called from {figure(rare.probability)} on, "
            f"{found_there} right; {usual}"
        )
    if report.unseen is not None:
        main = MAIN[report.task]
        reached = f"{CALLED[main]} {figure(report.unseen.metrics.get(main))}"
        rows = count(report.unseen.row_count, "held-out row")
        said.append(f"Entities that training had not seen: {reached} on {rows}")
    return said
