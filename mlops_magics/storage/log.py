"""How are rows appended and read back?

One append-only log of many streams, each a kind and a name (`feature` of a
view, `event` of a model, `dataset`). A few rows go into the catalogue, packed;
many go into a Parquet segment that the catalogue names. Readers see both as
one. It never edits a row.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.tables.quoting import SQL_TYPES, literal

from .catalog import Catalog, Transaction
from .packing import Field, Schema, empty_column
from .rows import Append, Appended, Rows, Span, concatenate
from .segments import HEAD, Published, Segments, integers, texts

# From here on a segment costs less than as many packed rows (facts: batches of about 5,000).
ROWS_OF_A_SEGMENT = 5000
MOST_FOLDED_AT_ONCE = 100_000
FOREVER = 2**62


class Log:
    """The append-only log of a workspace.

    Parameters
    ----------
    catalog : Catalog
        Where small rows and the list of segments are.
    cursors : Engine or Storage
        Gives DuckDB cursors, to read and write segments.
    """

    def __init__(self, catalog: Catalog, cursors: Any) -> None:
        self._catalog, self._cursors = catalog, cursors
        self._segments = Segments(catalog, cursors)
        self._schema_ids: dict[str, int] = {}

    def append(self, transaction: Transaction, kind: str, name: str, what: Append) -> Appended:
        """Append rows to a stream.

        Parameters
        ----------
        transaction : Transaction
            The rows are there once it commits.
        kind, name : str
            The stream.
        what : Append
            The rows.

        Returns
        -------
        Appended
            Their numbers, and the segment that holds them.
        """
        count = what.table.row_count
        seq = transaction.take_seq(count)
        if not count:
            return Appended(seq, None)
        schema = Schema.of(what.table)
        stream = (kind, name, self._schema_id(transaction, schema))
        if count >= ROWS_OF_A_SEGMENT:
            published = self._segments.publish(kind, what.rows(seq, transaction.now))
            return Appended(seq, self._segments.name(transaction, stream, published))
        self._append_hot(transaction, stream, what, seq, schema)
        return Appended(seq, None)

    def prepare(self, kind: str, what: Append, seq: int, now: int) -> Published:
        """Write many rows into a file before a transaction begins, so that nobody waits for it.

        Parameters
        ----------
        kind : str
            Of the stream.
        what : Append
            The rows, enough for a segment.
        seq : int
            Number of the first row, taken for these rows.
        now : int
            When they are written, microseconds: when that number was taken.

        Returns
        -------
        Published
            For `append_prepared`; swept where that never comes.
        """
        return self._segments.publish(kind, what.rows(seq, now))

    def append_prepared(
        self, transaction: Transaction, kind: str, name: str, what: Append, published: Published
    ) -> Appended:
        """Append the rows of a file that `prepare` has written; as `append` otherwise."""
        stream = (kind, name, self._schema_id(transaction, Schema.of(what.table)))
        return Appended(published.seq_min, self._segments.name(transaction, stream, published))

    def _schema_id(self, transaction: Transaction, schema: Schema) -> int:
        text = schema.to_json()
        if text in self._schema_ids:
            return self._schema_ids[text]
        transaction.execute("INSERT OR IGNORE INTO schema (columns) VALUES (?)", (text,))
        found = transaction.execute("SELECT schema_id FROM schema WHERE columns = ?", (text,))
        schema_id = int(found.fetchall()[0][0])
        # not before: a number that is rolled back is given again
        transaction.once_committed.append(lambda: self._schema_ids.update({text: schema_id}))
        return schema_id

    def _append_hot(
        self,
        transaction: Transaction,
        stream: tuple[str, str, int],
        what: Append,
        seq: int,
        schema: Schema,
    ) -> None:
        count = what.table.row_count
        nothing: list[None] = [None] * count
        packed = schema.pack(what.table)
        rows = zip(
            range(seq, seq + count),
            [stream[0]] * count,
            [stream[1]] * count,
            [stream[2]] * count,
            nothing if what.ids is None else what.ids,
            nothing if what.keys is None else what.keys,
            what.event_time.tolist(),
            [transaction.now] * count,
            what.known_at.tolist(),
            packed,
            strict=True,
        )
        transaction.executemany("INSERT INTO hot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def compact(self, transaction: Transaction, kind: str, name: str) -> int:
        """Fold the packed rows of a stream into segments; every row stays as it is.

        Parameters
        ----------
        transaction : Transaction
            Readers see either form of a row, never both.
        kind, name : str
            The stream.

        Returns
        -------
        int
            Rows that were folded; 0 while they are too few for a segment.
        """
        folded = 0
        while self.hot_count(kind, name) >= ROWS_OF_A_SEGMENT:
            found = transaction.execute(
                "SELECT * FROM hot WHERE kind = ? AND name = ? ORDER BY seq LIMIT ?",
                (kind, name, MOST_FOLDED_AT_ONCE),
            ).fetchall()
            rows = concatenate(self._unpacked(transaction, found, Span()))
            rows = rows.take(np.argsort(rows.seq, kind="stable"))
            schema_id = self._schema_id(transaction, Schema.of(rows.table))
            published = self._segments.publish(kind, rows)
            self._segments.name(transaction, (kind, name, schema_id), published)
            transaction.execute(
                "DELETE FROM hot WHERE kind = ? AND name = ? AND seq <= ?",
                (kind, name, int(rows.seq[-1])),
            )
            folded += len(rows)
        return folded

    def hot_count(self, kind: str, name: str) -> int:
        """Return how many rows of a stream are packed."""
        with self._catalog.reading() as reading:
            found = reading.execute(
                "SELECT count(*) FROM hot WHERE kind = ? AND name = ?", (kind, name)
            )
            return int(found.fetchone()[0])

    def count(self, kind: str, name: str) -> int:
        """Return how many rows a stream has."""
        with self._catalog.reading() as reading:
            found = reading.execute(
                "SELECT (SELECT count(*) FROM hot WHERE kind = ? AND name = ?)"
                " + (SELECT coalesce(sum(row_count), 0) FROM segment WHERE kind = ? AND name = ?)",
                (kind, name, kind, name),
            )
            return int(found.fetchone()[0])

    def read(self, kind: str, name: str, span: Span | None = None) -> Rows:
        """Return rows of a stream, in the order of their appending.

        Parameters
        ----------
        kind, name : str
            The stream.
        span : Span, optional
            Which rows; all by default.

        Returns
        -------
        Rows
            With `limit`, newest first.
        """
        span = span or Span()
        with self._catalog.reading() as reading:
            segments = self._matching_segments(reading, (kind, name), span)
            hot = self._read_hot(reading, (kind, name), span)
        if span.limit is None:
            parts = [self._segments.read(segment, span) for segment in segments] + hot
            rows = concatenate(parts)
            return rows.take(np.argsort(rows.seq, kind="stable"))
        rows = concatenate(self._newest_parts(segments, hot, span, span.limit))
        newest = np.lexsort((rows.seq, rows.event_time))[::-1][: span.limit]
        return rows.take(newest)

    def _newest_parts(
        self, segments: list[Any], parts: list[Rows], span: Span, limit: int
    ) -> list[Rows]:
        """Return parts that hold the newest rows; segments that are all older are not read."""
        parts = list(parts)
        for segment in sorted(segments, key=lambda found: -found["event_time_max"]):
            end = segment["event_time_max"]
            if sum(int((part.event_time > end).sum()) for part in parts) >= limit:
                break
            parts.append(self._segments.read(segment, span))
        return parts

    def _matching_segments(
        self, reading: Transaction, stream: tuple[str, str], span: Span
    ) -> list[Any]:
        where, values = span.bounds("event_time_max", "event_time_min")
        if span.ids is not None:
            where += " AND id_min <= ? AND id_max >= ?"
            values += [max(span.ids, default=""), min(span.ids, default="")]
        return reading.execute(
            "SELECT segment_id, path, event_time_max, columns"  # noqa: S608 - ours
            " FROM segment JOIN schema USING (schema_id)"
            f" WHERE kind = ? AND name = ?{where} ORDER BY seq_min",
            (*stream, *values),
        ).fetchall()

    def segments(self, kind: str, name: str, span: Span | None = None) -> dict[str, Any]:
        """Return the segments of a stream that may hold rows of a span, by their ids."""
        with self._catalog.reading() as reading:
            found = self._matching_segments(reading, (kind, name), span or Span())
        return {row["segment_id"]: row for row in found}

    def read_segment(self, segment: Any, span: Span | None = None) -> Rows:
        """Return the rows of one of `segments`."""
        return self._segments.read(segment, span or Span())

    def read_hot(self, kind: str, name: str, span: Span | None = None) -> Rows:
        """Return the packed rows of a stream, in no order."""
        with self._catalog.reading() as reading:
            return concatenate(self._read_hot(reading, (kind, name), span or Span()))

    def streams(self, kind: str, first: str, last: str) -> list[str]:
        """Return the names of streams of a kind from `first` up to, without, `last`."""
        with self._catalog.reading() as reading:
            found = reading.execute(
                "SELECT name FROM hot WHERE kind = ? AND name >= ? AND name < ? UNION"
                " SELECT name FROM segment WHERE kind = ? AND name >= ? AND name < ?",
                (kind, first, last, kind, first, last),
            ).fetchall()
        return [row[0] for row in found]

    def fields(self, kind: str, name: str, until: int | None = None) -> tuple[Field, ...]:
        """Return the columns that a stream has had, in order, in the kind that came last.

        A column whose values have all been missing has no kind of its own yet.

        Parameters
        ----------
        kind, name : str
            The stream.
        until : int, optional
            Only what had been written by then, microseconds; all by default.

        Returns
        -------
        tuple of Field
            Empty for a stream without rows.
        """
        stream = (kind, name, FOREVER if until is None else until)
        with self._catalog.reading() as reading:
            found = reading.execute(
                "SELECT columns FROM schema JOIN ("
                " SELECT schema_id, seq FROM hot WHERE kind = ? AND name = ? AND written_at <= ?"
                " UNION ALL SELECT schema_id, seq_min FROM segment"
                " WHERE kind = ? AND name = ? AND written_at <= ?"
                ") USING (schema_id) GROUP BY schema_id ORDER BY min(seq)",
                (*stream, *stream),
            ).fetchall()
        schemas = [Schema.from_json(row[0]) for row in found]
        return tuple({f.name: f for schema in schemas for f in schema.fields}.values())

    def scan(self, cursor: Any, kind: str, name: str, fields: Sequence[Field]) -> str:
        """Return a SELECT over a stream, for one cursor.

        Parameters
        ----------
        cursor : DuckDBPyConnection
            The cursor that will run it; packed rows are registered on it.
        kind, name : str
            The stream.
        fields : sequence of Field
            Columns that are wanted; the SELECT calls them f0, f1, ... One that the
            stream does not have is null.

        Returns
        -------
        str
            A SELECT of seq, id, key, event_time, written_at, known_at, f0, f1, ...
        """
        with self._catalog.reading() as reading:
            segments = self._matching_segments(reading, (kind, name), Span())
            hot = concatenate(self._read_hot(reading, (kind, name), Span()))
        registered = {
            "seq": integers(hot.seq),
            "id": texts(hot.ids, len(hot)),
            "key": texts(hot.keys, len(hot)),
            "event_time": integers(hot.event_time),
            "written_at": integers(hot.written_at),
            "known_at": integers(hot.known_at),
        }
        for place, field in enumerate(fields):
            column = hot.table.columns.get(field.name)
            nothing = empty_column(field.kind, field.stored_in, len(hot))
            registered[f"f{place}"] = nothing if column is None else column
        hot_name = f"hot_{name.encode().hex()}"
        typed = tables.register(cursor, hot_name, registered)
        selects = [f"SELECT {', '.join(registered)} FROM (SELECT {typed} FROM {hot_name})"]  # noqa: S608
        for segment in segments:
            places = {n: i for i, n in enumerate(Schema.from_json(segment["columns"]).names)}
            columns = [
                f"CAST({f'c{places[f.name]}' if f.name in places else 'NULL'}"
                f" AS {SQL_TYPES[f.stored_in]}) AS f{i}"
                for i, f in enumerate(fields)
            ]
            path = literal(str(self._segments.path(segment["path"])))
            listed = ", ".join([*HEAD, *columns])
            selects.append(f"SELECT {listed} FROM read_parquet({path})")  # noqa: S608 - ours
        return " UNION ALL ".join(selects)

    def paths(self, kind: str, name: str) -> list[Path]:
        """Return the segment files of a stream."""
        with self._catalog.reading() as reading:
            segments = self._matching_segments(reading, (kind, name), Span())
        return [self._segments.path(segment["path"]) for segment in segments]

    def _read_hot(self, reading: Transaction, stream: tuple[str, str], span: Span) -> list[Rows]:
        where, values = span.bounds("event_time", "event_time")
        if span.ids is not None:
            where += " AND id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(span.ids))
        tail = (
            ""
            if span.limit is None
            else f" ORDER BY event_time DESC, seq DESC LIMIT {span.limit:d}"
        )
        found = reading.execute(
            f"SELECT * FROM hot WHERE kind = ? AND name = ?{where}{tail}",  # noqa: S608 - ours
            (*stream, *values),
        ).fetchall()
        return self._unpacked(reading, found, span)

    def _unpacked(self, reading: Transaction, found: list[Any], span: Span) -> list[Rows]:
        by_schema: dict[int, list[Any]] = {}
        for row in found:
            by_schema.setdefault(row["schema_id"], []).append(row)
        return [
            self._unpack(reading, schema_id, rows, span) for schema_id, rows in by_schema.items()
        ]

    def _unpack(self, reading: Transaction, schema_id: int, rows: list[Any], span: Span) -> Rows:
        found = reading.execute("SELECT columns FROM schema WHERE schema_id = ?", (schema_id,))
        schema = Schema.from_json(found.fetchone()[0])
        table = schema.unpack([row["data"] for row in rows])
        table = table.select(name for name in table.names if span.wants(name))
        return Rows(
            table=table,
            seq=_numbers(rows, "seq"),
            event_time=_numbers(rows, "event_time"),
            written_at=_numbers(rows, "written_at"),
            known_at=_numbers(rows, "known_at"),
            ids=[row["id"] for row in rows],
            keys=[row["key"] for row in rows],
        )


def _numbers(rows: list[Any], name: str) -> NDArray[np.int64]:
    return np.array([row[name] for row in rows], np.int64)
