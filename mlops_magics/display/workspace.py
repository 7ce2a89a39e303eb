"""How does the workspace itself look?"""

from mlops_magics.workspace.results import Dataset, Overview

from .bundle import Bundle
from .numbers import count, size
from .page import Figures, Headline, Line, page


def overview(result: Overview) -> Bundle:
    """Return what a workspace holds."""
    state = size(result.byte_count) if result.exists else "made at the first write"
    return page(
        Headline("workspace", result.folder),
        Figures(
            [
                (count(result.model_count), "models"),
                (count(result.view_count), "feature views"),
                (count(result.dataset_count), "datasets"),
                (count(result.prediction_count), "predictions"),
            ]
        ),
        Line(state),
    )


def dataset(result: Dataset) -> Bundle:
    """Return what was stored."""
    return page(Line(result.message))


def greeting(short: str, folder: str, held: Overview) -> Bundle:
    """Return the line that loading shows.

    Parameters
    ----------
    short : str
        The version of the package.
    folder : str
        Name of the workspace's folder.
    held : Overview
        What is in it.

    Returns
    -------
    Bundle
        One line.
    """
    parts = [f"mlops_magics {short}", f"workspace {folder}"]
    if held.exists:
        parts.append(count(held.model_count, "model"))
        parts.append(count(held.view_count, "feature view"))
        parts.append(count(held.prediction_count, "prediction"))
    else:
        parts.append("new: it is made at the first write")
    return page(Line(" · ".join(parts)))
