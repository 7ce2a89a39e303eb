import numpy as np
import pytest

from mlops_magics.errors.state import NotEnoughMemory
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.memory import bytes_free, bytes_needed, check_memory


def table_of(columns):
    none = np.zeros(3, bool)
    return Table.of({f"x{n}": Column("number", np.zeros(3), none) for n in range(columns)})


def test_more_rows_and_more_columns_need_more():
    few = bytes_needed(table_of(10), 16, 2, 1_000)

    assert bytes_needed(table_of(10), 16, 2, 100_000) > few
    assert bytes_needed(table_of(50), 16, 2, 1_000) > few


def test_two_hundred_thousand_rows_of_twenty_numbers_fit_into_four_gigabytes():
    assert bytes_needed(table_of(20), 16, 2, 200_000) < 4e9


def test_what_does_not_fit_is_said_before_it_starts_with_what_would():
    with pytest.raises(NotEnoughMemory) as raised:
        check_memory("churn", 20_000_000_000, 1_000_000, 2_000_000_000)

    assert str(raised.value) == (
        "training 'churn' on 1,000,000 rows needs about 20.0 GB and 2.0 GB are free. "
        "Next: learn from at most 82,000 rows, or name fewer columns with --columns"
    )


def test_where_hardly_anything_is_free_no_number_of_rows_is_named():
    with pytest.raises(NotEnoughMemory, match="close other kernels"):
        check_memory("churn", 20_000_000_000, 1_000_000, 300_000_000)


def test_where_nothing_tells_nothing_is_checked():
    check_memory("churn", 10**18, 10, None)
    assert bytes_free() is None or bytes_free() > 0
