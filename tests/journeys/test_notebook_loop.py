"""The loop as a person types it, in a real shell and in a real kernel."""

import numpy as np
import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter


@pytest.fixture
def loop(shell, table):
    """A shell in which the model churn is in production."""
    shell.user_ns["telco"] = table
    for cell in (
        "%train churn --data telco --target churned",
        "%model churn promote v1",
    ):
        assert shell.run_cell(cell).success
    shell.forget()
    return shell


def texts(shell):
    return [bundle["text/plain"] for bundle in shell.displayed]


def error(outcome):
    return str(outcome.error_in_exec or outcome.error_before_exec)


def test_a_misspelt_model_is_answered_with_the_nearest_name_and_the_next_step(loop):
    outcome = loop.run_cell("%predict chrun telco")

    assert not outcome.success
    assert error(outcome) == "no model named 'chrun'. Did you mean 'churn'? Next: %model"


def test_a_result_is_shown_once_in_every_situation(loop):
    for cell, count in (
        ("%model churn", 1),
        ("x = %model churn", 1),
        ("%model churn;", 0),
        ("%model\n%model churn", 2),
        ("for _ in range(3):\n    %model churn", 3),
        ("x = %model churn\nx", 1),
    ):
        loop.forget()
        assert loop.run_cell(cell).success
        assert len(loop.displayed) == count, cell


def test_a_plain_python_call_shows_its_result_as_the_magic_does(loop):
    loop.run_cell("card = %model churn@v1")
    loop.forget()

    assert loop.run_cell("card").success

    assert texts(loop)[0].startswith("churn@v1 · production")


def test_a_features_cell_sees_variables_by_name_and_keeps_its_source(loop):
    cell = "%%features customers --key customer_id\nSELECT customer_id, tenure FROM telco -- all\n;"

    outcome = loop.run_cell(cell)

    assert outcome.success
    assert texts(loop)[0].startswith("customers v1 · 200 rows new, 0 already there")
    loop.run_cell("view = %features customers;")
    assert loop.user_ns["view"].view.current.cell == cell
    assert loop.user_ns["view"].view.current.sql.startswith("SELECT customer_id")


def test_the_values_of_an_entity_are_a_dict(loop):
    loop.run_cell("%%features customers --key customer_id\nSELECT customer_id, tenure FROM telco")
    first = loop.user_ns["telco"]["customer_id"][0]

    loop.run_cell(f"values = %features customers customer_id={first}")

    assert loop.user_ns["values"] == {"tenure": loop.user_ns["telco"]["tenure"][0]}


def test_labels_monitoring_and_trace_follow_a_prediction(loop):
    for cell in (
        "scored = %predict churn telco",
        "late = telco.assign(request_id=scored.request_id)",
        "written = %monitor churn labels late --label churned",
        "page = %monitor churn",
        "found = %monitor churn trace {scored.request_id[3]}",
    ):
        assert loop.run_cell(cell).success, cell

    assert loop.user_ns["written"].matched == 200
    assert loop.user_ns["page"].performance.overall.labelled == 200
    assert loop.user_ns["found"].event.prediction == loop.user_ns["scored"].prediction[3]


def test_a_later_form_says_that_it_is_not_there_yet(loop):
    outcome = loop.run_cell("%workspace compact")

    assert not outcome.success
    assert type(outcome.error_in_exec).__name__ == "NotYet"


def test_a_failing_cell_writes_nothing(shell):
    shell.user_ns["telco"] = pd.DataFrame({"x": [1, 2], "y": [1, 1]})

    outcome = shell.run_cell("%train churn --data telco --target y")

    assert error(outcome) == (
        "column 'y' is 1 in every row: there is nothing to tell apart. "
        "Next: choose another target, or add other rows"
    )
    assert shell.run_cell("models = %model ;").success
    assert shell.user_ns["models"] == ()


def test_loading_twice_is_harmless_and_unloading_removes_the_magics(shell):
    assert shell.run_cell("%load_ext mlops_magics").success
    assert shell.run_cell("%reload_ext mlops_magics").success
    assert shell.run_cell("%model").success
    assert shell.run_cell("%unload_ext mlops_magics").success
    assert "model" not in shell.magics_manager.magics["line"]
    assert shell.run_cell("%load_ext mlops_magics").success


def offered(shell, text):
    with provisionalcompleter():
        return [found.text for found in shell.Completer.completions(text, len(text))]


def test_tab_offers_models_versions_words_flags_and_variables(loop):
    assert "churn" in offered(loop, "%predict ch")
    assert "promote" in offered(loop, "%model churn pro")
    assert "v1" in offered(loop, "%model churn promote v")
    assert "--target" in offered(loop, "%train churn --tar")
    assert "telco" in offered(loop, "scored = %predict churn te")


def test_a_kernel_that_is_killed_in_the_middle_of_the_loop_goes_on_from_the_workspace(kernel):
    chance = np.random.default_rng(0)
    rows = {"x": chance.normal(size=60).tolist(), "y": (np.arange(60) % 2).tolist()}
    make = f"import pandas as pd; df = pd.DataFrame({rows!r})"
    kernel.run("%load_ext mlops_magics")
    kernel.run(make)
    kernel.run("%train m --data df --target y")
    kernel.run("%model m promote v1")
    kernel.run("scored = %predict m df")
    kernel.run("print(len(scored))")

    kernel.kill()
    kernel.restart()

    kernel.run("%load_ext mlops_magics")
    kernel.run(make)
    kernel.run("again = %predict m df")
    kernel.run("count = %monitor m metrics;")
    found = kernel.run("print(len(again), count.count)")

    assert [output["text"] for output in found] == ["60 120\n"]


def test_a_view_remembers_the_number_of_the_cell_that_made_it(kernel):
    kernel.run("%load_ext mlops_magics")
    kernel.run("import pandas as pd; t = pd.DataFrame({'k': [1, 2], 'x': [1.5, 2.5]})")
    kernel.run("%%features v --key k\nSELECT k, x FROM t")
    kernel.run("from mlops_magics import open_workspace")
    asked = "open_workspace().features.describe('v').current.cell_number, len(In) - 1"

    (found,) = kernel.run(asked)

    assert found.data["text/plain"] == "(3, 5)"


def test_a_prediction_leads_back_to_the_cell_that_asked_and_the_one_that_trained(loop):
    loop.run_cell("scored = %predict churn telco")
    by_magic = len(loop.history_manager.input_hist_raw) - 1

    loop.run_cell("found = %monitor churn trace {scored.request_id.iloc[0]}")

    found = loop.user_ns["found"]
    assert (found.cell.source, found.cell.number) == ("scored = %predict churn telco", by_magic)
    assert f"asked by cell {by_magic}" in texts(loop)[-1]
    assert found.version.metadata["cell"] == "%train churn --data telco --target churned"
    assert f"trained by cell {found.version.metadata['cell_number']} on" in texts(loop)[-1]
