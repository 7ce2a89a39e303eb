"""What happens at %load_ext mlops_magics, and at %unload_ext?"""

from importlib.metadata import version
from typing import Any

from mlops_magics import display
from mlops_magics.display.bundle import Bundle
from mlops_magics.errors import MLOpsError

from .completer import matcher
from .features import FeaturesMagic
from .model import ModelMagic
from .monitor import MonitorMagic
from .predict import PredictMagic
from .serve import ServeMagic
from .session import SHOWN_TYPES, Session
from .train import TrainMagic
from .typed import divide_semicolon, fill_empty_cell
from .workspace import WorkspaceMagic

MAGICS = (
    *(WorkspaceMagic, FeaturesMagic, TrainMagic, ModelMagic, PredictMagic, MonitorMagic),
    ServeMagic,
)
NAME = "mlops_magics_session"


def load_ipython_extension(shell: Any) -> None:
    """Register the magics and say what the workspace holds; loading twice is harmless.

    Parameters
    ----------
    shell : InteractiveShell
        The notebook's shell.

    Examples
    --------
    >>> load_ipython_extension(get_ipython())  # doctest: +SKIP
    mlops_magics 0.1 · workspace .mlops · 2 models · 3 feature views · 12,408 predictions
    """
    session = getattr(shell, NAME, None)
    if session is None:
        session = Session(shell)
        setattr(shell, NAME, session)
        for magic in MAGICS:
            shell.register_magics(magic(session))
        shell.events.register("post_run_cell", session.once.forget)
        session.once.install()
        session.matcher = matcher(session)
        shell.Completer.custom_matchers.append(session.matcher)
        # the first is asked before IPython takes a cell magic apart, the other afterwards
        shell.input_transformers_cleanup.insert(0, fill_empty_cell)
        shell.input_transformers_cleanup.append(divide_semicolon)
        formatter = shell.display_formatter.ipython_display_formatter
        for module, name in SHOWN_TYPES:
            formatter.for_type_by_name(module, name, session.show_again)
    try:
        session.display(greeting(session))
    except MLOpsError as error:
        # the magics are there all the same: %workspace "folder" opens another
        session.display(display.lines(str(error), ()))


def unload_ipython_extension(shell: Any) -> None:
    """Remove the magics and close the workspace.

    Parameters
    ----------
    shell : InteractiveShell
        The notebook's shell.

    Examples
    --------
    >>> unload_ipython_extension(get_ipython())  # doctest: +SKIP
    """
    session = getattr(shell, NAME, None)
    if session is None:
        return
    delattr(shell, NAME)
    shell.events.unregister("post_run_cell", session.once.forget)
    session.once.remove()
    shell.Completer.custom_matchers.remove(session.matcher)
    for transformer in (fill_empty_cell, divide_semicolon):
        shell.input_transformers_cleanup.remove(transformer)
    for magic in MAGICS:
        shell.magics_manager.registry.pop(magic.__name__, None)
        for kind, names in magic.magics.items():
            for name in names:
                shell.magics_manager.magics[kind].pop(name, None)
    formatter = shell.display_formatter.ipython_display_formatter
    for module, name in SHOWN_TYPES:
        formatter.pop(f"{module}.{name}", None)
    session.views.end_all()
    session.close()


def greeting(session: Session) -> Bundle:
    """Return the one line that loading shows.

    Parameters
    ----------
    session : Session
        Whose workspace.

    Returns
    -------
    Bundle
        Version, workspace and what is in it.
    """
    held = session.workspace.overview()
    short = ".".join(version("mlops_magics").split(".")[:2])
    return display.greeting(short, session.workspace.folder.name, held)
