"""Which prediction does a label that arrives later belong to?

By request id; or by key: with a time, to the newest prediction of that key at
or before it; without one, only where the key has one prediction without a
label. Labels are appended; the newest counts.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table, Value

from . import events
from .reports import LabelWrite


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """Labels as they arrive.

    Parameters
    ----------
    table : Table
        One row a label.
    label : str
        The column of the outcome.
    key : tuple of str, default=()
        Columns that name the entity; by request_id where empty.
    time : str, optional
        The column that says when the outcome became known; now by default.
    """

    table: Table
    label: str
    key: tuple[str, ...] = ()
    time: str | None = None


@dataclass(frozen=True, slots=True)
class _Prediction:
    event_time: int
    request_id: str
    key: str


def record(storage: Storage, model_id: str, labels: Labels) -> LabelWrite:
    """Append labels, each with the prediction that it belongs to.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        Whose predictions.
    labels : Labels
        The labels.

    Returns
    -------
    LabelWrite
        How many belong to a prediction; the others are kept.

    Raises
    ------
    MissingColumn, UnusableColumn
        If a column is missing or the time is none.
    """
    step = "name the columns of the labels: --label, --key, --time"
    values = labels.table.column(labels.label, step).to_list()
    times = _times(labels, step)
    with storage.transaction() as transaction:
        known = label_of(storage, model_id)
        requests, keys, ambiguous = _match(storage, model_id, labels, times, known)
        now = transaction.now
        found = [
            (request_id, key, value, now if time is None else time)
            for request_id, key, value, time in zip(requests, keys, values, times, strict=True)
            if value is not None
        ]
        first = transaction.take_seq(len(found))
        rows = [
            (first + i, model_id, request_id, key, json.dumps(value), time, now)
            for i, (request_id, key, value, time) in enumerate(found)
        ]
        transaction.executemany("INSERT INTO label VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        at = {p.request_id: p.event_time for p in _predictions(storage, model_id, None)}
    matched = [row for row in found if row[0] in at]
    delays = [time - at[request_id] for request_id, _, _, time in matched if request_id]
    return LabelWrite(
        model_id=model_id,
        matched=len(matched),
        corrected=sum(request_id in known for request_id, _, _, _ in matched),
        unmatched=len(found) - len(matched) - ambiguous,
        ambiguous=ambiguous,
        delay=int(median(delays)) if delays else None,
    )


def label_of(storage: Storage, model_id: str) -> dict[str, Value]:
    """Return the newest label of each prediction that has one, by request id."""
    with storage.reading() as reading:
        found = reading.execute(
            "SELECT request_id, label FROM label WHERE model_id = ? AND request_id IS NOT NULL"
            " ORDER BY seq",
            (model_id,),
        ).fetchall()
    return {row[0]: json.loads(row[1]) for row in found}


def _times(labels: Labels, step: str) -> Sequence[int | None]:
    if labels.time is None:
        return [None] * len(labels.table)
    column = labels.table.column(labels.time, step)
    conversion = convert(column, "time")
    if conversion.unusable.any() or (column.kind != "time" and column.stored_in != "text"):
        raise UnusableColumn(labels.time, f"is {column.kind} and no time", "make it a time")
    pairs = zip(conversion.column.values.tolist(), conversion.column.missing, strict=True)
    return [None if lost else value for value, lost in pairs]


def _match(
    storage: Storage,
    model_id: str,
    labels: Labels,
    times: Sequence[int | None],
    known: dict[str, Value],
) -> tuple[list[str | None], list[str | None], int]:
    """Return request id and key of each label, and how many keys were ambiguous."""
    if not labels.key:
        step = "predictions give it; or name --key"
        ids = labels.table.column("request_id", step)
        return [None if v is None else str(v) for v in ids.to_list()], [None] * len(ids), 0
    by_key: dict[str, list[_Prediction]] = {}
    for prediction in _predictions(storage, model_id, labels.key):
        by_key.setdefault(prediction.key, []).append(prediction)
    found: list[str | None] = []
    ambiguous = 0
    columns = [labels.table.column(name, "name the key's columns") for name in labels.key]
    keys = _key_texts(columns)
    for key, time in zip(keys, times, strict=True):
        candidates = by_key.get(key, [])
        if time is not None:
            place = bisect_right([p.event_time for p in candidates], time)
            found.append(candidates[place - 1].request_id if place else None)
            continue
        waiting = [p for p in candidates if p.request_id not in known]
        ambiguous += len(waiting) > 1
        found.append(waiting[0].request_id if len(waiting) == 1 else None)
    return found, list(keys), ambiguous


def _predictions(storage: Storage, model_id: str, key: tuple[str, ...] | None) -> list[_Prediction]:
    """Return every prediction of a model, oldest first, with its key where wanted."""
    found = []
    for _, rows in events.read(storage, model_id, Span(only=())):
        times = rows.event_time.tolist()
        for time, request_id, text in zip(times, rows.ids, rows.keys, strict=True):
            own = json.loads(text) if key and text else {}
            named = json.dumps([own.get(name) for name in key or ()], ensure_ascii=False)
            found.append(_Prediction(time, request_id or "", named))
    return sorted(found, key=lambda prediction: (prediction.event_time, prediction.request_id))


def _key_texts(columns: list[Column]) -> list[str]:
    lists = [column.to_list() for column in columns]
    return [
        json.dumps([_plain(value) for value in row], ensure_ascii=False)
        for row in zip(*lists, strict=True)
    ]


def _plain(value: Value) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
