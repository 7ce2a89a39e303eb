"""What is new in these rows, and what will hurt later?

One write to a view: checks, converts to the view's kinds, finds what is there
already, and appends the rest in one transaction.
"""

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.state import KindChanged
from mlops_magics.errors.tables import MissingColumn, UnusableColumn
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.packing import Field, Schema, empty_column
from mlops_magics.storage.rows import Append
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table

from . import catalogue
from .keys import key_columns, key_texts
from .view import FeatureWrite, View, ViewDefinition, ViewVersion

# "Always": the event time of the first rows of a view without one. Year 1 in microseconds.
ALWAYS = -62_135_596_800_000_000

# The newest stored row of each key and time, beside the row that would be written.
FIND_KNOWN = """
WITH stored AS (
    SELECT key{moment}, arg_max(struct_pack({packed}), (event_time, written_at, seq)) AS newest
    FROM ({scan}) WHERE key IN (SELECT key FROM incoming) GROUP BY ALL
)
SELECT place FROM incoming JOIN stored USING (key{moment})
WHERE newest IS NOT DISTINCT FROM struct_pack({incoming})
"""


class Writing:
    """One write to one view.

    Parameters
    ----------
    storage : Storage
        The workspace.
    definition : ViewDefinition
        The view as it is asked for.
    table : Table
        Its rows.
    """

    def __init__(self, storage: Storage, definition: ViewDefinition, table: Table) -> None:
        self._storage, self._definition, self._table = storage, definition, table

    def run(self) -> FeatureWrite:
        """Check, then append what is new; nothing is written if anything is wrong."""
        definition, table = self._definition, self._table
        self._check_columns()
        times = self._times()
        with self._storage.transaction() as transaction:
            before = catalogue.find(self._storage, definition.view)
            is_new = before is None or before.current.sha256 != definition.sha256
            key = self._key_fields(before)
            columns = key_columns(table, key, "the table")
            keys = self._checked_keys(columns)
            features = self._features(before if not is_new else None)
            if is_new:
                number = 1 if before is None else before.current.number + 1
                version = catalogue.add_version(transaction, definition, key, number)
            else:
                assert before is not None
                version = before.current
            fresh = self._fresh(version, features, keys, times, is_new)
            is_history = is_new or before is None or before.row_count == 0
            when = (times, fresh, is_history)
            self._append(transaction, version, features.take(fresh), keys, when)
        return self._report(version, features, keys, times, (len(fresh), is_history, is_new))

    def _check_columns(self) -> None:
        needed = [*self._definition.key, *filter(None, [self._definition.time])]
        for name in needed:
            if name not in self._table:
                step = "select it in the query, or name another with --key or --time"
                raise MissingColumn(name, self._table.columns, "the result", step)
        if len(self._table.columns) == len(set(needed)):
            raise UnusableColumn(needed[-1], "is the last: no feature is left", "select features")

    def _times(self) -> Column | None:
        """Return the event time of each row."""
        name = self._definition.time
        if name is None:
            return None
        conversion = convert(self._table.columns[name], "time")
        column, kind = self._table.columns[name], self._table.columns[name].kind
        if (kind != "time" and column.stored_in != "text") or conversion.unusable.any():
            bad = column.to_list()[int(np.argmax(conversion.unusable))]
            raise UnusableColumn(name, f"is {kind} ({bad!r}) and no time", "CAST it to TIMESTAMP")
        lost = int(conversion.column.missing.sum())
        if lost:
            raise UnusableColumn(name, f"has no time in {lost} rows", "leave these rows out")
        return conversion.column

    def _key_fields(self, before: View | None) -> tuple[Field, ...]:
        """Return the key with the kinds that it has had from the first write on."""
        kinds = {field.name: field for field in before.current.key} if before else {}
        fields = []
        for name in self._definition.key:
            column = self._table.columns[name]
            fields.append(kinds.get(name) or Field(name, column.kind, column.stored_in))
        return tuple(fields)

    def _checked_keys(self, columns: list[Column]) -> list[str]:
        texts = key_texts(columns)
        lost = [place for place, text in enumerate(texts) if text is None]
        if lost:
            rows = ", ".join(str(place) for place in lost[:3])
            name = next(
                n for n, c in zip(self._definition.key, columns, strict=True) if c.missing.any()
            )
            problem = f"is missing in {len(lost)} rows (first: {rows}) and is a key"
            raise UnusableColumn(name, problem, f"leave them out: WHERE {name} IS NOT NULL")
        return [text for text in texts if text is not None]

    def _features(self, before: View | None) -> Table:
        """Return the features, in the kinds that the version has had before."""
        needed = {*self._definition.key, *filter(None, [self._definition.time])}
        known = {field.name: field for field in before.features} if before else {}
        columns = {}
        for name, column in self._table.without(needed).columns.items():
            field = known.get(name)
            if field is None or field.stored_in == column.stored_in:
                columns[name] = column if field is None else column.as_kind(field.kind)
                continue
            conversion = convert(column, field.kind)
            is_lossy = conversion.unusable.any() or (
                field.stored_in == "text" and not column.missing.all()
            )
            if is_lossy:
                where = f"the view {self._definition.view!r}"
                step = "CAST it to what it was, or write another view"
                raise KindChanged(where, name, field.kind, column.kind, step)
            columns[name] = conversion.column
        # a row is written whole: what it does not have is missing from now on
        for name in known.keys() - columns.keys():
            kind, stored = known[name].kind, known[name].stored_in
            columns[name] = empty_column(kind, stored, self._table.row_count)
        return Table.of(columns)

    def _fresh(
        self,
        version: ViewVersion,
        features: Table,
        keys: list[str],
        times: Column | None,
        is_new: bool,
    ) -> NDArray[np.int64]:
        """Return the places of the rows that are not stored yet with these values.

        Rows of one key and time stand or fall together: the last of them counts, so if
        that is what is stored, none is news.
        """
        if is_new:
            return np.arange(len(keys))
        cursor = self._storage.cursor()
        count = len(keys)
        incoming = {
            "place": _whole(np.arange(count)),
            "key": Column("category", np.array([*keys, None], object)[:-1], np.zeros(count, bool)),
            "event_time": times or _whole(np.zeros(count, np.int64)),
        }
        incoming |= {f"f{i}": c for i, c in enumerate(features.columns.values())}
        typed = tables.register(cursor, "asked", incoming)
        cursor.execute(f"CREATE TEMP TABLE incoming AS SELECT {typed} FROM asked")  # noqa: S608
        scan = self._storage.log.scan(cursor, "feature", version.stream, Schema.of(features).fields)
        pack = ", ".join(f"f{i} := f{i}" for i in range(len(features.names)))
        theirs = ", ".join(f"f{i} := incoming.f{i}" for i in range(len(features.names)))
        moment = "" if times is None else ", event_time"
        query = FIND_KNOWN.format(moment=moment, packed=pack, scan=scan, incoming=theirs)
        known = tables.from_cursor(cursor.execute(query), ["place"]).column("place").values
        cursor.execute("DROP TABLE incoming")
        cursor.close()
        return _places_of_news(keys, times, set(known.tolist()))

    def _append(
        self,
        transaction: Transaction,
        version: ViewVersion,
        features: Table,
        keys: list[str],
        when: tuple[Column | None, NDArray[np.int64], bool],
    ) -> None:
        times, fresh, is_history = when
        now = np.full(len(fresh), transaction.now)
        if times is not None:
            event_time = times.values[fresh]
        else:
            event_time = np.full(len(fresh), ALWAYS) if is_history else now
        what = Append(
            table=features,
            event_time=event_time,
            known_at=event_time if is_history else now,
            keys=[keys[place] for place in fresh.tolist()],
        )
        self._storage.log.append(transaction, "feature", version.stream, what)

    def _report(
        self,
        version: ViewVersion,
        features: Table,
        keys: list[str],
        times: Column | None,
        counts: tuple[int, bool, bool],
    ) -> FeatureWrite:
        fresh, is_history, is_new = counts
        return FeatureWrite(
            version=version,
            new_count=fresh,
            existing_count=len(keys) - fresh,
            entity_count=len(set(keys)),
            first=None if times is None else int(times.values.min()),
            last=None if times is None else int(times.values.max()),
            is_history=is_history,
            is_new_version=is_new,
            profile=tables.profile(features),
            warnings=(*self._table.repairs, *self._warnings(features, keys, times)),
        )

    def _warnings(self, features: Table, keys: list[str], times: Column | None) -> list[str]:
        said = []
        moments = [0] * len(keys) if times is None else times.values.tolist()
        doubled = len(keys) - len(set(zip(keys, moments, strict=True)))
        if doubled:
            at = "" if times is None else " and time"
            rows = "1 row shares its" if doubled == 1 else f"{doubled:,} rows share their"
            said.append(f"{rows} key{at} with another; the last one written counts")
        if times is not None:
            future = int((times.values > self._storage.clock.now()).sum())
            if future:
                said.append(f"{future:,} rows lie in the future; no join sees them before then")
        for profile in tables.profile(features):
            if profile.missing_count == profile.row_count:
                said.append(f"{profile.name} is missing in every row")
            elif profile.distinct_count == 1 and profile.row_count > 1:
                said.append(f"{profile.name} has one value only")
            elif profile.missing_share > 0.5:
                share = f"{profile.missing_share:.0%}".replace("%", " %")
                said.append(f"{profile.name} is missing in {share} of the rows")
        return said


def _places_of_news(keys: list[str], times: Column | None, known: set[int]) -> NDArray[np.int64]:
    moments = [0] * len(keys) if times is None else times.values.tolist()
    rows = list(zip(keys, moments, strict=True))
    last = {row: place for place, row in enumerate(rows)}
    return np.array([p for p, row in enumerate(rows) if last[row] not in known], np.int64)


def _whole(values: NDArray[np.int64]) -> Column:
    return Column("integer", values.astype(np.int64), np.zeros(len(values), bool))
