"""What is said of a training while it runs."""

from mlops_magics.display.under_way import UnderWay, drawn
from mlops_magics.training.plan import Progress


def told(step, held_out=None, stage="fitting", at=None):
    progress = Progress(
        step=step, steps=1000, training_loss=0.6, held_out_loss=held_out, best_step=step,
        rows_of_a_step=100, rows=1000, simple_loss=0.7, stage=stage,
    )  # fmt: skip
    return (step / 10 if at is None else at), progress


def run(*told, seconds=None):
    return UnderWay(model_id="churn", told=told, seconds=seconds)


def test_each_stage_is_named():
    assert run().line == "churn · reading the rows"
    assert run(told(0)).line == "churn · compiling"
    assert run(told(0), told(20, 0.6)).line == "churn · fitting · step 20 of 1,000 · loss 0.600"
    assert run(told(20, 0.6), told(40, 0.5, "measuring")).doing == "measuring on held-out rows"


def test_the_time_left_is_that_of_the_steps_left_at_the_pace_of_the_last_ones():
    assert run(told(20), told(40)).seconds_left == 96.0
    assert run(told(20), told(40), seconds=10).seconds_left == 8.0


def test_the_page_says_how_good_the_best_epoch_is_and_how_fast_it_goes():
    page = drawn(run(told(20, 0.6), told(40, 0.5), told(60, 0.56)))

    assert page.text == (
        "churn · fitting, at most 2 min left\n"
        "step 60 of at most 1,000\n"
        "0.500 loss on rows left out · 71 % of what the simplest answer has, 0.700 · "
        "4.0 best epoch of 6.0 · 1,000 rows a second"
    )
    assert "polyline" not in page.html  # it is a picture, which an untrusted notebook shows
    assert "<img alt='loss: training grey, rows left out blue, the best dashed'" in page.html


def test_a_fit_without_rows_left_out_has_its_own_loss_and_no_best_epoch():
    page = drawn(run(told(20), told(40)))

    assert "0.600 loss on the rows it learns from" in page.text
    assert "best epoch" not in page.text
