"""How is a prediction written down, and read back?

Each version of a model has a stream of its own in the log, so that its
features keep their kinds. The columns that every event has stand beside the
features under names of their own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.state import NameTaken
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.cells import remember
from mlops_magics.storage.log import ROWS_OF_A_SEGMENT
from mlops_magics.storage.rows import Append, Rows, Span
from mlops_magics.tables.kinds import from_value
from mlops_magics.tables.table import Column, Table, Value

from .reports import Event
from .summaries import Day, keep, tally
from .tallies import Meter

FEATURE = "feature:"
PROBABILITY = "p:"
# What a version answers as a shadow is no traffic of the model.
SHADOW = ":shadow"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Predictions of one version that are recorded together.

    Attributes
    ----------
    prediction : Column, n rows
        The answers.
    features : Table
        The rows as they were used.
    keys : sequence of mapping
        The entity of each row.
    event_time : array of int64, shape (n,), or None
        When each row was true; now where None.
    latency_ms : float, or array of float64, shape (n,)
        Of each row, in milliseconds.
    confidence, probabilities : array or None
        As of the predictions; None for regression.
    classes : sequence of value
        In the order of the probabilities.
    lower, upper : array of float64, shape (n,), or None
        Ends of the intervals of a regression; None where there are none.
    ids : sequence of str or None
        Request ids, where another version answered first; new ones where None.
    """

    prediction: Column
    features: Table
    keys: Sequence[Mapping[str, Value]]
    event_time: NDArray[np.int64] | None
    latency_ms: float | NDArray[np.float64]
    confidence: NDArray[np.float64] | None = None
    probabilities: NDArray[np.float64] | None = None
    classes: Sequence[Value] = ()
    lower: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None
    ids: Sequence[str] | None = None


def stream(model_id: str, version: str | None) -> str:
    """Return the name of the stream of a version; '-' where the version is not known."""
    return f"{model_id}@{version or '-'}"


def shadow_name(version: str) -> str:
    """Return under which name a version's answers are recorded while it is a shadow."""
    return f"{version}{SHADOW}"


def write(
    storage: Storage,
    model_id: str,
    version: str | None,
    batch: Batch,
    meters: Sequence[Meter] = (),
) -> list[str]:
    """Record predictions; they are there when this returns.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    version : str or None
        Which version answered.
    batch : Batch
        The predictions.
    meters : sequence of Meter, optional
        Tally the predictions at once where they are enough for a segment.

    Returns
    -------
    list of str
        Their request ids, in order.
    """
    columns = _columns_of(batch)
    count = len(batch.prediction)
    ids = storage.clock.new_ids(count) if batch.ids is None else list(batch.ids)
    keys = [json.dumps(dict(key), ensure_ascii=False) if key else None for key in batch.keys]
    times, days = batch.event_time, list[Day]()
    if times is not None and count >= ROWS_OF_A_SEGMENT:
        # before the lock is taken: whoever waits for it does not wait for this
        dated = Append(table=Table.of(columns), event_time=times, known_at=times)
        days = tally(meters, dated)
    # A killed process loses nothing that was acknowledged; only a power loss could.
    with storage.transaction(durable=False) as transaction:
        cell_id = _cell_id(storage, transaction)
        if cell_id is not None:
            cells = np.full(count, cell_id)
            columns["cell_id"] = Column("integer", cells, np.zeros(count, bool))
        now = np.full(count, transaction.now)
        what = Append(
            table=Table.of(columns),
            event_time=now if times is None else times,
            known_at=now,
            ids=ids,
            keys=keys,
        )
        appended = storage.log.append(transaction, "event", stream(model_id, version), what)
        if appended.segment_id is not None:
            keep(transaction, appended.segment_id, days)
    return ids


def _columns_of(batch: Batch) -> dict[str, Column]:
    count = len(batch.prediction)
    present = np.zeros(count, bool)
    columns = {
        "prediction": _json_texts(batch.prediction),
        "latency_ms": Column("number", np.full(count, batch.latency_ms), present),
    }
    if batch.prediction.stored_in == "float64":
        columns["value"] = batch.prediction
    ends = {"confidence": batch.confidence, "lower": batch.lower, "upper": batch.upper}
    for name, values in ends.items():
        if values is not None:
            columns[name] = Column("number", values, present)
    if batch.probabilities is not None:
        for place, value in enumerate(batch.classes):
            column = Column("number", batch.probabilities[:, place], present)
            columns[PROBABILITY + json.dumps(value)] = column
    return columns | {FEATURE + name: column for name, column in batch.features.columns.items()}


def write_one(storage: Storage, event: Event) -> str:
    """Record one event as it is handed over, and return its request id.

    Parameters
    ----------
    storage : Storage
        The workspace.
    event : Event
        What happened.

    Returns
    -------
    str
        The id that labels refer to.

    Raises
    ------
    NameTaken
        If its request id was recorded before.
    """
    request_id = event.request_id or storage.clock.new_id()
    name = stream(event.model_id, event.version)
    is_number = isinstance(event.prediction, float)
    values: dict[str, Value] = {
        "prediction": json.dumps(event.prediction),
        "value": event.prediction if is_number else None,
        "confidence": event.confidence,
        "latency_ms": event.latency_ms,
        "error": event.error,
    }
    values |= {PROBABILITY + json.dumps(k): v for k, v in event.probabilities.items()}
    values |= {FEATURE + k: v for k, v in event.features.items()}
    columns = {k: from_value(k, v) for k, v in values.items() if v is not None}
    key = json.dumps(dict(event.key), ensure_ascii=False) if event.key else None
    with storage.transaction(durable=False) as transaction:
        if event.request_id is not None:
            _refuse_known(storage, name, request_id)
        cell_id = _cell_id(storage, transaction)
        if cell_id is not None:
            columns["cell_id"] = from_value("cell_id", cell_id)
        moment = np.array([transaction.now if event.event_time is None else event.event_time])
        what = Append(
            table=Table.of(columns),
            event_time=moment,
            known_at=np.array([transaction.now]),
            ids=[request_id],
            keys=[key],
        )
        storage.log.append(transaction, "event", name, what)
    return request_id


def _cell_id(storage: Storage, transaction: Transaction) -> int | None:
    """Return the id of the notebook cell that is running, if one is."""
    cell = storage.cell()
    return None if cell is None else remember(transaction, cell)


def _refuse_known(storage: Storage, name: str, request_id: str) -> None:
    if len(storage.log.read("event", name, Span(ids=(request_id,), only=()))):
        raise NameTaken("request_id", request_id, "leave it out, and a new one is made")


def read(
    storage: Storage, model_id: str | None, span: Span, version: str | None = None
) -> list[tuple[str, Rows]]:
    """Return the events of a model's versions, each version with its name.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str or None
        The model; all models where None.
    span : Span
        Which events; a limit holds for each version.
    version : str, optional
        Only of this one of the model, such as v2 or v2:shadow; all but shadows by default.

    Returns
    -------
    list of (str, Rows)
        Stream name (churn@v2) and its events.
    """
    names = streams(storage, model_id, version)
    return [(name, storage.log.read("event", name, span)) for name in names]


def streams(storage: Storage, model_id: str | None, version: str | None = None) -> list[str]:
    """Return the streams of a model's versions, or of one version; of all models where None.

    Those of shadows are named or left out.
    """
    if model_id is None:
        names = storage.log.streams("event", "", "\U0010ffff")
    else:
        # 'A' follows '@': all names that begin with the model's and '@'
        names = storage.log.streams("event", f"{model_id}@", f"{model_id}A")
    if model_id is not None and version is not None:
        return [name for name in names if name == stream(model_id, version)]
    return [name for name in names if not name.endswith(SHADOW)]


def to_events(name: str, rows: Rows) -> list[Event]:
    """Return rows of a stream as events.

    Parameters
    ----------
    name : str
        The stream.
    rows : Rows
        Its rows.

    Returns
    -------
    list of Event
        In the order of the rows.
    """
    model_id, _, version = name.rpartition("@")
    table = rows.table.rows()
    return [
        _event(model_id, None if version == "-" else version, rows, place, table[place])
        for place in range(len(rows))
    ]


def _event(
    model_id: str, version: str | None, rows: Rows, place: int, row: dict[str, Any]
) -> Event:
    key = rows.keys[place]
    probabilities = {
        json.loads(n[len(PROBABILITY) :]): v for n, v in row.items() if n.startswith(PROBABILITY)
    }
    return Event(
        model_id=model_id,
        version=version,
        prediction=json.loads(row.get("prediction") or "null"),
        features={n[len(FEATURE) :]: v for n, v in row.items() if n.startswith(FEATURE)},
        confidence=row.get("confidence"),
        probabilities=probabilities,
        latency_ms=row.get("latency_ms"),
        key=json.loads(key) if key else {},
        error=row.get("error"),
        event_time=int(rows.event_time[place]),
        request_id=rows.ids[place],
        cell_id=row.get("cell_id"),
    )


def _json_texts(answers: Column) -> Column:
    # all of one type, which a column sees to: equal values have one text
    values = answers.to_list()
    text_of = {value: json.dumps(value, ensure_ascii=False) for value in dict.fromkeys(values)}
    array = np.array([*map(text_of.__getitem__, values), None], dtype=object)[:-1]
    return Column("category", array, np.zeros(len(values), bool))
