"""How do two versions of a model look beside each other?"""

from mlops_magics.errors.error import printable
from mlops_magics.model.signature import Feature
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.training.job import Report
from mlops_magics.workspace.beside import Side, SideBySide
from mlops_magics.workspace.card import ranges

from . import charts
from .bundle import Bundle
from .grid import Cell, Grid, Said
from .models import MARKS, comparison_parts, main_metric
from .numbers import chance, count, figure
from .page import Beside, Heading, Headline, Line, Part, Picture, page
from .training import CALLED, MAIN
from .writing import short

COLUMNS_SHOWN = 12
IMPORTANT_SHOWN = 8
FACTS = ("rows", "data", "held out", "feature views", "target", "seed", "made with", "note")


def side_by_side(result: SideBySide) -> Bundle:
    """Return what differs between two versions, the verdict first."""
    if result.first.version.version == result.second.version.version:
        headline = Headline(result.model_id, f"· {result.why_not}")
        step = f"%train {result.model_id} makes another to compare with"
        is_alone = len(result.versions) == 1
        return page(headline, Line(step) if is_alone else None, *_metrics(result, only=True))
    return page(
        *_verdict(result),
        *_metrics(result),
        *_origins(result),
        *_columns(result),
        *_importance(result),
        *_calibration(result),
        *_gates(result),
        *(Line(s.damage) for s in _sides(result) if s.damage not in ("", result.why_not)),
    )


def _sides(result: SideBySide) -> tuple[Side, Side]:
    return result.first, result.second


def _names(result: SideBySide) -> list[str]:
    return [side.version.version for side in _sides(result)]


def _report(side: Side) -> Report | None:
    return None if side.job is None else side.job.report


def _verdict(result: SideBySide) -> list[Part | None]:
    if result.comparison is not None:
        return comparison_parts(result.comparison)
    one, two = _names(result)
    said = f"{one} and {two} cannot be compared on the same rows"
    return [Headline(f"{result.model_id}:", said, "watch"), Line(result.why_not)]


def _metrics(result: SideBySide, only: bool = False) -> list[Part | None]:
    """Return each metric of both with its interval, each on its own held-out rows."""
    sides = _sides(result)[:1] if only else _sides(result)
    names = list(dict.fromkeys(name for side in sides for name in side.version.metrics))
    rows: list[list[Cell]] = [
        [CALLED.get(name, name), *(_metric(side, name) for side in sides)] for name in names
    ]
    rows.append(["stage", *(side.version.stage for side in sides)])
    headers = ("measured", *(side.version.version for side in sides))
    return [
        Heading("How good each was when it was trained"),
        Beside([_estimates(sides), Grid(headers, rows, "l" + "r" * len(sides))]),
    ]


def _metric(side: Side, name: str) -> str:
    found = side.version.metrics.get(name)
    report = _report(side)
    ends = None if report is None else report.intervals.get(name)
    interval = f" ({figure(ends[0])} to {figure(ends[1])})" if ends else ""
    return f"{figure(found)}{interval}" if found is not None else "–"


def _estimates(sides: tuple[Side, ...]) -> Picture | None:
    """Return the main metric of both with its interval, where both were measured alike."""
    main = {MAIN.get(str(side.version.metadata.get("task"))) for side in sides}
    name = next(iter(main)) if len(main) == 1 else None
    if name is None or any(side.version.metrics.get(name) is None for side in sides):
        return None
    rows = []
    for place, side in enumerate(sides):
        report = _report(side)
        low, high = (None, None) if report is None else report.intervals.get(name, (None, None))
        found = side.version.metrics[name]
        rows.append(
            charts.Estimate(
                name=side.version.version,
                value=found,
                said=figure(found),
                low=low,
                high=high,
                is_ours=place == len(sides) - 1,
            )
        )
    return Picture(charts.estimates(rows), f"{CALLED[name]} with its 95 % interval")


def _origins(result: SideBySide) -> list[Part | None]:
    """Return where both come from; what is the same in both is said once."""
    found = list(zip(FACTS, *map(_facts, _sides(result)), strict=True))
    differ: list[list[Cell]] = [[w, Said(a or "–"), Said(b or "–")] for w, a, b in found if a != b]
    same = [f"{what} {a}" for what, a, b in found if a == b and a]
    return [
        Heading("What they come from"),
        Grid(("what", *_names(result)), differ, "lll") if differ else None,
        Line(f"the same in both: {', '.join(same)}") if same else None,
    ]


def _facts(side: Side) -> list[str]:
    """Return where a version comes from, in the order of FACTS."""
    metadata, report = side.version.metadata, _report(side)
    rows = metadata.get("row_count")
    views = [f"{view['view']} v{view['number']}" for view in metadata.get("views", ())]
    return [
        count(rows) if isinstance(rows, int) else "",
        str((metadata.get("data") or {}).get("fingerprint", "")),
        "" if report is None else report.split,
        ", ".join(views),
        str(metadata.get("target", "")),
        str(metadata.get("seed", "")),
        side.version.framework,
        str(metadata.get("note") or ""),
    ]


def _columns(result: SideBySide) -> list[Part | None]:
    """Return the columns that only one of them takes."""
    if result.first.signature is None or result.second.signature is None:
        return []
    found = result.columns
    total = len({f.name for s in _sides(result) if s.signature for f in s.signature.features})
    if not found:
        return [Heading("Columns"), Line(f"both take the same {count(total, 'column')}")]
    rows: list[list[Cell]] = [[name, _taken(a), _taken(b)] for name, a, b in found[:COLUMNS_SHOWN]]
    hidden, same = len(found) - len(rows), total - len(found)
    return [
        Heading("Columns"),
        Grid(("column", *_names(result)), rows, "lll"),
        Line(f"and {hidden:,} more") if hidden > 0 else None,
        Line(f"the same in both: {count(same, 'column')}") if same else None,
    ]


def _taken(feature: Feature | None) -> str:
    if feature is None:
        return "not used"
    return ", ".join(filter(None, [feature.kind, short(printable(ranges(feature)))]))


def _importance(result: SideBySide) -> list[Part | None]:
    """Return the columns that matter most in either."""
    found = [
        {one.column: one.increase for one in report.importance} if report else {}
        for report in map(_report, _sides(result))
    ]
    names = {name for side in found for name in side}
    order = sorted(names, key=lambda name: (-max(side.get(name, 0.0) for side in found), name))
    shown = order[:IMPORTANT_SHOWN]
    rows: list[list[Cell]] = [
        [name, *(figure(side.get(name), 3) for side in found)] for name in shown
    ]
    if not rows:
        return []
    drawn = [
        # both in one order, so that they can be read across
        Picture(charts.ranking([(short(printable(n)), side.get(n, 0.0)) for n in shown]), name)
        for side, name in zip(found, _names(result), strict=True)
        if side
    ]
    return [
        Heading("What matters in each"),
        Beside([*drawn, Grid(("column", *_names(result)), rows, "lrr")]),
        Line("how much worse it is if a column is shuffled: loss more, or R² less for numbers"),
    ]


def _calibration(result: SideBySide) -> list[Part | None]:
    rows: list[list[Cell]] = []
    drawn: list[Part | None] = []
    for side in _sides(result):
        report = _report(side)
        if report is None or report.calibration is None:
            continue
        name, known = side.version.version, report.calibration
        error = f"{known.error * 100:.1f} points"
        rows.append([name, error, f"p {chance(known.by_chance)}"])
        if len(known.points) > 1:
            points = [(point.predicted, point.observed) for point in known.points]
            said = f"{name}: {printable(known.of)} against what happened"
            drawn.append(Picture(charts.reliability(points), said))
    if not rows:
        return []
    headers = ("version", "off by, on average", "as chance makes it")
    return [Heading("Whether probabilities hold"), Beside([*drawn, Grid(headers, rows, "lrr")])]


def _gates(result: SideBySide) -> list[Part | None]:
    """Return what the gates say of both now."""
    found = [{v.gate: v for v in side.verdicts} for side in _sides(result)]
    gates = dict.fromkeys(gate for side in found for gate in side)
    if not gates:
        return []
    rows: list[list[Cell]] = []
    for gate in gates:
        both = [side.get(gate) for side in found]
        marks: list[Cell] = [MARKS[v.passed] if v else "–" for v in both]
        held = [
            f"{name}: {v.said.removeprefix('no verdict: ')}"
            for name, v in zip(_names(result), both, strict=True)
            if v is not None and not v.passed
        ]
        rows.append([gate, *marks, Said("; ".join(held))])
    headers = ("gate", *_names(result), "what holds it back")
    return [Heading("Gates to production"), Grid(headers, rows, "llll")]


def label(version: ModelVersion) -> str:
    """Return a version as a picker shows it."""
    return f"{version.version} · {version.stage} · {main_metric(version)}"
