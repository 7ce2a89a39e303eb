"""What do the magics of one notebook share?

The shell, the workspace that is open, what a line's words mean in the
notebook, and what this cell has shown already.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

from mlops_magics import display, features, tables, widgets, workspace
from mlops_magics.display.bundle import Bundle
from mlops_magics.errors import MLOpsError
from mlops_magics.errors.request import BadLine
from mlops_magics.errors.storage import NotAWorkspace
from mlops_magics.errors.tables import UnreadableTable
from mlops_magics.errors.unknown import AmbiguousName, UnknownName
from mlops_magics.features.query import Scope
from mlops_magics.storage.cells import Cell
from mlops_magics.storage.names import fold
from mlops_magics.tables.quoting import identifier
from mlops_magics.workspace import datasets
from mlops_magics.workspace.results import Listing
from mlops_magics.workspace.workspace import Workspace

from .once import Once
from .open_views import OpenViews
from .parsing import Token
from .request import Request

# Results that a magic shows itself; by dotted name, so that nothing is imported for it.
SHOWN_TYPES = (
    ("mlops_magics.features.view", "FeatureWrite"),
    ("mlops_magics.features.view", "View"),
    ("mlops_magics.training.job", "TrainingJob"),
    ("mlops_magics.workspace.background", "BackgroundTraining"),
    ("mlops_magics.registry.versions", "ModelVersion"),
    ("mlops_magics.registry.versions", "Promotion"),
    ("mlops_magics.registry.versions", "Deletion"),
    ("mlops_magics.inference.answers", "Prediction"),
    ("mlops_magics.monitoring.alert", "Alert"),
    ("mlops_magics.monitoring.alert", "Rule"),
    ("mlops_magics.monitoring.reports", "Metrics"),
    ("mlops_magics.monitoring.reports", "DriftReport"),
    ("mlops_magics.monitoring.reports", "Performance"),
    ("mlops_magics.monitoring.reports", "LabelWrite"),
    ("mlops_magics.workspace.compare", "Comparison"),
    ("mlops_magics.monitoring.reports", "BaselineWrite"),
    ("mlops_magics.workspace.results", "AlertHistory"),
    ("mlops_magics.workspace.results", "Dashboard"),
    ("mlops_magics.workspace.results", "Dataset"),
    ("mlops_magics.workspace.results", "Listing"),
    ("mlops_magics.workspace.card", "ModelCard"),
    ("mlops_magics.workspace.results", "ModelHistory"),
    ("mlops_magics.workspace.results", "Overview"),
    ("mlops_magics.workspace.results", "Serving"),
    ("mlops_magics.workspace.results", "Trace"),
    ("mlops_magics.workspace.results", "Webhook"),
    ("mlops_magics.registry.rollouts", "Rollout"),
    ("mlops_magics.workspace.results", "Retraining"),
    ("mlops_magics.workspace.results", "RetrainingStanding"),
    ("mlops_magics.workspace.views", "ViewReport"),
    ("mlops_magics.workspace.exploring", "ViewExploration"),
    ("mlops_magics.workspace.beside", "SideBySide"),
    ("mlops_magics.workspace.what_if", "WhatIf"),
)
LONGEST_CELL = 65_536


def is_shown(result: object) -> bool:
    """Return whether a result has a page of ours; a plain dict or a table shows itself."""
    return (type(result).__module__, type(result).__qualname__) in SHOWN_TYPES


class Session:
    """What the magics of one shell share.

    Parameters
    ----------
    shell : InteractiveShell
        The notebook's shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._workspace: Workspace | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.once = Once(shell, is_shown, self._show_again)
        # of this kernel alone: a workspace that came by mail opens no folder of its reader
        self._allowed: tuple[Path, ...] = ()
        self.views = OpenViews(shell)
        self.matcher: Any = None
        # the server of this workspace, where %serve has started one
        self.server: Any = None

    @property
    def workspace(self) -> Workspace:
        """The open workspace; the notebook's own until another one is chosen."""
        if self._workspace is None:
            self._workspace = workspace.open_workspace()
            self._adopt(self._workspace)
        return self._workspace

    def _adopt(self, chosen: Workspace) -> None:
        """Let what is written to a workspace say which cell, and that a notebook, asked."""
        chosen.storage.cell, chosen.storage.asker = self.cell, "notebook"

    @property
    def opened(self) -> Workspace | None:
        """The workspace if it is open; completion opens none."""
        return self._workspace

    def switch(self, folder: Path | None) -> Workspace:
        """Open another workspace; a temporary one where no folder is given.

        One that cannot be read is refused, and the open one stays.
        """
        temporary = None
        if folder is None:
            # it goes with this object, and so with the kernel at the latest
            temporary = tempfile.TemporaryDirectory(prefix="mlops_", ignore_cleanup_errors=True)
            folder = Path(temporary.name) / ".mlops"
        if "\x00" in str(folder):
            raise NotAWorkspace(str(folder), "no path holds such a character")
        chosen = Workspace(folder)
        try:
            chosen.overview()
        except MLOpsError:
            raise
        except (OSError, ValueError) as error:  # no path of this machine: too long, for example
            raise NotAWorkspace(
                str(folder), getattr(error, "strerror", "") or str(error)
            ) from error
        self.close()
        self._adopt(chosen)
        self._workspace, self._temporary = chosen, temporary
        return chosen

    def allow(self, folder: str) -> Path:
        """Let features cells of this kernel read files below a folder.

        Raises
        ------
        UnreadableTable
            If there is no such folder.
        """
        path = Path(folder).expanduser().resolve()
        if not path.is_dir():
            step = "name a folder; its path starts at the notebook's folder"
            raise UnreadableTable(f"the folder {folder!r}", "it is none", step)
        self._allowed = (*self._allowed, path)
        return path

    def close(self) -> None:
        """Close the workspace, and what serves it; a temporary one is removed."""
        self.stop_serving()
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def stop_serving(self) -> None:
        """Stop the server of this workspace, if there is one."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def show(self, result: Any, silent: bool, empty: str = "") -> Any:
        """Show a result once and return it.

        Parameters
        ----------
        result : object
            A result of the package.
        silent : bool
            Whether nothing is shown.
        empty : str, default=''
            What an empty listing says.

        Returns
        -------
        object
            The same result.
        """
        if empty and isinstance(result, Listing):
            result.empty = empty
        if silent:
            self.once.mark_silent(result)
        elif is_shown(result) and not self.once.was_shown(result):
            page = display.render(result)
            if not self.views.end(page):
                self.display(page)
            self.once.mark_shown(result)
        return result

    def open_view(self, silent: bool, answer: Any = None) -> Any:
        """Return a view whose place the next result takes; None where nobody would see it."""
        return None if silent else self.views.open(answer)

    def leave_view(self, result: Any) -> None:
        """Let the open view go on after the cell; it is what is shown of the result."""
        self.views.leave()
        self.once.mark_shown(result)

    def explore(self, explorer: Any, silent: bool) -> Any:
        """Return what an explorer has found; in a view that stays open where one can be."""
        if not silent and widgets.can_be_live(self.shell):
            widgets.explore(self.shell, explorer)
            self.once.mark_shown(explorer.result)
        return explorer.result

    def note(self, said: str, more: Sequence[str], silent: bool) -> None:
        """Show a line above a table that the notebook shows itself."""
        if not silent:
            self.display(display.lines(said, more))

    def above(self, result: Any, silent: bool) -> None:
        """Show what stands above a table that the notebook shows itself."""
        if not silent:
            self.display(display.render(result))

    def show_again(self, result: Any) -> None:
        """Show a result unless this execution has: the hook of `display`."""
        if self.once.is_wanted(result):
            self._show_again(result)
            self.once.mark_shown(result)

    def _show_again(self, result: Any) -> None:
        self.display(display.render(result))

    def display(self, bundle: Bundle) -> None:
        """Put a bundle into the cell's output."""
        self.shell.display_pub.publish(bundle.mimebundle(), {})

    def names(self, local: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the variables that a line sees; those of a function first."""
        return {**self.shell.user_ns, **(local or {})}

    def own(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables that are not IPython's own, such as `In` and `exit`."""
        hidden, nothing = self.shell.user_ns_hidden, object()
        return {n: value for n, value in names.items() if hidden.get(n, nothing) is not value}

    def cell(self) -> Cell | None:
        """Return the running cell as it was typed; None where no cell is kept."""
        # `_ih` has what IPython made of it; both lists begin with an empty one
        inputs = self.shell.history_manager.input_hist_raw
        number = len(inputs) - 1
        return Cell(source=inputs[-1][:LONGEST_CELL], number=number) if number > 0 else None

    def lineage(self) -> dict[str, Any]:
        """Return the source and the number of the running cell."""
        cell = self.cell()
        return {
            "cell": None if cell is None else cell.source,
            "cell_number": None if cell is None else cell.number,
        }

    def evaluate(self, expression: str, local: Mapping[str, Any] | None) -> Any:
        """Return the value of a Python expression between braces.

        Raises
        ------
        BadLine
            If it raises; its error is named.
        """
        names = self.names(local)
        try:
            # a function's own variables are seen inside the expression too
            return FunctionType(compile(expression, "<magic>", "eval"), names)()
        except Exception as error:
            if expression.isidentifier():
                known = self._visible(names)
                step = f"set {expression} in a cell before"
                raise UnknownName("variable", expression, known, step) from error
            said = f"{type(error).__name__}: {error}"[:200]
            raise BadLine(
                f"{{{expression[:60]}}} raises {said}", "correct the expression"
            ) from error

    def moment(self, request: Request, flag: str, local: Mapping[str, Any] | None) -> Any:
        """Return the time behind a flag: a text, or what its expression gives; else None."""
        token = request.data(flag)
        return request.text(flag) if token is None else self.evaluate(token.text, local)

    def data(self, token: Token, local: Mapping[str, Any] | None) -> Any:
        """Return the table that a word means.

        Parameters
        ----------
        token : Token
            A variable, an expression in braces, a quoted path, dataset:NAME or
            view:NAME.
        local : mapping, optional
            Variables of the running function.

        Returns
        -------
        object
            What `tables.read_table` reads.

        Raises
        ------
        UnknownName, AmbiguousName
            If the word means nothing, or two things.
        """
        word = token.text
        if token.braces:
            return self.evaluate(word, local)
        if token.quoted:
            return word
        kind, _, name = word.partition(":")
        if name and kind == "dataset":
            return self.workspace.dataset(name)
        if name and kind == "view":
            return self._view(name)
        return self._bare(word, self.names(local))

    def _bare(self, word: str, names: Mapping[str, Any]) -> Any:
        stored = datasets.names(self.workspace)
        views = [view.view for view in self.workspace.features.list_views()]
        meanings = {"variable": f"{{{word}}}"} if word in names else {}
        meanings |= {"dataset": f"dataset:{word}"} if fold(word) in map(fold, stored) else {}
        meanings |= {"view": f"view:{word}"} if fold(word) in map(fold, views) else {}
        if len(meanings) > 1:
            (first, one), (second, other), *_ = meanings.items()
            step = f"{one} is the {first}, {other} the {second}"
            raise AmbiguousName(word, f"a {first}", f"a {second}", step)
        if "variable" in meanings:
            return names[word]
        if "dataset" in meanings:
            return self.workspace.dataset(word)
        if "view" in meanings:
            return self._view(word)
        frames = [name for name in self._visible(names) if tables.is_table(names[name])]
        step = 'name a variable, "a path", dataset:NAME or view:NAME'
        raise UnknownName("variable, dataset or view", word, [*frames, *stored, *views], step)

    def _view(self, name: str) -> Any:
        found = self.workspace.features.describe(name).view
        scope = Scope(variables={}, datasets={})
        rows = f"SELECT * FROM {identifier(found)}"  # noqa: S608 - quoted
        return features.run_query(self.workspace.storage, rows, scope)

    def query(self, sql: str, names: Mapping[str, Any]) -> Any:
        """Run a features query over variables, views, datasets and files here."""
        ws = self.workspace
        stored = _Datasets(ws)
        folders = (Path.cwd(), *self._allowed)
        scope = Scope(variables=self.own(names), datasets=stored, folders=folders)
        return features.run_query(ws.storage, sql, scope)

    def _visible(self, names: Mapping[str, Any]) -> list[str]:
        """Return the variables that a person made, without those of IPython."""
        return [name for name in self.own(names) if not name.startswith("_")]


class _Datasets(Mapping[str, Any]):
    """The workspace's datasets by name, each read when it is asked for."""

    def __init__(self, ws: Workspace) -> None:
        self._workspace = ws
        self._names = datasets.names(ws)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._workspace.dataset(name)

    def __iter__(self) -> Any:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
