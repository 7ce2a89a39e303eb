"""Which of these rows are not stored yet?

A row is news unless the newest stored row of its key and time has its values.
Rows of one key and time in one write stand or fall together: the last counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.storage import Storage
from mlops_magics.storage.packing import Schema
from mlops_magics.tables.table import Column

from .incoming import Incoming
from .view import ViewVersion

# "Always": the event time of the first rows of a view without one. Year 1 in microseconds.
ALWAYS = -62_135_596_800_000_000

# Entities are compared in shares of about so many rows, so that memory stays bounded.
ROWS_AT_A_TIME = 2_000_000

# The newest stored row of each key and time, beside the row that would be written. What is
# written as history is news also where its values are stored, but became known later.
FIND_KNOWN = """
WITH stored AS (
    SELECT key{moment},
        arg_max(struct_pack({stored}), seq) AS newest,
        arg_max(struct_pack({stored}), seq) FILTER ({was_always_known})
            AS of_history
    FROM ({scan}) WHERE key IN (SELECT key FROM incoming) GROUP BY ALL
)
SELECT place FROM incoming JOIN stored USING (key{moment}) WHERE {same}
"""
SAME = "{which} IS NOT DISTINCT FROM struct_pack({incoming})"


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows of one key and one time belong together.

    Attributes
    ----------
    group : array of int64, shape (n,)
        The group of each row.
    last : array of int64
        The place of the last row of each group.
    """

    group: NDArray[np.int64]
    last: NDArray[np.int64]

    @classmethod
    def of(cls, incoming: Incoming) -> "Groups":
        """Return the groups of rows that are in order: the last of each is the last written."""
        codes = incoming.keys.codes
        moments = (
            np.zeros(len(codes), np.int64) if incoming.times is None else incoming.times.values
        )
        begins = np.ones(len(codes), bool)
        begins[1:] = (np.diff(codes) != 0) | (np.diff(moments) != 0)
        ends = np.append(np.flatnonzero(begins)[1:], len(codes)) - 1
        return cls(np.cumsum(begins) - 1, ends)


def places_of_news(
    storage: Storage, version: ViewVersion, incoming: Incoming, groups: Groups, history: bool
) -> NDArray[np.int64]:
    """Return the places of the rows that are not stored yet with these values.

    Parameters
    ----------
    storage : Storage
        The workspace, inside a transaction.
    version : ViewVersion
        The version that is written to.
    incoming : Incoming
        The rows.
    groups : Groups
        Which of them belong together.
    history : bool
        Whether they are written as history.

    Returns
    -------
    array of int64
        In order.
    """
    known = np.zeros(len(incoming), bool)
    shares = -(-len(incoming) // ROWS_AT_A_TIME)
    for share in range(shares):
        places = np.flatnonzero(incoming.keys.codes % shares == share)
        known[_stored_already(storage, version, incoming, history, places)] = True
    return np.flatnonzero(~known[groups.last][groups.group])


def _stored_already(
    storage: Storage,
    version: ViewVersion,
    incoming: Incoming,
    history: bool,
    asked_for: NDArray[np.int64],
) -> NDArray[np.int64]:
    cursor, features = storage.cursor(), incoming.features.take(asked_for)
    has_time = incoming.times is not None
    moments = np.zeros(len(incoming), np.int64) if incoming.times is None else incoming.times.values
    asked = {
        "place": _whole(asked_for),
        "key": Column("category", incoming.keys.of_rows(asked_for), np.zeros(len(asked_for), bool)),
        "event_time": _whole(moments[asked_for]),
    }
    asked |= {f"f{i}": column for i, column in enumerate(features.columns.values())}
    typed = tables.register(cursor, "asked", asked)
    cursor.execute(f"CREATE TEMP TABLE incoming AS SELECT {typed} FROM asked")  # noqa: S608 - ours
    scan = storage.log.scan(cursor, "feature", version.stream, Schema.of(features).fields)
    places = range(len(features.names))
    theirs = ", ".join(f"f{i} := incoming.f{i}" for i in places)
    # without event time a later row is no correction of the first: only that one was always true
    which = ["newest"] * (has_time or not history) + ["of_history"] * history
    query = FIND_KNOWN.format(
        moment=", event_time" if has_time else "",
        stored=", ".join(f"f{i} := f{i}" for i in places),
        was_always_known="known_at <= event_time" if has_time else f"event_time = {ALWAYS}",
        scan=scan,
        same=" AND ".join(SAME.format(which=name, incoming=theirs) for name in which),
    )
    found = tables.from_cursor(cursor.execute(query), ["place"]).column("place").values
    cursor.execute("DROP TABLE incoming")
    cursor.close()
    return found


def _whole(values: NDArray[np.int64]) -> Column:
    return Column("integer", values.astype(np.int64), np.zeros(len(values), bool))
