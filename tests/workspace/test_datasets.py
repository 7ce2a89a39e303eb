"""A table of any kind is stored under a name, and comes back as it was."""

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.tables import as_given, read_table

HELPER = Path(__file__).parents[1] / "tables" / "backends.py"
SPEC = importlib.util.spec_from_file_location("backends", HELPER)
backends = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(backends)

TYPES = {"n": "integer", "x": "number", "b": "boolean", "s": "text", "t": "time"}


def columns(count):
    import datetime as dt

    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    return {
        "n": [None if row == 1 else 2**60 + row for row in range(count)],
        "x": [row / 3 for row in range(count)],
        "b": [None if row == 2 else row % 2 == 0 for row in range(count)],
        "s": [None if row == 3 else f"name {row % 7}, <i>" for row in range(count)],
        "t": [start + dt.timedelta(minutes=row) for row in range(count)],
    }


def described(table):
    return [(name, c.kind, c.to_list()) for name, c in table.columns.items()]


@pytest.mark.parametrize("backend", backends.BACKENDS)
def test_a_table_of_any_kind_is_stored_and_read_by_its_name(workspace, backend, tmp_path):
    data = backends.given(backend, columns(40), TYPES, tmp_path)

    stored = workspace.upload(data, "Telco")

    assert stored.message == "Telco: 40 rows, 5 columns"
    assert described(workspace.dataset("telco")) == described(read_table(columns(40)))


@pytest.mark.parametrize("backend", ["polars", "pyarrow table", ".csv", ".jsonl"])
def test_a_table_that_is_large_enough_for_a_file_of_its_own_is_the_same(
    workspace, backend, tmp_path
):
    data = backends.given(backend, columns(6000), TYPES, tmp_path)

    workspace.upload(data, "large")

    assert described(workspace.dataset("large")) == described(read_table(columns(6000)))


@pytest.mark.parametrize("count", [3, 5000])
def test_a_thousand_columns_of_any_name_are_stored_and_read(workspace, count):
    names = ["x" * 300, "\u202eשלם", "<b>'\"&", "a\nb", *(f"f{place}" for place in range(1000))]
    frame = pl.DataFrame({name: np.arange(count) + place for place, name in enumerate(names)})

    workspace.upload(frame, "wide")

    back = workspace.dataset("wide")
    assert list(back.names) == names
    assert back.column(names[0]).to_list()[:3] == [0, 1, 2]
    assert as_given(back)[names[1]].tolist()[:3] == [1, 2, 3]


def test_what_was_mended_is_in_the_message(workspace, tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("n,d\n1,?\n2\n3,7,8\n")

    assert workspace.upload(file, "mended").message == (
        "mended: 2 rows, 2 columns; "
        "1 row has fewer fields than the header (first: line 3): the others are missing; "
        "1 row has more fields than the header (first: line 4): left out; "
        "1 value in 'd' read as missing ('?')"
    )


def test_a_table_that_is_refused_leaves_no_dataset(workspace):
    with pytest.raises(UnusableColumn, match=r"^column 'l' holds lists"):
        workspace.upload(pa.table({"l": [[1]]}), "lists")
    with pytest.raises(UnknownName):
        workspace.dataset("lists")
