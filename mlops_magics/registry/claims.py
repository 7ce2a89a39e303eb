"""What may a file from elsewhere say of its own model?

Its lineage was written by whoever made the file. What this package relies on is taken
only in its type, what names something here is left out, and nothing of it opens a gate.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mlops_magics.model.document import Document, Malformed

# A lineage holds a cell, names and a few figures; the features are in the signature.
MOST_BYTES = 4 * 2**20
# Names of things in the workspace in which it was trained.
LOCAL = {"job_id", "source", "retraining"}


def metadata(lineage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata that a lineage claims, each entry in its type.

    Parameters
    ----------
    lineage : mapping
        Parsed from a model file.

    Returns
    -------
    dict of str to JSON
        Without what names something in another workspace.

    Raises
    ------
    Malformed
        If an entry that is relied on is of another type, or all of it is too large.
    """
    if "metadata" not in lineage:
        return {}
    claimed = Document(dict(lineage)).mapping("metadata")
    _check_text(claimed)
    for name, check in CHECKS.items():
        if name in claimed:
            check(Document(claimed), name)
    return {name: value for name, value in claimed.items() if name not in LOCAL}


def metrics(lineage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metrics that a lineage claims; `Malformed` if one is no number."""
    if "metrics" not in lineage:
        return {}
    claimed = Document(Document(dict(lineage)).mapping("metrics"))
    _check_text(claimed.parsed)
    return {name: claimed.number(name) for name in claimed.parsed}


def _check_text(claimed: Mapping[str, Any]) -> None:
    try:
        size = len(json.dumps(claimed, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise Malformed("its lineage holds half a character") from None
    if size > MOST_BYTES:
        raise Malformed(f"its lineage has {size:,} bytes, more than any model's")


def _texts(document: Document, name: str) -> None:
    document.texts(name)


def _text_or_nothing(document: Document, name: str) -> None:
    if document.value(name) is not None:
        document.text(name)


def _integer_or_nothing(document: Document, name: str) -> None:
    if document.value(name) is not None:
        document.integer(name)


def _flag(document: Document, name: str) -> None:
    document.flag(name)


def _views(document: Document, name: str) -> None:
    for item in document.items(name):
        view = Document(item)
        view.text("view")
        view.integer("number")
        view.texts("key")


def _sources(document: Document, name: str) -> None:
    sources = Document(document.mapping(name))
    for feature in sources.parsed:
        if len(sources.texts(feature)) != 2:
            raise Malformed(f"{feature[:40]!r} has no view and column")


def _kinds(document: Document, name: str) -> None:
    kinds = Document(document.mapping(name))
    for column in kinds.parsed:
        kinds.text(column)


def _data(document: Document, name: str) -> None:
    data = Document(document.mapping(name))
    data.text("fingerprint")
    data.integer("row_count")


Check = Callable[[Document, str], None]
CHECKS: dict[str, Check] = {
    "cell": _text_or_nothing,
    "cell_number": _integer_or_nothing,
    "columns": _texts,
    "data": _data,
    "features": _texts,
    "git_commit": _text_or_nothing,
    "identifiers": _texts,
    "identity": _texts,
    "interrupted": _flag,
    "measured_on": _text_or_nothing,
    "note": _text_or_nothing,
    "request": _kinds,
    "row_count": _integer_or_nothing,
    "sources": _sources,
    "target": _text_or_nothing,
    "task": _text_or_nothing,
    "views": _views,
}
