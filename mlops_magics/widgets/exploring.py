"""Which controls move through a feature view and its versions of the past?

Fields for the entity, a slider over the moments at which something of it became true
or known, and a field that finds features by name.
"""

from collections.abc import Sequence
from typing import Any

from mlops_magics.display.numbers import date
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.tables.table import Value
from mlops_magics.workspace.exploring import ViewExploration, explore
from mlops_magics.workspace.workspace import Workspace

from .controls import Button, Control, Field, Slider

NAMES_OFFERED = 300
FOUND_AT_ONCE = 12


class ViewForm:
    """A form over a feature view.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    result : ViewExploration
        What is shown first.

    Attributes
    ----------
    result : ViewExploration
        What is shown now.

    Examples
    --------
    >>> form = ViewForm(workspace, explore(workspace, "customers"))  # doctest: +SKIP
    >>> form.use("as of", 0)  # doctest: +SKIP
    """

    def __init__(self, workspace: Workspace, result: ViewExploration) -> None:
        self._workspace, self.result = workspace, result
        self._features: tuple[str, ...] | None = None
        history = result.history
        self._entity: dict[str, Value] = {} if history is None else dict(history.entity)
        self._place = _place(result)

    def controls(self) -> Sequence[Control]:
        """Return a field a part of the key, the moment, and what finds features."""
        view, found = self.result.view, list[Control]()
        if view.current.on_demand:
            return ()
        for place, name in enumerate(view.current.key_names):
            offered = dict.fromkeys(str(entity[name]) for entity in self.result.entities)
            typed = str(self._entity.get(name, ""))
            found.append(Field(f"key {place}", name, typed, choices=tuple(offered)))
        steps = self.result.steps()
        if steps:
            said = (*map(date, steps), "now")
            found.append(Slider("as of", "as of", 0, len(steps), self._place, said=said))
        if self.result.hidden or self._features is not None:
            names = tuple(field.name for field in view.features[:NAMES_OFFERED])
            found.append(Field("find", "find features", choices=names))
        return (*found, Button("refresh", "Refresh"))

    def use(self, name: str, value: Any) -> None:
        """Show another entity, another moment or other features.

        Parameters
        ----------
        name : str
            The control.
        value : object
            What it read; None where nothing can be read.
        """
        if name == "as of":
            self._move(int(value or 0))
        elif name == "find":
            self._find(str(value or ""))
        elif name.startswith("key "):
            part = self.result.view.current.key_names[int(name.removeprefix("key "))]
            self._read({**self._entity, part: value or ""}, self._features)
        else:
            self._read(self._entity, self._features)

    def _move(self, place: int) -> None:
        steps = self.result.steps()
        is_now = place >= len(steps)
        moment = self._workspace.storage.clock.now() if is_now else steps[place]
        self.result, self._place = self.result.at(moment, is_now), place

    def _find(self, typed: str) -> None:
        """Show the features whose names hold a text; the first ones for none."""
        part, names = typed.strip().casefold(), [f.name for f in self.result.view.features]
        found = [name for name in names if name == typed.strip()]
        found += [name for name in names if part in name.casefold() and name not in found]
        if not found:
            raise UnknownName("feature", typed, names, "type a part of its name")
        self._read(self._entity, tuple(found[:FOUND_AT_ONCE]) if part else None)

    def _read(self, entity: dict[str, Value], features: tuple[str, ...] | None) -> None:
        """Read the view again, as of now."""
        name = self.result.view.view
        self.result = explore(self._workspace, name, entity or None, features=features)
        self._entity, self._features = entity, features
        self._place = len(self.result.steps())


def _place(result: ViewExploration) -> int:
    """Return the step of the moment that is shown."""
    steps = result.steps()
    if result.is_now or result.known is None:
        return len(steps)
    at = result.known.at
    return max(sum(step <= at for step in steps) - 1, 0)
