"""What does Tab offer behind a magic of ours?

Hands the line to `completion` with the names that the notebook and the open
workspace know. It opens no workspace.
"""

from collections.abc import Callable
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from mlops_magics.errors import MLOpsError
from mlops_magics.registry.versions import STAGES
from mlops_magics.workspace import datasets

from .completion import Names, complete, fragment
from .session import Session


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
        text = context.text_until_cursor
        found = complete(text, known_names(session)) if "%" in text else []
        return {
            "completions": [SimpleCompletion(text=word, type="magic") for word in found],
            "matched_fragment": fragment(text),
            "suppress": bool(found),
        }

    return match


def known_names(session: Session) -> Names:
    """Return the names that can stand in a line now."""
    variables = {n: v for n, v in session.shell.user_ns.items() if n[0] != "_"}
    frames = {n: tuple(map(str, v.columns)) for n, v in variables.items() if hasattr(v, "columns")}
    try:
        stored = _stored(session)
    except MLOpsError:  # a broken workspace must not break the Tab key
        stored = ((), {}, (), ())
    models, versions, views, names = stored
    return Names(
        models=models,
        versions=versions,
        stages=STAGES,
        views=views,
        datasets=names,
        variables=tuple(variables),
        columns=frames,
    )


def _stored(
    session: Session,
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], tuple[str, ...], tuple[str, ...]]:
    """Return models, their versions, views and datasets of the workspace, if it is open."""
    workspace = session.opened
    if workspace is None or not workspace.storage.exists:
        return (), {}, (), ()
    versions: dict[str, tuple[str, ...]] = {}
    for found in workspace.registry.list_models():
        versions[found.model_id] = (*versions.get(found.model_id, ()), found.version)
    views = tuple(view.view for view in workspace.features.list_views())
    return tuple(versions), versions, views, tuple(datasets.names(workspace))
