"""On which rows can a version be judged, and how well does it answer there?

Held-out rows that trainings kept, and recorded predictions whose outcome became known.
A row that a version has learned from is never among them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.tables import UnusableColumn, UnusableColumns
from mlops_magics.inference.validation import validate
from mlops_magics.monitoring import events, labels
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.statistics.classification import SMALLEST_PROBABILITY
from mlops_magics.storage.rows import Rows, Span
from mlops_magics.tables.table import Table, Value
from mlops_magics.training.kept_rows import FEATURE, HASH, TARGET, content

from .predict import load

if TYPE_CHECKING:
    from .workspace import Workspace

# More rows tell two versions apart no better than a person needs.
MOST_LABELLED = 100_000

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """Rows whose outcome is known.

    Attributes
    ----------
    table : Table
        The features.
    labels : list of value
        What turned out, each in its own type.
    written_at : array of int64, shape (n,)
        When each row was stored, microseconds.
    by : ModelVersion
        The version whose training held them out, or that answered.
    hashes : array of uint64, shape (n,), or None
        By which that training knew them; None for recorded predictions.
    event_time : array of int64, shape (n,)
        When each prediction was true, microseconds; of no meaning for held-out rows.
    keys : list of str or None, length n
        JSON of what names the entity of each prediction.
    """

    table: Table
    labels: list[Value]
    written_at: NDArray[np.int64]
    by: ModelVersion
    hashes: NDArray[np.uint64] | None
    event_time: NDArray[np.int64]
    keys: list[str | None]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_held_out(self) -> bool:
        """Whether a training held them out; else they are recorded predictions."""
        return self.hashes is not None

    def take(self, rows: NDArray[Any]) -> "Labelled":
        """Return the rows of this mask."""
        places = np.flatnonzero(rows)
        return Labelled(
            table=self.table.take(places),
            labels=[self.labels[place] for place in places.tolist()],
            written_at=self.written_at[places],
            by=self.by,
            hashes=None if self.hashes is None else self.hashes[places],
            event_time=self.event_time[places],
            keys=[self.keys[place] for place in places.tolist()],
        )


def held_out(workspace: "Workspace", version: ModelVersion) -> Labelled | None:
    """Return the rows that a version's training held out; None where it kept none.

    Parameters
    ----------
    workspace : Workspace
        Where it was trained.
    version : ModelVersion
        The version.

    Returns
    -------
    Labelled or None
        At most ten thousand.
    """
    rows = workspace.storage.log.read("evaluation", version.name)
    if not len(rows):
        return None
    texts = rows.table.column(TARGET).to_list()
    found = [json.loads(str(text)) for text in texts]
    hashes = rows.table.column(HASH).values.view(np.uint64)
    return _labelled(rows, found, version, hashes)


def labelled_predictions(workspace: "Workspace", version: ModelVersion) -> Labelled | None:
    """Return the recorded predictions of a version whose label has arrived.

    Parameters
    ----------
    workspace : Workspace
        Where they were recorded.
    version : ModelVersion
        The version that answered.

    Returns
    -------
    Labelled or None
        Of the newest 100,000 labels of the model; None while there are none.
    """
    storage, model_id = workspace.storage, version.model_id
    since = labels.since_when(storage, model_id, MOST_LABELLED)
    newest = labels.newest_labels(storage, model_id, since)
    if not newest:
        return None
    stream = events.stream(model_id, version.version)
    features = [f.name for f in storage.log.fields("event", stream) if f.name.startswith(FEATURE)]
    # by their ids: the events themselves may be more than fit into memory
    span = Span(ids=tuple(newest), only=tuple(features))
    rows = storage.log.read("event", stream, span)
    if not len(rows):
        return None
    read = {label: json.loads(label) for label, _ in newest.values()}
    found = [read[newest[request_id or ""][0]] for request_id in rows.ids]
    return _labelled(rows, found, version, None)


def _labelled(
    rows: Rows, found: list[Value], by: ModelVersion, hashes: NDArray[np.uint64] | None
) -> Labelled:
    columns = {
        name.removeprefix(FEATURE): column
        for name, column in rows.table.columns.items()
        if name.startswith(FEATURE)
    }
    return Labelled(
        table=Table(columns, len(rows)),
        labels=found,
        written_at=rows.written_at,
        by=by,
        hashes=hashes,
        event_time=rows.event_time,
        keys=rows.keys,
    )


def fitted(model: Any, rows: Labelled) -> Table | None:
    """Return rows as a model takes them; None where they lack a column, or cannot be used."""
    if any(name not in rows.table for name in model.signature.names):
        return None
    try:
        return validate(model.signature, rows.table).table
    except (UnusableColumn, UnusableColumns):
        return None


def not_learned(
    workspace: "Workspace", version: ModelVersion, table: Table, rows: Labelled
) -> Mask:
    """Return which rows a version has not learned from.

    Parameters
    ----------
    workspace : Workspace
        Where it was trained, or came to.
    version : ModelVersion
        The version.
    table : Table
        The rows as it takes them.
    rows : Labelled
        The same rows.

    Returns
    -------
    array of bool, shape (n,)
        Where both trainings know rows by the same columns, such as a key, that says it;
        else a row with the values of one that was learned from counts as that one. Of a
        version that was trained elsewhere nobody knows its rows: only predictions count
        that were recorded after it came.
    """
    if rows.is_held_out and rows.by.version == version.version:
        return np.ones(len(rows), bool)
    trained = workspace.storage.log.read("trained", version.name)
    if not len(trained):
        is_later = rows.written_at > version.registered_at
        return is_later if not rows.is_held_out else np.zeros(len(rows), bool)
    known_by = version.metadata.get("identity")
    same = bool(known_by) and rows.by.metadata.get("identity") == known_by
    if rows.hashes is not None and same:
        return ~np.isin(rows.hashes, trained.table.column("hash").values.view(np.uint64))
    learned = trained.table.column("content").values.view(np.uint64)
    return ~np.isin(content(table), learned)


def own_rows(workspace: "Workspace", version: ModelVersion) -> tuple[Table, list[Value]]:
    """Return the rows that a version can be judged on by itself.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    version : ModelVersion
        The version.

    Returns
    -------
    tuple of (Table, list of value)
        The rows that its training held out; of a version that came from elsewhere, its
        own predictions whose label has arrived.
    """
    model = load(workspace, version)
    rows = held_out(workspace, version) or labelled_predictions(workspace, version)
    table = None if rows is None else fitted(model, rows)
    if rows is None or table is None:
        return Table({}, 0), []
    free = not_learned(workspace, version, table, rows)
    return table.take(np.flatnonzero(free)), rows.take(free).labels


def answers(model: Any, table: Table) -> Floats:
    """Return probabilities of classes, shape (n, classes), or numbers, shape (n,)."""
    found: Floats = model.probabilities(table) if model.signature.classes else model.values(table)
    return found


def codes(model: Any, found: Sequence[Value]) -> NDArray[np.int64]:
    """Return the place of each label among a model's classes; -1 for one that it lacks."""
    places = {json.dumps(value): place for place, value in enumerate(model.signature.classes)}
    return np.array([places.get(json.dumps(label), -1) for label in found], np.int64)


def losses(model: Any, answered: Floats, found: Sequence[Value]) -> Floats:
    """Return the loss of each row.

    Parameters
    ----------
    model : TrainedModel
        What answered.
    answered : array
        Its answers.
    found : sequence of value
        What turned out.

    Returns
    -------
    array of float64, shape (n,)
        In nats for classes, one that the model does not know as if it had said 0;
        squared errors for numbers.
    """
    if answered.ndim == 1:
        return np.asarray((answered - numbers(found)) ** 2, np.float64)
    places = codes(model, found)
    said = answered[np.arange(len(places)), np.maximum(places, 0)]
    said = np.where(places < 0, 0.0, said)
    return np.asarray(-np.log(np.clip(said, SMALLEST_PROBABILITY, 1.0)), np.float64)


def numbers(found: Sequence[Value]) -> Floats:
    """Return labels as numbers, NaN for what is none."""
    return np.array([float(v) if isinstance(v, int | float) else np.nan for v in found], np.float64)
