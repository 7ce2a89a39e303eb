"""Which controls change a row, and what is asked with them?

One a feature: a picker where its values are known, else a field. Of a model with many
features those that matter most are there, and the others are found by name. Nothing is
recorded.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from mlops_magics.display.what_if import seen
from mlops_magics.errors.error import printable
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.tables.table import Value
from mlops_magics.workspace.what_if import Input, Trial, WhatIf

from .controls import Button, Control, Field, Picker

FEATURES_AT_ONCE = 12
FOUND_AT_ONCE = 4
# A picker of more values is a list that nobody reads: the commonest are offered.
MOST_OFFERED = 200
NAMES_OFFERED = 300
LONGEST_LABEL = 34
MISSING, ANOTHER = "missing", "another"
BOOLEANS = (("value true", "true"), ("value false", "false"), (MISSING, "missing"))


class WhatIfForm:
    """A form with the features of a row.

    Parameters
    ----------
    trial : Trial
        The row that is changed.

    Attributes
    ----------
    result : WhatIf
        The last answer.

    Examples
    --------
    >>> form = WhatIfForm(begin(workspace, "churn", row))  # doctest: +SKIP
    >>> form.use("feature 0", "12")  # doctest: +SKIP
    >>> form.result.prediction.prediction  # doctest: +SKIP
    'no'
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.result: WhatIf = trial.ask()
        self._start = {one.feature.name: one for one in self.result.inputs}
        self._names = trial.model.signature.names
        self._shown = list(self._start)[:FEATURES_AT_ONCE]
        self._changes: dict[str, Value] = {}
        self._typed: set[str] = set()

    def controls(self) -> Sequence[Control]:
        """Return a control a feature, those that matter most first."""
        now = {one.feature.name: one for one in self.result.inputs}
        found: list[Control] = [self._control(now[name]) for name in self._shown]
        if len(self._names) > len(self._shown):
            hidden = len(self._names) - len(self._shown)
            names = [name for name in self._start if name not in self._shown]
            offered = tuple(names[:NAMES_OFFERED])
            found.append(Field("find", f"find one of {hidden:,} more", choices=offered))
        if self._changes:
            found.append(Button("reset", "Reset"))
        return found

    def use(self, name: str, value: Any) -> None:
        """Change a feature, find others, or begin anew.

        Parameters
        ----------
        name : str
            The control.
        value : object
            What it read; None where nothing can be read.
        """
        if name == "reset":
            self._changes, self._typed = {}, set()
            self.result = self._trial.ask()
        elif name == "find":
            self._find(value or "")
        else:
            self._change(self._names[int(name.removeprefix("feature "))], value)

    def _change(self, name: str, sent: str | None) -> None:
        if sent is None:
            return
        if sent == ANOTHER:
            self._typed.add(name)
            return
        is_picked = not self._is_typed(self._start[name])
        value = _read(sent) if is_picked else sent or None
        changes = {**self._changes, name: value}
        if _text(self._start[name].value) == ("" if value is None else str(value)):
            del changes[name]  # as at the start
        self.result = self._trial.ask(changes)
        self._changes = changes

    def _find(self, typed: str) -> None:
        """Put the features whose names hold a text before the others."""
        part = typed.strip().casefold()
        hidden = [name for name in self._start if name not in self._shown]
        found = [name for name in hidden if name == typed] or [
            name for name in hidden if part and part in name.casefold()
        ]
        if part and not found:
            step = "type a part of its name"
            raise UnknownName("feature", typed, hidden, step)
        self._shown = [*found[:FOUND_AT_ONCE], *self._shown]

    def _control(self, found: Input) -> Control:
        name = f"feature {self._names.index(found.feature.name)}"
        if self._is_typed(found):
            label, levels = _label(found), found.feature.levels[:MOST_OFFERED]
            return Field(name, label, _text(found.value), hint="missing", choices=levels)
        options = _options(found)
        value = MISSING if found.value is None else f"value {_text(found.value)}"
        return Picker(name, _label(found), options, value)

    def _is_typed(self, found: Input) -> bool:
        """Whether a feature is typed: a number, a time, prose, or another value."""
        feature = found.feature
        if feature.kind == "boolean":
            return False
        return not feature.levels or feature.name in self._typed


def _options(found: Input) -> tuple[tuple[str, str], ...]:
    if found.feature.kind == "boolean":
        return BOOLEANS
    levels = list(found.feature.levels[:MOST_OFFERED])
    value = _text(found.value)
    if found.value is not None and value not in levels:
        levels.append(value)
    known = tuple((f"value {level}", level or "(empty)") for level in levels)
    return (*known, (MISSING, "missing"), (ANOTHER, "another value …"))


def _read(sent: str) -> str | None:
    return None if sent == MISSING else sent.removeprefix("value ")


def _text(value: Value) -> str:
    """Return a value as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # what training kept of a number has seven digits
        single = np.float32(value)
        return str(single if float(single) == value else value).removesuffix(".0")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _label(found: Input) -> str:
    """Return the name of a feature, with the range of training where there is room."""
    name, spread = printable(found.feature.name), seen(found.feature)
    if found.feature.levels or not spread:
        return name
    return f"{name} ({spread})" if len(name) + len(spread) < LONGEST_LABEL else name
