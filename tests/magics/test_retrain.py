"""Retraining as it is typed."""

import numpy as np
import pandas as pd


def rows(count, seed):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": chance.normal(size=count), "b": chance.normal(size=count)})
    odds = 2 * frame["a"] - frame["b"]
    frame["y"] = np.where(chance.random(count) < 1 / (1 + np.exp(-odds)), "yes", "no")
    return frame


def text(shell, line):
    shell.forget()
    outcome = shell.run_cell(line)
    assert outcome.success, outcome.error_in_exec
    return shell.displayed[-1]["text/plain"].splitlines()


def error(shell, line):
    return str(shell.run_cell(line).error_in_exec)


def test_a_policy_is_typed_shown_and_ended_and_a_challenger_comes_when_asked(shell):
    shell.user_ns["frame"] = rows(400, 0)
    text(shell, "%workspace upload first frame")
    text(shell, "%train m --data dataset:first --target y --epochs 10")
    model = text(shell, "%model m promote v1")
    assert model[0] == "● m v1 is in production"

    assert text(shell, "%monitor m retrain") == [
        "m · retrained only when asked",
        "Next: %monitor m retrain --when performance",
    ]
    assert text(shell, "%monitor m retrain --when performance,age>30d --min-labels 60") == [
        "m · retrained for performance, age>30d",
        "at least 60 new labels and 7 days between two; a person approves",
        "waits for labels of predictions that are old enough: 0 of 60",
    ]
    assert error(shell, "%monitor m retrain --when performence") == (
        "when is 'performence'. Next: give performance, drift or age>30d, with commas between"
    )
    assert error(shell, "%monitor m retrain now") == (
        "'m' has 0 labelled predictions that are old enough, and 60 are needed. "
        "Next: %monitor m labels DATA --label COLUMN"
    )
    assert error(shell, "%monitor m retrain approve") == (
        "no challenger of 'm' waits for approval. Next: %monitor m retrain"
    )

    late = rows(200, 1)
    late["at"] = pd.date_range("2026-01-05", periods=200, freq="1h", tz="UTC")
    shell.user_ns["late"] = late
    text(shell, 'scored = %predict m {late.drop(columns="y")} --time at')
    shell.run_cell('late["request_id"] = scored["request_id"]')
    text(shell, "%monitor m labels late --label y --time at")
    said = text(shell, "%monitor m retrain now")

    assert said[0].startswith(("▲ m v2 waits for approval", "▲ m v2 was refused"))
    assert said[1] == "request 2, against v1: a person asked"
    assert any(line.startswith("better on the newest rows") for line in said)
    assert text(shell, "%monitor m retrain off")[0] == "m · retrained only when asked"
    assert any(line.startswith("request 2, v2 against v1") for line in text(shell, "%model m@v2"))


def test_shadow_and_canary_are_typed_and_a_row_says_who_answered(shell):
    shell.user_ns["frame"] = rows(400, 0)
    text(shell, "%train m --data frame --target y --epochs 10")
    text(shell, "%model m promote v1")
    text(shell, "%train m --data frame --target y --epochs 2")

    assert text(shell, "%model m shadow v2")[0] == "● m v2 is a shadow"
    assert "v2 answered beside it as its shadow, recorded apart" in text(
        shell, "%predict m a=1 b=2"
    )
    assert text(shell, "%monitor m@v2 metrics")[0] == "m · 1 prediction"
    assert text(shell, "%model m canary v2 99%")[0] == "● m v2 is a canary of 99 %"
    said = text(shell, "scored = %predict m {frame.drop(columns='y')}")
    assert any(line.startswith("v2 answered 39") for line in said)
    assert set(shell.user_ns["scored"]["version"]) == {"v1", "v2"}
    assert error(shell, "%model m canary v2 lots").startswith(
        "'lots' stands where a share such as 10% belongs. Next: "
    )
    assert text(shell, "%model m off")[0] == "m v2 answers no more beside production"
    assert "30 rows are needed" not in "".join(text(shell, "%model m compare production v2"))
