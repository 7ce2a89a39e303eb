import numpy as np
import pytest

from mlops_magics.model.baseline import Baseline
from mlops_magics.model.document import Malformed
from mlops_magics.statistics.drift import compare
from mlops_magics.tables.table import Column, Table


def captured(confidence):
    generator = np.random.default_rng(0)
    none = np.zeros(500, bool)
    table = Table.of(
        {
            "age": Column("integer", generator.integers(18, 80, 500), none),
            "plan": Column(
                "category", np.array(["a", "b"], object)[generator.integers(0, 2, 500)], none
            ),
        }
    )
    answered = Column("boolean", generator.random(500) < 0.3, none)
    return table, Baseline.fit(table, answered, confidence)


def test_every_feature_the_prediction_and_the_confidence_have_a_baseline():
    _, baseline = captured(np.linspace(0.5, 1, 500))

    assert list(baseline.features) == ["age", "plan"]
    assert baseline.prediction.values == (False, True)
    assert len(baseline.confidence.counts) == 60
    assert len(baseline.columns()) == 4


def test_the_training_rows_themselves_have_not_drifted():
    table, baseline = captured(None)

    for name, column in baseline.features.items():
        bins = column.merge(column.count(table.columns[name]).cells, 10)
        assert compare(column.merge(column.counts, 10), bins).psi == pytest.approx(0)


@pytest.mark.parametrize("confidence", [None, np.linspace(0.5, 1, 500)])
def test_a_baseline_comes_back_from_json(confidence):
    _, baseline = captured(confidence)

    back = Baseline.from_json(baseline.to_json(), baseline.arrays())

    assert back.to_json() == baseline.to_json()
    assert back.digest == baseline.digest
    np.testing.assert_array_equal(back.rows, baseline.rows)


def test_a_sample_too_few_is_refused():
    _, baseline = captured(None)

    with pytest.raises(Malformed, match="another number of samples than columns"):
        Baseline.from_json(baseline.to_json(), [])


def test_rows_of_training_are_kept_as_cells_spread_over_all_of_them():
    table, baseline = captured(None)

    assert baseline.rows.shape == (500, 2)
    cells = baseline.features["plan"].cells_of(table.columns["plan"])
    np.testing.assert_array_equal(baseline.rows[:, 1], cells)


def test_numbers_that_go_together_are_watched_the_strongest_first():
    generator = np.random.default_rng(0)
    first = generator.normal(size=3000)
    columns = {
        "a": first,
        "b": first + generator.normal(size=3000),
        "c": generator.normal(size=3000),
        "few": generator.integers(0, 3, 3000).astype(float),
    }
    none = np.zeros(3000, bool)
    table = Table.of({name: Column("number", values, none) for name, values in columns.items()})

    pairs = Baseline.fit(table, None).pairs

    assert [pair[:2] for pair in pairs[:1]] == [("a", "b")]
    assert len(pairs) == 3
    assert pairs[0].correlation == pytest.approx(np.sqrt(0.5), abs=0.03)
    assert max(abs(pair.correlation) for pair in pairs[1:]) < 0.06
