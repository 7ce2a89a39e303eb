"""How does the workspace itself look?"""

from mlops_magics.workspace.results import Dataset, Overview

from .bundle import Bundle
from .numbers import count, size
from .page import Figures, Headline, Line, page


def overview(result: Overview) -> Bundle:
    """Return what a workspace holds."""
    state = size(result.byte_count) if result.exists else "made at the first write"
    if result.open_in:
        noun = "process" if len(result.open_in) == 1 else "processes"
        state += f" · also open in {noun} {', '.join(map(str, result.open_in))}"
    return page(
        Headline("workspace", result.folder),
        Figures(
            [
                _figure(result.model_count, "model"),
                _figure(result.view_count, "feature view"),
                _figure(result.dataset_count, "dataset"),
                _figure(result.prediction_count, "prediction"),
            ]
        ),
        Line(state),
        *(Line(f"{need.model_id}: {need.said}. Next:", need.next) for need in result.needs),
    )


def _figure(number: int, noun: str) -> tuple[str, str]:
    figure, _, label = count(number, noun).partition(" ")
    return figure, label


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

    Examples
    --------
    >>> held = Overview(folder="", exists=True, model_count=2, view_count=1,
    ...     dataset_count=0, prediction_count=1200, byte_count=0)
    >>> greeting("0.1", ".mlops", held).text
    'mlops_magics 0.1 · workspace .mlops · 2 models · 1 feature view · 1,200 predictions'
    """
    parts = [f"mlops_magics {short}", f"workspace {folder}"]
    if held.exists:
        parts.append(count(held.model_count, "model"))
        parts.append(count(held.view_count, "feature view"))
        parts.append(count(held.prediction_count, "prediction"))
    else:
        parts.append("new: it is made at the first write")
    return page(Line(" · ".join(parts)))
