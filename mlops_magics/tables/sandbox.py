"""What may a features cell do?

Read, by one SELECT: the tables that are registered for it and the files it was
given. It cannot write, change a setting, load an extension or reach a network; it
keeps within bounds of memory and disk, and an interrupt stops it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from mlops_magics.errors.request import BadQuery

from .duck import assemble, read_select, settings
from .giving import register
from .parts import CsvCopy
from .quoting import identifier, literal, names_apart
from .table import Column, Table

OUTSIDE = re.compile(r'Cannot access (?:file|directory) "([^"]+)"')
FILES = (".csv", ".tsv", ".parquet")
# what in a parsed query makes its rows others than those of the table it reads
CROSSING_PARTS = {
    "where_clause": "has a WHERE; use CASE",
    "group_expressions": "has a GROUP BY",
    "aggregate_handling": "has a GROUP BY",
    "having": "has a HAVING",
    "qualify": "has a QUALIFY",
    "sample": "has a SAMPLE",
    "modifiers": "has an ORDER BY, a LIMIT or a DISTINCT",
}
CROSSING_CLASSES = {"WINDOW": "uses a window", "SUBQUERY": "has a query inside"}
CROSSING_TYPES = {
    "JOIN": "has a JOIN",
    "SET_OPERATION_NODE": "has a UNION, INTERSECT or EXCEPT",
    "RECURSIVE_CTE_NODE": "is recursive",
}
ONE_SELECT = "write one SELECT; it may begin with WITH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """What a query mentions.

    Attributes
    ----------
    tables : tuple of str
        Without those that it defines itself.
    table_functions : tuple of str
        Such as range or read_csv.
    words : frozenset of str
        Its functions and columns, in small letters.
    parameters : tuple of str
        Without their dollar signs.
    crossing : str, optional
        What makes a row of the result depend on other rows than one; None for a query
        that gives a row for each row, in order.
    """

    tables: tuple[str, ...]
    table_functions: tuple[str, ...] = ()
    words: frozenset[str] = field(default=frozenset())
    parameters: tuple[str, ...] = ()
    crossing: str | None = None

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
    in_order : bool, default=False
        Run in one thread: rows come in the order in which they went in.

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
        in_order: bool = False,
    ) -> None:
        self._folders, self._files = folders, files
        # names that SQL takes for another one, as they are known to it and as they are
        self._renamed: dict[str, str] = {}
        self._names: set[str] = set()
        chosen = settings(temp_directory) | ({"threads": 1} if in_order else {})
        self._connection = duckdb.connect(config=chosen)
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
            said = "is empty" if not statements else f"has {len(statements)} statements"
            raise BadQuery(said, ONE_SELECT)
        kind = str(statements[0].type).rpartition(".")[2]
        if kind != "SELECT":
            raise BadQuery(f"is a {kind} statement", ONE_SELECT)
        # fetchone would leave the result open, and nothing could be registered
        answer = self._connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
        tree = json.loads(answer[0][0])
        if tree.get("error"):
            raise BadQuery(f"is refused: {tree.get('error_message', '')[:200]}", ONE_SELECT)
        nodes = list(_nodes(tree))
        functions = [n["function"]["function_name"] for n in _of_type(nodes, "TABLE_FUNCTION")]
        words = {n["function_name"] for n in _of_type(nodes, "FUNCTION")}
        words |= {n["column_names"][-1] for n in _of_type(nodes, "COLUMN_REF")}
        parameters = [n["identifier"] for n in _of_type(nodes, "VALUE_PARAMETER")]
        return Mentioned(
            tables=tuple(sorted(set(_tables(tree, frozenset())))),
            table_functions=tuple(dict.fromkeys(functions)),
            words=frozenset(word.casefold() for word in words),
            parameters=tuple(dict.fromkeys(parameters)),
            crossing=self._crossing(nodes),
        )

    def _crossing(self, nodes: Sequence[dict[str, Any]]) -> str | None:
        """Return the first part of a query that looks beyond one row, or leaves rows out."""
        for node in nodes:
            for name, said in CROSSING_PARTS.items():
                if node.get(name) and node[name] != "STANDARD_HANDLING":
                    return said
            inside = CROSSING_CLASSES.get(node.get("class", ""))
            around = CROSSING_TYPES.get(node.get("type", ""))
            if inside or around:
                return inside or around
        called = {node["function_name"].casefold() for node in _of_type(nodes, "FUNCTION")}
        many = self._connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions()"
            " WHERE function_type = 'aggregate' OR function_name = 'unnest'"
        ).fetchall()
        crossing = sorted(called & {row[0] for row in many})
        return f"uses {crossing[0]}" if crossing else None

    def add_table(self, name: str, table: Table) -> None:
        """Make a table readable under a name of the user's.

        Raises
        ------
        BadQuery
            If a column has no name, or one that SQL cannot say.
        """
        if any(not called or "\x00" in called for called in table.columns):
            raise BadQuery(f"reads {name!r}, which has a column without a name", "rename it")
        registered = f"table_{len(name)}_{name.encode().hex()}"
        physical = {f"c{place}": column for place, column in enumerate(table.columns.values())}
        typed = register(self._connection, registered, physical)
        shown = [
            f"{_as_sql(column, f'c{place}')} AS {identifier(name)}"
            for place, (name, column) in enumerate(
                zip(self.names_in_sql(table.names), table.columns.values(), strict=True)
            )
        ]
        self.add_query(name, f"SELECT {', '.join(shown)} FROM (SELECT {typed} FROM {registered})")  # noqa: S608 - quoted

    def add_csv(self, name: str, copy: CsvCopy) -> None:
        """Make a CSV file readable under the name that a query gives it, read by our rules."""
        source = f"read_parquet({literal(str(copy.path))})"
        described = self._connection.execute(f"DESCRIBE FROM {source}").fetchall()
        shown = [
            # a time has no zone here, as in the tables of the notebook
            f"CAST({row[0]} AS TIMESTAMP) AS {identifier(called)}"
            if row[1] == "TIMESTAMP WITH TIME ZONE"
            else f"{row[0]} AS {identifier(called)}"
            for row, called in zip(described, self.names_in_sql(copy.names), strict=True)
        ]
        self._files = (*self._files, copy.path)
        self.add_query(name, f"SELECT {', '.join(shown)} FROM {source}")  # noqa: S608 - quoted

    def names_in_sql(self, names: Sequence[str]) -> list[str]:
        """Return the names of a table's columns as SQL can tell them apart.

        To SQL, capital letters make no other name: the second of Rate and rate is
        called rate_1 in the query, and rate again in its result.
        """
        self._names.update(names)
        given = names_apart(names)
        self._renamed |= {c: name for c, name in zip(given, names, strict=True) if c != name}
        return given

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

        def answer() -> Table:
            given = dict(parameters) if parameters else None
            # unless another table has a column that is really called so
            renamed = {n: old for n, old in self._renamed.items() if n not in self._names}
            return assemble(read_select(self._connection, _bare(sql), given, renamed))

        try:
            return self._interruptible(answer)
        except duckdb.PermissionException as error:
            outside = OUTSIDE.search(str(error))
            if outside is None:
                problem = f"is refused: {_first_line(error)}"
                raise BadQuery(problem, "correct the SQL, run again") from error
            problem = f"reads {outside.group(1)!r}, which lies outside the notebook's folder"
            raise BadQuery(problem, '%workspace allow "FOLDER" opens another one') from error
        except duckdb.OutOfMemoryException as error:
            problem = "needs more memory and disk than it may have"
            raise BadQuery(problem, "select fewer rows, or aggregate before joining") from error
        except duckdb.Error as error:
            raise BadQuery(f"failed: {_first_line(error)}", "correct the SQL, run again") from error

    def _interruptible(self, answer: Callable[[], Table]) -> Table:
        """Run something in a thread of its own, and stop the query on an interrupt.

        DuckDB looks for signals between its tasks, and a recursive query is one task.
        """
        with ThreadPoolExecutor(max_workers=1) as executor:
            found = executor.submit(answer)
            try:
                while not found.done():
                    wait([found], timeout=1.0)
            except KeyboardInterrupt:
                while not found.done():
                    self._connection.interrupt()
                    wait([found], timeout=0.05)
                raise
            return found.result()

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


def _bare(sql: str) -> str:
    """Return a SELECT without the semicolons and comments after it."""
    text = sql.encode()  # DuckDB counts bytes
    for place, kind in reversed(duckdb.tokenize(sql)):
        if text[place : place + 1] == b";":
            text = text[:place]
        elif kind != duckdb.token_type.comment:
            break
    return text.decode()


def _as_sql(column: Column, physical: str) -> str:
    return f"make_timestamp({physical})" if column.kind == "time" else physical


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:1])[:300] or type(error).__name__


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a parsed query."""
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _nodes(child)


def _of_type(nodes: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [node for node in nodes if node.get("type") == name]


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
