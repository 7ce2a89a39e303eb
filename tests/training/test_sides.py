"""Which rows may a model be measured on?"""

import numpy as np
import pytest

from mlops_magics import TrainingProvider, TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import MissingColumn, UnusableColumn
from mlops_magics.tables import read_table
from mlops_magics.training.sides import choose_sides
from mlops_magics.training.target import choose_columns, read_target


def sides_of(data, **asked):
    spec = TrainingSpec(model_id="m", data=data, target="y", **asked)
    table = read_table(data, "the table")
    features, _ = choose_columns(table, spec)
    return choose_sides(table, features, read_target(table.column("y"), spec), spec, None)


def patients(rows=800, count=40):
    """Return rows in which a signature tells who it is, and who it is tells the target."""
    chance = np.random.default_rng(3)
    who = np.repeat(np.arange(count), rows // count)
    return {
        "patient": [f"p{one}" for one in who],
        "signature": (chance.normal(size=count)[who] + chance.normal(size=rows) * 0.01).tolist(),
        "y": chance.integers(0, 2, count)[who].tolist(),
    }


def test_no_patient_is_on_both_sides_and_the_column_is_not_learned_from():
    data = patients()

    sides = sides_of(data, group="patient")

    who = np.array(data["patient"])
    assert sides.rows.by == "group"
    assert not set(who[sides.rows.held_out]) & set(who[sides.rows.training])
    assert sides.said == "8 of 40 patient, 160 of 800 rows; none is on both sides"


@pytest.mark.slow
def test_by_patient_the_estimate_is_about_chance_and_by_row_it_would_not_be():
    provider = TrainingProvider()
    spec = {"model_id": "m", "data": patients(), "target": "y"}

    by_patient = provider.train(TrainingSpec(**spec, group="patient"))
    by_row = provider.train(TrainingSpec(**spec))

    assert by_row.accuracy > 0.9
    assert by_patient.accuracy < 0.8
    assert any("not better" in warning for warning in by_patient.report.warnings)
    assert "patient" in by_patient.report.left_out


def test_a_key_that_returns_makes_a_split_by_entity_unless_a_time_is_known():
    data = patients()
    data["when"] = list(np.arange(800).astype("datetime64[D]"))

    assert sides_of(data, key=("patient",)).rows.by == "group"
    assert sides_of(data, key=("patient",), time="when").rows.by == "time"
    assert sides_of(data, key=("patient",), split="random").rows.by == "random"


def test_by_group_and_time_the_entities_that_came_last_are_held_out():
    data = patients()
    data["when"] = list(np.arange(800).astype("datetime64[D]"))

    sides = sides_of(data, group="patient", time="when")

    held_out = set(np.array(data["patient"])[sides.rows.held_out])
    assert held_out == {f"p{one}" for one in range(32, 40)}


def test_rows_of_a_unique_key_are_known_by_it_whatever_their_features():
    data = {"customer": list(range(100)), "x": [0.5] * 50 + [1.5] * 50, "y": [0, 1] * 50}
    changed = {**data, "x": [9.0, 8.0] * 50}

    one, two = (sides_of(d, key=("customer",)) for d in (data, changed))

    assert one.rows.held_out.tolist() == two.rows.held_out.tolist()


def test_equal_rows_of_different_classes_are_on_one_side_and_in_one_fold():
    chance = np.random.default_rng(0)
    values = chance.integers(0, 120, 600)
    data = {"x": values.tolist(), "y": chance.integers(0, 2, 600).tolist()}

    rows = sides_of(data).rows

    assert not set(values[rows.held_out]) & set(values[rows.training])
    pairs = set(zip(values[rows.training].tolist(), rows.folds.tolist(), strict=True))
    assert len(pairs) == len(set(values[rows.training].tolist()))


def test_where_there_are_hardly_any_different_rows_copies_are_on_both_sides_and_that_is_said():
    data = {"a": [0, 0, 1, 1] * 50, "b": [0, 1, 0, 1] * 50, "y": [0, 1, 1, 0] * 50}

    sides = sides_of(data)

    assert len(sides.rows.held_out) == 40
    assert len(set(sides.hashes.tolist())) == 200
    assert sides.notes == (
        "only 4 different rows: copies of a row are on both sides, so the estimate is for rows "
        "like these and not for new ones",
    )


def test_a_class_with_one_row_is_learned_from_and_the_others_are_measured():
    data = {"x": list(range(101)), "y": ["a", "b"] * 50 + ["z"]}

    sides = sides_of(data)

    assert 100 in sides.rows.training
    assert len(sides.rows.held_out) == 20
    assert sides.notes == ("'z' has 1 row: learned from and not measured",)


def test_two_classes_of_which_one_is_nearly_absent_have_no_estimate_and_the_reason_is_said():
    data = {"x": list(range(100)), "y": ["a"] * 96 + ["b"] * 4}

    said = "learned from all 100 rows; 'b' has 4 rows, too few to hold any out"
    assert sides_of(data).said == said


def test_newest_rows_that_cannot_be_held_out_are_said():
    data = {
        "when": ["2026-01-01"] * 100,
        "x": list(range(100)),
        "y": [0, 1] * 50,
    }
    data["when"] = list(np.array(data["when"], "datetime64[D]"))

    sides = sides_of(data, time="when")

    assert sides.said == "by hash 20 of 100 rows"
    assert sides.notes[0].startswith("the newest rows lack a class or are nearly all")


def test_few_entities_leave_folds_of_rows_and_that_is_said():
    sides = sides_of(patients(200, 5), group="patient")

    assert sides.rows.by == "group"
    assert "4 entities are learned from, fewer than 8" in sides.notes[0]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (
            {"split": "group"},
            BadArgument,
            "split is 'group'. Next: give the column that names the entity with --group",
        ),
        (
            {"split": "time"},
            BadArgument,
            "split is 'time'. Next: give the column that says when with --time",
        ),
        ({"split": "half"}, BadArgument, "split is 'half'. Next: give random, time or group"),
        (
            {"group": "ward"},
            UnusableColumn,
            "column 'ward' is the same in every row: no entity can be held out. "
            "Next: leave --group out, or name another column",
        ),
        (
            {"group": "pateint"},
            MissingColumn,
            "no column 'pateint' in the table. Did you mean 'patient'? "
            "Next: %train m --group with a column of the table",
        ),
    ],
)
def test_a_way_that_cannot_be_gone_is_one_line(asked, error, said):
    with pytest.raises(error) as raised:
        sides_of(patients() | {"ward": [1] * 800}, **asked)

    assert str(raised.value) == said
