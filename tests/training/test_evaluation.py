"""What does a training say of its model? Real trainings of small tables."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_magics import InferenceEngine, TrainingProvider, TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import MissingColumn, UnusableColumn
from mlops_magics.model.package import from_bytes, to_bytes

ENGINE = InferenceEngine()


@pytest.fixture(scope="module")
def provider():
    return TrainingProvider()


def customers(rows=500, seed=0):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, rows),
            "charges": chance.normal(65, 20, rows),
            "contract": chance.choice(["monthly", "yearly", "two years"], rows),
            "noise": chance.normal(size=rows),
        }
    )
    odds = (frame["contract"] == "monthly") * 3 - frame["tenure"] / 12
    frame["churned"] = np.where(chance.random(rows) < 1 / (1 + np.exp(-odds)), "yes", "no")
    noise = chance.normal(size=rows) * np.exp(frame["tenure"] / 40)
    frame["bill"] = frame["charges"] * 3 + frame["tenure"] + 4 * noise
    return frame


@pytest.fixture(scope="module")
def churn(provider):
    data = customers().drop(columns="bill")
    return provider.train(TrainingSpec(model_id="churn", data=data, target="churned"))


@pytest.fixture(scope="module")
def bill(provider):
    data = customers(900).drop(columns="churned")
    return provider.train(TrainingSpec(model_id="bill", data=data, target="bill"))


def test_the_metrics_stand_beside_the_commonest_class_and_a_linear_model(churn):
    report = churn.report

    assert [one.name for one in report.baselines] == ["always the commonest", "linear"]
    assert report.baselines[0].is_beaten
    assert report.simple == report.baselines[0].metrics
    for name, (low, high) in report.intervals.items():
        assert low <= churn.metrics[name] <= high
    assert report.intervals.keys() == {"accuracy", "loss", "auc"}


def test_the_columns_that_matter_come_first_and_noise_has_an_interval_around_0(churn):
    found = {one.column: one for one in churn.report.importance}

    assert [one.column for one in churn.report.importance][:2] == ["tenure", "contract"] or [
        one.column for one in churn.report.importance
    ][:2] == ["contract", "tenure"]
    assert found["tenure"].low > 0
    assert found["noise"].low < 0.02
    assert all(one.low <= one.increase <= one.high for one in found.values())


def test_probabilities_and_sets_are_judged_on_the_held_out_rows(churn):
    report = churn.report

    assert report.calibration.of == "p(yes)"
    assert report.calibration.by_chance > 0.01
    assert sum(point.rows for point in report.calibration.points) == report.held_out_count
    assert report.coverage.kind == "set"
    assert report.coverage.ends[0] <= 0.93
    assert report.coverage.ends[1] >= 0.87


def test_intervals_hold_the_truth_and_are_wider_where_it_is_noisier(bill):
    later = customers(2000, seed=5)

    found = ENGINE.predict(bill.model, later)
    table = found.to_table()

    truth = later["bill"].to_numpy()
    inside = (found.lower <= truth) & (truth <= found.upper)
    width = found.upper - found.lower
    assert table.names == ("prediction", "lower", "upper")
    assert 0.86 <= inside.mean() <= 0.95
    assert width[later["tenure"] > 60].mean() > 1.3 * width[later["tenure"] < 12].mean()
    assert bill.report.coverage.kind == "interval"
    assert bill.report.coverage.width == pytest.approx(width.mean(), rel=0.15)


def test_more_coverage_makes_wider_intervals_and_nonsense_is_one_line(bill):
    later = customers(50, seed=6)

    usual, more = (ENGINE.predict(bill.model, later, coverage) for coverage in (0.5, 0.95))
    one = ENGINE.predict_one(bill.model, later.iloc[0].to_dict())

    assert (more.upper - more.lower > usual.upper - usual.lower).all()
    assert one.lower < one.prediction < one.upper
    with pytest.raises(BadArgument) as raised:
        ENGINE.predict(bill.model, later, 90)
    said = "coverage is 90. Next: give a share between 0 and 1, such as 0.9"
    assert str(raised.value) == said


def test_a_stored_job_says_all_that_the_run_said(provider, churn, bill):
    for job in (churn, bill):
        stored = provider.get_job(job.job_id)

        assert stored.report == job.report
        assert stored.metrics == job.metrics


def test_eight_rows_have_no_estimate_no_intervals_and_no_findings(provider):
    xor = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}

    report = provider.train(TrainingSpec(model_id="xor", data=xor, target="y")).report

    assert report.baselines == ()
    assert report.intervals == {}
    assert report.calibration is None
    assert report.coverage is None
    assert report.importance == ()


def test_a_target_of_chance_is_said_to_be_no_better_than_the_commonest(provider):
    chance = np.random.default_rng(0)
    data = {"x": chance.normal(size=300), "y": chance.integers(0, 2, 300)}

    report = provider.train(TrainingSpec(model_id="coin", data=data, target="y")).report

    assert "not better than always the commonest beyond chance" in report.warnings
    assert "60 held-out rows are few: the intervals say how little is known" in report.warnings


def test_a_newest_part_with_one_class_is_said_and_the_model_is_kept(provider):
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    data = {
        "when": [begin + timedelta(hours=n) for n in range(200)],
        "x": [float(n % 17) for n in range(200)],
        "y": ["a", "b"] * 75 + ["a"] * 50,
    }

    job = provider.train(TrainingSpec(model_id="late", data=data, target="y", time="when"))

    assert job.status == "completed"
    assert job.metrics["auc"] is None
    assert job.report.undefined == {"auc": "undefined: the 40 rows have one class"}
    assert job.metrics["accuracy"] is not None
    json.dumps(job.report.undefined)


def test_a_rare_class_has_a_threshold_that_finds_more_of_it(provider):
    chance = np.random.default_rng(0)
    x = chance.normal(size=4000)
    y = chance.random(4000) < 1 / (1 + np.exp(4.0 - 1.5 * x))
    data = {"x": x, "other": chance.normal(size=4000), "y": y}

    found = provider.train(TrainingSpec(model_id="rare", data=data, target="y")).report.threshold

    assert found.of is True
    assert found.probability < 0.5
    assert found.recall > found.usual_recall


def test_later_rows_of_known_and_of_new_entities_are_told_apart(provider):
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    chance = np.random.default_rng(0)
    who = np.where(np.arange(600) < 480, chance.integers(0, 30, 600), chance.integers(15, 60, 600))
    data = {
        "customer": who,
        "when": [begin + timedelta(hours=n) for n in range(600)],
        "x": chance.normal(size=600),
        "y": chance.normal(size=600),
    }
    spec = TrainingSpec(model_id="both", data=data, target="y", time="when", key=("customer",))

    report = provider.train(spec).report

    assert report.split == "the newest 120 of 600 rows"
    assert 10 <= report.unseen.row_count < 120
    assert report.unseen.metrics.keys() == {"loss", "rmse", "mae", "r2"}


def test_seconds_end_a_fit_at_the_best_so_far_and_that_is_said(provider):
    spec = TrainingSpec(model_id="soon", data=customers(), target="bill", seconds=0.01)

    job = provider.train(spec)

    assert job.status == "completed"
    assert job.report.steps == 20
    said = "stopped after 0.01 s as asked, at step 20: the best so far is kept"
    assert said in job.report.notes


def test_an_interrupt_while_columns_are_shuffled_leaves_the_model(monkeypatch):
    from mlops_magics.training import evaluation

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation, "permutation_importance", interrupted)

    job = TrainingProvider().train(
        TrainingSpec(model_id="soon", data=customers(), target="bill", seconds=0.01)
    )

    assert job.status == "completed"
    assert job.report.importance == ()
    assert "which columns matter was not measured" in job.report.notes


def test_epochs_set_how_often_rows_are_seen(provider):
    # 320 training rows, batches of 32
    spec = TrainingSpec(model_id="twice", data=customers(400), target="bill", epochs=4)

    assert provider.train(spec).report.steps == 40


@pytest.mark.parametrize(
    ("change", "asked", "error", "said"),
    [
        (
            {"y": [np.inf, *range(59)]},
            {},
            UnusableColumn,
            "column 'y' has infinite values and is the target. "
            "Next: replace the infinite values, or leave these rows out",
        ),
        (
            {"y": ["a"] * 60},
            {},
            UnusableColumn,
            "column 'y' is 'a' in every row: there is nothing to tell apart. "
            "Next: choose another target, or add other rows",
        ),
        (
            {"y": [1, "1"] * 30},
            {},
            UnusableColumn,
            "column 'y' mixes int and str and is the target. "
            "Next: make its values of one kind, such as df[target].astype(str)",
        ),
        (
            {},
            {"columns": ("x", "y")},
            UnusableColumn,
            "column 'y' is the target and cannot be learned from. Next: leave it out of --columns",
        ),
        (
            {"y": [None] * 60},
            {},
            UnusableColumn,
            "column 'y' has no value in any row. Next: choose another target",
        ),
        (
            {},
            {"target": "z"},
            MissingColumn,
            "no column 'z' in the table. Known: x, y. "
            "Next: %train m --target with one of its columns",
        ),
        (
            {},
            {"seconds": 0},
            BadArgument,
            "seconds is 0. Next: give a number above 0",
        ),
        (
            {},
            {"epochs": 0},
            BadArgument,
            "epochs is 0. Next: give a whole number from 1",
        ),
    ],
)
def test_a_bad_table_is_one_line_and_leaves_no_job(change, asked, error, said):
    provider = TrainingProvider()
    data = {"x": list(range(60)), "y": [0, 1] * 30} | change

    with pytest.raises(error) as raised:
        provider.train(TrainingSpec(**{"model_id": "m", "data": data, "target": "y"} | asked))

    assert str(raised.value) == said
    assert provider.list_jobs() == ()


def test_rows_without_a_target_are_counted_and_left_out(provider):
    data = {"x": list(range(60)), "y": [None, 1.0, 0.0] * 20}

    report = provider.train(TrainingSpec(model_id="some", data=data, target="y")).report

    assert "20 rows have no y and were left out" in report.notes
    assert report.row_count == 40


@pytest.mark.slow
def test_thirty_two_classes_are_learned_and_measured():
    chance = np.random.default_rng(0)
    code = chance.integers(0, 32, 3000)
    data = {
        "row": code // 8 + chance.normal(size=3000) * 0.1,
        "column": code % 8 + chance.normal(size=3000) * 0.1,
        "noise": chance.normal(size=3000),
        "y": [f"c{one:02}" for one in code],
    }

    job = TrainingProvider().train(TrainingSpec(model_id="m", data=data, target="y"))

    assert job.accuracy > 0.95
    assert job.report.coverage.width < 1.3
    assert {one.column for one in job.report.importance[:2]} == {"row", "column"}


@pytest.mark.slow
def test_one_positive_in_a_hundred_is_measured_with_its_few_rows_said():
    chance = np.random.default_rng(0)
    x = chance.normal(size=(8000, 4))
    y = chance.random(8000) < 1 / (1 + np.exp(6.0 - 2 * x[:, 0]))
    data = {f"x{place}": column for place, column in enumerate(x.T)} | {"y": y}

    job = TrainingProvider().train(TrainingSpec(model_id="m", data=data, target="y"))

    assert 0.005 < y.mean() < 0.02
    assert job.metrics["auc"] > 0.85
    assert job.report.threshold.of is True
    assert any(one.startswith("rare in the held-out rows: True") for one in job.report.warnings)


@st.composite
def tables(draw):
    """Draw a table of every kind of column, with missing values, and a target."""
    rows = draw(st.integers(8, 90))
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    gap = chance.random(rows) < 0.2
    levels = draw(st.sampled_from([1, 2, 3, 40]))
    kinds = {
        "number": np.where(gap, np.nan, chance.normal(size=rows) * 10.0 ** chance.integers(-9, 9)),
        "spikes": np.where(chance.random(rows) < 0.7, 0.0, chance.exponential(size=rows)),
        "code": chance.integers(0, 5, rows),
        "large": chance.integers(-(2**62), 2**62, rows),
        "flag": [
            None if lost else bool(bit)
            for lost, bit in zip(gap, chance.random(rows) < 0.5, strict=True)
        ],
        "level": [None if lost else f"l{chance.integers(levels)}" for lost in gap],
        "when": pd.to_datetime(chance.integers(0, 2 * 10**9, rows), unit="s", utc=True),
        "prose": [" ".join(chance.choice(["a", "b", "c d"], 6)) for _ in range(rows)],
        "nothing": [None] * rows,
        "constant": [7] * rows,
        "row_id": np.arange(rows),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(kinds)), min_size=3))
    frame = pd.DataFrame({name: kinds[name] for name in sorted(chosen)} | {"code": kinds["code"]})
    targets = {
        "two": np.where(np.arange(rows) % 3 == 0, "yes", "no"),
        "three": np.arange(rows) % 3,
        "amount": np.exp(chance.normal(size=rows) * 2),
    }
    frame["y"] = targets[draw(st.sampled_from(sorted(targets)))]
    return frame


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(tables())
def test_whatever_the_columns_are_a_model_is_saved_and_answers_the_same(frame):
    before = frame.copy()

    job = TrainingProvider().train(TrainingSpec(model_id="any", data=frame, target="y", seconds=1))
    read = from_bytes(to_bytes(job.model))

    first, again = (ENGINE.predict(model, frame) for model in (job.model, read))
    pd.testing.assert_frame_equal(frame, before)
    assert first.prediction.to_list() == again.prediction.to_list()
    for name in ("probabilities", "lower", "upper"):
        one, other = getattr(first, name), getattr(again, name)
        assert (one is None) == (other is None)
        if one is not None:
            assert np.isfinite(one).all()
            np.testing.assert_array_equal(one, other)
