"""Tables that are read in parts and written as one file."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import EmptyTable, UnreadableTable
from mlops_magics.tables import parts as parts_module
from mlops_magics.tables.parts import PartWriter, read_parts
from mlops_magics.tables.reading import read_table


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(parts_module, "ROWS_OF_A_PART", 7)


def frame(rows=20):
    return pd.DataFrame(
        {
            "n": pd.array([None if i % 5 == 0 else 2**60 + i for i in range(rows)], "Int64"),
            "x": np.linspace(0, 1, rows),
            'Größe; "b"': [f"t{i}" if i % 3 else None for i in range(rows)],
            "ok": [i % 2 == 0 for i in range(rows)],
            "at": pd.date_range("2026-01-01", periods=rows, tz="UTC"),
        }
    )


def as_rows(tables):
    return [row for table in tables for row in table.rows()]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_file_comes_in_parts_as_it_comes_as_a_whole(tmp_path, form):
    path = tmp_path / f"rows.{form}"
    getattr(frame(), f"to_{form}")(path, index=False)

    with read_parts(str(path)) as parts:
        found, again = list(parts), list(parts)
        count = parts.row_count

    assert [len(part) for part in found] == [7, 7, 6]
    assert count == 20
    assert as_rows(found) == as_rows(again) == read_table(path).rows()


def test_a_table_in_memory_comes_in_slices():
    with read_parts(frame()) as parts:
        assert as_rows(parts) == read_table(frame()).rows()


def test_the_kind_of_a_column_is_the_same_in_every_part(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("code,late\n" + "".join(f"{i},\n" for i in range(15)) + "x,1.5\n")

    with read_parts(path) as parts:
        kinds = {tuple(column.kind for column in part.columns.values()) for part in parts}
        codes = [row["code"] for row in as_rows(parts)]

    assert len(kinds) == 1
    assert codes == [*map(str, range(15)), "x"]


def test_csv_files_of_other_letters_and_separators_come_in_parts_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes("name;value\nMüller;1,5\nŻółw;2,25\n".encode("utf-16"))

    with read_parts(path) as parts:
        assert as_rows(parts) == read_table(path).rows()


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("none.parquet", None, UnreadableTable),
        ("bad.parquet", b"PAR1 not really", UnreadableTable),
        ("empty.csv", b"", EmptyTable),
        ("header.csv", b"a,b\n", EmptyTable),
    ],
)
def test_a_file_that_has_no_rows_or_is_none_is_one_line(tmp_path, name, content, error):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(error) as refused, read_parts(tmp_path / name, "the rows"):
        pass

    assert len(str(refused.value).splitlines()) == 1
    assert ". Next: " in str(refused.value)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_parts_become_one_file_in_order(tmp_path, form):
    path, whole = tmp_path / f"out.{form}", read_table(frame())
    with read_parts(frame()) as parts, PartWriter(path) as writer:
        for part in parts:
            writer.add(part)

    assert read_table(path).rows() == whole.rows()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_what_fails_half_way_leaves_no_file(tmp_path):
    path = tmp_path / "out.parquet"

    def fail():
        with PartWriter(path) as writer:
            writer.add(read_table({"a": [1]}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_appears_meanwhile_is_not_written_over(tmp_path):
    path = tmp_path / "out.csv"

    def race():
        with PartWriter(path) as writer:
            writer.add(read_table({"a": [1]}))
            path.write_text("somebody else's")

    with pytest.raises(BadArgument, match="File exists"):
        race()

    assert path.read_text() == "somebody else's"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_columns_that_capital_letters_tell_apart_are_renamed_and_said(tmp_path, form):
    path = tmp_path / f"out.{form}"
    with PartWriter(path) as writer:
        writer.add(read_table([{"Rate": 1, "rate": 2, "rate_1": 3}]))

    assert read_table(path).rows() == [{"Rate": 1, "rate_2": 2, "rate_1": 3}]
    assert writer.said == (
        "'rate' is called 'rate_2' there: capital letters alone tell no columns apart",
    )
