"""Are these rows what the model was trained on?

Each column against the signature: what cannot be used is an error that names every
column, what can but is unusual is counted. The user's table is not changed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.tables import MissingColumns, UnusableColumn, UnusableColumns
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table

from .findings import NAMES_KEPT, Finding


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Rows in the kinds of training, what was unusual in them, and what is not used."""

    table: Table
    findings: tuple[Finding, ...]
    ignored: tuple[str, ...] = ()


def validate(signature: Signature, rows: Table, what: str = "the rows") -> Checked:
    """Bring rows to the kinds of training.

    Parameters
    ----------
    signature : Signature
        What the model takes.
    rows : Table
        With at least its columns; others are ignored.
    what : str, default='the rows'
        How errors call them.

    Returns
    -------
    Checked
        The model's columns, in its order.

    Raises
    ------
    MissingColumns
        If columns are missing; all are named.
    UnusableColumn, UnusableColumns
        If values are none of their column's kind; all columns are named.
    """
    lacking = [name for name in signature.names if name not in rows]
    if lacking:
        raise MissingColumns(lacking, what, "add them; COLUMN= says that a value is missing")
    checked = inspect(signature, rows)
    refuse_unusable(checked.findings)
    return checked


def inspect(signature: Signature, rows: Table) -> Checked:
    """Bring the columns that are there to the kinds of training, and refuse nothing.

    Parameters
    ----------
    signature : Signature
        What the model takes.
    rows : Table
        With any of its columns.

    Returns
    -------
    Checked
        What cannot be used is missing there, and among the findings.
    """
    columns: dict[str, Column] = {}
    findings: list[Finding] = []
    for feature in signature.features:
        if feature.name not in rows:
            continue
        columns[feature.name], unusable = _converted(feature, rows.columns[feature.name])
        findings += unusable or _unusual(feature, columns[feature.name])
    ignored = tuple(name for name in rows.names if name not in columns)
    table = Table(columns, rows.row_count, index=rows.index)
    return Checked(table, tuple(findings), ignored)


def refuse_unusable(findings: Iterable[Finding]) -> None:
    """Raise an error that names every column with values that cannot be used."""
    unusable = [found for found in findings if found.problem == "unusable"]
    step = "correct these values, or leave them empty"
    if not unusable:
        return
    error: UnusableColumn | UnusableColumns = UnusableColumns(
        [found.said for found in unusable], step
    )
    if len(unusable) == 1:
        # the error begins with the column itself
        problem = unusable[0].said.removeprefix(f"{unusable[0].column!r} ")
        error = UnusableColumn(unusable[0].column, problem, step)
    error.places = {found.column: found.row for found in unusable}
    raise error


def _converted(feature: Feature, column: Column) -> tuple[Column, list[Finding]]:
    kind = feature.kind
    # an integer column may get fractions later: the network sees numbers either way
    if kind == "integer" and column.stored_in == "float64":
        kind = "number"
    conversion = convert(column, kind)
    if not np.count_nonzero(conversion.unusable):
        return conversion.column, []
    places = np.flatnonzero(conversion.unusable)
    values = Counter(map(str, column.take(places).to_list()))
    found = Finding(
        column=feature.name,
        problem="unusable",
        count=len(places),
        expected=feature.kind,
        values=dict(values.most_common(NAMES_KEPT)),
        row=int(places[0]),
    )
    return conversion.column, [found]


def _unusual(feature: Feature, column: Column) -> list[Finding]:
    present = column.values[~column.missing]
    found = []
    lost = len(column) - len(present)
    if lost and not feature.missing_seen:
        found.append(Finding(column=feature.name, problem="missing", count=lost))
    if column.stored_in == "text":
        found += _unseen(feature, present)
    elif feature.low is not None and feature.high is not None and column.stored_in != "bool":
        outside = int(np.count_nonzero((present < feature.low) | (present > feature.high)))
        if outside and feature.kind != "time":
            expected = f"{feature.low:g} to {feature.high:g}"
            name = feature.name
            found.append(Finding(column=name, problem="outside", count=outside, expected=expected))
    return found


def _unseen(feature: Feature, present: NDArray[np.object_]) -> list[Finding]:
    known = set(feature.levels)
    unseen = Counter(value for value in present.tolist() if value not in known)
    if not unseen:
        return []
    return [
        Finding(
            column=feature.name,
            problem="unseen",
            count=sum(unseen.values()),
            values=dict(unseen.most_common(NAMES_KEPT)),
        )
    ]
