"""Where is the workspace of a notebook?"""

import os
from pathlib import Path

FOLDER = ".mlops"


def find_folder(start: Path) -> Path:
    """Return the workspace's folder for a notebook.

    Parameters
    ----------
    start : Path
        The notebook's folder.

    Returns
    -------
    Path
        ``$MLOPS_WORKSPACE``, else the nearest `.mlops` here or above, else a new
        `.mlops` here.

    Examples
    --------
    >>> find_folder(Path("/nowhere")).name if "MLOPS_WORKSPACE" not in os.environ else ".mlops"
    '.mlops'
    """
    named = os.environ.get("MLOPS_WORKSPACE")
    if named:
        return Path(named).expanduser().absolute()
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return start / FOLDER
