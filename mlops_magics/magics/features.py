"""%features and %%features: what was a feature's value, and when was it known?"""

from collections.abc import Mapping
from typing import Any

from IPython.core.magic import (
    cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

from mlops_magics import tables
from mlops_magics.errors.tables import MissingColumns
from mlops_magics.features.view import ViewDefinition
from mlops_magics.tables.conversion import read_value
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Table
from mlops_magics.workspace.joining import join_features
from mlops_magics.workspace.results import Listing
from mlops_magics.workspace.train import times_of

from .face import Face, documented
from .parsing import Token
from .request import Request, parse
from .values import read_names

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None


@magics_class
class FeaturesMagic(Face):
    """The magics %features and %%features."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("features")
    def features(self, line: str, local_ns: Names = None) -> Any:
        """List, read, write or join feature views."""
        return self.run("features", line, local_ns)

    @cell_magic("features")
    @no_var_expand
    @needs_local_scope
    @documented("%%features")
    def define(self, line: str, cell: str, local_ns: Names = None) -> Any:
        """Make a feature view, or its next version, from one SELECT."""
        request = parse("%%features", line)
        rows = self.session.query(cell, self.session.names(local_ns))
        definition = ViewDefinition(
            view=request.name or "",
            key=request.names("key"),
            time=request.text("time"),
            ttl=request.integer("ttl"),
            sql=cell,
            **self.session.lineage(),
        )
        written = self.workspace.features.write(definition, rows)
        out = request.text("out")
        if out is not None:
            self.session.shell.user_ns[out] = tables.to_pandas(rows)
        return self.session.show(written, request.silent)

    def _list(self, request: Request, local: Names) -> Answer:
        views = Listing(self.workspace.features.list_views())
        return views, "no feature views yet. Next: %%features NAME --key COLUMN"

    def _describe(self, request: Request, local: Names) -> Answer:
        return self.workspace.features.describe(request.name or ""), ""

    def _write(self, request: Request, local: Names) -> Answer:
        token = request.data("data")
        assert token is not None
        definition = ViewDefinition(
            view=request.name or "",
            key=request.names("key"),
            time=request.text("time"),
            **self.session.lineage(),
        )
        return self.workspace.features.write(definition, self.session.data(token, local)), ""

    def _values(self, request: Request, local: Names) -> Answer:
        view = self.workspace.features.describe(request.name or "")
        given = {
            name: self.session.evaluate(value.text, local) if isinstance(value, Token) else value
            for name, value in request.assignments.items()
        }
        lacking = [name for name in view.current.key_names if name not in given]
        if lacking:
            step = f"%features {view.view} {' '.join(f'{name}=…' for name in lacking)}"
            raise MissingColumns(lacking, "the entity", step)
        columns = {}
        for field in view.current.key:
            value = given[field.name]
            if isinstance(value, str):
                value = read_value(value, field.kind, field.name)
            columns[field.name] = from_values(field.name, [value]).column
        joined = self.workspace.features.read(view.view, Table.of(columns), at=request.text("at"))
        found = {name: column.to_list()[0] for name, column in joined.columns.items()}
        return {name: value for name, value in found.items() if value is not None}, ""

    def _join(self, request: Request, local: Names) -> Answer:
        token = request.data("spine")
        assert token is not None
        spine = tables.read_table(self.session.data(token, local), "the spine")
        views = read_names(request.words[0]) or ()
        time = request.text("time") or self._shared_time(views, spine)
        at = times_of(self.workspace, spine, time)
        joined = join_features(self.workspace, spine, views, at)
        said = list(joined.said)
        if request.text("time") is None:
            said.append(f"joined as of {time}" if time else "joined as of now; history is not used")
        self.session.note(f"{len(spine):,} rows joined", said, request.silent)
        return tables.to_pandas(spine.with_columns(joined.columns)), ""

    def _shared_time(self, views: tuple[str, ...], spine: Table) -> str | None:
        """Return a column of the spine that is named like a view's event time."""
        for name in views:
            time = self.workspace.features.describe(name.partition(":")[0]).current.time
            if time is not None and time in spine:
                return time
        return None
