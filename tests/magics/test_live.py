"""The explorers as a person types them, without a front end: one page each."""

import pandas as pd
import pytest


@pytest.fixture
def loop(shell, table):
    shell.user_ns |= {"telco": table, "row": {"tenure": 3}}
    shell.user_ns["usage"] = pd.DataFrame(
        {"k": [1, 1], "at": pd.to_datetime(["2025-01-01", "2025-02-01"]), "calls": [4, 7]}
    )
    assert shell.run_cell("%features usage --data usage --key k --time at ;").success
    line = "%train churn --data telco --target churned --exclude decided_at --seconds 4 ;"
    assert shell.run_cell(line).success
    shell.forget()
    return shell


def shown(shell, line):
    outcome = shell.run_cell(line)
    assert outcome.success, outcome.error_in_exec
    texts = [bundle["text/plain"] for bundle in shell.displayed]
    shell.forget()
    return outcome.result, texts


def test_a_form_shows_one_page_and_returns_what_was_asked(loop):
    result, texts = shown(loop, "%predict churn tenure=3 contract= --live")
    by_dict, _ = shown(loop, "%predict churn {row} --live --coverage 0.9")
    typical, _ = shown(loop, "%predict churn live")

    assert len(texts) == 1
    assert "nothing is recorded" in texts[0]
    assert result.prediction.features["contract"] is None
    assert result.prediction.features["tenure"] == 3
    assert by_dict.prediction.set
    assert {one.origin for one in typical.inputs} == {"typical"}
    assert loop.run_cell("%monitor churn metrics").result.count == 0


def test_a_table_has_no_form_and_a_variable_called_live_is_named_in_braces(loop):
    refused = loop.run_cell("%predict churn telco --live").error_in_exec
    loop.user_ns["live"] = loop.user_ns["telco"].head(2)

    scored = loop.run_cell("%predict churn {live} --no-record").result

    assert str(refused) == (
        "--live changes one row, and this is a table. "
        "Next: %predict churn {row} --live, with a row as a dict"
    )
    assert len(scored) == 2


def test_a_view_is_explored_by_its_key_and_as_of_a_moment(loop):
    newest, texts = shown(loop, "%features usage live")
    then, _ = shown(loop, "%features usage live k=1 --at 2025-01-10")
    unknown, said = shown(loop, "%features usage live k={40 + 2}")

    assert len(texts) == 1
    assert (newest.known.values, then.known.values) == ({"calls": 7}, {"calls": 4})
    assert not len(unknown.history)
    assert "k=42\nnothing is known of it\nknown are such as k=1" in said[0]


def test_versions_are_explored_two_at_a_time(loop):
    _, alone = shown(loop, "%model churn live")
    line = "%train churn --data telco --target churned --columns tenure --seconds 4 ;"
    assert loop.run_cell(line).success
    loop.forget()

    both, texts = shown(loop, "%model churn live")
    turned, _ = shown(loop, "%model churn live v2 v1")

    assert "there is only one version" in alone[0]
    assert [side.version.version for side in (both.first, both.second)] == ["v1", "v2"]
    assert [side.version.version for side in (turned.first, turned.second)] == ["v2", "v1"]
    assert "Gates to production" in texts[0]


def test_a_model_made_elsewhere_has_no_form_and_says_why_in_one_line(loop):
    loop.run_cell(
        "from mlops_magics import open_workspace\n"
        "from mlops_magics.registry.versions import Registration\n"
        "theirs = Registration(model_id='theirs', framework='sklearn')\n"
        "open_workspace().registry.register_model(theirs);"
    )

    refused = loop.run_cell("%predict theirs x=1 --live").error_in_exec

    assert str(refused).startswith("theirs@v1 was made elsewhere (sklearn) and has no model here.")
