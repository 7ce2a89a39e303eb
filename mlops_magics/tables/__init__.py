"""The one boundary: every table that comes in or goes out passes here."""

from importlib import import_module
from typing import Any

from .table import Column, Table

__all__ = ["Column", "Table"]

# pandas and DuckDB are imported at the first table, not with the package.
_HOMES = {
    "read_table": "reading",
    "as_given": "giving",
    "to_pandas": "giving",
    "write_parquet": "giving",
    "register": "giving",
    "check_new_file": "files",
    "read_parts": "parts",
    "copy_of_csv": "parts",
    "PartWriter": "parts",
    "from_cursor": "duck",
    "Engine": "duck",
    "is_table": "recognising",
    "Sandbox": "sandbox",
    "profile": "summaries",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
