"""Which controls may stand above a live page, and what may come back from them?

Plain descriptions: the page draws them, and what it sends is read by the control
itself, since anything may come from a page. They do nothing by themselves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlops_magics.errors.error import printable

LONGEST_TEXT = 4096
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press.

    Parameters
    ----------
    name : str
        How the answer calls it.
    label : str
        One or two words.
    interrupts : bool, default=False
        Whether it interrupts the kernel, as the toolbar's square does: the one way to
        reach a cell that is running. Where that cannot be, it is told to the answer.
    main : bool, default=False
        Whether it is the one that is meant to be pressed.

    Examples
    --------
    >>> Button("stop", "Stop", interrupts=True).described()["kind"]
    'button'
    """

    name: str
    label: str
    interrupts: bool = False
    main: bool = False

    def described(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        return {**_named(self), "interrupts": self.interrupts, "main": self.main}

    def read(self, sent: object) -> None:
        """Return nothing: it has been pressed."""


@dataclass(frozen=True, slots=True)
class Picker:
    """One of several values.

    Parameters
    ----------
    name, label : str
        How the answer calls it, and what stands above it.
    options : sequence of (str, str)
        Value and what is shown for it.
    value : str
        The one that is chosen.

    Examples
    --------
    >>> picker = Picker("version", "Version", (("v1", "v1"), ("v2", "v2, production")), "v2")
    >>> picker.read("v1"), picker.read("v9") is None
    ('v1', True)
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str

    def described(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        # by place: whatever the values are, the page never repeats them
        shown = [_short(said) for _, said in self.options]
        values = [value for value, _ in self.options]
        place = values.index(self.value) if self.value in values else -1
        return {**_named(self), "options": shown, "value": place, "sent": values}

    def read(self, sent: object) -> str | None:
        """Return the value that was chosen; None for one that is not offered."""
        return next((value for value, _ in self.options if value == sent), None)


@dataclass(frozen=True, slots=True)
class Slider:
    """A number between two others.

    Parameters
    ----------
    name, label : str
        How the answer calls it, and what stands above it.
    low, high : float
        Its ends.
    value : float
        Where it stands.
    step : float, default=1
        How far it moves at least.
    said : sequence of str, default=()
        What is shown for each step, from low on; the number by default.

    Examples
    --------
    >>> Slider("hour", "Hour", 0, 23, 12).read(99)
    23.0
    """

    name: str
    label: str
    low: float
    high: float
    value: float
    step: float = 1
    said: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        ends = {"low": self.low, "high": self.high, "step": self.step, "value": self.value}
        return {**_named(self), **ends, "said": [_short(said) for said in self.said]}

    def read(self, sent: object) -> float | None:
        """Return where it was moved to, within its ends; None for what is no number."""
        number = _number(sent)
        return None if number is None else float(min(max(number, self.low), self.high))


@dataclass(frozen=True, slots=True)
class Number:
    """A number to type.

    Parameters
    ----------
    name, label : str
        How the answer calls it, and what stands above it.
    value : float or None, default=None
        What stands in it; None: nothing.
    hint : str, default=''
        What is shown in grey where it is empty.

    Examples
    --------
    >>> Number("tenure", "tenure").read("12.5"), Number("tenure", "tenure").read("") is None
    (12.5, True)
    """

    name: str
    label: str
    value: float | None = None
    hint: str = ""

    def described(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        shown = "" if self.value is None else f"{self.value:.12g}"
        return {**_named(self), "value": shown, "hint": _short(self.hint)}

    def read(self, sent: object) -> float | None:
        """Return the number; None where the field is empty or holds none."""
        return _number(sent)


@dataclass(frozen=True, slots=True)
class Field:
    """A text to type.

    Parameters
    ----------
    name, label : str
        How the answer calls it, and what stands above it.
    value : str, default=''
        What stands in it.
    hint : str, default=''
        What is shown in grey where it is empty.
    choices : sequence of str, default=()
        What is offered while typing; anything else may be typed as well.

    Examples
    --------
    >>> Field("city", "city").read("Oslo")
    'Oslo'
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        shown = {"value": self.value, "hint": _short(self.hint), "choices": list(self.choices)}
        return {**_named(self), **shown}

    def read(self, sent: object) -> str | None:
        """Return what was typed; None for what is no text."""
        return sent[:LONGEST_TEXT] if isinstance(sent, str) else None


Control = Button | Picker | Slider | Number | Field


def _named(control: Control) -> dict[str, Any]:
    kind = type(control).__name__.lower()
    return {"kind": kind, "name": control.name, "label": _short(control.label)}


def _short(text: str) -> str:
    """Return a text that fits a control; the page shows it as text, never as markup."""
    seen = printable(text)
    return seen if len(seen) <= LONGEST_LABEL else f"{seen[: LONGEST_LABEL - 1]}…"


def _number(sent: object) -> float | None:
    if isinstance(sent, bool) or not isinstance(sent, str | int | float):
        return None
    try:
        number = float(sent)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
