"""Which of two versions answers better?

On rows that neither has learned from, row by row; with fewer than 30 of them nobody can
say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.request import BadArgument
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.statistics.paired import Paired, compare_losses, mid_p
from mlops_magics.tables.table import Table, Value
from mlops_magics.training.kept_rows import content

from .evaluation import (
    Labelled,
    answers,
    codes,
    fitted,
    held_out,
    labelled_predictions,
    losses,
    not_learned,
)
from .looks import look
from .predict import load

if TYPE_CHECKING:
    from .workspace import Workspace

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions on the same rows.

    Attributes
    ----------
    first, second : ModelVersion
        The versions.
    held_out, labelled : int
        Rows that a training held out, and recorded predictions with a label.
    learned : int
        Rows left out because one of them has learned from them.
    lacking : int
        Rows left out because they lack a column of one of them.
    losses : tuple of (float, float), or None
        Mean loss of each; None without rows.
    accuracies : tuple of (float, float), or None
        Share of right answers of each; None for regression.
    mid_p : float or None
        Chance that so many more right answers of one are chance.
    paired : Paired or None
        How much better the second is; None under 30 rows.
    looks : int
        Pairs of versions that held-out rows of the model have judged, with this one; 0
        where no such row did.
    """

    first: ModelVersion
    second: ModelVersion
    held_out: int
    labelled: int
    learned: int
    lacking: int
    losses: tuple[float, float] | None = None
    accuracies: tuple[float, float] | None = None
    mid_p: float | None = None
    paired: Paired | None = None
    looks: int = 0

    @property
    def rows(self) -> int:
        """Rows that were compared."""
        return self.held_out + self.labelled


@dataclass(slots=True)
class _Shared:
    """Rows that both versions can be judged on."""

    tables: list[tuple[Table, Table]]
    labels: list[list[Value]]
    held_out: int = 0
    labelled: int = 0
    learned: int = 0
    lacking: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when the rows are that are compared on.

    Attributes
    ----------
    since, until : int or None
        Bounds of event_time of predictions, microseconds, without `until`. With `since`
        no row that a training held out is among them.
    """

    since: int | None = None
    until: int | None = None

    def holds(self, rows: Labelled) -> Mask:
        """Return which rows are of this time; held-out ones are older than any other."""
        if rows.is_held_out:
            return np.full(len(rows), self.since is None)
        inside = np.ones(len(rows), bool)
        if self.since is not None:
            inside &= rows.event_time >= self.since
        if self.until is not None:
            inside &= rows.event_time < self.until
        return inside


ALWAYS = Period()


def compare(
    workspace: "Workspace", model_id: str, first: str, second: str, period: Period = ALWAYS
) -> Comparison:
    """Compare two versions of a model.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    model_id : str
        The model.
    first, second : str
        Its versions, such as v1 and v2, or a stage in which one is.
    period : Period, optional
        Rows of which time; all by default.

    Returns
    -------
    Comparison
        Without a verdict under 30 rows.

    Raises
    ------
    BadArgument
        If they are one version, or answer different questions.
    """
    one = workspace.registry.resolve(f"{model_id}@{first}")
    two = workspace.registry.resolve(f"{model_id}@{second}")
    if one.version == two.version:
        raise BadArgument("version", second, f"another one than {one.version}")
    models = load(workspace, one), load(workspace, two)
    asked = [(model.signature.target, bool(model.signature.classes)) for model in models]
    if asked[0] != asked[1]:
        said = f"a version that predicts {asked[0][0]!r} as {one.version} does"
        raise BadArgument("version", two.version, said)
    shared = _shared(workspace, one, two, period)
    found = Comparison(
        first=one,
        second=two,
        held_out=shared.held_out,
        labelled=shared.labelled,
        learned=shared.learned,
        lacking=shared.lacking,
        looks=look(workspace, one, two, shared.held_out) if shared.held_out else 0,
    )
    return _measured(found, shared, models) if found.rows else found


def _measured(found: Comparison, shared: _Shared, models: tuple[object, object]) -> Comparison:
    sides = []
    for place, model in enumerate(models):
        answered = [answers(model, pair[place]) for pair in shared.tables]
        lost = [losses(model, a, k) for a, k in zip(answered, shared.labels, strict=True)]
        right = [
            a.argmax(axis=1) == codes(model, k) if a.ndim == 2 else np.zeros(0, bool)
            for a, k in zip(answered, shared.labels, strict=True)
        ]
        sides.append((np.concatenate(lost), np.concatenate(right)))
    (lost_one, right_one), (lost_two, right_two) = sides
    usable = np.isfinite(lost_one) & np.isfinite(lost_two)
    values = {name: getattr(found, name) for name in Comparison.__dataclass_fields__}
    values["paired"] = compare_losses(lost_two[usable], lost_one[usable])
    if usable.any():
        values["losses"] = float(lost_one[usable].mean()), float(lost_two[usable].mean())
    if len(right_one):
        values["accuracies"] = float(right_one.mean()), float(right_two.mean())
        only = int((right_two & ~right_one).sum()), int((right_one & ~right_two).sum())
        values["mid_p"] = mid_p(*only)
    return Comparison(**values)


def _shared(
    workspace: "Workspace", one: ModelVersion, two: ModelVersion, period: Period
) -> _Shared:
    """Return the rows that both take and neither has learned from, each once."""
    models = load(workspace, one), load(workspace, two)
    shared = _Shared([], [])
    seen: list[tuple[Labelled, Hashes]] = []
    for found in _groups(workspace, one):
        rows = found.take(period.holds(found))
        if not len(rows):
            continue
        tables = fitted(models[0], rows), fitted(models[1], rows)
        if tables[0] is None or tables[1] is None:
            shared.lacking += len(rows)
            continue
        free = not_learned(workspace, one, tables[0], rows)
        free &= not_learned(workspace, two, tables[1], rows)
        shared.learned += int((~free).sum())
        values = content(rows.table.select(sorted({*tables[0].names, *tables[1].names})))
        is_new = free & ~_seen(rows, values, seen)
        seen.append((rows.take(is_new), values[is_new]))
        places = np.flatnonzero(is_new)
        shared.tables.append((tables[0].take(places), tables[1].take(places)))
        shared.labels.append(rows.take(is_new).labels)
        if rows.is_held_out:
            shared.held_out += len(places)
        else:
            shared.labelled += len(places)
    return shared


def _seen(rows: Labelled, values: Hashes, seen: list[tuple[Labelled, Hashes]]) -> Mask:
    """Return which rows were among earlier ones: both kept them, or predicted them as well."""
    found = np.zeros(len(rows), bool)
    for earlier, known in seen:
        identity = rows.by.metadata.get("identity")
        same = bool(identity) and earlier.by.metadata.get("identity") == identity
        if same and rows.hashes is not None and earlier.hashes is not None:
            found |= np.isin(rows.hashes, earlier.hashes)
        else:
            found |= np.isin(values, known)
    return found


def _groups(workspace: "Workspace", one: ModelVersion) -> Iterator[Labelled]:
    """Yield rows with a known outcome that any version of the model held out or predicted."""
    versions = workspace.registry.list_versions(one.model_id)
    for read in (held_out, labelled_predictions):
        for version in reversed(versions):
            rows = read(workspace, version)
            if rows is not None:
                yield rows
