"""Rows become bytes and come back as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.storage.packing import Schema, empty_column
from mlops_magics.tables import Column, Table

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
# kind, how it is stored, what stands where a value is missing, values
CELLS = {
    "number": (np.float64, np.nan, st.floats(allow_nan=False)),
    "integer": (np.int64, 0, INT64),
    "identifier": (np.int64, 0, INT64),
    "time": (np.int64, 0, INT64),
    "boolean": (np.bool_, False, st.booleans()),
    "category": (object, "", TEXT),
    "text": (object, "", TEXT),
}


@st.composite
def tables(draw):
    count = draw(st.integers(0, 12))
    columns = {}
    for place in range(draw(st.integers(0, 20))):
        kind = draw(st.sampled_from(sorted(CELLS)))
        dtype, filler, cells = CELLS[kind]
        cell = st.none() | cells
        values = draw(st.lists(cell, min_size=count, max_size=count))
        filled = np.empty(count, dtype)
        filled[:] = [filler if v is None else v for v in values]
        name = f"{place}{draw(TEXT)}"
        columns[name] = Column(kind, filled, np.array([v is None for v in values], bool))
    return Table(columns, count)


@given(tables())
def test_packing_and_its_schema_change_nothing(table):
    schema = Schema.from_json(Schema.of(table).to_json())

    again = schema.unpack(schema.pack(table))

    assert Schema.of(again) == Schema.of(table)
    assert again.row_count == table.row_count
    for name, column in table.columns.items():
        found = again.columns[name]
        np.testing.assert_array_equal(found.missing, column.missing)
        assert (
            found.values.tolist() == pytest.approx(column.values.tolist(), abs=0, nan_ok=True)
            if (column.stored_in == "float64")
            else found.values.tolist() == column.values.tolist()
        )


@given(tables())
def test_every_packed_row_stands_alone(table):
    schema = Schema.of(table)
    packed = schema.pack(table)

    for place, row in enumerate(packed):
        one = schema.unpack([row])
        for name, column in table.columns.items():
            assert one.columns[name].missing.tolist() == [bool(column.missing[place])]


def test_values_at_the_edge_of_their_kind_survive():
    table = Table.of(
        {
            "i": Column("integer", np.array([2**63 - 1, -(2**63)]), np.zeros(2, bool)),
            "f": Column("number", np.array([5e-324, -1.7976931348623157e308]), np.zeros(2, bool)),
            "s": Column("text", np.array(["\0 𝄞 \u202e", ""], object), np.array([False, False])),
        }
    )
    schema = Schema.of(table)

    assert schema.unpack(schema.pack(table)).rows() == table.rows()


@pytest.mark.parametrize("stored", ["text", "float64", "int64", "bool"])
def test_an_empty_column_has_no_value_at_all(stored):
    column = empty_column("category" if stored == "text" else "number", stored, 3)

    assert column.to_list() == [None, None, None]
    assert column.stored_in == stored
