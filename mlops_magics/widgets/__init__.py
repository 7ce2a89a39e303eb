"""How does a cell's output become live, and stay readable when the kernel is gone?

The output is static HTML with a marker, never a widget view: a saved notebook shows it
anywhere. Where a JupyterLab with a kernel shows it, a model without a view finds the
marker, puts what `display` draws in its place as often as it changes, and adds controls.
Nothing of ipywidgets is imported before the first live view opens.

A live view is made like this:

    if widgets.can_be_live(shell):
        view = widgets.View(shell, answer)
        view.show(bundle, (Button("refresh", "Refresh"), Picker("version", "Version", ...)))

`answer(name, value)` is called with each control that is used, its value checked; it
may call `view.show` again, also from a thread. An error of ours that it raises stands
beside the controls. `view.close(bundle)` leaves the static page. Without a live front
end the caller shows `bundle` as any other result. What is asked again and again, such
as a form, is an `Explorer` and is opened by `explore(shell, explorer)`.
"""

from importlib import import_module
from typing import Any

from .controls import Button, Control, Field, Number, Picker, Slider
from .liveness import can_be_live, is_terminal

__all__ = [
    "Button",
    "Control",
    "Field",
    "LiveBackground",
    "LiveMonitor",
    "LiveTraining",
    "Number",
    "Picker",
    "Slider",
    "TerminalLine",
    "VersionsForm",
    "View",
    "ViewForm",
    "WhatIfForm",
    "can_be_live",
    "explore",
    "is_terminal",
]

_HOMES = {
    "LiveBackground": "background",
    "LiveMonitor": "monitor",
    "LiveTraining": "training",
    "TerminalLine": "training",
    "VersionsForm": "beside",
    "View": "view",
    "ViewForm": "exploring",
    "WhatIfForm": "what_if",
    "explore": "explorer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
