import json

import numpy as np
import pytest

from mlops_magics.errors.tables import MissingColumn
from mlops_magics.model.categories import Targets
from mlops_magics.model.document import Malformed
from mlops_magics.model.encoding import Encoding
from mlops_magics.tables.table import Column, Table


def messy_table(rows, seed=0):
    generator = np.random.default_rng(seed)
    missing = generator.random(rows) < 0.1
    none = np.zeros(rows, bool)
    words = np.array(["a", "b", "c", "long text of many words"], object)
    return Table.of(
        {
            "number": Column(
                "number", np.where(missing, np.nan, generator.normal(size=rows)), missing
            ),
            "integer": Column("integer", generator.integers(-5, 50, rows), none),
            "large": Column("identifier", 2**60 + np.arange(rows), none),
            "boolean": Column("boolean", generator.random(rows) < 0.5, none),
            "time": Column("time", generator.integers(0, 2**50, rows), missing),
            "category": Column(
                "category", np.where(missing, "", words[generator.integers(0, 3, rows)]), missing
            ),
            "text": Column("text", words[generator.integers(0, 4, rows)], none),
            "constant": Column("number", np.ones(rows), none),
            "nothing": Column("number", np.full(rows, np.nan), np.ones(rows, bool)),
        }
    )


def targets_of(rows):
    return Targets(np.random.default_rng(1).normal(size=(rows, 1)), np.arange(rows) % 8)


@pytest.fixture(scope="module")
def encoded():
    return Encoding.fit_transform(messy_table(200), targets_of(200), bins=16)


def test_a_messy_table_is_encoded_finitely_and_as_wide_as_the_encoding_says(encoded):
    encoding, matrix = encoded

    assert matrix.dtype == np.float32
    assert matrix.shape == (200, encoding.width)
    assert np.isfinite(matrix).all()


def test_other_rows_one_by_one_are_encoded_as_together(encoded):
    later = messy_table(30, seed=5)

    together = encoded.encoding.transform(later)
    alone = [encoded.encoding.transform(later.take(np.array([row])))[0] for row in range(30)]

    assert (together == np.array(alone)).all()


def test_the_order_of_the_columns_does_not_matter_and_others_are_ignored(encoded):
    table = messy_table(20)
    turned = table.select(reversed(table.names)).with_columns({"more": table.columns["text"]})

    assert (encoded.encoding.transform(turned) == encoded.encoding.transform(table)).all()


def test_the_users_table_is_not_changed(encoded):
    table = messy_table(20)
    before = {name: column.values.copy() for name, column in table.columns.items()}

    encoded.encoding.transform(table)

    for name, values in before.items():
        np.testing.assert_array_equal(table.columns[name].values, values)


def test_training_rows_differ_from_the_same_rows_later_only_by_their_target_means(encoded):
    encoding, matrix = encoded

    later = encoding.transform(messy_table(200))

    differing = np.flatnonzero((later != matrix).any(axis=0))
    # category and text: mean and log count each
    assert len(differing) == 4
    assert (differing >= encoding.numerics.width).all()


def test_the_encoding_comes_back_from_json_to_the_last_bit(encoded):
    encoding = encoded.encoding

    back = Encoding.from_json(json.loads(json.dumps(encoding.to_json(), allow_nan=False)))

    assert (back.transform(messy_table(50, 3)) == encoding.transform(messy_table(50, 3))).all()


def test_a_column_that_is_not_there_is_named(encoded):
    with pytest.raises(MissingColumn, match="no column 'time' in the table"):
        encoded.encoding.transform(messy_table(3).without(["time"]))


@pytest.mark.parametrize(
    ("key", "value"),
    [("names", ["number"]), ("ways", ["numeric"] * 9), ("ways", ["other"] * 9), ("categories", [])],
)
def test_json_that_does_not_fit_together_is_refused(encoded, key, value):
    with pytest.raises(Malformed):
        Encoding.from_json({**encoded.encoding.to_json(), key: value})
