"""How do models, versions and promotions look?"""

from mlops_magics.registry.rollouts import Rollout
from mlops_magics.registry.versions import Deletion, ModelVersion, Promotion, Verdict
from mlops_magics.workspace.compare import Comparison
from mlops_magics.workspace.results import ModelHistory, ModelSummary

from .bundle import Bundle
from .grid import Cell, Grid, Said
from .numbers import chance, count, day, figure, size
from .page import Headline, Line, Part, page
from .training import CALLED, MAIN


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
    rows: list[list[Cell]] = [
        [
            model.model_id,
            model.production.version if model.production else "–",
            model.newest.version,
            main_metric(model.production or model.newest),
            count(model.prediction_count),
        ]
        for model in result
    ]
    headers, align = ["model", "production", "newest", "metric", "predictions"], "lllrr"
    if any(model.open_alerts for model in result):
        headers, align = [*headers, "alerts"], align + "l"
        for row, model in zip(rows, result, strict=True):
            said = f"■ {count(model.open_alerts)} open"
            row.append((said, "bad") if model.open_alerts else "none")
    needs = [need for model in result for need in model.needs]
    lines = [Line(f"{need.model_id}: {need.said}. Next:", need.next) for need in needs]
    return page(Headline(count(len(result), "model")), Grid(headers, rows, align), *lines)


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
    changes = [
        f"{c.version} {c.stage}: {c.why}{'' if c.is_typed else f', asked by {c.by}'}"
        for c in result.changes[-8:]
    ]
    return page(
        Headline(result.model_id, f"· {count(len(result.versions), 'version')}"),
        Grid(headers, rows, "llrrrl"),
        *(Line(change) for change in changes),
    )


def version(result: ModelVersion) -> Bundle:
    """Return one version in a line."""
    return page(Headline(result.name, f"· {result.stage} · {main_metric(result)}"))


MARKS: dict[bool | None, Cell] = {
    True: ("● passed", "good"),
    False: ("■ failed", "bad"),
    None: ("▲ no verdict", "watch"),
}


def gates(verdicts: tuple[Verdict, ...]) -> Grid | None:
    """Return what each gate said; None where none was asked."""
    if not verdicts:
        return None
    rows: list[list[Cell]] = [
        [v.gate, MARKS[v.passed], Said(v.said.removeprefix("no verdict: "))] for v in verdicts
    ]
    return Grid(("gate", "verdict", "figure and bound"), rows, "lll")


def promotion(result: Promotion) -> Bundle:
    """Return what a promotion or a rollback did, or which gates held a version back."""
    found = result.version
    if result.is_refused:
        headline = Headline(f"{found.model_id} {found.version}", "was not promoted", "bad")
        return page(headline, gates(result.verdicts))
    said = f"is in {found.stage}"
    if not result.verdicts and found.stage == "production":
        said = "is back in production"
    past = None if result.because is None else f"past its gates, because {result.because}"
    return page(
        Headline(f"{found.model_id} {found.version}", said, "good" if past is None else "watch"),
        None if past is None else Line(past),
        Line(f"{result.replaced} was there before and is in staging") if result.replaced else None,
        gates(result.verdicts),
    )


def deletion(result: Deletion) -> Bundle:
    """Return what a deletion gave back."""
    freed = size(result.byte_count)
    return page(Headline(result.name, f"is deleted, {freed} are free; its predictions stay"))


def comparison(result: Comparison) -> Bundle:
    """Return two versions beside each other, and whether one is better beyond chance."""
    return page(*comparison_parts(result))


def comparison_parts(result: Comparison) -> list[Part | None]:
    """Return the parts of a comparison's page."""
    one, two = result.first.version, result.second.version
    left = [
        f"{count(result.learned, 'row')} left out: one of them has learned from them"
        if result.learned
        else "",
        f"{count(result.lacking, 'row')} left out: a column of one of them is missing"
        if result.lacking
        else "",
    ]
    if result.looks > 1:
        said = f"its held-out rows have judged {count(result.looks, 'pair')} of versions by now"
        left.append(f"{said}: the more they judge, the likelier luck picks one")
    sources = [
        f"{count(result.held_out)} held out" if result.held_out else "",
        f"{count(result.labelled)} predicted and labelled" if result.labelled else "",
    ]
    said = ", ".join(filter(None, sources)) or "there are none"
    return [
        _better(result),
        Line(f"{count(result.rows, 'row')} that neither has learned from: {said}"),
        *(Line(line) for line in left if line),
        Grid(("metric", one, two, f"{two} better by", "95 % interval"), _sides(result), "lrrrr")
        if result.losses
        else None,
    ]


def _better(result: Comparison) -> Headline:
    name, one, two = result.first.model_id, result.first.version, result.second.version
    if result.paired is None:
        return Headline(f"{name}: no verdict", f"30 rows are needed for {one} and {two}", "watch")
    said = {
        "better": f"{two} is better than {one}",
        "worse": f"{one} is better than {two}",
        "no difference": f"no difference beyond chance between {one} and {two}",
    }
    return Headline(f"{name}: {said[result.paired.verdict]}")


def _sides(result: Comparison) -> list[list[Cell]]:
    assert result.losses is not None
    gain, ends = figure(result.losses[0] - result.losses[1], 4), ""
    if result.paired is not None:
        ends = f"{figure(result.paired.low, 4)} to {figure(result.paired.high, 4)}"
    rows: list[list[Cell]] = [["loss", *(figure(loss, 4) for loss in result.losses), gain, ends]]
    if result.accuracies is not None:
        more = result.accuracies[1] - result.accuracies[0]
        chance_said = f"p {chance(result.mid_p)}"
        shares = [figure(share, 3) for share in result.accuracies]
        rows.append(["accuracy", *shares, figure(more, 3), chance_said])
    return rows


def beside(result: Rollout | None) -> Line | None:
    """Return in a line what answers beside production; None where nothing does."""
    if result is None:
        return None
    said = "is its shadow"
    if result.kind == "canary":
        said = f"is its canary of {result.share_said}"
    step = f"%model {result.model_id} compare production {result.version}"
    return Line(f"{result.version} {said} since {day(result.since)}:", step)


def rollout(result: Rollout) -> Bundle:
    """Return what answers beside production, or that it has ended."""
    name = f"{result.model_id} {result.version}"
    if result.kind == "off":
        return page(
            Headline(name, "answers no more beside production"),
            Line(f"{result.why}; what it has answered stays"),
        )
    said, recorded = "is a shadow", "answers every row, recorded apart from what production answers"
    if result.kind == "canary":
        said = f"is a canary of {result.share_said}"
        recorded = "answers for that share of the entities, the same ones each time"
    watched = f"%monitor {result.model_id}@{result.version}"
    compared = f"%model {result.model_id} compare production {result.version}"
    return page(
        Headline(name, said, "good"),
        Line(recorded),
        Line("How it does:", watched),
        Line("On live labelled rows:", compared),
        Line("To end it, or promote it:", f"%model {result.model_id} off"),
    )
