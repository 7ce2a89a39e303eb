from mlops_magics import TrainingSpec
from mlops_magics.tables import read_table
from mlops_magics.training.assembly import plan_of
from mlops_magics.training.plan import FitPlan, Fitted, Progress
from mlops_magics.training.target import choose_columns, read_target


def plan_for(data, **asked):
    spec = TrainingSpec(model_id="m", data=data, target="y", **asked)
    table = read_table(data, "the table")
    features, _ = choose_columns(table, spec)
    return plan_of(read_target(table.column("y"), spec), features, spec)


def test_a_table_with_a_category_has_more_dropout_than_one_of_numbers():
    numbers = {"x": [1.5, 2.5, 3.5] * 4, "y": ["a", "b"] * 6}

    assert plan_for(numbers).dropout == 0.05
    assert plan_for(numbers | {"level": ["u", "v", "w"] * 4}).dropout == 0.2
    assert plan_for(numbers).plain().dropout == 0.05


def test_a_number_is_learned_without_dropout_and_what_is_asked_for_is_kept():
    plan = plan_for({"x": [1.0, 2.0] * 6, "y": [0.5 + n for n in range(12)]}, seconds=3, epochs=2)

    assert plan.is_regression
    assert plan.dropout == 0
    assert (plan.seconds, plan.epochs) == (3, 2)


def progress(step, held_out):
    return Progress(step=step, steps=600, training_loss=0.5, held_out_loss=held_out, best_step=step)


def test_a_fit_that_stays_far_behind_is_given_up_after_120_steps_and_never_without_a_rival():
    plan = FitPlan.for_classes("m", 2)
    compared = FitPlan(**{**fields_of(plan), "reference": 0.2})

    assert not plan.is_hopeless(progress(200, 9.0), 0.7)
    assert not compared.is_hopeless(progress(100, 9.0), 0.7)
    assert not compared.is_hopeless(progress(120, 0.24), 0.7)
    assert compared.is_hopeless(progress(120, 0.26), 0.7)


def fields_of(plan):
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def test_the_best_loss_of_a_fit_is_the_smallest_that_was_checked():
    history = (progress(20, 0.6), progress(40, 0.4), progress(60, 0.5))

    fitted = Fitted(weights={}, history=history, best_step=40, steps=60, interrupted=False)

    assert fitted.best_loss == 0.4
