"""What does a features cell see?

The notebook's tables and the workspace's views and datasets by name, files
below the notebook's folder and those that a person opened, and variables as
parameters. It runs one SELECT in the sandbox and writes nothing.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.request import BadQuery
from mlops_magics.errors.state import OnDemand
from mlops_magics.errors.unknown import AmbiguousName, UnknownName
from mlops_magics.storage import Storage
from mlops_magics.tables.quoting import identifier
from mlops_magics.tables.table import Table

from . import catalogue
from .view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a query may name.

    Parameters
    ----------
    variables : mapping of str to object
        The notebook's variables.
    datasets : mapping of str to Table, default={}
        The workspace's datasets that the query may name, read when named.
    folders : sequence of Path, default=()
        Files below these can be read.

    Examples
    --------
    >>> Scope(variables={}, datasets={}).folders
    ()
    """

    variables: Mapping[str, object]
    datasets: Mapping[str, Table]
    folders: Sequence[Path] = ()


def run_query(storage: Storage, sql: str, scope: Scope) -> Table:
    """Run a features cell and return its rows.

    Parameters
    ----------
    storage : Storage
        The workspace, whose views it may name.
    sql : str
        One SELECT; ``$name`` is the value of the variable `name`.
    scope : Scope
        What else it may name.

    Returns
    -------
    Table
        The whole result.

    Raises
    ------
    BadQuery
        If it is not one SELECT, is refused or fails.
    UnknownName, AmbiguousName
        If it names a table that is not there, or that two things are.
    """
    parsing = tables.Sandbox()
    try:
        mentioned = parsing.mentioned(sql)
    finally:
        parsing.close()
    views: dict[str, View] = {}
    frames: dict[str, Table] = {}
    for name in _once(mentioned.tables, scope):
        if name in mentioned.files:
            continue
        found = _find(storage, name, scope)
        if isinstance(found, View):
            views[name] = found
        else:
            frames[name] = found
    storage_tmp = storage.folder / "tmp" if storage.exists else None
    sandbox = tables.Sandbox(storage_tmp, scope.folders, _segments(storage, views))
    with TemporaryDirectory(prefix="mlops_") as folder, closing(sandbox):
        for name, frame in frames.items():
            sandbox.add_table(name, frame)
        for name, view in views.items():
            sandbox.add_query(name, _view_rows(storage, view, sandbox))
        repairs = _add_csv_files(sandbox, mentioned.files, scope, Path(folder))
        found = sandbox.run(sql, _parameters(mentioned.parameters, scope.variables))
        return replace(found, repairs=(*repairs, *found.repairs))


def _add_csv_files(
    sandbox: "tables.Sandbox", names: Sequence[str], scope: Scope, folder: Path
) -> list[str]:
    """Make CSV files readable as everywhere else in the package; return what was mended.

    DuckDB guesses what the texts of a file are, and a code such as 007 would be a number.
    What is no file of these folders is left to it: it refuses, or knows a pattern.
    """
    allowed = [path.resolve() for path in scope.folders]
    repairs: list[str] = []
    for place, name in enumerate(names):
        path = Path(name)
        is_csv = name.lower().endswith((".csv", ".tsv")) and path.is_file()
        if is_csv and any(path.resolve().is_relative_to(one) for one in allowed):
            copy = tables.copy_of_csv(path, folder / f"{place}.parquet")
            if copy.names:
                sandbox.add_csv(name, copy)
                repairs += copy.repairs
    return repairs


def _once(names: Sequence[str], scope: Scope) -> list[str]:
    """Return the names without those that SQL takes for one that came before."""
    first: dict[str, str] = {}
    for name in names:
        before = first.setdefault(name.casefold(), name)
        if before != name and (before in scope.variables or name in scope.variables):
            step = "write it one way; to SQL, capital letters make no other name"
            raise AmbiguousName(name, f"the table {name!r}", f"the table {before!r}", step)
    return list(first.values())


def _find(storage: Storage, name: str, scope: Scope) -> "Table | View":
    view = catalogue.find(storage, name)
    is_variable = name in scope.variables
    others = [f"the feature view {name!r}"] if view else []
    others += [f"the dataset {name!r}"] if name in scope.datasets else []
    if is_variable and others:
        step = f"rename the variable {name!r}"
        raise AmbiguousName(name, "a variable", others[0], step)
    if len(others) == 2:
        first, second = others
        raise AmbiguousName(name, first, second, "put one of them into a variable first")
    if is_variable:
        return tables.read_table(scope.variables[name], f"the variable {name!r}")
    if view is not None and view.current.on_demand:
        raise OnDemand(view.view, "give it rows with %features join")
    if view is not None:
        return view
    if name in scope.datasets:
        return scope.datasets[name]
    views = [v.view for v in catalogue.list_all(storage)]
    tables_in_scope = [n for n, value in scope.variables.items() if tables.is_table(value)]
    known = [*views, *scope.datasets, *tables_in_scope]
    raise UnknownName("table, view or dataset", name, known, "%features lists the views")


def _segments(storage: Storage, views: Mapping[str, View]) -> list[Path]:
    paths: list[Path] = []
    for view in views.values():
        paths += storage.log.paths("feature", view.current.stream)
    return paths


def _view_rows(storage: Storage, view: View, sandbox: "tables.Sandbox") -> str:
    """Return a SELECT of a view's rows with the names of its own columns."""
    scan = storage.log.scan(sandbox.connection, "feature", view.current.stream, view.features)
    time = [view.current.time] if view.current.time else []
    own = [*view.current.key_names, *time, *(field.name for field in view.features)]
    shown = iter(map(identifier, sandbox.names_in_sql(own)))
    listed = []
    for place, field in enumerate(view.current.key):
        value = f"json_extract_string(key, '$[{place}]')"
        kind = {"int64": "BIGINT", "float64": "DOUBLE", "bool": "BOOLEAN"}.get(field.stored_in)
        if field.stored_in == "time":
            value = f"make_timestamp(CAST({value} AS BIGINT))"
        elif kind:
            value = f"CAST({value} AS {kind})"
        listed.append(f"{value} AS {next(shown)}")
    if view.current.time is not None:
        listed.append(f"make_timestamp(event_time) AS {next(shown)}")
    for place, field in enumerate(view.features):
        value = f"make_timestamp(f{place})" if field.kind == "time" else f"f{place}"
        listed.append(f"{value} AS {next(shown)}")
    return f"SELECT {', '.join(listed)} FROM ({scan})"  # noqa: S608 - quoted


def _parameters(names: Sequence[str], variables: Mapping[str, object]) -> dict[str, object] | None:
    """Return the values of the query's parameters."""
    for name in names:
        if name not in variables:
            raise UnknownName(
                "variable", name, [n for n in variables if n[0] != "_"], f"set {name}"
            )
    return {name: _bound(name, variables[name]) for name in names} or None


def _bound(name: str, value: object) -> object:
    """Return a variable's value as DuckDB takes it."""
    if isinstance(value, np.bool_ | np.integer | np.floating):
        return value.item()
    if isinstance(value, bool | int | float | str) or hasattr(value, "isoformat"):
        return value
    kind = type(value).__name__
    raise BadQuery(f"binds ${name}, a {kind}", "bind a number, a text or a time")
