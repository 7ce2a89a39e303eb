"""The file of a large write is made before anybody has to wait for it."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.storage import Storage

VIEW = ViewDefinition(view="v", key=("k",), time="t")
COUNT = 5000


def table(value):
    times = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(COUNT), unit="s")
    return pd.DataFrame({"k": np.arange(COUNT), "t": times, "v": value})


@pytest.fixture
def meanwhile(tmp_path, monkeypatch):
    """Do something in the workspace of another kernel while a write makes its file."""
    storage, other = Storage(tmp_path / ".mlops"), Storage(tmp_path / ".mlops")
    prepare = storage.log.prepare

    def run(act):
        def prepared(*arguments):
            act(FeatureStore(other))
            return prepare(*arguments)

        monkeypatch.setattr(storage.log, "prepare", prepared)
        return FeatureStore(storage)

    yield run
    storage.close()
    other.close()


def test_others_write_while_the_file_of_a_large_write_is_made(meanwhile):
    features = meanwhile(lambda other: other.write_features(1, {"x": 2.0}))

    written = features.write(VIEW, table(1.0))

    assert (written.new_count, written.is_new_version) == (COUNT, True)
    assert features.get_features(1, ["x"]) == {"x": 2.0}
    assert features.get_features(7, ["v"], view="v") == {"v": 1.0}


def test_rows_that_somebody_wrote_meanwhile_are_not_written_again(meanwhile):
    features = meanwhile(lambda other: other.write(VIEW, table(1.0)))

    written = features.write(VIEW, table(1.0))

    assert (written.new_count, written.existing_count) == (0, COUNT)
    assert features.describe("v").row_count == COUNT


def test_other_values_that_somebody_wrote_meanwhile_are_corrected_by_the_later_write(meanwhile):
    features = meanwhile(lambda other: other.write(VIEW, table(2.0)))

    written = features.write(VIEW, table(1.0))

    assert (written.new_count, written.is_history) == (COUNT, False)
    assert features.get_features(7, ["v"], view="v") == {"v": 1.0}
    assert features.get_features(7, ["v"], view="v", at="2026-01-02") == {"v": 2.0}
