"""Small simulated years: what a policy asks for, when, and what it saves."""

import subprocess
import sys
from pathlib import Path

import pytest

YEARS = Path(__file__).with_name("retraining")


def simulated(world, *policies, weeks):
    """Return excess loss x1000, requests, promotions and the week of the first, by policy."""
    command = [sys.executable, str(YEARS), "simulated", "--world", world, "--weeks", str(weeks)]
    command += ["--policy", *policies]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for line, policy in zip(said.splitlines()[1:], policies, strict=True):
        rest = line.removeprefix(world).strip().removeprefix(policy).split()
        week = int(rest[4]) if rest[3] == "week" else None
        found[policy] = float(rest[0]), float(rest[1]), float(rest[2]), week
    return found


@pytest.mark.slow
def test_where_nothing_changes_nothing_is_asked_for():
    found = simulated("nothing changes", "ours", "drift only", weeks=16)

    assert [asked for _, asked, _, _ in found.values()] == [0, 0]


@pytest.mark.slow
def test_a_relation_that_jumps_is_asked_about_within_a_month_and_costs_half():
    found = simulated("relation jumps", "never", "drift only", "ours", weeks=26)

    excess, _, promoted, week = found["ours"]
    assert excess < found["never"][0] / 2
    assert promoted >= 1
    assert 6 <= week <= 6 + 4
    # inputs that stay as they were tell nothing of a relation
    assert found["drift only"][1] == 0


@pytest.mark.slow
def test_inputs_that_move_and_cost_nothing_ask_for_no_retraining():
    found = simulated("inputs shift", "never", "ours", weeks=16)

    assert found["ours"][1] <= 1
    assert found["ours"][0] < found["never"][0] * 1.1
