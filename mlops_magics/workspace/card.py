"""What is this version: from where, how good, for what, and where not?

Puts together what the registry, the training and the rows that nobody learned from say
of one version. It shows nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.state import NoModelFile
from mlops_magics.errors.storage import BrokenFile, BrokenModel, NewerFormat
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.monitoring.retraining import RetrainingRequest
from mlops_magics.registry.versions import ModelVersion, StageChange
from mlops_magics.statistics.slices import Slice, find_slices, quantile_bins
from mlops_magics.tables.table import Column, Value
from mlops_magics.training.job import TrainingJob

from .evaluation import answers, codes, losses, own_rows
from .predict import load
from .promote import job_of

if TYPE_CHECKING:
    from .workspace import Workspace

# Fewer rows of a class say nothing of it.
FEW_ROWS = 30
MOST_VALUES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """How one class is answered.

    Attributes
    ----------
    value : value
        The class, in its own type.
    rows : int
        Rows that are of it.
    precision : float or None
        Share of the rows answered so that are of it; None where none was.
    recall : float or None
        Share of the rows of it that were answered so; None where there are none.
    """

    value: Value
    rows: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good a version is on rows that it has not learned from.

    Attributes
    ----------
    rows : int
        How many.
    classes : tuple of ClassFigures
        Empty for regression.
    slices : tuple of Slice
        Where it is worse than elsewhere, beyond chance.
    """

    rows: int
    classes: tuple[ClassFigures, ...]
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One version: what it is, from where, how good.

    Attributes
    ----------
    version : ModelVersion
        The version.
    job : TrainingJob or None
        The run that made it; None for one that was made elsewhere.
    changes : tuple of StageChange
        Its own history.
    signature : Signature or None
        What it takes; None where its file is not here.
    quality : Quality or None
        None where there are no rows to tell.
    environment : mapping of str to str
        What it was made with.
    limits : tuple of str
        What should be known before it is used.
    prediction_count : int
        Predictions that were recorded.
    retrainings : tuple of RetrainingRequest
        Those that it was trained for, and those against it, the newest first.
    """

    version: ModelVersion
    job: TrainingJob | None
    changes: tuple[StageChange, ...]
    signature: Signature | None = None
    quality: Quality | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    prediction_count: int = 0
    retrainings: tuple[RetrainingRequest, ...] = ()


def card(workspace: "Workspace", ref: str) -> ModelCard:
    """Return what one version is, from where, and how good.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    ref : str
        The version, as `ModelRegistry.resolve` reads it.

    Returns
    -------
    ModelCard
        Also of a version whose file is damaged or not here: with what is known.
    """
    version = workspace.registry.resolve(ref)
    history = workspace.registry.history(version.model_id)
    changes = tuple(change for change in history if change.version == version.version)
    model, damage = model_of(workspace, version)
    quality = None if model is None else _quality(workspace, version, model)
    return ModelCard(
        version=version,
        job=job_of(workspace, version),
        changes=changes,
        signature=None if model is None else model.signature,
        quality=quality,
        environment={} if model is None else dict(model.environment),
        limits=tuple(_limits(version, model, damage, quality, changes)),
        prediction_count=workspace.storage.log.count("event", version.name),
        retrainings=tuple(
            request
            for request in workspace.monitoring.retraining(version.model_id)
            if version.version in (request.challenger, request.champion)
        ),
    )


def model_of(workspace: "Workspace", version: ModelVersion) -> tuple[Any, str]:
    """Return the model of a version, or None and why it cannot be read."""
    try:
        return load(workspace, version), ""
    except (NoModelFile, BrokenFile, BrokenModel, NewerFormat) as error:
        return None, str(error).split(". Next:")[0]


def _quality(workspace: "Workspace", version: ModelVersion, model: Any) -> Quality | None:
    table, labels = own_rows(workspace, version)
    if not labels:
        return None
    answered = answers(model, table)
    classes: tuple[ClassFigures, ...] = ()
    if answered.ndim == 1:
        lost = losses(model, answered, labels)
        usable = np.isfinite(lost)
        table, lost = table.take(np.flatnonzero(usable)), lost[usable]
    else:
        places, chosen = codes(model, labels), answered.argmax(axis=1)
        lost = (places != chosen).astype(np.float64)
        classes = _classes(model.signature, places, chosen)
    if not len(lost):
        return None
    columns = {name: _values(column) for name, column in table.columns.items()}
    return Quality(rows=len(lost), classes=classes, slices=find_slices(columns, lost))


def _classes(
    signature: Signature, places: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[ClassFigures, ...]:
    found = []
    for place, value in enumerate(signature.classes):
        is_it, is_said = places == place, chosen == place
        right = int((is_it & is_said).sum())
        found.append(
            ClassFigures(
                value=value,
                rows=int(is_it.sum()),
                precision=right / int(is_said.sum()) if is_said.any() else None,
                recall=right / int(is_it.sum()) if is_it.any() else None,
            )
        )
    return tuple(found)


def _values(column: Column) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return a column as the values or ranges that slices are made of."""
    if column.stored_in != "text":
        return quantile_bins(column.to_floats())
    texts = np.where(column.missing, "missing", column.values.astype(str))
    names, places, counts = np.unique(texts, return_inverse=True, return_counts=True)
    kept = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    new = np.full(len(names), len(kept))
    new[kept] = np.arange(len(kept))
    return new[places].astype(np.int64), (*names[kept].tolist(), "any other")


def _limits(
    version: ModelVersion,
    model: Any,
    damage: str,
    quality: Quality | None,
    changes: tuple[StageChange, ...],
) -> list[str]:
    """Return what should be known before a version is used."""
    said = [damage] if damage else []
    for change in changes:
        if change.because is not None:
            gates = ", ".join(v.gate for v in change.verdicts if not v.passed)
            said.append(f"went into production past {gates}, because {change.because}")
    if version.is_interrupted:
        said.append("its training was stopped before its time")
    if "imported_from" in version.metadata:
        name = version.metadata["imported_from"]
        said.append(f"came from the file {name}: what it learned from is not here")
    if model is None:
        return said
    if quality is None:
        said.append("no honest estimate: there are no rows that it has not learned from")
    else:
        small = [str(c.value) for c in quality.classes if c.rows < FEW_ROWS]
        if small:
            said.append(f"measured on fewer than {FEW_ROWS} rows of {', '.join(small[:8])}")
        said += [_worse(found, bool(quality.classes)) for found in quality.slices]
    if model.scale is not None:
        said.append(f"answers only from {model.scale.low:g} to {model.scale.high:g}")
    never = [f.name for f in model.signature.features if not f.missing_seen]
    if never:
        more = f" and {len(never) - 8} more" if len(never) > 8 else ""
        said.append(f"has never seen a missing value in {', '.join(never[:8])}{more}")
    return said


def _worse(found: Slice, is_classes: bool) -> str:
    rows = f"{found.rows:,} rows"
    said = f"squared error {found.loss:.3g} on {rows}, {found.elsewhere:.3g} elsewhere"
    if is_classes:
        said = f"wrong in {found.loss:.0%} of {rows}, {found.elsewhere:.0%} elsewhere"
    return f"worse where {found.name}: {said}"


def ranges(feature: Feature) -> str:
    """Return what was seen of a column in training, in few words."""
    if feature.levels:
        more = f" and {len(feature.levels) - 4} more" if len(feature.levels) > 4 else ""
        return f"{', '.join(feature.levels[:4])}{more}"
    if feature.low is None or feature.high is None or feature.kind == "time":
        return ""
    return f"{feature.low:g} to {feature.high:g}"
