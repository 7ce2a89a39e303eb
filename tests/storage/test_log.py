"""Packed rows and segments are read as one, and nothing changes on the way."""

import os
import shutil
import sqlite3
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.storage import BrokenFile
from mlops_magics.storage import Storage
from mlops_magics.storage import log as log_module
from mlops_magics.storage.packing import Schema
from mlops_magics.storage.rows import Append, Span
from mlops_magics.tables import Column, Table, read_table


@pytest.fixture
def storage(tmp_path):
    opened = Storage(tmp_path / ".mlops")
    yield opened
    opened.close()


def append(storage, table, times=None, ids=None):
    moments = np.arange(len(table)) if times is None else np.array(times)
    with storage.transaction() as transaction:
        what = Append(table=table, event_time=moments, known_at=moments, ids=ids)
        storage.log.append(transaction, "event", "m", what)


def mixed(count, start=0):
    return read_table(
        [
            {
                "Rate": n / 3 if n % 5 else None,
                "rate": n + 2**60,
                "сумма, €": f"{n} ₽" if n % 7 else None,
                "is it": n % 2 == 0,
            }
            for n in range(start, start + count)
        ]
    )


def test_a_few_rows_and_many_come_back_in_order_and_as_they_were(storage):
    few, many = mixed(10), mixed(5200, start=10)

    append(storage, few)
    append(storage, many)

    found = storage.log.read("event", "m")
    assert found.table.rows() == few.rows() + many.rows()
    assert found.table.names == ("Rate", "rate", "сумма, €", "is it")


def test_a_limit_gives_the_newest_by_time_from_both_kinds(storage):
    append(storage, mixed(6000), times=np.arange(6000))
    append(storage, mixed(3), times=[5, 7000, 5999])

    found = storage.log.read("event", "m", Span(limit=4))

    assert found.event_time.tolist() == [7000, 5999, 5999, 5998]


def test_both_bounds_of_time_are_inclusive(storage):
    append(storage, mixed(6000), times=np.arange(6000))
    append(storage, mixed(2), times=[10, 13])

    found = storage.log.read("event", "m", Span(since=10, until=12))

    assert sorted(found.event_time.tolist()) == [10, 10, 11, 12]


def test_a_row_is_found_by_its_id_in_either_place(storage):
    ids = storage.clock.new_ids(6002)
    append(storage, mixed(6000), ids=ids[:6000])
    append(storage, mixed(2), ids=ids[6000:])

    found = storage.log.read("event", "m", Span(ids=(ids[77], ids[6001])))

    assert sorted(found.ids) == sorted([ids[77], ids[6001]])


def test_more_ids_can_be_looked_for_than_a_database_takes_parameters(storage):
    ids = storage.clock.new_ids(5200)
    append(storage, mixed(5100), ids=ids[:5100])
    append(storage, mixed(100), ids=ids[5100:])

    found = storage.log.read("event", "m", Span(ids=(*storage.clock.new_ids(300_000), *ids)))

    assert found.ids == ids


def test_a_segment_that_no_row_names_is_not_read_and_is_swept_after_an_hour(storage):
    append(storage, mixed(5000))
    orphan = storage.folder / "segments" / "0123.parquet"
    orphan.write_bytes(b"half written")

    assert storage.sweep() == 0
    os.utime(orphan, (time.time() - 7200, time.time() - 7200))
    assert storage.sweep() == 1
    assert len(storage.log.read("event", "m")) == 5000


def test_a_segment_that_is_gone_is_named(storage):
    append(storage, mixed(5000))
    segment = next((storage.folder / "segments").iterdir())
    segment.unlink()

    with pytest.raises(BrokenFile) as refused:
        storage.log.read("event", "m")

    assert str(refused.value) == (
        f"the workspace's file 'segments/{segment.name}' is missing. "
        "Next: copy it back from a backup of the folder"
    )


def test_an_artifact_with_one_bit_changed_is_refused(storage):
    with storage.transaction():
        digest = storage.artifacts.write(b"weights" * 1000)
        assert storage.artifacts.write(b"weights" * 1000) == digest
    path = storage.artifacts.path(digest)
    path.chmod(0o644)
    damaged = bytearray(path.read_bytes())
    damaged[100] ^= 1
    path.write_bytes(damaged)

    with pytest.raises(BrokenFile, match="damaged: its checksum is another"):
        storage.artifacts.read(digest)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.booleans(),
            st.none() | texts,
        ),
        min_size=1,
        max_size=20,
    )
)
def test_packing_changes_nothing(rows):
    columns = {}
    for place, kind in enumerate(("integer", "number", "boolean", "category")):
        values = [row[place] for row in rows]
        filler = {"integer": 0, "number": np.nan, "boolean": False, "category": ""}[kind]
        dtype = {"integer": np.int64, "number": float, "boolean": bool, "category": object}[kind]
        filled = np.array([filler if v is None else v for v in values], dtype)
        columns[kind] = Column(kind, filled, np.array([v is None for v in values]))
    table = Table.of(columns)
    schema = Schema.of(table)

    again = Schema.from_json(schema.to_json()).unpack(schema.pack(table))

    assert again.rows() == table.rows()


cells = st.fixed_dictionaries(
    {"n": st.none() | st.integers(-(2**63), 2**63 - 1), "s": st.none() | texts}
)
batches = st.lists(
    st.tuples(
        st.booleans(), st.lists(st.tuples(st.integers(0, 30), cells), min_size=1, max_size=6)
    ),
    max_size=6,
)
spans = st.builds(
    dict,
    since=st.none() | st.integers(0, 30),
    until=st.none() | st.integers(0, 30),
    limit=st.none() | st.integers(1, 9),
    some_ids=st.none() | st.sets(st.integers(0, 40), max_size=5),
)


@settings(max_examples=40)
@given(batches, spans)
def test_hot_rows_and_segments_are_read_as_a_list_of_rows_would_be(tmp_path_factory, batches, span):
    storage = Storage(tmp_path_factory.mktemp("w") / ".mlops")
    kept = []
    for is_segment, batch in batches:
        table = table_of([cell for _, cell in batch])
        moments, ids = [moment for moment, _ in batch], storage.clock.new_ids(len(batch))
        with pytest.MonkeyPatch.context() as patched:
            # a segment of six rows is read like one of five thousand
            patched.setattr(log_module, "ROWS_OF_A_SEGMENT", 1 if is_segment else 10**9)
            append(storage, table, moments, ids)
        kept += zip(moments, ids, [cell for _, cell in batch], strict=True)
    ids = span.pop("some_ids")
    wanted = None if ids is None else tuple(kept[i][1] for i in sorted(ids) if i < len(kept))

    found = storage.log.read("event", "m", Span(ids=wanted, **span))

    expected = [
        (place, *row)
        for place, row in enumerate(kept)
        if (span["since"] is None or row[0] >= span["since"])
        and (span["until"] is None or row[0] <= span["until"])
        and (wanted is None or row[1] in wanted)
    ]
    if span["limit"] is not None:
        expected = sorted(expected, key=lambda row: (row[1], row[0]), reverse=True)
        expected = expected[: span["limit"]]
    assert found.ids == [row[2] for row in expected]
    assert found.event_time.tolist() == [row[1] for row in expected]
    assert (found.table.rows() if expected else []) == [row[3] for row in expected]
    assert storage.log.count("event", "m") == len(kept)
    storage.close()


def table_of(rows):
    count = len(rows)
    numbers = np.array([row["n"] or 0 for row in rows], np.int64)
    words = np.empty(count, object)
    words[:] = [row["s"] or "" for row in rows]
    return Table.of(
        {
            "n": Column("integer", numbers, np.array([row["n"] is None for row in rows])),
            "s": Column("category", words, np.array([row["s"] is None for row in rows])),
        }
    )


def test_a_segment_that_was_published_and_not_catalogued_is_never_read(storage):
    append(storage, mixed(5000))

    def fail_after_the_file():
        with storage.transaction() as transaction:
            moments = np.arange(5000)
            what = Append(table=mixed(5000), event_time=moments, known_at=moments)
            storage.log.append(transaction, "event", "m", what)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_the_file()

    assert len(list((storage.folder / "segments").iterdir())) == 2
    assert len(storage.log.read("event", "m")) == storage.log.count("event", "m") == 5000


def test_columns_that_come_later_are_missing_in_what_was_before(storage):
    append(storage, read_table([{"a": 1}]))
    append(storage, read_table([{"b": "x"}]))
    append(storage, read_table([{"a": 2.5, "b": "y"}]))

    assert storage.log.read("event", "m").table.rows() == [
        {"a": 1.0, "b": None},
        {"a": None, "b": "x"},
        {"a": 2.5, "b": "y"},
    ]
    assert [field.name for field in storage.log.fields("event", "m")] == ["a", "b"]


@pytest.mark.parametrize("kind", ["text", "identifier", "category"])
def test_texts_that_are_all_missing_come_back_from_a_segment_as_texts(storage, kind):
    words = np.array([""] * 5000 + [None], object)[:-1]
    append(storage, Table.of({"s": Column(kind, words, np.ones(5000, bool))}))

    column = storage.log.read("event", "m").table.column("s")

    assert (column.kind, column.stored_in, column.missing.all()) == (kind, "text", True)


def test_only_the_columns_that_are_wanted_are_read(storage):
    append(storage, mixed(3))
    append(storage, mixed(5000))

    found = storage.log.read("event", "m", Span(only=("rate", "nowhere")))

    assert found.table.names == ("rate",)
    assert len(found.table) == 5003


def test_streams_do_not_mix(storage):
    append(storage, mixed(2))
    with storage.transaction() as transaction:
        moments = np.arange(1)
        what = Append(table=mixed(1), event_time=moments, known_at=moments)
        storage.log.append(transaction, "feature", "m", what)
        storage.log.append(transaction, "event", "m2", what)

    assert [storage.log.count(*stream) for stream in (("event", "m"), ("feature", "m"))] == [2, 1]
    assert storage.log.streams("event", "m", "n") == ["m", "m2"]


def test_one_id_cannot_be_given_to_two_rows_of_a_stream(storage):
    append(storage, mixed(1), ids=["a" * 32])

    with pytest.raises(sqlite3.IntegrityError):
        append(storage, mixed(1), ids=["a" * 32])

    assert storage.log.count("event", "m") == 1


def test_what_is_swept_is_no_segment_and_no_artifact_that_is_named(storage):
    append(storage, mixed(5000))
    loose = storage.artifacts
    digest = loose.write(b"never registered")
    for folder in ("segments", "artifacts"):
        for path in (storage.folder / folder).iterdir():
            os.utime(path, (time.time() - 7200, time.time() - 7200))

    assert storage.sweep() == 1
    assert not loose.path(digest).exists()
    assert len(storage.log.read("event", "m")) == 5000


def test_the_newest_rows_are_found_without_reading_older_segments(storage, monkeypatch):
    """Six segments a day apart, and a packed row of the fourth day."""
    day = 86_400_000_000
    monkeypatch.setattr(log_module, "ROWS_OF_A_SEGMENT", 10)
    times = [np.arange(10) + place * day for place in (0, 3, 1, 5, 2, 4)]
    times.append(np.array([3 * day + 2]))
    for moments in times:
        column = Column("integer", moments, np.zeros(len(moments), bool))
        what = Append(table=Table.of({"x": column}), event_time=moments, known_at=moments)
        with storage.transaction() as transaction:
            storage.log.append(transaction, "event", "m@v1", what)
    every = np.sort(np.concatenate(times))[::-1].tolist()
    by_age = [storage.log.paths("event", "m@v1")[place] for place in (3, 5, 1, 4, 2, 0)]

    for limit, needed in ((99, 6), (61, 6), (50, 5), (21, 3), (20, 2), (11, 2), (10, 1), (1, 1)):
        for path in by_age[needed:]:
            path.unlink(missing_ok=True)
        found = storage.log.read("event", "m@v1", Span(limit=limit))
        assert found.event_time.tolist() == every[:limit]
    with pytest.raises(BrokenFile):
        storage.log.read("event", "m@v1", Span(limit=11))


def test_the_number_of_a_schema_that_was_rolled_back_is_not_remembered(storage):
    def fail_after_a_write():
        with storage.transaction() as transaction:
            moment = np.zeros(1, np.int64)
            what = Append(table=mixed(1), event_time=moment, known_at=moment)
            storage.log.append(transaction, "event", "m", what)
            raise ZeroDivisionError

    append(storage, read_table([{"first": 1}]))
    with pytest.raises(ZeroDivisionError):
        fail_after_a_write()
    append(storage, read_table([{"other": "x"}]))
    append(storage, mixed(1))

    assert storage.log.read("event", "m").table.rows()[2] == {
        "first": None,
        "other": None,
        **mixed(1).rows()[0],
    }


def test_a_workspace_that_is_made_anew_has_schemas_of_its_own(storage):
    append(storage, mixed(1))
    storage.close()
    shutil.rmtree(storage.folder)

    append(storage, read_table([{"other": 1}]))
    append(storage, mixed(1))

    assert storage.log.read("event", "m").table.rows()[0]["other"] == 1
