"""An interrupt is a wish first; a second one is raised."""

import os
import signal
import threading

import pytest

from mlops_magics.training import interrupts
from mlops_magics.training.provider import TrainingProvider
from mlops_magics.training.spec import TrainingSpec


@pytest.fixture(autouse=True)
def sigint():
    """As a kernel has it while a cell runs; a shell starts what is behind it without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_interrupt_is_noted_and_the_second_raised():
    with interrupts.noted() as was_interrupted:
        before = was_interrupted()
        interrupt()
        noted = was_interrupted()
        with pytest.raises(KeyboardInterrupt):
            interrupt()

    assert (before, noted) == (False, True)


def test_afterwards_an_interrupt_is_raised_at_once():
    with interrupts.noted():
        pass

    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_a_thread_notes_none():
    found = []

    def look() -> None:
        with interrupts.noted() as was_interrupted:
            found.append(was_interrupted())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert found == [False]


def test_an_interrupt_while_a_model_is_measured_keeps_it(table):
    told = []

    def follow(progress):
        told.append(progress.stage)
        if progress.stage == "measuring":
            interrupt()

    spec = TrainingSpec(model_id="churn", data=table, target="churned", epochs=20)
    job = TrainingProvider().train(spec, follow)

    assert told[-1] == "measuring"
    assert job.status == "completed"
    assert "which columns matter was not measured" in job.report.notes


def test_an_interrupt_of_the_fit_is_a_version_that_says_so(table):
    def follow(progress):
        if progress.step == 20 and progress.stage == "fitting":
            interrupt()

    spec = TrainingSpec(model_id="churn", data=table, target="churned")
    job = TrainingProvider().train(spec, follow)

    assert job.status == "interrupted"
    assert job.report.steps == 20
