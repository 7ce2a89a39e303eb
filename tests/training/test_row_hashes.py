import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.tables.table import Column, Table
from mlops_magics.training.row_hashes import mix, row_hashes

rows = st.lists(
    st.tuples(st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.text(max_size=3)),
    min_size=1,
    max_size=30,
)


def table_of(values):
    numbers, texts = zip(*values, strict=True)
    filled = np.array([*("" if t is None else t for t in texts), None], object)[:-1]
    return Table.of(
        {
            "n": Column(
                "integer",
                np.array([n or 0 for n in numbers]),
                np.array([n is None for n in numbers]),
            ),
            "t": Column("category", filled, np.array([t is None for t in texts])),
        }
    )


@given(rows, st.randoms())
def test_equal_rows_and_only_they_have_equal_hashes_in_any_order(values, random):
    hashes = dict(zip(values, row_hashes(table_of(values), "m").tolist(), strict=True))
    random.shuffle(values)

    again = row_hashes(table_of(values).select(["t", "n"]), "m").tolist()

    assert again == [hashes[value] for value in values]
    assert len(set(again)) == len(set(values))


def test_a_whole_number_a_float_and_a_truth_of_one_value_hash_alike():
    none = np.zeros(2, bool)
    columns = [
        Column("integer", np.array([0, 1]), none),
        Column("number", np.array([-0.0, 1.0]), none),
        Column("boolean", np.array([False, True]), none),
    ]

    hashes = [row_hashes(Table.of({"x": column}), "m").tolist() for column in columns]

    assert hashes[0] == hashes[1] == hashes[2]


def test_another_model_and_another_name_of_the_column_give_other_hashes():
    column = Column("integer", np.arange(5), np.zeros(5, bool))
    tables = [
        (Table.of({"a": column}), "m"),
        (Table.of({"a": column}), "n"),
        (Table.of({"b": column}), "m"),
    ]

    hashes = np.concatenate([row_hashes(table, model) for table, model in tables])

    assert len(set(hashes.tolist())) == 15


def test_values_of_two_columns_that_change_places_are_another_row():
    none = np.zeros(1, bool)
    one, two = Column("integer", np.array([1]), none), Column("integer", np.array([2]), none)

    before = row_hashes(Table.of({"a": one, "b": two}), "m")

    assert row_hashes(Table.of({"a": two, "b": one}), "m") != before


def test_mixed_numbers_fill_64_bits_evenly():
    bits = np.unpackbits(
        mix(np.arange(4096, dtype=np.uint64)).view(np.uint8).reshape(4096, 8), axis=1
    )

    assert np.abs(bits.mean(axis=0) - 0.5).max() < 0.05
