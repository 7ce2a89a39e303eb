"""%predict: what does the model answer?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from .face import Face, documented
from .parsing import Token
from .request import Request

if TYPE_CHECKING:
    from mlops_magics.tables.table import Value

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

    def _data(self, request: Request, local: Names) -> Answer:
        data = self.session.data(request.words[0], local)
        ref, record, coverage = self.ref(request), not request.has("no_record"), _coverage(request)
        path, time = request.text("to"), request.text("time")
        if path is not None:
            return self.workspace.predict_file(ref, data, path, time, record, coverage), ""
        explain = request.has("explain")
        if isinstance(data, Mapping) and not any(_is_list(value) for value in data.values()):
            row = {str(name): value for name, value in data.items()}
            return self.workspace.predict_one(ref, row, False, record, explain, coverage), ""
        answered = self.workspace.predict(ref, data, time, record, explain, coverage)
        self.session.above(answered, request.silent)
        return answered.as_given(), ""

    def _row(self, request: Request, local: Names) -> Answer:
        row: dict[str, Value] = {}
        for name, value in request.assignments.items():
            is_expression = isinstance(value, Token)
            row[name] = self.session.evaluate(value.text, local) if is_expression else value  # type: ignore[union-attr,assignment]
        record, explain = not request.has("no_record"), request.has("explain")
        ref, coverage = self.ref(request), _coverage(request)
        return self.workspace.predict_one(ref, row, True, record, explain, coverage), ""


def _coverage(request: Request) -> float | None:
    value = request.flags.get("coverage")
    return float(value) if isinstance(value, int | float) else None


def _is_list(value: object) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)
