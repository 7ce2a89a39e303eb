"""Predictions that explain themselves and say how far they reach, as a person types them."""

import numpy as np
import pytest


@pytest.fixture
def loop(shell, table):
    """A shell in which the model churn is trained, with a regression beside it."""
    shell.user_ns |= {"telco": table, "few": table.head(30)}
    bills = table.assign(bill=table["tenure"] * 2.0 + np.arange(len(table)) % 7)
    shell.user_ns["bills"] = bills
    assert shell.run_cell("%train churn --data telco --target churned").success
    assert shell.run_cell("%train bill --data bills --target bill --columns tenure").success
    shell.forget()
    return shell


def texts(shell):
    return [bundle["text/plain"] for bundle in shell.displayed]


def test_one_row_says_what_pushed_it_and_which_classes_it_may_be(loop):
    line = "one = %predict churn tenure=3 monthly_charges=95 paperless=true contract= "
    cell = f"{line}decided_at=2025-02-01T00:00 --explain --coverage 0.95"

    assert loop.run_cell(cell).success

    one = loop.user_ns["one"]
    assert one.prediction in one.set
    assert sum(c.amount for c in one.explanation.contributions) == pytest.approx(
        one.explanation.answer - one.explanation.typical, abs=1e-6
    )
    assert one.explanation.answer == pytest.approx(one.confidence, abs=1e-6)
    assert "Why\nthat it is " in texts(loop)[0]


def test_a_table_gets_a_set_a_row_and_the_mean_of_what_moves_it(loop):
    assert loop.run_cell("scored = %predict churn few --explain --coverage 0.8").success

    scored = loop.user_ns["scored"]
    assert list(scored.columns)[-2:] == ["set", "request_id"]
    assert all(p in s.split(", ") for p, s in zip(scored["prediction"], scored["set"], strict=True))
    assert "What moves the answers\nmean over 30 rows" in "\n".join(texts(loop))


def test_a_number_gets_an_interval_that_widens_with_the_coverage(loop):
    for cell in (
        "narrow = %predict bill tenure=40 --coverage 0.5",
        "wide = %predict bill tenure=40 --coverage 0.95",
        "usual = %predict bill tenure=40",
    ):
        assert loop.run_cell(cell).success
    narrow, wide, usual = (loop.user_ns[name] for name in ("narrow", "wide", "usual"))

    assert narrow.prediction == wide.prediction == usual.prediction
    assert wide.lower < usual.lower < narrow.lower < narrow.prediction
    assert narrow.prediction < narrow.upper < usual.upper < wide.upper


@pytest.mark.parametrize(
    ("coverage", "message"),
    [
        ("2", "coverage is 2.0. Next: give a share between 0 and 1, such as 0.9"),
        ("0.9999", "coverage is 0.9999. Next: give at most 0.993, which the 160 scores of"),
    ],
)
def test_a_coverage_that_nobody_can_promise_is_one_line(loop, coverage, message):
    outcome = loop.run_cell(f"%predict churn few --coverage {coverage}")

    assert str(outcome.error_in_exec).startswith(message)
    assert loop.run_cell("%monitor churn events").success
