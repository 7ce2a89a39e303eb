"""What may a features cell do?

Read, by one SELECT: the tables that are registered for it and the files it was
given. It cannot write, change a setting, load an extension or reach a network.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mlops_magics.errors.request import BadQuery

from .duck import from_cursor, settings
from .giving import register
from .quoting import identifier, literal
from .table import Column, Table

FILES = (".csv", ".tsv", ".parquet")
ONE_SELECT = "write one SELECT; it may begin with WITH"


@dataclass(frozen=True, slots=True)
class Mentioned:
    """The tables that a query mentions, without those that it defines itself."""

    tables: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The mentioned names that are paths."""
        return tuple(n for n in self.tables if "/" in n or n.lower().endswith(FILES))


class Sandbox:
    """DuckDB for one query of a person: locked before the query is seen.

    Parameters
    ----------
    temp_directory : Path, optional
        Where a large query spills.
    folders : sequence of Path, default=()
        Files below these can be read.
    files : sequence of Path, default=()
        These files can be read, such as the segments of a view.

    Examples
    --------
    >>> sandbox = Sandbox()
    >>> sandbox.run("SELECT 6 * 7 AS answer").column("answer").to_list()
    [42]
    """

    def __init__(
        self,
        temp_directory: Path | None = None,
        folders: Sequence[Path] = (),
        files: Sequence[Path] = (),
    ) -> None:
        self._folders, self._files = folders, files
        self._connection = duckdb.connect(config=settings(temp_directory))
        self._connection.execute("SET TimeZone = 'UTC'")
        self._locked = False

    def mentioned(self, sql: str) -> Mentioned:
        """Return the tables that a query mentions.

        Raises
        ------
        BadQuery
            If it is not exactly one SELECT, or does not parse.
        """
        try:
            statements = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise BadQuery(f"does not parse: {_first_line(error)}", ONE_SELECT) from error
        if len(statements) != 1:
            raise BadQuery(f"has {len(statements)} statements", ONE_SELECT)
        kind = str(statements[0].type).rpartition(".")[2]
        if kind != "SELECT":
            raise BadQuery(f"is a {kind} statement", ONE_SELECT)
        # fetchone would leave the result open, and nothing could be registered
        answer = self._connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
        tree = json.loads(answer[0][0])
        if tree.get("error"):
            raise BadQuery(f"is refused: {tree.get('error_message', '')[:200]}", ONE_SELECT)
        return Mentioned(tuple(sorted(set(_tables(tree, frozenset())))))

    def add_table(self, name: str, table: Table) -> None:
        """Make a table readable under a name of the user's.

        Raises
        ------
        BadQuery
            If a column has no name, or one that SQL cannot say.
        """
        if any(not called or "\x00" in called for called in table.columns):
            raise BadQuery(f"reads {name!r}, which has a column without a name", "rename it")
        physical = {f"c{place}": column for place, column in enumerate(table.columns.values())}
        registered = f"table_{len(name)}_{name.encode().hex()}"
        typed = register(self._connection, registered, physical)
        shown = ", ".join(
            f"{_as_sql(column, f'c{place}')} AS {identifier(logical)}"
            for place, (logical, column) in enumerate(table.columns.items())
        )
        self.add_query(name, f"SELECT {shown} FROM (SELECT {typed} FROM {registered})")  # noqa: S608 - quoted

    def add_query(self, name: str, select: str) -> None:
        """Make a SELECT of ours readable under a name of the user's."""
        self._connection.execute(f"CREATE TEMP VIEW {identifier(name)} AS {select}")

    @property
    def connection(self) -> Any:
        """The connection, for registering rows that a query of ours reads."""
        return self._connection

    def run(self, sql: str, parameters: Mapping[str, object] | None = None) -> Table:
        """Lock the sandbox and run one query.

        Parameters
        ----------
        sql : str
            One SELECT.
        parameters : mapping, optional
            Values of its ``$name`` parameters.

        Returns
        -------
        Table
            The whole result.

        Raises
        ------
        BadQuery
            If it is refused or fails; DuckDB's own first line is kept.
        """
        self._lock()
        try:
            cursor = self._connection.execute(sql, dict(parameters) if parameters else None)
            return from_cursor(cursor, [column[0] for column in cursor.description or []])
        except duckdb.Error as error:
            raise BadQuery(f"failed: {_first_line(error)}", "correct the SQL, run again") from error

    def _lock(self) -> None:
        if self._locked:
            return
        folders = ", ".join(literal(str(path)) for path in self._folders)
        files = ", ".join(literal(str(path)) for path in self._files)
        self._connection.execute(f"SET allowed_directories = [{folders}]")
        self._connection.execute(f"SET allowed_paths = [{files}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._locked = True

    def close(self) -> None:
        """Close the sandbox."""
        self._connection.close()


def _as_sql(column: Column, physical: str) -> str:
    return f"make_timestamp({physical})" if column.kind == "time" else physical


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:1])[:300] or type(error).__name__


def _tables(tree: Any, own: frozenset[str]) -> Iterator[str]:
    """Yield the tables that a parsed query reads, without those that it defines (`own`)."""
    if isinstance(tree, list):
        for value in tree:
            yield from _tables(value, own)
    if not isinstance(tree, dict):
        return
    if tree.get("type") == "RECURSIVE_CTE_NODE":
        own |= {tree["cte_name"].casefold()}
    for entry in (tree.get("cte_map") or {}).get("map", []):
        # WITH t AS (SELECT * FROM t) reads a table t from outside: its name holds from here on
        yield from _tables(entry["value"], own)
        own |= {entry["key"].casefold()}
    if tree.get("type") == "BASE_TABLE":
        parts = (tree.get("catalog_name"), tree.get("schema_name"), tree.get("table_name"))
        name = ".".join(part for part in parts if part)
        if name.casefold() not in own:
            yield name
    for key, value in tree.items():
        if key != "cte_map":
            yield from _tables(value, own)
