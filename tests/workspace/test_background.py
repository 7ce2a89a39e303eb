"""A training that runs while the notebook goes on."""

import pytest

from mlops_magics.errors.tables import MissingColumn
from mlops_magics.training.spec import TrainingSpec
from mlops_magics.workspace import background


def spec(table, **more):
    return TrainingSpec(model_id="churn", data=table, target="churned", **more)


def test_it_returns_while_the_fit_runs_and_registers_at_its_end(workspace, table):
    training = background.begin(workspace, spec(table, epochs=40))

    begun = training.status, training.version, [j.status for j in workspace.training.list_jobs()]
    job = training.wait(120)

    assert begun == ("running", None, ["running"])
    assert (training.status, training.version) == ("completed", "v1")
    assert job.job_id == training.job_id
    assert training.log[0] == "compiling"
    assert training.log[-2:] == ("measuring on held-out rows", "v1")
    assert [j.status for j in workspace.training.list_jobs()] == ["completed"]
    assert repr(training) == "<background training of churn: completed>"


def test_cancelling_keeps_the_best_so_far_and_says_so(workspace, table):
    training = background.begin(
        workspace, spec(table, epochs=4000), lambda it: it.told[-1].step >= 40 and it.cancel()
    )

    job = training.wait(120)

    assert job.status == "cancelled"
    assert job.version == "v1"
    assert not training.cancel()


def test_wrong_input_raises_where_it_was_asked_for_and_leaves_no_job(workspace, table):
    with pytest.raises(MissingColumn):
        background.begin(workspace, spec(table.drop(columns="churned")))

    assert workspace.training.list_jobs() == ()


def test_what_becomes_of_the_users_table_later_does_not_matter(workspace, table):
    given = {name: table[name].to_numpy().copy() for name in ("tenure", "churned")}
    training = background.begin(workspace, spec(given, epochs=20))

    given["tenure"][:] = 0
    job = training.wait(120)

    assert job.metrics["auc"] > 0.6


def test_a_training_whose_kernel_died_is_lost(kernel):
    kernel.run("%load_ext mlops_magics")
    kernel.run("rows = {'x': [1.0, 2.0, 3.0, 4.0] * 200, 'y': ['a', 'b', 'a', 'b'] * 200}")
    kernel.run("%train churn --data rows --target y --background --epochs 20000")
    (alive,) = kernel.run("%train jobs")
    kernel.kill()
    kernel.restart()
    kernel.run("%load_ext mlops_magics")

    (lost,) = kernel.run("%train jobs")

    assert alive["data"]["text/plain"].splitlines()[-1].split() == [
        "churn",
        "–",
        "·",
        "running",
        "–",
    ]
    assert lost["data"]["text/plain"].splitlines()[2].split() == ["churn", "–", "■", "lost", "–"]
