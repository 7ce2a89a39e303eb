"""JSON and Parquet files, and files that are none."""

import gzip
import json

import duckdb
import pytest

from mlops_magics.errors.tables import DuplicateColumns, UnreadableTable, UnusableColumn
from mlops_magics.tables import read_table


def test_json_lines_keep_integers_of_any_size_and_read_iso_texts_as_times(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"n": 9007199254740993, "t": "2024-01-01T10:00:00Z", "d": "2024-01-01", "s": "x"}\n\n'
        '{"n": null, "t": null, "d": "2024-02-30", "m": true}\n'
    )

    table = read_table(file)

    kinds = {name: column.kind for name, column in table.columns.items()}
    assert kinds == {"n": "integer", "t": "time", "d": "category", "s": "category", "m": "boolean"}
    assert table.column("n").to_list() == [2**53 + 1, None]


def test_times_without_a_zone_in_json_are_utc_and_that_is_said(tmp_path):
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{"t": "2024-01-01T10:00"}, {"t": "2024-01-02"}]))

    assert read_table(file).repairs == ("times in 't' have no zone: read as UTC",)


def test_features_objects_in_json_lines_are_read_as_their_columns(tmp_path):
    file = tmp_path / "rows.ndjson.gz"
    file.write_bytes(gzip.compress(b'{"features": {"a": 1, "b": "x"}, "label": 0}\n'))

    assert read_table(file).rows() == [{"a": 1, "b": "x", "label": 0}]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": \n', "line 2 is no JSON object: Expecting value"),
        ("a.jsonl", "[1]\n", "it is no list of objects, one a row"),
        ("a.json", '{"a": [1]}', "it is no list of objects, one a row"),
        ("a.json", "[1, 2]", "it is no list of objects, one a row"),
    ],
)
def test_json_that_is_no_list_of_rows_is_refused_with_its_line(tmp_path, name, content, reason):
    file = tmp_path / name
    file.write_text(content)

    with pytest.raises(UnreadableTable) as refused:
        read_table(file)

    assert str(refused.value) == (
        f"the file {str(file)!r} cannot be read as a table: {reason}. "
        "Next: open it and check its first lines"
    )


def test_an_object_with_a_name_twice_or_a_list_is_refused_by_name(tmp_path):
    twice, listed = tmp_path / "twice.jsonl", tmp_path / "listed.jsonl"
    twice.write_text('{"a": 1, "a": 2}\n')
    listed.write_text('{"a": [1]}\n')

    with pytest.raises(DuplicateColumns, match=r"^the table has 2 columns named 'a'"):
        read_table(twice)
    with pytest.raises(UnusableColumn, match=r"^column 'a' holds lists"):
        read_table(listed)


def test_a_file_of_an_unknown_kind_or_with_a_wrong_ending_is_refused(tmp_path):
    book, fake = tmp_path / "book.xlsx", tmp_path / "fake.parquet"
    for file in (book, fake):
        file.write_bytes(b"PK something else" * 9)

    with pytest.raises(UnreadableTable) as unknown:
        read_table(book)
    with pytest.raises(UnreadableTable) as broken:
        read_table(fake)

    assert str(unknown.value) == (
        f"the file {str(book)!r} cannot be read as a table: .xlsx is not known. "
        "Next: give .csv, .tsv, .jsonl, .json or .parquet"
    )
    assert str(broken.value).endswith("Next: open it and check its first lines")


def test_a_parquet_file_keeps_its_names_and_refuses_what_holds_several_values(tmp_path):
    names, nested = tmp_path / "names.parquet", tmp_path / "nested.parquet"
    select = """SELECT 1 AS "a[0]", 'x' AS "сумма", 2::HUGEINT AS "order", 1.5::DECIMAL(9,2) AS d"""
    duckdb.connect().execute(f"COPY ({select}) TO '{names}'")
    duckdb.connect().execute(f"COPY (SELECT [1, 2] AS l) TO '{nested}'")

    assert read_table(names).rows() == [{"a[0]": 1, "сумма": "x", "order": 2, "d": 1.5}]
    with pytest.raises(UnusableColumn, match=r"^column 'l' holds lists"):
        read_table(nested)


def test_features_objects_in_a_parquet_file_are_read_as_their_columns(tmp_path):
    file = tmp_path / "objects.parquet"
    select = "SELECT 0 AS y, {'x': 1, 'z': 'a'} AS features"
    duckdb.connect().execute(f"COPY ({select}) TO '{file}'")

    assert read_table(file).rows() == [{"x": 1, "z": "a", "y": 0}]
