"""Which prediction does a label that arrives later belong to?

By request id; or by key: with a time, to the newest prediction of that key at
or before it; without one, only where the key has one prediction without a
label. Labels are appended; the newest counts. One whose prediction is not there
yet is kept, and found again when it is.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Table, Value

from . import outcomes
from .outcomes import Candidates
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
class _Row:
    """One label, with the prediction that was found for it."""

    request_id: str | None
    key: str | None
    value: Value
    known_at: int
    prediction_time: int | None


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
        given = list(zip(values, times, strict=True))
        if labels.key:
            found, ambiguous = _by_key(storage, model_id, labels, given, transaction)
        else:
            found, ambiguous = _by_id(storage, model_id, labels, given, transaction.now), []
        known = _labelled(transaction, model_id, [row.request_id for row in found])
        first = transaction.take_seq(len(found))
        rows = [
            (
                first + place,
                model_id,
                row.request_id,
                row.key,
                json.dumps(row.value),
                row.known_at,
                row.prediction_time,
                transaction.now,
            )
            for place, row in enumerate(found)
        ]
        transaction.executemany("INSERT INTO label VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    matched = [row for row in found if row.prediction_time is not None]
    delays = [row.known_at - (row.prediction_time or 0) for row in matched]
    return LabelWrite(
        model_id=model_id,
        matched=len(matched),
        corrected=sum(row.request_id in known for row in matched),
        unmatched=len(found) - len(matched),
        ambiguous=len(ambiguous),
        ambiguous_keys=tuple(ambiguous[:5]),
        missing=sum(value is None for value in values),
        delay=int(median(delays)) if delays else None,
    )


def label_of(storage: Storage, model_id: str, request_id: str) -> Value:
    """Return the newest label of a prediction; None while there is none."""
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT seq, request_id, label, event_time FROM label"
            " WHERE model_id = ? AND request_id = ?",
            (model_id, request_id),
        ).fetchall()
    found = [tuple(row) for row in rows]
    found += [row for row in _found_since(storage, model_id) if row[1] == request_id]
    return json.loads(max(found)[2]) if found else None


def since_when(storage: Storage, model_id: str, count: int) -> int | None:
    """Return the time from which so many labels are on; None where there are not as many.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        Whose predictions.
    count : int
        Labels that are wanted, those of the newest predictions.

    Returns
    -------
    int or None
        event_time of a prediction, microseconds, as `newest_labels` takes it.
    """
    with storage.reading() as reading:
        found = reading.execute(
            "SELECT prediction_time FROM label WHERE model_id = ? AND prediction_time IS NOT NULL"
            " ORDER BY prediction_time DESC LIMIT 1 OFFSET ?",
            (model_id, count - 1),
        ).fetchone()
    return None if found is None else int(found[0])


def newest_labels(
    storage: Storage, model_id: str, since: int | None
) -> Mapping[str, tuple[str, int]]:
    """Return the newest label of each prediction that has one.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        Whose predictions.
    since : int or None
        Labels of earlier predictions are left out, microseconds.

    Returns
    -------
    mapping of str to (str, int)
        By request id: the label as JSON, and when it became known.
    """
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT seq, request_id, label, event_time FROM label WHERE model_id = ?"
            " AND request_id IS NOT NULL"
            " AND (prediction_time IS NULL OR prediction_time >= ?)",
            (model_id, -(2**62) if since is None else since),
        ).fetchall()
    found = sorted([*map(tuple, rows), *_found_since(storage, model_id)])
    return {request_id: (label, known) for _, request_id, label, known in found}


def _found_since(storage: Storage, model_id: str) -> list[tuple[int, str, str, int]]:
    """Return labels by key whose prediction was recorded after them."""
    with storage.reading() as reading:
        waiting = reading.execute(
            "SELECT seq, key, label, event_time FROM label WHERE model_id = ?"
            " AND request_id IS NULL",
            (model_id,),
        ).fetchall()
    by_names: dict[tuple[str, ...], list[tuple[int, str, str, int]]] = {}
    for seq, key, label, known in waiting:
        own = json.loads(key)
        text = json.dumps(list(own.values()), ensure_ascii=False)
        by_names.setdefault(tuple(own), []).append((seq, text, label, known))
    found = []
    for names, rows in by_names.items():
        candidates = outcomes.by_key(storage, model_id, names, [row[1] for row in rows])
        for seq, text, label, known in rows:
            place = _at(candidates.get(text), known)
            if place is not None:
                found.append((seq, candidates[text].ids[place], label, known))
    return found


def _times(labels: Labels, step: str) -> Sequence[int | None]:
    if labels.time is None:
        return [None] * len(labels.table)
    column = labels.table.column(labels.time, step)
    conversion = convert(column, "time")
    if conversion.unusable.any() or (column.kind != "time" and column.stored_in != "text"):
        raise UnusableColumn(labels.time, f"is {column.kind} and no time", "make it a time")
    pairs = zip(conversion.column.values.tolist(), conversion.column.missing, strict=True)
    return [None if lost else value for value, lost in pairs]


Given = Sequence[tuple[Value, int | None]]


def _by_id(storage: Storage, model_id: str, labels: Labels, given: Given, now: int) -> list[_Row]:
    step = "predictions give it; or name --key"
    column = labels.table.column("request_id", step).to_list()
    ids = [None if value is None else str(value) for value in column]
    at = outcomes.locate(storage, model_id, [i for i in ids if i is not None])
    return [
        _Row(i, None, value, now if time is None else time, at.get(i))
        for i, (value, time) in zip(ids, given, strict=True)
        if value is not None and i is not None
    ]


def _by_key(
    storage: Storage, model_id: str, labels: Labels, given: Given, transaction: Transaction
) -> tuple[list[_Row], list[str]]:
    """Return the labels, and the keys that name several predictions without one."""
    lists = [labels.table.column(n, "name the key's columns").to_list() for n in labels.key]
    keys = [[_plain(value) for value in row] for row in zip(*lists, strict=True)]
    written = [json.dumps(key, ensure_ascii=False) for key in keys]
    candidates = outcomes.by_key(storage, model_id, labels.key, written)
    ids = [request_id for found in candidates.values() for request_id in found.ids]
    labelled = _labelled(transaction, model_id, ids)
    rows, ambiguous = [], []
    for key, text, (value, time) in zip(keys, written, given, strict=True):
        if value is None:
            continue
        own = candidates.get(text, Candidates([], []))
        if time is None:
            places = [p for p, request_id in enumerate(own.ids) if request_id not in labelled]
        else:
            place = _at(own, time)
            places = [] if place is None else [place]
        if len(places) > 1:
            ambiguous.append(", ".join(str(part) for part in key))
            continue
        as_json = json.dumps(dict(zip(labels.key, key, strict=True)), ensure_ascii=False)
        known_at = transaction.now if time is None else time
        request_id, moment = (own.ids[places[0]], own.event_time[places[0]]) if places else _NONE
        rows.append(_Row(request_id, as_json, value, known_at, moment))
    return rows, ambiguous


_NONE = (None, None)


def _at(candidates: Candidates | None, time: int) -> int | None:
    """Return the place of the newest prediction at or before a time."""
    if candidates is None:
        return None
    place = bisect_right(candidates.event_time, time)
    return place - 1 if place else None


def _labelled(transaction: Transaction, model_id: str, ids: Sequence[str | None]) -> frozenset[str]:
    """Return which of these predictions have a label already."""
    found = set()
    wanted = [i for i in ids if i is not None]
    # SQLite takes so many values at a time
    for start in range(0, len(wanted), 10_000):
        part = wanted[start : start + 10_000]
        marks = ", ".join("?" * len(part))
        rows = transaction.execute(
            f"SELECT request_id FROM label WHERE model_id = ? AND request_id IN ({marks})",  # noqa: S608
            (model_id, *part),
        )
        found |= {row[0] for row in rows.fetchall()}
    return frozenset(found)


def _plain(value: Value) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
