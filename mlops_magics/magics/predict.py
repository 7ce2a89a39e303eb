"""%predict: what does the model answer?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from mlops_magics import widgets, workspace
from mlops_magics.errors.request import BadLine

from .face import Face, documented
from .parsing import Token
from .request import Request

if TYPE_CHECKING:
    from mlops_magics.tables.table import Value
    from mlops_magics.workspace.what_if import WhatIf

Answer = tuple[Any, str]
Names = Mapping[str, Any] | None


@magics_class
class PredictMagic(Face):
    """The magic %predict."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @documented("predict")
    def predict(self, line: str, local_ns: Names = None) -> Any:
        """Answer for a table, an entity or a row, and record every answer."""
        return self.run("predict", line, local_ns)

    def _live(self, request: Request, local: Names) -> Answer:
        return self._what_if(request, {}), ""

    def _data(self, request: Request, local: Names) -> Answer:
        data = self.session.data(request.words[0], local)
        is_row = isinstance(data, Mapping) and not any(map(_is_list, data.values()))
        if request.has("live"):
            if not is_row:
                step = f"%predict {request.name} {{row}} --live, with a row as a dict"
                raise BadLine("--live changes one row, and this is a table", step)
            return self._what_if(request, _named(data), look_up=False), ""
        ref, record, coverage = self.ref(request), not request.has("no_record"), _coverage(request)
        path, time = request.text("to"), request.text("time")
        if path is not None:
            return self.workspace.predict_file(ref, data, path, time, record, coverage), ""
        explain = request.has("explain")
        if is_row:
            row = _named(data)
            return self.workspace.predict_one(ref, row, False, record, explain, coverage), ""
        answered = self.workspace.predict(ref, data, time, record, explain, coverage)
        self.session.above(answered, request.silent)
        return answered.as_given(), ""

    def _row(self, request: Request, local: Names) -> Answer:
        row: dict[str, Value] = {}
        for name, value in request.assignments.items():
            is_expression = isinstance(value, Token)
            row[name] = self.session.evaluate(value.text, local) if is_expression else value  # type: ignore[union-attr,assignment]
        if request.has("live"):
            return self._what_if(request, row), ""
        record, explain = not request.has("no_record"), request.has("explain")
        ref, coverage = self.ref(request), _coverage(request)
        return self.workspace.predict_one(ref, row, True, record, explain, coverage), ""

    def _what_if(self, request: Request, row: Mapping[str, Any], look_up: bool = True) -> "WhatIf":
        trial = workspace.what_if.begin(
            self.workspace, self.ref(request), row, look_up, _coverage(request)
        )
        return self.session.explore(widgets.WhatIfForm(trial), request.silent)


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _coverage(request: Request) -> float | None:
    value = request.flags.get("coverage")
    return float(value) if isinstance(value, int | float) else None


def _is_list(value: object) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)
