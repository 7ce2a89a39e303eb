"""What is a feature view?

A name, the columns of its key, maybe the column that says when a row was true,
and the source that made it. Changing any of them makes its next version. A view
on demand stores no rows: its SQL is run on each row that asks.
"""

import hashlib
import json
from dataclasses import dataclass

from mlops_magics.storage.packing import Field
from mlops_magics.tables.summaries import ColumnProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDefinition:
    """A feature view as it is asked for.

    Parameters
    ----------
    view : str
        Its name.
    key : tuple of str
        The columns that name an entity.
    time : str, optional
        The column that says when a row was true.
    ttl : int, optional
        Microseconds after which a value is stale; never by default.
    sql : str, optional
        The query that makes its rows.
    cell : str, optional
        The source of the notebook cell, as it was run.
    cell_number : int, optional
        The execution count of that cell.
    on_demand : bool, default=False
        Whether `sql` is stored and run on each row that asks, as the table `request`.

    Examples
    --------
    >>> ViewDefinition(view="customers", key=("customer_id",)).time is None
    True
    """

    view: str
    key: tuple[str, ...] = ()
    time: str | None = None
    ttl: int | None = None
    sql: str | None = None
    cell: str | None = None
    cell_number: int | None = None
    on_demand: bool = False

    @property
    def sha256(self) -> str:
        """Digest of what makes a version: two definitions of one digest are one version."""
        source = None if self.sql is None else self.sql.strip().rstrip(";").strip()
        content = json.dumps([self.key, self.time, self.ttl, source, self.on_demand])
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewVersion:
    """One version of a view, as stored.

    Attributes
    ----------
    number : int
        1, 2, ... in the order of their making.
    key : tuple of Field
        The key columns with the kinds that they have for ever.
    written_at : int
        Microseconds since 1970 UTC.
    """

    view: str
    number: int
    key: tuple[Field, ...]
    time: str | None
    ttl: int | None
    sql: str | None
    sha256: str
    cell: str | None
    cell_number: int | None
    written_at: int
    on_demand: bool = False

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the key columns."""
        return tuple(field.name for field in self.key)

    @property
    def stream(self) -> str:
        """The name of its rows in the log."""
        return f"{self.view}@{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view as it stands: its newest version and what is in it.

    Attributes
    ----------
    current : ViewVersion
        The newest version, which joins use.
    versions : tuple of ViewVersion
        All of them, oldest first.
    features : tuple of Field
        The columns that are neither key nor time.
    row_count : int
        Rows of the newest version.
    newest : int, optional
        The newest event_time in it, microseconds; None without event time.
    """

    current: ViewVersion
    versions: tuple[ViewVersion, ...]
    features: tuple[Field, ...]
    row_count: int
    newest: int | None

    @property
    def view(self) -> str:
        """Its name."""
        return self.current.view

    @property
    def definition(self) -> ViewDefinition:
        """What defines the newest version: writing with it makes no new one."""
        current = self.current
        return ViewDefinition(
            view=current.view,
            key=current.key_names,
            time=current.time,
            ttl=current.ttl,
            sql=current.sql,
            cell=current.cell,
            cell_number=current.cell_number,
            on_demand=current.on_demand,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewWrite:
    """One write to a view, as it is remembered.

    Attributes
    ----------
    number : int
        The version that was written to.
    new_count, existing_count : int
        Rows appended, and rows that were there already.
    is_history : bool
        Whether the rows are known from their own event time on.
    sql, sha256, cell, cell_number
        The source that the rows came from.
    written_at : int
        Microseconds since 1970 UTC.
    """

    number: int
    new_count: int
    existing_count: int
    is_history: bool
    sql: str | None
    sha256: str
    cell: str | None
    cell_number: int | None
    written_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureWrite:
    """What one write to a view did, or would do.

    Attributes
    ----------
    new_count, existing_count : int
        Rows appended, and rows that were there already with these values.
    entity_count : int
        Different keys among the rows of this write.
    first, last : int, optional
        Range of event_time, microseconds.
    is_history : bool
        Whether the rows are known from their own event time on.
    is_new_version : bool
        Whether this write began the version.
    profile : tuple of ColumnProfile
        The features of this write, one line each.
    warnings : tuple of str
        What will hurt later.
    late_count : int, default=0
        Rows that no moment before this write will see, though they were true then.
    changes : tuple of str, default=()
        How the version differs from the one before, as the lines of a diff.
    is_dry_run : bool, default=False
        Whether nothing was written.
    """

    version: ViewVersion
    new_count: int
    existing_count: int
    entity_count: int
    first: int | None
    last: int | None
    is_history: bool
    is_new_version: bool
    profile: tuple[ColumnProfile, ...]
    warnings: tuple[str, ...]
    late_count: int = 0
    changes: tuple[str, ...] = ()
    is_dry_run: bool = False
