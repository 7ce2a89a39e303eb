"""Which controls choose the two versions that stand beside each other?"""

from collections.abc import Sequence
from typing import Any

from mlops_magics.display.beside import label
from mlops_magics.workspace.beside import SideBySide, beside
from mlops_magics.workspace.workspace import Workspace

from .controls import Button, Control, Picker


class VersionsForm:
    """Two pickers over the versions of a model.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    result : SideBySide
        What is shown first.

    Attributes
    ----------
    result : SideBySide
        What is shown now.

    Examples
    --------
    >>> form = VersionsForm(workspace, beside(workspace, "churn"))  # doctest: +SKIP
    >>> form.use("second", "v3")  # doctest: +SKIP
    """

    def __init__(self, workspace: Workspace, result: SideBySide) -> None:
        self._workspace, self.result = workspace, result

    def controls(self) -> Sequence[Control]:
        """Return the two pickers, and a button for what was trained since."""
        options = tuple((v.version, label(v)) for v in reversed(self.result.versions))
        first, second = self._names()
        return (
            Picker("first", "Version", options, first),
            Picker("second", "beside", options, second),
            Button("refresh", "Refresh"),
        )

    def use(self, name: str, value: Any) -> None:
        """Show other versions.

        Parameters
        ----------
        name : str
            The control.
        value : object
            What it read; None where nothing can be read.
        """
        chosen = dict(zip(("first", "second"), self._names(), strict=True))
        if name in chosen and value is not None:
            chosen[name] = value
        if name == "refresh" and chosen["first"] == chosen["second"]:
            self.result = beside(self._workspace, self.result.model_id)
        else:
            self.result = beside(self._workspace, self.result.model_id, **chosen)

    def _names(self) -> tuple[str, str]:
        return self.result.first.version.version, self.result.second.version.version
