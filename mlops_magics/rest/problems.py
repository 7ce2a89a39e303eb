"""Which status does an error have, and how does its answer look?

Always `{"error": one line, "details": [where]}`, as the seed's clients read it. The
next step of a notebook is left out: it names magics.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import HTTPException

from mlops_magics.errors import MLOpsError, state, storage, tables, unknown
from mlops_magics.errors import request as requests

from .bounds import RETRY_SECONDS

NOT_FOUND, CONFLICT, TOO_LARGE, UNUSABLE = 404, 409, 413, 422
# The first class that fits decides; what stands nowhere is 400.
STATUSES: tuple[tuple[tuple[type[MLOpsError], ...], int], ...] = (
    ((unknown.UnknownName, state.NoneInStage, state.Deleted), NOT_FOUND),
    (
        (
            *(state.NotPromotable, state.Overtaken, state.InProduction, state.NothingToRollBack),
            *(state.NameTaken, state.NoModelFile, state.NoBaseline, state.OnDemand),
            *(state.KindChanged, state.ColumnsChanged, unknown.AmbiguousName, state.Busy),
            *(state.LeaseLost, state.TooFewLabels, state.NoTrainingRows, state.NoChallenger),
        ),
        CONFLICT,
    ),
    ((requests.TooLarge, state.NotEnoughMemory), TOO_LARGE),
    (
        (
            *(tables.UnreadableTable, tables.EmptyTable, tables.DuplicateColumns),
            *(tables.MissingColumn, tables.MissingColumns, tables.UnusableColumn),
            *(tables.UnusableColumns, tables.UnusableValue),
        ),
        UNUSABLE,
    ),
    ((requests.NotYet,), 501),
    ((state.Occupied, storage.WorkspaceBusy), 503),
    (
        (
            *(state.FitFailed, storage.NotAWorkspace, storage.NewerFormat, storage.BrokenFile),
            *(storage.ReadOnlyWorkspace, storage.NetworkFolder, storage.BrokenModel),
        ),
        500,
    ),
)
FAILED = "the server failed; its log says more"
# What belongs to a request, in the words of its fields.
FIELDS = frozenset({"body", "query", "path", "header"})
TABLES = frozenset({"rows", "features", "entity"})


class Refused(HTTPException):
    """A request that is refused before the workspace is asked.

    Parameters
    ----------
    status : int
        Of HTTP.
    error : str
        One line.
    details : iterable of mapping, default=()
        Where: field, row and column.
    headers : mapping of str to str, optional
        Of the answer.
    """

    def __init__(
        self,
        status: int,
        error: str,
        details: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, {"error": error, "details": list(details)}, headers)

    @classmethod
    def at(cls, path: tuple[str | int, ...], problem: str) -> "Refused":
        """Return the refusal of one value of a body, by its path in it."""
        place = place_of(path)
        is_cell = "column" in place or "row" in place
        return cls(UNUSABLE if is_cell else 400, f"{said(place)}: {problem}", [place])


def place_of(path: Iterable[str | int]) -> dict[str, Any]:
    """Return field, row and column of a path into a request.

    Parameters
    ----------
    path : iterable of str or int
        Such as ("body", "rows", 3, "tenure").

    Returns
    -------
    dict
        The row counted from 0.

    Examples
    --------
    >>> place_of(("body", "rows", 3, "tenure"))
    {'field': 'rows', 'row': 3, 'column': 'tenure'}
    """
    steps = list(path)
    if len(steps) > 1 and steps[0] in FIELDS:
        steps = steps[1:]
    place: dict[str, Any] = {"field": str(steps[0]) if steps else "body"}
    if place["field"] not in TABLES:
        return place
    rest = steps[1:]
    if place["field"] == "rows" and rest and isinstance(rest[0], int):
        place["row"], rest = rest[0], rest[1:]
    if rest and rest[0] == "features":
        rest = rest[1:]
    if rest:
        place["column"] = str(rest[0])
    return place


def said(place: Mapping[str, Any]) -> str:
    """Say where something is.

    Examples
    --------
    >>> said({"field": "rows", "row": 3, "column": "tenure"})
    "row 3, column 'tenure'"
    """
    parts = []
    if "row" in place:
        parts.append(f"row {place['row']}")
    if "column" in place:
        parts.append(f"column {place['column']!r}")
    return ", ".join(parts) or f"{place['field']!r}"


def status_of(error: MLOpsError) -> int:
    """Return the status of an error, by its class.

    Examples
    --------
    >>> status_of(unknown.UnknownName("model", "chrun", ["churn"], "look"))
    404
    """
    return next((status for kinds, status in STATUSES if isinstance(error, kinds)), 400)


def problem_of(error: MLOpsError) -> dict[str, Any]:
    """Return the body of an error's answer.

    Examples
    --------
    >>> problem_of(tables.MissingColumns(["age"], "the rows", "add them"))
    {'error': "no column 'age' in the rows", 'details': [{'column': 'age'}]}
    """
    line = str(error).split(" Next: ")[0].removesuffix(".")
    places = error.places.items()
    details = [{"column": n} if row is None else {"row": row, "column": n} for n, row in places]
    return {"error": line, "details": details}


def headers_of(status: int) -> dict[str, str]:
    """Return what an answer of this status says beside its body."""
    return {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
