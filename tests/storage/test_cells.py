"""How a notebook's cells are kept."""

import pytest

from mlops_magics.storage.cells import Cell, find, remember


@pytest.fixture
def storage(workspace):
    return workspace.storage


def test_a_cell_is_kept_once_however_many_facts_come_from_it(storage):
    cell = Cell(source="%predict churn today", number=3)

    with storage.transaction() as transaction:
        ids = {remember(transaction, cell) for _ in range(3)}
    with storage.transaction() as transaction:
        ids.add(remember(transaction, cell))

    assert len(ids) == 1
    with storage.reading() as reading:
        assert find(reading, ids.pop()) == cell


def test_the_same_text_in_another_cell_is_another_cell(storage):
    with storage.transaction() as transaction:
        first = remember(transaction, Cell(source="%model", number=1))
        second = remember(transaction, Cell(source="%model", number=2))

    assert first != second


def test_a_cell_that_is_not_known_is_none(storage):
    with storage.transaction() as transaction:
        assert find(transaction, 99) is None
