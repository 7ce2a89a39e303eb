"""How is an entity written down?

As the JSON array of its key's values, each in the kind of its column: so 1
and "1" are two entities, and ("1", "23") is not ("12", "3").
"""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_magics.errors.tables import MissingColumns, UnusableColumn
from mlops_magics.storage.packing import Field
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.table import Column, Table, Value


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """The entity of each row: every different one is written once.

    Attributes
    ----------
    codes : array of int64, shape (n,)
        Which of `texts` a row has; -1 where a part of its key is missing.
    texts : array of str objects
        The different keys, as JSON arrays.

    Examples
    --------
    >>> keys = write_keys([Column("integer", np.array([42, 7, 42]), np.zeros(3, bool))])
    >>> keys.codes.tolist(), keys.texts.tolist()
    ([0, 1, 0], ['[42]', '[7]'])
    """

    codes: NDArray[np.int64]
    texts: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows name no entity."""
        return self.codes < 0

    def of_rows(self, places: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return the texts of these rows, which all have one; rows share the texts."""
        return self.texts[self.codes[places]]

    def to_column(self) -> Column:
        """Return the texts of all rows as a column."""
        return Column("category", np.append(self.texts, "")[self.codes], self.missing)


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


def write_keys(columns: list[Column]) -> Keys:
    """Return the key of each row.

    Parameters
    ----------
    columns : list of Column
        The key columns, each of n rows.

    Returns
    -------
    Keys
        n codes; the texts in the order of their first appearance.

    Examples
    --------
    >>> texts = Column("category", np.array(["1", "23"], dtype=object), np.zeros(2, bool))
    >>> write_keys([texts, texts]).texts.tolist()
    ['["1", "1"]', '["23", "23"]']
    """
    codes, parts = _factorize(columns[0])
    for column in columns[1:]:
        more, written = _factorize(column)
        missing = (codes < 0) | (more < 0)
        # two codes below 2**31 are one below 2**62
        pairs = np.where(missing, -1, codes * len(written) + more)
        codes, found = pd.factorize(pairs)
        is_pair = found >= 0
        codes = np.where(missing, -1, (np.cumsum(is_pair) - 1)[codes])
        first, second = np.divmod(found[is_pair], max(len(written), 1))
        parts = [f"{parts[a]}, {written[b]}" for a, b in zip(first, second, strict=True)]
    texts = np.fromiter((f"[{part}]" for part in parts), object, len(parts))
    return Keys(codes.astype(np.int64), texts)


def key_text(values: list[Value], key: tuple[Field, ...]) -> str | None:
    """Return the key of one entity whose values are of the key's kinds already.

    Parameters
    ----------
    values : list of value
        One a key column.
    key : tuple of Field
        The key columns.

    Returns
    -------
    str or None
        As `write_keys` writes it; None where that takes a conversion first.

    Examples
    --------
    >>> key_text([42], (Field("k", "integer", "int64"),))
    '[42]'
    """
    parts = []
    for value, field in zip(values, key, strict=True):
        if field.stored_in == "int64" and type(value) is int:
            parts.append(str(value))
        elif field.stored_in == "text" and type(value) is str:
            parts.append(json.dumps(value, ensure_ascii=False))
        else:
            return None
    return f"[{', '.join(parts)}]"


def _factorize(column: Column) -> tuple[NDArray[np.int64], list[str]]:
    """Return the number of each row's value, -1 where missing, and each value as JSON."""
    values = column.values
    if column.stored_in == "float64":
        values = values + 0.0  # -0.0 is 0.0, and is written so
    codes, found = pd.factorize(values)
    plain = found.tolist()
    if column.stored_in in ("int64", "time"):
        written = [str(value) for value in plain]
    else:
        written = [json.dumps(value, ensure_ascii=False) for value in plain]
    return np.where(column.missing, -1, codes), written
