"""How does a file come in?

By its ending: CSV, JSON lines, a JSON list of rows, Parquet. A path is only read.
"""

import json
import re
import zlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from mlops_magics.errors.error import MLOpsError, shown
from mlops_magics.errors.tables import UnreadableTable

from .csv_file import read_csv
from .duck import Engine, assemble, read_select, refuse_duplicates
from .encoding import Decoded, as_utf8
from .table import Table

ENDINGS = "give .csv, .tsv, .jsonl, .json or .parquet"
CSV = (".csv", ".tsv", ".txt")
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")
# Where every text of a JSON column looks so, it is a time: JSON has no word for one.
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?")


def read_file(path: Path) -> "Table | list[dict[str, Any]]":
    """Read a file by its ending.

    Parameters
    ----------
    path : Path
        A relative one begins at the current folder, the notebook's.

    Returns
    -------
    Table or list of dict
        Rows where it is JSON: their values are Python's.

    Raises
    ------
    UnreadableTable
        If there is no such file, or it is none of these.
    """
    what = f"the file {shown(str(path))}"
    reason = ""
    try:
        path = path.expanduser()
        if not path.is_file():
            reason = "it is a folder" if path.is_dir() else "it does not exist"
    except (OSError, RuntimeError) as error:  # too long, a closed folder, nobody's home
        reason = getattr(error, "strerror", None) or str(error)
    if reason:
        raise UnreadableTable(what, reason, "check the path; it starts at the notebook's folder")
    kind = kind_of(path)
    try:
        if kind in PARQUET:
            return _read_parquet(path)
        if kind in (*CSV, *JSON_LINES, ".json"):
            with as_utf8(path) as decoded:
                return read_csv(decoded, kind) if kind in CSV else _read_json(decoded, kind)
    except MLOpsError:
        raise
    except (duckdb.Error, OSError, EOFError, zlib.error, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise UnreadableTable(what, reason, "open it and check its first lines") from error
    raise UnreadableTable(what, f"{kind or 'no ending'} is not known", ENDINGS)


def kind_of(path: Path) -> str:
    """Return the ending that says what a file is, without that of gzip."""
    endings = [ending.lower() for ending in path.suffixes[-2:]]
    return endings[0] if endings[-1:] == [".gz"] and len(endings) == 2 else "".join(endings[-1:])


def _read_parquet(path: Path) -> Table:
    engine = Engine()
    try:
        cursor = engine.cursor()
        schema = cursor.execute(
            "SELECT name, num_children FROM parquet_schema(?)", [str(path)]
        ).fetchall()
        names = top_level(schema)
        select = "SELECT * FROM read_parquet(?)"
        return assemble(read_select(cursor, select, [str(path)], names, says_zone=True))
    finally:
        engine.close()


def top_level(schema: list[tuple[str, int | None]]) -> list[str]:
    """Return the names one level below the root of a depth-first schema listing."""
    names, place = [], 1
    while place < len(schema):
        names.append(schema[place][0])
        open_children = 1
        while open_children:
            open_children += (schema[place][1] or 0) - 1
            place += 1
    return names


def _read_json(decoded: Decoded, kind: str) -> list[dict[str, Any]]:
    with decoded.path.open(encoding="utf-8-sig") as text:
        if kind == ".json":
            rows = json.load(text, object_pairs_hook=_object)
        else:
            rows = [_row(line, place) for place, line in enumerate(text, 1) if line.strip()]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it is no list of objects, one a row")
    return _with_times(rows)


def _row(line: str, place: int) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {place} is no JSON object: {error.msg}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_duplicates([name for name, _ in pairs])
    return dict(pairs)


def _with_times(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for name in dict.fromkeys(name for row in rows for name in row):
        texts = [row[name] for row in rows if row.get(name) is not None]
        if texts and all(isinstance(text, str) for text in texts):
            read = _times(texts)
            if read is not None:
                moments = iter(read)
                for row in rows:
                    if row.get(name) is not None:
                        row[name] = next(moments)
    return rows


def _times(texts: list[str]) -> list[date] | None:
    """Return the days or times that texts are; None where one is something else."""
    try:
        if all(DAY.fullmatch(text) for text in texts):
            return [date.fromisoformat(text) for text in texts]
        if all(DAY.fullmatch(text) or MOMENT.fullmatch(text) for text in texts):
            return [datetime.fromisoformat(text) for text in texts]
    except ValueError:  # the 30th of February
        pass
    return None
