"""Two entities are never written down alike."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.features.keys import key_columns, key_text, write_keys
from mlops_magics.storage.packing import Field
from mlops_magics.tables import Column, read_table


def key_texts(columns):
    return write_keys(columns).to_column().to_list()


parts = st.tuples(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.integers(-(2**63), 2**63 - 1),
)


def texts(rows):
    words = np.empty(len(rows), object)
    words[:] = [word for word, _ in rows]
    none = np.zeros(len(rows), bool)
    numbers = np.array([number for _, number in rows], np.int64)
    return key_texts([Column("category", words, none), Column("integer", numbers, none)])


@given(st.lists(parts, min_size=1, max_size=20))
def test_a_key_is_the_json_of_its_parts_and_says_them_all(rows):
    assert [tuple(json.loads(text)) for text in texts(rows)] == rows


@given(parts, parts)
def test_different_parts_make_different_keys(first, second):
    one, other = texts([first, second])

    assert (one == other) == (first == second)


def test_a_number_and_its_text_are_two_entities_and_a_missing_part_makes_none():
    number = Column("integer", np.array([1, 0]), np.array([False, True]))
    text = Column("category", np.array(["1", "x"], object), np.zeros(2, bool))

    assert key_texts([number]) == ["[1]", None]
    assert key_texts([text]) == ['["1"]', '["x"]']
    assert key_texts([text, number]) == ['["1", 1]', None]


@given(st.lists(parts, min_size=1, max_size=20))
def test_one_entity_is_written_as_it_is_among_many(rows):
    fields = (Field("a", "category", "text"), Field("b", "integer", "int64"))

    assert [key_text(list(row), fields) for row in rows] == texts(rows)


def test_keys_of_three_columns_and_of_numbers_and_booleans_are_told_apart():
    none = np.zeros(3, bool)
    number = Column("number", np.array([0.5, -0.0, 0.0]), none)
    flag = Column("boolean", np.array([True, False, False]), none)
    word = Column("category", np.array(["a", "b", "b"], object), none)

    keys = write_keys([number, flag, word])

    assert keys.codes.tolist() == [0, 1, 1]
    assert keys.texts.tolist() == ['[0.5, true, "a"]', '[0.0, false, "b"]']


def test_a_whole_number_typed_as_text_is_the_entity_of_that_number():
    field = Field("n", "identifier", "int64")

    columns = key_columns(read_table([{"n": "9007199254740993"}]), (field,), "the table")

    assert key_texts(columns) == ["[9007199254740993]"]
