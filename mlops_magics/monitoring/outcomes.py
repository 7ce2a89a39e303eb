"""Which predictions have a label, and what did they say?

Joins labels with events in DuckDB, so that only what is asked for comes into memory:
arrays of answers and labels, never the events themselves.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.storage import Storage
from mlops_magics.storage.segments import integers, texts
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Kind, Table, Value

from . import events
from .events import PROBABILITY

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """Labelled predictions of one version.

    Attributes
    ----------
    event_time, known_at : array of int64, shape (n,)
        When the prediction was true, and when its label became known.
    labels : sequence of value
        As they were given.
    shares : array of float, shape (n, classes), or None
        Probabilities; None for numbers.
    classes : sequence of value
        In the order of the shares.
    values, widths : array of float, shape (n,), or None
        Predicted numbers and the widths of their intervals; None for classes, and
        widths where none were recorded.
    """

    event_time: Integers
    known_at: Integers
    labels: Sequence[Value]
    shares: Floats | None
    classes: Sequence[Value]
    values: Floats | None
    widths: Floats | None

    def __len__(self) -> int:
        return len(self.event_time)

    def take(self, rows: NDArray[Any]) -> "Outcomes":
        """Return the outcomes of these positions."""
        return Outcomes(
            event_time=self.event_time[rows],
            known_at=self.known_at[rows],
            labels=[self.labels[row] for row in rows.tolist()],
            shares=None if self.shares is None else self.shares[rows],
            classes=self.classes,
            values=None if self.values is None else self.values[rows],
            widths=None if self.widths is None else self.widths[rows],
        )

    def codes(self) -> Integers:
        """Return the place of each label among the classes; -1 where it is none of them.

        A label of another type is the class that it can be read as: the text "1" is
        the class 1, and 1 the class True; "01" is not "1".
        """
        exact = {json.dumps(value): place for place, value in enumerate(self.classes)}
        codes = [exact.get(json.dumps(value), -1) for value in self.labels]
        others = sorted({str(v) for v, code in zip(self.labels, codes, strict=True) if code < 0})
        if not others:
            return np.array(codes, np.int64)
        column = Column(
            "category", np.array([*others, None], object)[:-1], np.zeros(len(others), bool)
        )
        read = convert(column, _kind_of(self.classes)).column.to_list()
        by_text = {t: exact.get(json.dumps(v), -1) for t, v in zip(others, read, strict=True)}
        return np.array(
            [by_text[str(v)] if c < 0 else c for v, c in zip(self.labels, codes, strict=True)],
            np.int64,
        )

    def numbers(self) -> Floats:
        """Return the labels as numbers; NaN where one is none."""
        return convert(from_values("label", list(self.labels)).column, "number").column.to_floats()


def _kind_of(classes: Sequence[Value]) -> Kind:
    if all(isinstance(value, bool) for value in classes):
        return "boolean"
    if all(isinstance(value, int) for value in classes):
        return "integer"
    return "number" if all(isinstance(value, float) for value in classes) else "category"


def locate(storage: Storage, model_id: str, ids: Iterable[str]) -> dict[str, int]:
    """Return the event_time of each request id that was recorded.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        Whose predictions.
    ids : iterable of str
        Request ids, also unknown ones.

    Returns
    -------
    dict of str to int
        Only of those that are known.
    """
    wanted = list(dict.fromkeys(ids))
    found: dict[str, int] = {}
    for name in events.streams(storage, model_id) if wanted else ():
        cursor = storage.cursor()
        scan = storage.log.scan(cursor, "event", name, ())
        given = _given(cursor, {"request_id": texts(wanted, len(wanted))})
        rows = cursor.execute(
            f"SELECT id, event_time FROM ({scan}) JOIN ({given}) ON id = request_id"  # noqa: S608 - ours
        ).fetchall()
        found |= dict(rows)
        cursor.close()
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Predictions of the keys that were asked for, oldest first.

    Attributes
    ----------
    event_time : list of int
        When each was true.
    ids : list of str
        Its request id.
    """

    event_time: list[int]
    ids: list[str]


def by_key(
    storage: Storage, model_id: str, names: Sequence[str], keys: Iterable[str]
) -> Mapping[str, Candidates]:
    """Return the predictions of some entities.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        Whose predictions.
    names : sequence of str
        The columns of the key.
    keys : iterable of str
        JSON arrays of their values.

    Returns
    -------
    mapping of str to Candidates
        Only of keys that have a prediction.
    """
    wanted = set(keys)
    rows: list[tuple[int, int, str, str]] = []
    for name in events.streams(storage, model_id) if wanted else ():
        cursor = storage.cursor()
        scan = storage.log.scan(cursor, "event", name, ())
        # what is asked for is a part of an event's key; each key is read once
        written = cursor.execute(f"SELECT DISTINCT key FROM ({scan}) WHERE key IS NOT NULL")  # noqa: S608
        own = {row[0]: _part(row[0], names) for row in written.fetchall()}
        chosen = {text: part for text, part in own.items() if part in wanted}
        given = _given(
            cursor,
            {
                "own": texts(list(chosen), len(chosen)),
                "part": texts(list(chosen.values()), len(chosen)),
            },
        )
        rows += cursor.execute(
            "SELECT event_time, seq, id, part"  # noqa: S608 - ours
            f" FROM ({scan}) JOIN ({given}) ON key = own WHERE id IS NOT NULL"
        ).fetchall()
        cursor.close()
    found: dict[str, Candidates] = {}
    for event_time, _, request_id, key in sorted(rows):
        candidates = found.setdefault(key, Candidates([], []))
        candidates.event_time.append(event_time)
        candidates.ids.append(request_id)
    return found


def _part(text: str, names: Sequence[str]) -> str:
    own = json.loads(text)
    return json.dumps([own.get(name) for name in names], ensure_ascii=False)


def read(
    storage: Storage, name: str, labels: Mapping[str, tuple[str, int]], since: int | None
) -> Outcomes:
    """Return the labelled predictions of a stream.

    Parameters
    ----------
    storage : Storage
        The workspace.
    name : str
        The stream of a version.
    labels : mapping of str to (str, int)
        By request id: the label as JSON, and when it became known.
    since : int or None
        Only predictions from then on, microseconds.

    Returns
    -------
    Outcomes
        In the order of event_time.
    """
    fields = [f for f in storage.log.fields("event", name) if _is_wanted(f.name)]
    cursor = storage.cursor()
    scan = storage.log.scan(cursor, "event", name, fields)
    given = _given(
        cursor,
        {
            "request_id": texts(list(labels), len(labels)),
            "label": texts([label for label, _ in labels.values()], len(labels)),
            "known": integers(np.array([known for _, known in labels.values()], np.int64)),
        },
    )
    columns = ["event_time", "known", "label", *(f"f{i}" for i in range(len(fields)))]
    cursor.execute(
        f"SELECT {', '.join(columns)} FROM ({scan}) JOIN ({given}) ON id = request_id"  # noqa: S608 - ours
        " WHERE event_time >= ? ORDER BY event_time, seq",
        [-(2**62) if since is None else since],
    )
    found = tables.from_cursor(cursor, columns)
    cursor.close()
    return _outcomes(found, {field.name: f"f{place}" for place, field in enumerate(fields)})


def _is_wanted(name: str) -> bool:
    return name in ("value", "lower", "upper") or name.startswith(PROBABILITY)


def _outcomes(found: Table, places: Mapping[str, str]) -> Outcomes:
    def floats(name: str) -> Floats:
        return found.column(places[name]).to_floats()

    written = found.column("label").to_list()
    read = {text: json.loads(str(text)) for text in set(written)}
    probabilities = [name for name in places if name.startswith(PROBABILITY)]
    has_width = "lower" in places and "upper" in places
    return Outcomes(
        event_time=found.column("event_time").values.astype(np.int64),
        known_at=found.column("known").values.astype(np.int64),
        labels=[read[text] for text in written],
        shares=np.stack([floats(n) for n in probabilities], axis=1) if probabilities else None,
        classes=[json.loads(n[len(PROBABILITY) :]) for n in probabilities],
        values=floats("value") if "value" in places and not probabilities else None,
        widths=floats("upper") - floats("lower") if has_width else None,
    )


def _given(cursor: Any, columns: dict[str, Column]) -> str:
    """Register what is looked for on a cursor, and return the SELECT of it."""
    typed = tables.register(cursor, "given", columns)
    return f"SELECT {typed} FROM given"  # noqa: S608 - ours
