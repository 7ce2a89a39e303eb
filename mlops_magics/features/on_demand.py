"""How is a feature computed that needs the moment's data?

By SQL that is stored and run on each row that asks, the table `request`: on the
spine in training, on the request in prediction. It gives one row for each row,
and no row sees another, so that the two cannot differ; it reads no file and no
other table, and nothing that changes by itself.
"""

import re

from mlops_magics import tables
from mlops_magics.errors.request import BadQuery
from mlops_magics.errors.tables import MissingColumns
from mlops_magics.tables.table import Column, Table

from .view import ViewVersion

REQUEST = "request"
# the moment of a row, under this name, unless the rows have a column of it
MOMENT = "event_time"
# what these give in training is not what they give later
CHANGING = frozenset(
    "now today current_date current_timestamp current_time current_localtime"
    " current_localtimestamp get_current_time get_current_timestamp transaction_timestamp"
    " random setseed uuid uuidv4 uuidv7 gen_random_uuid nextval currval".split()
)
UNKNOWN_COLUMN = re.compile(r'column "([^"]+)"')


def check(view: str, sql: str) -> None:
    """Refuse SQL that could say another thing in training than in prediction.

    Parameters
    ----------
    view : str
        The view, for the error.
    sql : str
        One SELECT.

    Raises
    ------
    BadQuery
        If it is no SELECT, reads anything but `request`, looks beyond one row, has a
        parameter, or uses a function that changes by itself.

    Examples
    --------
    >>> check("ratio", "SELECT amount / income AS ratio FROM request")
    """
    sandbox = tables.Sandbox()
    try:
        mentioned = sandbox.mentioned(sql)
    finally:
        sandbox.close()
    others = [name for name in mentioned.tables if name.casefold() != REQUEST]
    if others or mentioned.table_functions:
        name = [*others, *mentioned.table_functions][0]
        problem = f"reads {name!r}, and a view on demand sees only the table request"
        raise BadQuery(problem, "join the other view too: its features are columns of request")
    if not mentioned.tables:
        raise BadQuery(
            "does not read the table request",
            f"end it with FROM {REQUEST}, as {view!r} is computed from it",
        )
    if mentioned.crossing:
        problem = f"{mentioned.crossing}, and a view on demand computes each row alone"
        raise BadQuery(problem, "give one row for each row of request, from its columns")
    if mentioned.parameters:
        problem = f"binds ${mentioned.parameters[0]}, which a later request does not have"
        raise BadQuery(problem, "write the value itself")
    changing = sorted(CHANGING & mentioned.words)
    if changing:
        problem = f"uses {changing[0]}, which is another in training than in prediction"
        raise BadQuery(problem, f"use {MOMENT}, the moment of the row")


def evaluate(version: ViewVersion, rows: Table, at: Column) -> dict[str, Column]:
    """Compute the features of a view on demand for each row alone.

    Parameters
    ----------
    version : ViewVersion
        The view, with its SQL.
    rows : Table
        What is known of each row.
    at : Column of time
        The moment of each row, which the SQL sees as `event_time`.

    Returns
    -------
    dict of str to Column
        One a column of the query, rows as in the table.

    Raises
    ------
    MissingColumns
        If the rows lack a column that the SQL uses.
    BadQuery
        If it fails.
    """
    if MOMENT not in rows:
        rows = rows.with_columns({MOMENT: at})
    sandbox = tables.Sandbox(in_order=True)
    try:
        sandbox.add_table(REQUEST, rows)
        found = sandbox.run(version.sql or "")
    except BadQuery as error:
        unknown = UNKNOWN_COLUMN.search(str(error))
        if unknown and unknown.group(1) not in rows:
            step = f"give {unknown.group(1)}, which the view {version.view!r} computes with"
            raise MissingColumns([unknown.group(1)], "the row", step) from error
        problem = f"of the view {version.view!r} on demand {str(error).partition('. Next')[0]}"
        raise BadQuery(problem.replace("the query ", ""), f"%features {version.view}") from error
    finally:
        sandbox.close()
    assert len(found) == len(rows), "what could leave rows out was refused when it was defined"
    return dict(found.columns)
