"""Where the cursor stands in a cell."""

import pytest

from mlops_magics.magics.cursor import Query, line_before, query_at


def test_the_sql_of_a_features_cell_is_divided_at_the_cursor():
    cell = "\n%%features customers --key id\nSELECT id,\n  plan\nFROM telco"

    assert query_at(cell, 3, 4) == Query("SELECT id,\n  pl", "an\nFROM telco")


@pytest.mark.parametrize(
    ("cell", "row"),
    [
        ("%%features customers --key id\nSELECT 1", 0),
        ("%%time\nSELECT 1", 1),
        ("%features\nSELECT 1", 1),
        ("%%featuresque\nSELECT 1", 1),
        ("", 0),
    ],
)
def test_elsewhere_there_is_no_sql(cell, row):
    assert query_at(cell, row, 0) is None


def test_a_line_that_continues_is_one_line():
    cell = "%model\njob = %train churn \\\n  --data telco \\\n  --ta"

    assert line_before(cell, 3, 6) == "job = %train churn    --data telco    --ta"
    assert line_before(cell, 0, 3) == "%mo"
