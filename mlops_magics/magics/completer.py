"""What does Tab offer in a cell of ours?

Hands what stands at the cursor to `completion` or `sql_completion`, with the names
that the notebook and the open workspace know at this moment. It opens no workspace
and waits for nobody: where the catalogue cannot be read at once, the words, the
flags and the notebook's own names are offered alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from mlops_magics import workspace
from mlops_magics.errors import MLOpsError
from mlops_magics.registry.versions import STAGES

from .completion import Names, complete, fragment
from .cursor import line_before, query_at
from .session import Session
from .sql_completion import complete_sql, sql_fragment

NO_DATA = (type, ModuleType, FunctionType)
# Tables are known by who made them: a class of the user's may have any `columns`.
FRAME_MAKERS = frozenset(["duckdb", "mlops_magics", "pandas", "polars", "pyarrow"])


def matcher(session: Session) -> Callable[[Any], Any]:
    """Return IPython's hook for one session.

    Parameters
    ----------
    session : Session
        Whose names are offered.

    Returns
    -------
    callable
        A context matcher of version 2.
    """

    @context_matcher(identifier="mlops_magics")  # type: ignore[untyped-decorator,unused-ignore]
    def match(context: Any) -> Any:
        cursor = (context.full_text, context.cursor_line, context.cursor_position)
        query = query_at(*cursor)
        if query is not None:
            found, replaced = complete_sql(query, known_names(session)), sql_fragment(query)
        else:
            line = line_before(*cursor)
            found = complete(line, known_names(session)) if "%" in line else []
            replaced = fragment(line)
        return {
            "completions": [SimpleCompletion(text=word, type="magic") for word in found],
            "matched_fragment": replaced,
            "suppress": bool(found),
        }

    return match


def known_names(session: Session) -> Names:
    """Return the names that can stand in a cell now."""
    variables = {
        name: value
        for name, value in session.own(session.shell.user_ns).items()
        if not name.startswith("_") and not isinstance(value, NO_DATA)
    }
    columns = {name: columns_of(value) for name, value in variables.items()}
    frames = {name: found for name, found in columns.items() if found}
    stored = workspace.names.StoredNames()
    if session.opened is not None:
        with suppress(MLOpsError):  # a locked or broken workspace must not break the Tab key
            stored = workspace.names.stored_names(session.opened)
    return Names(
        models=tuple(stored.models),
        versions=stored.models,
        stages=STAGES,
        views=tuple(stored.views),
        datasets=tuple(stored.datasets),
        variables=tuple(variables),
        frames=tuple(frames),
        parameters=tuple(name for name, value in variables.items() if _is_scalar(value)),
        columns={**stored.datasets, **stored.views, **frames},
        inputs=stored.inputs,
        keys=stored.keys,
    )


def columns_of(value: object) -> tuple[str, ...]:
    """Return the columns of a table that a variable holds; none of anything else.

    Parameters
    ----------
    value : object
        Any variable.

    Returns
    -------
    tuple of str
        In order; empty for what is no table.

    Examples
    --------
    >>> columns_of({"tenure": [1, 2], "plan": ["a", "b"]})
    ('tenure', 'plan')
    """
    names: Iterable[object] = ()
    if type(value).__module__.partition(".")[0].lstrip("_") in FRAME_MAKERS:
        # a lazy frame would have to be worked out for it
        if type(value).__name__ in ("DataFrame", "DuckDBPyRelation", "Table"):
            has_names = hasattr(value, "column_names")  # pyarrow's `columns` are the values
            names = getattr(value, "column_names" if has_names else "columns", ())
    elif isinstance(value, dict) and all(_is_column(column) for column in value.values()):
        names = value
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        names = value[0]
    return tuple(map(str, names))


def _is_column(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_scalar(value: object) -> bool:
    return isinstance(value, bool | int | float | str) or hasattr(type(value), "isoformat")
