"""Files of any size are answered in parts, or not at all."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken
from mlops_magics.errors.tables import MissingColumns, UnusableColumn
from mlops_magics.features import ViewDefinition
from mlops_magics.tables import parts as parts_module
from mlops_magics.tables.reading import read_table
from mlops_magics.workspace import Workspace


def frame(count, seed=0):
    chance = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "customer_id": np.arange(count) + 1000 * seed,
            "tenure": chance.integers(0, 72, count),
            "contract": chance.choice(["monthly", "yearly"], count),
        }
    )
    rows["churned"] = np.where(rows["tenure"] + 20 * (rows["contract"] == "yearly") > 45, 5, 7)
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("made") / ".mlops")
    rows = frame(300)
    workspace.train(
        TrainingSpec(model_id="plain", data=rows.drop(columns="customer_id"), target="churned")
    )
    view = ViewDefinition(view="customers", key=("customer_id",))
    workspace.features.write(view, rows[["customer_id", "tenure", "contract"]])
    spec = TrainingSpec(
        model_id="viewed",
        data=rows[["customer_id", "churned"]],
        target="churned",
        features=("customers",),
    )
    workspace.train(spec)
    yield workspace
    workspace.close()


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(parts_module, "ROWS_OF_A_PART", 64)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_file_in_parts_gets_the_answers_of_the_whole_in_order(made, tmp_path, form):
    rows = frame(200, 3)
    getattr(rows, f"to_{form}")(tmp_path / f"big.{form}", index=False)

    done = made.predict_file("plain", tmp_path / f"big.{form}", tmp_path / f"out.{form}")

    expected = made.predict("plain", rows, record=False).to_pandas()
    scored = read_table(tmp_path / f"out.{form}")
    assert done.row_count == len(scored) == 200
    assert scored.column("prediction").to_list() == expected["prediction"].tolist()
    assert scored.column("confidence").values == pytest.approx(expected["confidence"], abs=1e-6)
    assert len(set(scored.column("request_id").to_list())) == 200
    one = made.monitoring.find_event("plain", str(scored.column("request_id").to_list()[150]))
    assert one.features == {"tenure": rows["tenure"][150], "contract": rows["contract"][150]}
    assert one.latency_ms > 0


def test_what_is_unusual_is_counted_over_all_parts(made, tmp_path):
    rows = frame(200, 4)
    rows.loc[rows.index % 10 == 0, "contract"] = "weekly"
    rows.loc[rows.index % 50 == 0, "tenure"] = 400

    done = made.predict_file("plain", rows, tmp_path / "out.csv", record=False)

    assert "contract: 20 unseen in training: 'weekly'" in done.message
    assert "tenure: 4 outside the 0 to 71 of training" in done.message
    assert done.message.endswith("not used: customer_id, churned")


def test_one_value_in_the_last_part_that_cannot_be_used_refuses_the_whole_file(made, tmp_path):
    rows = frame(200, 5).astype({"tenure": object})
    rows.loc[199, "tenure"] = "many"
    rows.to_csv(tmp_path / "big.csv", index=False)
    before = made.monitoring.count("plain")

    with pytest.raises(UnusableColumn) as refused:
        made.predict_file("plain", tmp_path / "big.csv", tmp_path / "out.csv")

    assert str(refused.value).startswith(
        "column 'tenure' is integer, and 'many' is none (in 1 row)"
    )
    assert made.monitoring.count("plain") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["big.csv"]


def test_missing_columns_and_a_place_that_cannot_be_written_come_first(made, tmp_path):
    rows, taken = frame(10), tmp_path / "taken.parquet"
    taken.write_text("mine")
    before = made.monitoring.count("plain")

    with pytest.raises(MissingColumns):
        made.predict_file("plain", rows[["tenure"]], tmp_path / "out.csv")
    with pytest.raises(NameTaken):
        made.predict_file("plain", rows, taken)
    with pytest.raises(BadArgument):
        made.predict_file("plain", rows, tmp_path / "out.xlsx")

    assert made.monitoring.count("plain") == before
    assert [p.name for p in tmp_path.iterdir()] == ["taken.parquet"]


def test_a_file_of_keys_is_looked_up_part_by_part(made, tmp_path):
    keys = frame(200)[["customer_id"]]
    keys.to_parquet(tmp_path / "keys.parquet", index=False)

    made.predict_file("viewed", tmp_path / "keys.parquet", tmp_path / "out.parquet")

    expected = made.predict("viewed", keys, record=False).to_pandas()
    scored = read_table(tmp_path / "out.parquet")
    assert scored.column("prediction").to_list() == expected["prediction"].tolist()


def test_no_record_leaves_no_trace_and_no_request_id(made, tmp_path):
    before = made.monitoring.count("plain")

    made.predict_file("plain", frame(100), tmp_path / "out.parquet", record=False)

    assert made.monitoring.count("plain") == before
    assert "request_id" not in read_table(tmp_path / "out.parquet")
