from dataclasses import replace

import numpy as np
import pytest

from mlops_magics.model.categories import Targets
from mlops_magics.model.encoding import Encoding
from mlops_magics.model.forward import Forward
from mlops_magics.model.trained import combine
from mlops_magics.statistics.classification import log_loss
from mlops_magics.tables.table import Column, Table
from mlops_magics.training.families import Rows, fit_families
from mlops_magics.training.plan import FitPlan
from mlops_magics.training.schedule import steps_of


def rows_of(codes, matrix):
    none = np.zeros(len(codes), bool)
    table = Table.of({f"x{j}": Column("number", x, none) for j, x in enumerate(matrix.T)})
    folds = np.arange(len(codes)) % 8
    values = codes[:, None].astype(float)
    encoding, inputs = Encoding.fit_transform(table, Targets(values, folds), 16)
    given = Rows(matrix=inputs, goals=codes, folds=folds, targets=codes, scale=None)
    return given, encoding, table


def straight(rows=400, seed=0):
    """Return classes on two sides of a plane through six numbers."""
    matrix = np.random.default_rng(seed).normal(size=(rows, 6))
    return rows_of((matrix.sum(axis=1) > 0).astype(int), matrix)


def stripes(rows=600, seed=0):
    """Return classes that change with each narrow stripe of one number out of three."""
    matrix = np.random.default_rng(seed).uniform(-1, 1, (rows, 3))
    return rows_of((np.floor(matrix[:, 0] * 4) % 2).astype(int), matrix)


@pytest.mark.slow
def test_a_plane_is_answered_by_networks_without_pieces_and_stripes_with_them():
    plan = FitPlan.for_classes("m", 2)

    plane = fit_families(*straight()[:2], plan)
    striped = fit_families(*stripes()[:2], plan)

    assert plane.name in ("plain", "both")
    assert striped.name == "pieces"


@pytest.mark.slow
def test_what_answers_out_of_fold_answers_later_rows_alike():
    given, encoding, _ = straight()
    later, _, table = straight(seed=1)

    chosen = fit_families(given, encoding, FitPlan.for_classes("m", 2))

    answers = combine(
        Forward.of(chosen.fitted.weights)(encoding.transform(table)), None, chosen.shares
    )
    assert chosen.fitted.weights["input_scale"].shape[1] == encoding.width
    assert log_loss(given.targets, chosen.out_of_fold) == pytest.approx(
        log_loss(later.targets, answers), abs=0.1
    )


def test_few_numbers_and_tiny_tables_have_one_family():
    given, encoding, _ = rows_of(np.arange(80) % 2, np.random.default_rng(0).normal(size=(80, 2)))
    tiny = Rows(
        matrix=given.matrix, goals=given.goals, folds=None, targets=given.targets, scale=None
    )

    for rows in (given, tiny):
        chosen = fit_families(rows, encoding, FitPlan.for_classes("m", 2))

        assert chosen.name == "pieces"
        assert len(chosen.fitted.weights["input_scale"]) == 8
    assert chosen.out_of_fold is None


def test_steps_are_counted_over_both_families():
    given, encoding, _ = straight(120)
    told = []

    fit_families(given, encoding, FitPlan.for_classes("m", 2), told.append)

    steps = [progress.step for progress in told]
    assert steps == sorted(steps)
    assert steps.count(0) == 1
    assert all(progress.step <= progress.steps for progress in told)


def test_a_stop_in_the_first_family_leaves_the_second_out():
    given, encoding, _ = straight(120)
    told = []

    chosen = fit_families(
        given, encoding, FitPlan.for_classes("m", 2), told.append, lambda: told[-1].step >= 40
    )

    assert chosen.fitted.interrupted
    assert chosen.fitted.steps == 40
    assert chosen.name == "pieces"


def test_shares_weigh_the_members():
    answers = np.array([[[0.0, 0.0]], [[0.0, np.log(3.0)]]], np.float32)

    assert combine(answers, None, np.array([1.0, 0.0]))[0].tolist() == [0.5, 0.5]
    assert combine(answers, None, np.array([0.5, 0.5]))[0] == pytest.approx([0.375, 0.625])


def test_the_steps_that_are_told_are_those_that_were_asked_for():
    told = []
    given, encoding, _ = straight(120)
    plan = replace(FitPlan.for_classes("m", 2), epochs=2)

    fit_families(given, encoding, plan, told.append)

    assert all(0 <= one.step <= one.steps for one in told)
    assert told[0].steps == 2 * steps_of(plan, 120)
