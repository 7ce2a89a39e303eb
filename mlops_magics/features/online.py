"""What is the newest value of an entity, at once?

For the versions of views that a production model reads, the newest row of each
entity is kept in a table by key: a copy of what the log knows, made in the same
transactions. It answers only where it is sure to say what the join would say.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from mlops_magics import tables
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.names import fold
from mlops_magics.storage.packing import Field, Schema, empty_column
from mlops_magics.storage.rows import Append
from mlops_magics.tables.table import EPOCH, Column, Table

from .catalogue import read_version
from .joins import JoinedView
from .keys import Keys
from .view import ViewVersion

# More rows than this are joined: one look into the table costs a hundredth of a small join.
ROWS_LOOKED_UP = 100

# The newest of the rows that are seen by now, per key, and when the next one may be seen.
NEWEST = """
SELECT history_key AS key,
    arg_max(seq, (event_time, seq)) FILTER (seen_from <= $now) AS seq,
    min(seen_from) FILTER (seen_from > $now) AS next_at
FROM (SELECT key AS history_key, seq, event_time,
        greatest(event_time, known_at) AS seen_from FROM ({bare})) {which}
GROUP BY history_key
"""
ROWS = """
SELECT newest.key, event_time, greatest(event_time, known_at) AS seen_from, written_at,
    newest.seq, next_at{columns}
FROM ({newest}) newest LEFT JOIN ({whole}) row ON row.seq = newest.seq
"""
PUT = """
INSERT INTO online VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)
ON CONFLICT DO UPDATE SET event_time = excluded.event_time, seen_from = excluded.seen_from,
    written_at = excluded.written_at, seq = excluded.seq,
    schema_id = excluded.schema_id, data = excluded.data
WHERE online.seq IS NULL
    OR (excluded.event_time, excluded.seq) > (online.event_time, online.seq)
"""
WAIT = """
INSERT INTO online (view, number, key, next_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET next_at = min(coalesce(next_at, excluded.next_at), excluded.next_at)
"""
HEAD = ("key", "event_time", "seen_from", "written_at", "seq", "next_at")


def keep(storage: Storage, wanted: Collection[tuple[str, int]]) -> None:
    """Keep the newest rows of these versions of views, and of no others.

    Parameters
    ----------
    storage : Storage
        The workspace.
    wanted : collection of (str, int)
        View and number of the version.
    """
    with storage.transaction() as transaction:
        found = transaction.execute("SELECT view, number FROM online_view").fetchall()
        kept = {(row[0], row[1]) for row in found}
        for gone in kept - set(wanted):
            transaction.execute("DELETE FROM online WHERE view = ? AND number = ?", gone)
            transaction.execute("DELETE FROM online_view WHERE view = ? AND number = ?", gone)
        for new in sorted(set(wanted) - kept):
            transaction.execute("INSERT INTO online_view VALUES (?, ?)", new)
            _fill(storage, transaction, *new)


def kept_version(reading: Transaction, view: str) -> ViewVersion | None:
    """Return the newest version of a view if it is kept."""
    row = reading.execute(
        "SELECT version.* FROM view_version version JOIN view USING (view)"
        " WHERE folded = ? ORDER BY number DESC LIMIT 1",
        (fold(view),),
    ).fetchone()
    if row is None:
        return None
    version = read_version(row)
    return version if is_kept(reading, version) else None


def is_kept(reading: Transaction, version: ViewVersion) -> bool:
    """Tell whether the newest rows of a version are kept."""
    asked = "SELECT 1 FROM online_view WHERE view = ? AND number = ?"
    return reading.execute(asked, (version.view, version.number)).fetchone() is not None


def add(
    storage: Storage, transaction: Transaction, version: ViewVersion, what: Append, seq: int
) -> None:
    """Put what a write has appended into the table, where it is the newest.

    Parameters
    ----------
    storage : Storage
        The workspace.
    transaction : Transaction
        That of the write.
    version : ViewVersion
        The version that was written to.
    what : Append
        What was appended.
    seq : int
        The number of its first row.
    """
    count = what.table.row_count
    if not count or not is_kept(transaction, version):
        return
    name, keys = (version.view, version.number), what.keys
    assert keys is not None
    seen_from = np.maximum(what.event_time, what.known_at)
    is_seen = seen_from <= transaction.now
    schema_id, schema = _schema(transaction, what.table)
    newest: dict[str | None, int] = {}
    for place in np.lexsort((np.arange(count), what.event_time)).tolist():
        if is_seen[place]:
            newest[keys[place]] = place
        else:
            transaction.execute(WAIT, (*name, keys[place], int(seen_from[place])))
    places = np.array(list(newest.values()), np.int64)
    packed = schema.pack(what.table.take(places))
    rows = zip(
        [(*name, keys[place]) for place in places.tolist()],
        what.event_time[places].tolist(),
        seen_from[places].tolist(),
        (seq + places).tolist(),
        packed,
        strict=True,
    )
    transaction.executemany(
        PUT,
        (
            (*key, event_time, seen, transaction.now, number, schema_id, data)
            for key, event_time, seen, number, data in rows
        ),
    )
    _renew(storage, transaction, version)


def _renew(storage: Storage, transaction: Transaction, version: ViewVersion) -> None:
    """Look again at entities of which a row lay in the future and does so no more."""
    name = (version.view, version.number, transaction.now)
    where = "FROM online WHERE view = ? AND number = ? AND next_at <= ?"
    overdue = transaction.execute(f"SELECT key {where}", name).fetchall()
    if overdue:
        transaction.execute(f"DELETE {where}", name)
        _fill(storage, transaction, *name[:2], keys=[row[0] for row in overdue])


def look_up(
    storage: Storage, version: ViewVersion, features: Sequence[Field], keys: Keys, at: Column
) -> JoinedView | None:
    """Return what a join would, from the table, for a few rows.

    Parameters
    ----------
    storage : Storage
        The workspace.
    version : ViewVersion
        The view.
    features : sequence of Field
        The features that are wanted.
    keys : Keys, n rows
        The key of each row.
    at : Column of time
        The moment of each row.

    Returns
    -------
    JoinedView or None
        None where the table cannot be sure, or there are many rows.
    """
    count = len(keys)
    if count > ROWS_LOOKED_UP or keys.missing.any() or at.missing.any():
        return None
    with storage.reading() as reading:
        if not is_kept(reading, version):
            return None
        texts = keys.of_rows(np.arange(count)).tolist()
        found = [find(reading, version, key, m) for key, m in zip(texts, at.values, strict=True)]
        if any(row is UNSURE for row in found):
            return None
        values = [{} if row is None else unpack(reading, row) for row in found]
    times = [None if row is None else row["event_time"] for row in found]
    oldest = at.values - (2**62 if version.ttl is None else version.ttl)
    stale = [t is not None and t < least for t, least in zip(times, oldest, strict=True)]
    missing = np.array([t is None or s for t, s in zip(times, stale, strict=True)], bool)
    columns = {
        field.name: _column(field, [{} if m else v for v, m in zip(values, missing, strict=True)])
        for field in features
    }
    moments = np.array([0 if m else t for t, m in zip(times, missing, strict=True)], np.int64)
    return JoinedView(
        version=version,
        columns=columns,
        event_time=Column("time", moments, missing),
        missing_count=times.count(None),
        stale_count=sum(stale),
    )


class _Unsure:
    """The answer of a table that does not know."""


UNSURE = _Unsure()


def find(reading: Transaction, version: ViewVersion, key: str, at: int) -> Any:
    """Return the row that an entity had at a moment.

    Parameters
    ----------
    reading : Transaction
        A read transaction.
    version : ViewVersion
        A version that is kept.
    key : str
        The entity.
    at : int
        The moment, microseconds.

    Returns
    -------
    sqlite3.Row, None or UNSURE
        None where nothing was known.
    """
    row = reading.execute(
        "SELECT event_time, seen_from, next_at, schema_id, data FROM online"
        " WHERE view = ? AND number = ? AND key = ?",
        (version.view, version.number, key),
    ).fetchone()
    if row is None:
        return None
    if row["next_at"] is not None and at >= row["next_at"]:
        return UNSURE
    if row["data"] is None:
        return None
    return row if at >= row["seen_from"] else UNSURE


def unpack(reading: Transaction, row: Any) -> dict[str, Any]:
    """Return the features of a row of the table: times in microseconds."""
    return _schema_of(reading, row["schema_id"]).unpack_one(row["data"])


def _schema_of(reading: Transaction, schema_id: int) -> Schema:
    found = reading.execute("SELECT columns FROM schema WHERE schema_id = ?", (schema_id,))
    return Schema.from_json(found.fetchone()[0])


def values(reading: Transaction, row: Any) -> dict[str, Any]:
    """Return the features of a row of the table as Python values."""
    schema = _schema_of(reading, row["schema_id"])
    found = schema.unpack_one(row["data"])
    for field in schema.fields:
        if field.stored_in == "time" and found[field.name] is not None:
            found[field.name] = EPOCH + timedelta(microseconds=found[field.name])
    return found


def _fill(
    storage: Storage, transaction: Transaction, view: str, number: int, keys: Any = None
) -> None:
    """Put the newest row of every entity, or of these, into the table, from the log."""
    stream = f"{view}@{number}"
    features = storage.log.fields("feature", stream)
    if not features:
        return
    cursor = storage.cursor()
    bare = storage.log.scan(cursor, "feature", stream, ())
    whole = storage.log.scan(cursor, "feature", stream, features)
    names = [f"f{place}" for place in range(len(features))]
    which = "" if keys is None else "WHERE list_contains($keys, history_key)"
    query = ROWS.format(
        newest=NEWEST.format(bare=bare, which=which),
        whole=whole,
        columns="".join(f", {name}" for name in names),
    )
    bound = {"now": transaction.now} | ({} if keys is None else {"keys": keys})
    answer = cursor.execute(query, bound)
    found = tables.from_cursor(answer, [*HEAD, *names])
    cursor.close()
    table = Table.of(
        {f.name: _stored(f, found.column(n)) for f, n in zip(features, names, strict=True)}
    )
    schema_id, schema = _schema(transaction, table)
    heads = [found.column(name).to_list() for name in HEAD]
    rows = (
        (
            view,
            number,
            *head,
            None if head[4] is None else schema_id,
            None if head[4] is None else data,
        )
        for *head, data in zip(*heads, schema.pack(table), strict=True)
    )
    transaction.executemany("INSERT INTO online VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _schema(transaction: Transaction, table: Table) -> tuple[int, Schema]:
    schema = Schema.of(table)
    text = schema.to_json()
    transaction.execute("INSERT OR IGNORE INTO schema (columns) VALUES (?)", (text,))
    found = transaction.execute("SELECT schema_id FROM schema WHERE columns = ?", (text,))
    return int(found.fetchone()[0]), schema


def _stored(field: Field, column: Column) -> Column:
    """Return a column as the log stores it, whatever kind its values look like."""
    whole = empty_column(field.kind, field.stored_in, len(column))
    whole.values[~column.missing] = column.values[~column.missing]
    return Column(field.kind, whole.values, column.missing)


def _column(field: Field, rows: list[dict[str, Any]]) -> Column:
    values = [row.get(field.name) for row in rows]
    missing = np.array([value is None for value in values], bool)
    whole = empty_column(field.kind, field.stored_in, len(values))
    for place in np.flatnonzero(~missing).tolist():
        whole.values[place] = values[place]
    return Column(field.kind, whole.values, missing)
