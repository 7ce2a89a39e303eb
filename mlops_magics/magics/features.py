"""%features and %%features: what was a feature's value, and when was it known?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from IPython.core.magic import (
    cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

from mlops_magics import tables, widgets
from mlops_magics.display.numbers import count
from mlops_magics.features.view import FeatureWrite, ViewDefinition
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Table
from mlops_magics.workspace import exploring, views
from mlops_magics.workspace.exploring import read_entity
from mlops_magics.workspace.results import Listing

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
        definition = replace(self._definition(request), sql=cell)
        if request.action == "compute":
            definition = replace(definition, on_demand=True)
            return self.session.show(self._store(request, definition, None), request.silent)
        rows = self.session.query(cell, self.session.names(local_ns))
        written = self._store(request, definition, rows)
        out = request.text("out")
        if out is not None:
            self.session.shell.user_ns[out] = tables.to_pandas(rows)
        return self.session.show(written, request.silent)

    def _definition(self, request: Request) -> ViewDefinition:
        return ViewDefinition(
            view=request.name or "",
            key=request.names("key"),
            time=request.text("time"),
            ttl=request.integer("ttl"),
            **self.session.lineage(),
        )

    def _store(self, request: Request, definition: ViewDefinition, rows: Any) -> FeatureWrite:
        history, dry_run = request.has("history"), request.has("dry_run")
        return views.write(self.workspace, definition, rows, history, dry_run)

    def _list(self, request: Request, local: Names) -> Answer:
        found = Listing(views.list_views(self.workspace))
        return found, "no feature views yet. Next: %%features NAME --key COLUMN"

    def _describe(self, request: Request, local: Names) -> Answer:
        return views.report(self.workspace, request.name or ""), ""

    def _write(self, request: Request, local: Names) -> Answer:
        token = request.data("data")
        assert token is not None
        rows = self.session.data(token, local)
        return self._store(request, self._definition(request), rows), ""

    def _values(self, request: Request, local: Names) -> Answer:
        view = self.workspace.features.describe(request.name or "")
        entity = read_entity(view, self._assigned(request, local))
        columns = {name: from_values(name, [value]).column for name, value in entity.items()}
        moment = self.session.moment(request, "at", local)
        joined = self.workspace.features.read(view.view, Table.of(columns), at=moment)
        found = {name: column.to_list()[0] for name, column in joined.columns.items()}
        return {name: value for name, value in found.items() if value is not None}, ""

    def _explore(self, request: Request, local: Names) -> Answer:
        moment = self.session.moment(request, "at", local)
        entity = self._assigned(request, local)
        found = exploring.explore(self.workspace, request.name or "", entity, moment)
        return self.session.explore(widgets.ViewForm(self.workspace, found), request.silent), ""

    def _explore_entity(self, request: Request, local: Names) -> Answer:
        return self._explore(request, local)

    def _assigned(self, request: Request, local: Names) -> dict[str, Any]:
        return {
            name: self.session.evaluate(value.text, local) if isinstance(value, Token) else value
            for name, value in request.assignments.items()
        }

    def _join(self, request: Request, local: Names) -> Answer:
        token = request.data("spine")
        assert token is not None
        spine, names = self.session.data(token, local), read_names(request.words[0]) or ()
        time, known_at = request.text("time"), self.session.moment(request, "known_at", local)
        joined = self.workspace.features.join(spine, names, time, known_at)
        said = f"{count(len(joined), 'row')} joined"
        self.session.note(said, joined.said, request.silent)
        return joined.as_given(), ""
