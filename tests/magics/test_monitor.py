"""What %monitor is asked for, in a shell."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def used(shell):
    """A model in use for three days."""
    chance = np.random.default_rng(0)
    rows = 600
    frame = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, rows),
            "contract": chance.choice(["monthly", "yearly"], rows),
        }
    )
    frame["churned"] = np.where(chance.random(rows) < frame["tenure"] / 72, "no", "yes")
    shell.user_ns |= {"train": frame[:300], "today": frame[300:].drop(columns="churned")}
    shell.user_ns["today"]["at"] = pd.date_range("2026-01-01", periods=300, freq="15min", tz="UTC")
    assert shell.run_cell("%train churn --data train --target churned;").success
    assert shell.run_cell("scored = %predict churn today --time at;").success
    return shell


def text(shell, line):
    shell.forget()
    outcome = shell.run_cell(line)
    assert outcome.success, outcome.error_in_exec
    return shell.displayed[-1]["text/plain"]


def test_drift_by_a_column_names_its_groups(used):
    said = text(used, "%monitor churn drift --by contract")

    assert said.startswith("● something moved in 0 of 2 groups · churn v1 by contract")
    assert "monthly" in said


def test_drift_against_a_named_table_and_a_baseline_that_stays(used):
    assert "against the named baseline, 300 rows" in text(
        used, "%monitor churn drift --baseline today"
    )
    assert text(used, "%monitor churn baseline today").startswith("churn: a baseline of 300 rows")
    assert "against the baseline, 300 rows" in text(used, "%monitor churn drift")


def test_metrics_of_each_day_are_a_listing(used):
    said = text(used, "%monitor churn metrics --every 1d")

    assert [line.split()[3] for line in said.splitlines()[2:]] == ["96", "96", "96", "12"]
    assert "300 predictions" in text(used, "%monitor churn metrics")


def test_metrics_of_parts_of_an_hour_are_refused(used):
    outcome = used.run_cell("%monitor churn metrics --every 90m")

    assert str(outcome.error_in_exec) == (
        "--every is not of whole hours. Next: give it as 1h, 24h or 7d"
    )


def test_performance_before_any_label_is_an_estimate(used):
    said = text(used, "%monitor churn performance")

    assert "estimated" in said.splitlines()[0]
    assert "no labels yet" in said.splitlines()[0]


def test_the_page_begins_with_a_sentence_and_ends_with_the_next_step(used):
    said = text(used, "%monitor churn")

    assert said.splitlines()[0] == "● Healthy: nothing is beyond what chance explains"
    assert said.splitlines()[-1] == "no labels yet. Next: %monitor churn labels DATA --label COLUMN"


def test_an_empty_listing_says_what_to_do_each_time_it_is_shown(shell):
    first = text(shell, "models = %monitor")

    assert first == "no models yet. Next: %train NAME --data DATA --target COLUMN"
    assert text(shell, "models") == first
