"""What does one write to a view do?

It checks, converts to the view's kinds, finds what is there already, and
appends the rest in one transaction; or, as a dry run, says what it would do.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.state import ColumnsChanged, OnDemand
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.log import ROWS_OF_A_SEGMENT
from mlops_magics.storage.packing import Field, Schema
from mlops_magics.storage.rows import Append
from mlops_magics.storage.segments import Published
from mlops_magics.tables.table import Table

from . import catalogue, online
from .cautions import DAY, columns_said, late_said, rows_said
from .changes import changed_source, changes_said
from .incoming import Incoming, check_columns, key_fields, read_incoming
from .news import ALWAYS, Groups, places_of_news
from .view import FeatureWrite, View, ViewDefinition, ViewVersion, ViewWrite


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What a write will append, and to which version.

    Attributes
    ----------
    before : View or None
        The view as it stands.
    version : ViewVersion
        The version that the rows belong to.
    is_new_version, is_history : bool
        Whether it begins with them, and whether they are known from their own time on.
    incoming : Incoming
        All rows of the write.
    groups : Groups
        Which of them have one key and time.
    fresh : array of int64
        The places of those that are appended.
    now : int
        The moment of the write, microseconds.
    """

    before: View | None
    version: ViewVersion
    is_new_version: bool
    is_history: bool
    incoming: Incoming
    groups: Groups
    fresh: NDArray[np.int64]
    now: int

    def at(self, now: int) -> "Plan":
        """Return the plan as it is carried out at a moment."""
        version = replace(self.version, written_at=now) if self.is_new_version else self.version
        return replace(self, version=version, now=now)

    def rows(self) -> Append:
        """Return the rows that are appended."""
        incoming, fresh = self.incoming, self.fresh
        now = np.full(len(fresh), self.now)
        if incoming.times is not None:
            event_time = incoming.times.values[fresh]
        else:
            event_time = np.full(len(fresh), ALWAYS) if self.is_history else now
        is_all = len(fresh) == len(incoming)
        return Append(
            table=incoming.features if is_all else incoming.features.take(fresh),
            event_time=event_time,
            known_at=event_time if self.is_history else now,
            keys=incoming.keys.of_rows(fresh),  # type: ignore[arg-type]
        )

    @property
    def late_count(self) -> int:
        """Rows that no moment before the write will see, though they were true then."""
        times = self.incoming.times
        if self.is_history or times is None:
            return 0
        return int((times.values[self.fresh] < self.now - DAY).sum())


class Draft(NamedTuple):
    """A write whose rows are in a file already, and which nothing names yet."""

    plan: Plan
    what: Append
    published: Published


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
    history : bool, default=False
        Whether the rows are history: known from their own event time on. They
        belong to the version that there is, whatever SQL brought them.
    """

    def __init__(
        self, storage: Storage, definition: ViewDefinition, table: Table, history: bool = False
    ) -> None:
        self._storage, self._definition, self._table = storage, definition, table
        self._history = history

    def run(self) -> FeatureWrite:
        """Check, then append what is new; nothing is written if anything is wrong."""
        check_columns(self._definition, self._table)
        # the long part first, so that other kernels wait for its end alone
        with self._storage.reading() as reading:
            plan = self._plan(reading)
        draft = self._draft(plan)
        with self._storage.transaction() as transaction:
            if _state(catalogue.find(self._storage, self._definition.view)) != _state(plan.before):
                # somebody was quicker; the file that was written is swept
                draft, plan = None, self._plan(transaction)
            plan = plan.at(transaction.now) if draft is None else draft.plan
            if plan.is_new_version:
                catalogue.add_version(transaction, plan.version)
            self._append(transaction, plan, draft)
        return self._report(plan)

    def _draft(self, plan: Plan) -> Draft | None:
        """Write many rows into a file, so that other kernels wait for its naming alone."""
        if len(plan.fresh) < ROWS_OF_A_SEGMENT:
            return None
        with self._storage.transaction() as transaction:
            seq = transaction.take_seq(len(plan.fresh))
        plan = plan.at(transaction.now)
        what = plan.rows()
        published = self._storage.log.prepare("feature", what, seq, plan.now)
        return Draft(plan, what, published)

    def try_out(self) -> FeatureWrite:
        """Check, and say what a write would do; nothing is written."""
        check_columns(self._definition, self._table)
        with self._storage.reading() as reading:
            plan = self._plan(reading)
        return replace(self._report(plan), is_dry_run=True)

    def _plan(self, transaction: Transaction) -> Plan:
        definition, table = self._definition, self._table
        before = catalogue.find(self._storage, definition.view)
        if before is not None and before.current.on_demand:
            raise OnDemand(before.view, "write its rows to a view of another name")
        is_new = before is None or not self._continues(before.current)
        kept = () if is_new or before is None else before.features
        key = key_fields(definition, table, before.current.key if before else ())
        if is_new or before is None:
            number = 1 if before is None else before.current.number + 1
            version = catalogue.next_version(definition, key, number, transaction.now)
        else:
            version = before.current
        unsettled = self._unsettled(version, kept)
        incoming = read_incoming(definition, table, key, kept, unsettled).in_order()
        if kept and self._history and definition.sha256 != version.sha256:
            self._refuse_other_columns(version, kept)
        is_history = self._history or is_new or before is None or before.row_count == 0
        groups = Groups.of(incoming)
        fresh = (
            np.arange(len(incoming))
            if is_new
            else places_of_news(self._storage, version, incoming, groups, self._history)
        )
        return Plan(
            before=before,
            version=version,
            is_new_version=is_new,
            is_history=is_history,
            incoming=incoming,
            groups=groups,
            fresh=fresh,
            now=transaction.now,
        )

    def _continues(self, current: ViewVersion) -> bool:
        """Tell whether the rows belong to the version that there is."""
        asked = self._definition
        if asked.sha256 == current.sha256:
            return True
        if (asked.key, asked.time) != (current.key_names, current.time):
            return False
        # a table without SQL is no other SQL: it adds to what the SQL has made
        is_table = asked.sql is None and current.sql is not None
        has_its_ttl = asked.ttl == current.ttl or (is_table and asked.ttl is None)
        return has_its_ttl and (is_table or self._history)

    def _unsettled(self, version: ViewVersion, kept: tuple[Field, ...]) -> frozenset[str]:
        """Return the features whose kind differs now, and that have never had a value."""
        columns = self._table.columns
        others = [
            field
            for field in kept
            if field.name in columns and columns[field.name].stored_in != field.stored_in
        ]
        if not others:
            return frozenset()
        cursor = self._storage.cursor()
        scan = self._storage.log.scan(cursor, "feature", version.stream, others)
        counts = ", ".join(f"count(f{place})" for place in range(len(others)))
        found = cursor.execute(f"SELECT {counts} FROM ({scan})").fetchall()[0]  # noqa: S608 - ours
        cursor.close()
        return frozenset(f.name for f, count in zip(others, found, strict=True) if not count)

    def _refuse_other_columns(self, version: ViewVersion, kept: tuple[Field, ...]) -> None:
        """Refuse to add rows of another SQL that have other features."""
        needed = {*self._definition.key, self._definition.time}
        names, known = set(self._table.names) - needed, {field.name for field in kept}
        if names != known:
            found = f"{version.view} v{version.number}"
            raise ColumnsChanged(found, sorted(known - names), sorted(names - known))

    def _append(self, transaction: Transaction, plan: Plan, draft: Draft | None) -> None:
        log, stream = self._storage.log, plan.version.stream
        what = plan.rows() if draft is None else draft.what
        if draft is None:
            seq = log.append(transaction, "feature", stream, what).seq
        else:
            seq = log.append_prepared(transaction, "feature", stream, what, draft.published).seq
        online.add(self._storage, transaction, plan.version, what, seq)
        write = ViewWrite(
            number=plan.version.number,
            new_count=len(plan.fresh),
            existing_count=len(plan.incoming) - len(plan.fresh),
            is_history=plan.is_history,
            sql=self._definition.sql,
            sha256=self._definition.sha256,
            cell=self._definition.cell,
            cell_number=self._definition.cell_number,
            written_at=plan.now,
        )
        catalogue.add_write(transaction, plan.version.view, write)

    def _report(self, plan: Plan) -> FeatureWrite:
        incoming, times = plan.incoming, plan.incoming.times
        profile = tables.profile(incoming.features)
        key = self._definition.key
        fields = Schema.of(incoming.features).fields
        return FeatureWrite(
            version=plan.version,
            new_count=len(plan.fresh),
            existing_count=len(incoming) - len(plan.fresh),
            entity_count=len(incoming.keys.texts),
            first=None if times is None else int(times.values.min()),
            last=None if times is None else int(times.values.max()),
            is_history=plan.is_history,
            is_new_version=plan.is_new_version,
            profile=profile,
            warnings=(
                *incoming.said,
                *changes_said(plan.before, plan.version, fields),
                *rows_said(incoming, plan.groups, key, plan.now),
                *late_said(plan.late_count),
                *columns_said(profile),
            ),
            late_count=plan.late_count,
            changes=changed_source(plan.before, plan.version),
        )


def _state(view: View | None) -> tuple[int, int] | None:
    """Return what another write to the view would have changed."""
    return None if view is None else (view.current.number, view.row_count)
