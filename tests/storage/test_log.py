"""Packed rows and segments are read as one, and nothing changes on the way."""

import os
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors.storage import BrokenFile
from mlops_magics.storage import Storage
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
