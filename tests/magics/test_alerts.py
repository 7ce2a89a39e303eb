"""Alerts, rules and the webhook as a person types them."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def used(shell, monkeypatch, tmp_path):
    """A model in use in January, for other customers from the fifth on."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    chance = np.random.default_rng(0)
    rows = 1000
    frame = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, rows),
            "contract": chance.choice(["monthly", "yearly"], rows),
        }
    )
    frame["churned"] = np.where(chance.random(rows) < frame["tenure"] / 72, "no", "yes")
    today = frame[300:].drop(columns="churned")
    today["at"] = pd.date_range("2026-01-01", periods=700, freq="12min", tz="UTC")
    today.loc[today["at"] >= "2026-01-05", "tenure"] += 40
    shell.user_ns |= {"train": frame[:300], "today": today}
    assert shell.run_cell("%train churn --data train --target churned;").success
    assert shell.run_cell("scored = %predict churn today --time at;").success
    return shell


def text(shell, line):
    shell.forget()
    outcome = shell.run_cell(line)
    assert outcome.success, outcome.error_in_exec
    return shell.displayed[-1]["text/plain"]


def test_alerts_say_what_how_surely_since_when_and_what_to_type(used):
    said = text(used, "found = %monitor churn alerts --state open")

    assert said.splitlines()[0].startswith("■ 3 alerts open · churn")
    assert "tenure is higher, size" in said
    assert "5 Jan 2026" in said
    assert "over 4 columns" in said
    assert "Next: %monitor churn drift" in said
    subjects = {alert.subject for alert in used.user_ns["found"]}
    assert subjects == {"tenure", "prediction", "confidence"}


def test_the_page_of_the_model_names_what_is_open_and_the_overview_how_many(used):
    assert "3 alerts open" in text(used, "%monitor churn")
    assert "■ 3 open" in text(used, "%monitor")


def test_an_alert_is_seen_and_has_a_history(used):
    text(used, "%monitor churn")

    said = text(used, '%monitor churn alerts ack 1 --note "new <b>prices</b>"')
    assert "seen: new <b>prices</b>" in said
    assert "seen: new <b>prices</b>" in text(used, "%monitor churn alerts 1")
    outcome = used.run_cell("%monitor churn alerts ack 9")
    assert str(outcome.error_in_exec) == (
        "no alert named '9'. Known: 1, 2, 3. Next: %monitor churn alerts"
    )


def test_a_rule_is_set_listed_and_taken_back(used):
    assert "no rules of yours. Next: " in text(used, "%monitor churn rule")
    assert text(used, '%monitor churn rule "count > 100"').startswith("churn: count > 100")
    assert "count > 100" in text(used, "%monitor churn rule")
    assert "count is 120, and your rule is count > 100" in text(used, "%monitor churn alerts")
    assert "no rules of yours" in text(used, "%monitor churn rule off 1")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "%monitor churn rule count",
            "'count' is no word of this magic, and a rule stands in quotes. "
            'Next: %monitor NAME rule "RULE"',
        ),
        (
            "%monitor churn alerts ack three",
            "'three' stands where a number such as 3 belongs. "
            'Next: %monitor NAME alerts ack ID [--note "…"]',
        ),
        (
            '%monitor churn webhook "hooks.example.org"',
            "the address is 'hooks.example.org'. "
            "Next: give an address such as https://hooks.example.org/churn",
        ),
    ],
)
def test_a_line_that_cannot_be_meant_is_answered_with_what_can(used, line, said):
    assert str(used.run_cell(line).error_in_exec) == said


def test_the_webhook_says_where_it_goes_and_how_to_end_it(used):
    assert text(used, "%monitor churn webhook").startswith("churn: alerts stay on this machine")

    said = text(used, '%monitor churn webhook "https://hooks.example.org/T0"')

    assert said.startswith("churn: alerts go to https://hooks.example.org/T0")
    assert "To end it: %monitor churn webhook off" in said
    assert text(used, "%monitor churn webhook off").startswith("churn: alerts stay")
