"""Limits that a user sets: read, kept, taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.request import BadLine
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring import rules


def test_a_rule_is_kept_once_and_has_a_number(storage):
    first = rules.add(storage, "churn", "p95_latency_ms>50")
    again = rules.add(storage, "churn", " p95_latency_ms  > 50.0 ")
    other = rules.add(storage, "churn", "accuracy < .8")

    assert first == again
    assert [rule.text for rule in rules.rules(storage, "churn")] == [
        "p95_latency_ms > 50",
        "accuracy < 0.8",
    ]
    rules.remove(storage, "churn", first.rule_id)
    assert rules.rules(storage, "churn") == (other,)
    assert rules.add(storage, "churn", "count > 1").rule_id == 3
    assert rules.rules(storage, "theirs") == ()


def test_a_name_that_is_not_measured_is_answered_with_the_nearest_one(storage):
    with pytest.raises(UnknownName) as caught:
        rules.add(storage, "churn", "p95_latency > 50")

    assert str(caught.value) == (
        "no figure of a rule named 'p95_latency'. Did you mean 'p95_latency_ms'? "
        'Next: %monitor NAME rule "p95_latency_ms > 50"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "count",
        "count >",
        "count > many",
        "count == 3",
        "count > 3 or 1",
        "count > 1e9999",
        "> 3",
        "count > __import__('os')",
        "count > 3; DROP TABLE rule",
        "count > nan",
    ],
)
def test_what_is_no_rule_is_refused_with_an_example_and_kept_nowhere(storage, text):
    with pytest.raises(BadLine) as caught:
        rules.add(storage, "churn", text)

    assert str(caught.value) == (
        f"the rule {text[:60]!r} is no name, > or <, and a number. "
        'Next: %monitor NAME rule "p95_latency_ms > 50"'
    )
    assert rules.rules(storage, "churn") == ()


def test_a_rule_that_is_not_there_cannot_be_taken_back(storage):
    rules.add(storage, "churn", "count > 1")

    with pytest.raises(UnknownName, match=r"no rule named '7'. Known: 1. Next: %mon"):
        rules.remove(storage, "churn", 7)


@given(st.text(max_size=40))
def test_any_text_is_a_rule_or_an_error_of_ours(text):
    try:
        name, _, limit = rules.read(text)
    except MLOpsError:
        return
    assert name in rules.NAMES
    assert limit == limit
