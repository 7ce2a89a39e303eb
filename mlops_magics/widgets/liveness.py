"""Is there somebody who would see a page change?"""

import os
import sys
from typing import Any

SWITCH = "MLOPS_MAGICS_LIVE"


def can_be_live(shell: Any) -> bool:
    """Return whether the running cell's output may change after it is shown.

    A notebook's front end names the cell that it runs; nbclient, nbval and papermill
    do not, and a terminal has no kernel. `MLOPS_MAGICS_LIVE=0` turns it off.

    Parameters
    ----------
    shell : InteractiveShell
        Whose cell is running.

    Returns
    -------
    bool
        Where false, one static page is all that is to be shown.

    Examples
    --------
    >>> can_be_live(None)
    False
    """
    if getattr(shell, "kernel", None) is None or os.environ.get(SWITCH) == "0":
        return False
    asked = shell.get_parent() or {}
    return "cellId" in asked.get("metadata", {})


def is_terminal(shell: Any) -> bool:
    """Return whether a line of the output may be written over: a person's own terminal.

    Parameters
    ----------
    shell : InteractiveShell
        Whose cell is running.

    Returns
    -------
    bool
        False for a notebook, and where the output goes into a file.

    Examples
    --------
    >>> is_terminal(None)
    False
    """
    return getattr(shell, "kernel", None) is None and sys.stdout.isatty()
