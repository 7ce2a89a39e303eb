"""How is an entity written down?

As the JSON array of its key's values, each in the kind of its column: so 1
and "1" are two entities, and ("1", "23") is not ("12", "3").
"""

import json

import numpy as np

from mlops_magics.errors.tables import MissingColumns, UnusableColumn
from mlops_magics.storage.packing import Field
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table


def key_columns(table: Table, key: tuple[Field, ...], where: str) -> list[Column]:
    """Return the key columns of a table in the kinds of the view's key.

    Parameters
    ----------
    table : Table
        The rows that name entities.
    key : tuple of Field
        The key columns with their kinds.
    where : str
        How errors call the table.

    Returns
    -------
    list of Column
        One a key column.

    Raises
    ------
    MissingColumns
        If the table lacks a key column.
    UnusableColumn
        If a value cannot be read as the key's kind.
    """
    lacking = [field.name for field in key if field.name not in table]
    if lacking:
        raise MissingColumns(lacking, where, "add them, or name other key columns")
    columns = []
    for field in key:
        column = table.columns[field.name]
        # an identifier may be a whole number: 42 typed as text is that entity
        is_whole = field.stored_in == "int64" and field.kind != "time"
        conversion = convert(column, "integer" if is_whole else field.kind)
        if conversion.unusable.any():
            bad = column.to_list()[int(np.argmax(conversion.unusable))]
            problem = f"has {bad!r}, and the key is {field.kind}"
            raise UnusableColumn(field.name, problem, "give the key in the view's own kind")
        columns.append(conversion.column.as_kind(field.kind))
    return columns


def key_texts(columns: list[Column]) -> list[str | None]:
    """Return one key text a row; None where a part is missing.

    Parameters
    ----------
    columns : list of Column
        The key columns, each of n rows.

    Returns
    -------
    list of str or None, length n
        JSON arrays.

    Examples
    --------
    >>> key_texts([Column("integer", np.array([42]), np.array([False]))])
    ['[42]']
    """
    parts = [_parts(column) for column in columns]
    missing = np.any([column.missing for column in columns], axis=0)
    texts = [f"[{', '.join(row)}]" for row in zip(*parts, strict=True)]
    return [None if lost else text for text, lost in zip(texts, missing, strict=True)]


def _parts(column: Column) -> list[str]:
    """Return each value as JSON; each different value is written once."""
    if column.stored_in in ("int64", "time"):
        return [str(value) for value in column.values.tolist()]
    values = column.values.tolist()
    written = {value: json.dumps(value, ensure_ascii=False) for value in set(values)}
    return [written[value] for value in values]
