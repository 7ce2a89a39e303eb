"""How does a model card look?"""

from mlops_magics.registry.versions import StageChange
from mlops_magics.workspace.card import ClassFigures, ModelCard, ranges

from .bundle import Bundle
from .grid import Cell, Drawn, Grid, Said
from .models import main_metric
from .numbers import count, date, percent
from .page import Code, Heading, Headline, Line, OnlyDrawn, Part, page
from .training import job_parts


def card(result: ModelCard) -> Bundle:
    """Return one version: what it is, how good, from where, what it takes, its history."""
    return page(*card_parts(result))


def card_parts(result: ModelCard) -> list[Part | None]:
    """Return the parts of a card, for a page and for a document."""
    found = result.version
    note = found.metadata.get("note")
    return [
        Headline(found.name, f"· {found.stage} · {main_metric(found)}"),
        Line(_purpose(result)),
        Line(str(note)) if note else None,
        *_limits(result),
        *_quality(result),
        *_training(result),
        *_origin(result),
        *_schema(result),
        *_history(result.changes),
        *_retrainings(result),
        *_made_with(result),
    ]


def _purpose(result: ModelCard) -> str:
    """Return what it predicts, for whom, and how often it did."""
    found = result.version
    target = str(found.metadata.get("target", "something"))
    classes = ""
    if result.signature is not None and result.signature.classes:
        names = [str(value) for value in result.signature.classes]
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        classes = f" ({', '.join(names[:6])}{more})"
    keys = [name for view in found.metadata.get("views", ()) for name in view["key"]]
    entity = f" for each {', '.join(dict.fromkeys(keys))}" if keys else ""
    made = "" if found.framework == "flax" else f" · made with {found.framework}"
    said = count(result.prediction_count, "prediction")
    return f"predicts {target}{classes}{entity} · {said} so far{made}"


def _limits(result: ModelCard) -> list[Part | None]:
    if not result.limits:
        return []
    return [Heading("Limits"), *(Line(f"{limit}.") for limit in result.limits)]


def _quality(result: ModelCard) -> list[Part | None]:
    quality = result.quality
    if quality is None or not quality.classes:
        return []
    rows: list[list[Cell]] = [_of_class(found) for found in quality.classes]
    return [
        Heading("How good, class by class"),
        Line(f"on {count(quality.rows, 'row')} that it has not learned from"),
        Grid(("class", "rows", "right when said", "found of all"), rows, "lrrr"),
    ]


def _of_class(found: ClassFigures) -> list[Cell]:
    return [str(found.value), count(found.rows), percent(found.precision), percent(found.recall)]


def _training(result: ModelCard) -> list[Part | None]:
    if result.job is None:
        return []
    # its own headline and its next step belong to the moment of training
    parts = [part for part in job_parts(result.job)[1:] if not _is_next(part)]
    return [Heading("Training"), *parts]


def _is_next(part: Part | None) -> bool:
    return isinstance(part, Line) and part.said == "Next:"


def _origin(result: ModelCard) -> list[Part | None]:
    """Return where data and code come from."""
    metadata = result.version.metadata
    data = metadata.get("data") or {}
    views = [f"{view['view']} v{view['number']}" for view in metadata.get("views", ())]
    facts: list[list[Cell]] = []
    if data:
        rows = f"{count(data['row_count'])}, fingerprint {data['fingerprint']}"
        facts.append(["rows", Said(rows)])
    if views:
        facts.append(["feature views", Said(", ".join(views))])
    if "seed" in metadata:
        facts.append(["seed", str(metadata["seed"])])
    cell, number = metadata.get("cell"), metadata.get("cell_number")
    return [
        Heading("Where it comes from"),
        Grid(("what", "which"), facts, "ll") if facts else None,
        OnlyDrawn(Grid(("what", "which"), _names(result), "ll")),
        Line(f"trained by cell {number}" if number else "trained by") if cell else None,
        Code(str(cell)) if cell else None,
    ]


def _names(result: ModelCard) -> list[list[Cell]]:
    """Return what names it exactly, and is another name in every run."""
    found = result.version
    names = [
        ("git commit", str(found.metadata.get("git_commit") or "")[:12]),
        ("training job", str(found.metadata.get("job_id") or "")),
        ("sha256 of the file", (found.artifact_sha256 or "")[:16]),
        ("kept at", "" if found.artifact_sha256 else found.artifact_uri),
        ("imported from", str(found.metadata.get("imported_from") or "")),
    ]
    return [[name, Said(said)] for name, said in names if said]


def _schema(result: ModelCard) -> list[Part | None]:
    if result.signature is None:
        return []
    rows: list[list[Cell]] = [
        [f.name, f.kind, ranges(f), "sometimes" if f.missing_seen else "never"]
        for f in result.signature.features
    ]
    headers = ("column", "kind", "seen in training", "missing there")
    return [Heading("What it takes"), Grid(headers, rows, "llll")]


def _history(changes: tuple[StageChange, ...]) -> list[Part | None]:
    if not changes:
        return []
    rows: list[list[Cell]] = [
        [Drawn(date(change.written_at)), change.stage, Said(_why(change))] for change in changes
    ]
    return [Heading("History"), Grid(("when", "stage", "why"), rows, "lll")]


def _why(change: StageChange) -> str:
    asked = "" if change.is_typed else f", asked by {change.by}"
    if change.because is None:
        return f"{change.why}{asked}"
    past = ", ".join(v.gate for v in change.verdicts if not v.passed)
    return f"{change.why} ({past}), because {change.because}{asked}"


def _retrainings(result: ModelCard) -> list[Part | None]:
    """Return why it was trained, or what was trained to take its place."""
    parts: list[Part | None] = []
    for request in result.retrainings:
        against = f"{request.challenger or 'a challenger'} against {request.champion}"
        because = f": {'; '.join(request.evidence)}" if request.evidence else ""
        said = f"request {request.request_no}, {against}, {request.reason}{because}."
        parts += [Line(said), Line(f"{request.state}: {request.said}.") if request.said else None]
    return [Heading("Retraining"), *parts] if parts else []


def _made_with(result: ModelCard) -> list[Part | None]:
    if not result.environment:
        return []
    said = ", ".join(f"{name} {version}" for name, version in sorted(result.environment.items()))
    return [OnlyDrawn(Heading("Made with")), OnlyDrawn(Line(said))]
