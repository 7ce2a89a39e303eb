"""How does a Parquet segment of the log come to be, and how is it read?

Written beside, synced, renamed, then named by a catalogue row: a file that no row
names does not count. It decides neither which rows it holds nor when.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.storage import BrokenFile
from mlops_magics.tables.table import Column, Table

from .artifacts import publish
from .catalog import Catalog, Transaction
from .packing import Field, Schema, empty_column
from .rows import Rows, Span

HEAD = ("seq", "id", "key", "event_time", "written_at", "known_at")
# features are read whole at each join: a tenth larger, and a third quicker
COMPRESSION = {"feature": "snappy"}


class Published(NamedTuple):
    """A file of rows, and what the catalogue says of it: the columns of `segment`, in order."""

    segment_id: str
    path: str
    row_count: int
    byte_count: int
    event_time_min: int
    event_time_max: int
    id_min: str | None
    id_max: str | None
    seq_min: int
    written_at: int


class Segments:
    """The segment files of a workspace.

    Parameters
    ----------
    catalog : Catalog
        Whose rows name them.
    cursors : Engine or Storage
        Gives DuckDB cursors.
    """

    def __init__(self, catalog: Catalog, cursors: Any) -> None:
        self._catalog, self._cursors = catalog, cursors
        self._folder = catalog.folder / "segments"

    def publish(self, kind: str, rows: Rows) -> Published:
        """Write rows into a file that no catalogue row names yet, and that is swept if none does.

        Parameters
        ----------
        kind : str
            Of the stream.
        rows : Rows
            At least one.

        Returns
        -------
        Published
            What `name` needs.
        """
        count = len(rows)
        columns = {
            "seq": integers(rows.seq),
            "id": texts(rows.ids, count),
            "key": texts(rows.keys, count),
            "event_time": integers(rows.event_time),
            "written_at": integers(rows.written_at),
            "known_at": integers(rows.known_at),
        }
        columns |= {f"c{i}": column for i, column in enumerate(rows.table.columns.values())}
        segment_id = self._catalog.clock.new_id()
        path = publish(
            self._folder,
            f"{segment_id}.parquet",
            lambda target: tables.write_parquet(
                self._cursors.cursor(), columns, target, COMPRESSION.get(kind, "zstd")
            ),
        )
        ids = [i for i in rows.ids if i is not None]
        return Published(
            segment_id=segment_id,
            path=path.name,
            row_count=count,
            byte_count=path.stat().st_size,
            event_time_min=int(rows.event_time.min()),
            event_time_max=int(rows.event_time.max()),
            id_min=min(ids, default=None),
            id_max=max(ids, default=None),
            seq_min=int(rows.seq.min()),
            written_at=int(rows.written_at.min()),
        )

    def name(
        self, transaction: Transaction, stream: tuple[str, str, int], published: Published
    ) -> str:
        """Name a published file in the catalogue: its rows count once the transaction commits.

        Parameters
        ----------
        transaction : Transaction
            The one.
        stream : (str, str, int)
            Kind and name of the stream, and the schema of the rows.
        published : Published
            The file.

        Returns
        -------
        str
            The id of the segment.
        """
        segment_id, *others = published
        transaction.execute(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (segment_id, *stream, *others),
        )
        return segment_id

    def read(self, segment: Any, span: Span) -> Rows:
        """Return rows of a segment.

        Parameters
        ----------
        segment : mapping
            Its catalogue row, with `path` and the schema's `columns`.
        span : Span
            Which rows.

        Returns
        -------
        Rows
            In the order of appending; with `limit`, newest first.
        """
        schema = Schema.from_json(segment["columns"])
        where, values = span.bounds("event_time", "event_time")
        if span.ids is not None:
            # one value, however many there are
            where += " AND id IN (SELECT unnest(?))"
            values.append(list(span.ids))
        tail = (
            ""
            if span.limit is None
            else f" ORDER BY event_time DESC, seq DESC LIMIT {span.limit:d}"
        )
        wanted = [(i, f) for i, f in enumerate(schema.fields) if span.wants(f.name)]
        physical = [*HEAD, *(f"c{i}" for i, _ in wanted)]
        cursor = self._cursors.cursor()
        cursor.execute(
            f"SELECT {', '.join(physical)} FROM read_parquet(?) WHERE true{where}{tail}",  # noqa: S608 - ours
            [str(self.path(segment["path"])), *values],
        )
        head = tables.from_cursor(cursor, physical)
        cursor.close()
        columns = {field.name: _as_stored(field, head.column(f"c{i}")) for i, field in wanted}
        return Rows(
            table=Table(columns, head.row_count),
            seq=head.column("seq").values,
            event_time=head.column("event_time").values,
            written_at=head.column("written_at").values,
            known_at=head.column("known_at").values,
            ids=head.column("id").to_list(),
            keys=head.column("key").to_list(),
        )

    def path(self, name: str) -> Path:
        """Return the path of a segment that the catalogue names.

        Raises
        ------
        BrokenFile
            If the file is gone.
        """
        path = self._folder / name
        if not path.is_file():
            raise BrokenFile(f"segments/{name}", "missing")
        return path


def _as_stored(field: Field, column: Column) -> Column:
    # texts that are all missing come back as numbers, since no value says what they are
    if field.stored_in == "text" and column.stored_in != "text":
        return empty_column(field.kind, field.stored_in, len(column))
    return column.as_kind(field.kind)


def integers(values: NDArray[np.int64]) -> Column:
    """Return whole numbers as a column without missing values."""
    return Column("integer", values.astype(np.int64, copy=False), np.zeros(len(values), bool))


def texts(values: Sequence[str | None], count: int) -> Column:
    """Return texts as a column, missing where None."""
    missing = np.zeros(count, bool)
    if None in values:
        missing = np.fromiter((value is None for value in values), bool, count)
        values = ["" if value is None else value for value in values]
    return Column("category", np.array([*values, None], object)[:-1], missing)
