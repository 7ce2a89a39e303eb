"""How does a table go into a file of the user's?

Whole or not at all, and never over a file that is there. Which names and values a
table has, it does not ask.
"""

import os
from pathlib import Path

import duckdb

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken

from .duck import Engine
from .giving import register
from .quoting import identifier, literal
from .table import Table

FORMATS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}


def check_new_file(path: Path) -> None:
    """Refuse a path to which no table can be written.

    Parameters
    ----------
    path : Path
        The file that is asked for.

    Raises
    ------
    BadArgument
        If it is no .parquet or .csv file in a folder that is there.
    NameTaken
        If there is something already.
    """
    if path.suffix.lower() not in FORMATS:
        raise BadArgument("path", str(path), "a file that ends in .parquet or .csv")
    try:
        has_folder, exists = path.parent.is_dir(), path.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadArgument("path", str(path), f"a path that can be written ({reason})") from error
    if not has_folder:
        raise BadArgument("path", str(path), "a file in a folder that is there")
    if exists:
        raise NameTaken("the file", str(path), "choose another path")


def write_file(table: Table, path: Path) -> None:
    """Write a table into a new Parquet or CSV file.

    Parameters
    ----------
    table : Table
        The table; times are written in UTC.
    path : Path
        As `check_new_file` allows it.

    Raises
    ------
    BadArgument
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from .reading import read_table
    >>> path = Path(tempfile.mkdtemp()) / "numbers.parquet"
    >>> write_file(read_table({"a b": [1, 2]}), path)
    >>> read_table(path).column("a b").to_list()
    [1, 2]
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    physical = {f"c{place}": column for place, column in enumerate(table.columns.values())}
    engine = Engine()
    try:
        cursor = engine.cursor()
        typed = register(cursor, "written", physical)
        listed = [
            f"{'make_timestamptz(' + name + ')' if column.stored_in == 'time' else name}"
            f" AS {identifier(called)}"
            for called, (name, column) in zip(table.names, physical.items(), strict=True)
        ]
        rows = f"SELECT {', '.join(listed)} FROM (SELECT {typed} FROM written)"  # noqa: S608
        form = FORMATS[path.suffix.lower()]
        # names and path are quoted
        cursor.execute(f"COPY ({rows}) TO {literal(str(temporary))} ({form})")
        temporary.rename(path)
    except (OSError, duckdb.Error) as error:
        said = str(error).splitlines()[0][:200]
        raise BadArgument("path", str(path), f"a path that can be written ({said})") from error
    finally:
        engine.close()
        temporary.unlink(missing_ok=True)
