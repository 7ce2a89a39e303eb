"""Are these rows what the model was trained on?

Each column against the signature: what cannot be used is an error, what can
but is unusual is a warning with its count. The user's table is not changed.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from mlops_magics.errors.error import shown
from mlops_magics.errors.tables import MissingColumns, UnusableColumn
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table

NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Rows in the kinds of training, and what was unusual in them."""

    table: Table
    warnings: tuple[str, ...]


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
    UnusableColumn
        If a value is none of its column's kind.
    """
    lacking = [name for name in signature.names if name not in rows]
    if lacking:
        raise MissingColumns(lacking, what, "add them; COLUMN= says that a value is missing")
    columns, warnings = {}, []
    for feature in signature.features:
        column = rows.columns[feature.name]
        columns[feature.name] = _converted(feature, column)
        warnings += _unusual(feature, columns[feature.name])
    return Checked(Table(columns, rows.row_count, index=rows.index), tuple(warnings))


def _converted(feature: Feature, column: Column) -> Column:
    kind = feature.kind
    # an integer column may get fractions later: the network sees numbers either way
    if kind == "integer" and column.stored_in == "float64":
        kind = "number"
    conversion = convert(column, kind)
    count = int(conversion.unusable.sum())
    if count and not column.missing.all():
        bad = column.to_list()[int(np.argmax(conversion.unusable))]
        rows = "1 row" if count == 1 else f"{count:,} rows"
        problem = f"is {feature.kind}, and {shown(bad)} is none (in {rows})"
        raise UnusableColumn(feature.name, problem, "correct these values, or leave them empty")
    return conversion.column


def _unusual(feature: Feature, column: Column) -> list[str]:
    present = column.values[~column.missing]
    said = []
    lost = len(column) - len(present)
    if lost and not feature.missing_seen:
        said.append(f"{feature.name}: {lost:,} missing, and training had none missing")
    if column.stored_in == "text":
        known = set(feature.levels)
        unseen = Counter(value for value in present.tolist() if value not in known)
        if unseen:
            names = ", ".join(repr(value) for value, _ in unseen.most_common(NAMES_SHOWN))
            more = f" and {len(unseen) - NAMES_SHOWN} more" if len(unseen) > NAMES_SHOWN else ""
            said.append(
                f"{feature.name}: {sum(unseen.values()):,} unseen in training: {names}{more}"
            )
    elif feature.low is not None and feature.high is not None and column.stored_in != "bool":
        outside = int(((present < feature.low) | (present > feature.high)).sum())
        if outside and feature.kind != "time":
            bounds = f"{feature.low:g} to {feature.high:g}"
            said.append(f"{feature.name}: {outside:,} outside the {bounds} of training")
    return said
