"""A gate is a function of what is known, and what is not known is no verdict."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.registry.gates import NO_FILE, Against, Evidence, Probabilities, judge
from mlops_magics.statistics.paired import Paired, compare_losses

BETTER = Paired(gain=0.05, low=0.02, high=0.08, rows=200)
WORSE = Paired(gain=-0.05, low=-0.08, high=-0.02, rows=200)
ALIKE = Paired(gain=-0.001, low=-0.02, high=0.018, rows=200)
GOOD = Evidence(
    damage=None,
    is_finite=True,
    lacking=(),
    found=("customers", "usage"),
    baseline=Against(name="the best constant answer", rows=200, paired=BETTER),
    production=Against(name="v1", rows=200, paired=ALIKE),
    has_classes=True,
    probabilities=Probabilities(error=0.03, by_chance=0.4, rows=200),
    is_interrupted=False,
    leaks=(),
)


def said(evidence):
    return {verdict.gate: (verdict.passed, verdict.said) for verdict in judge(evidence)}


def test_a_good_version_passes_every_gate_with_its_figures_and_bounds():
    assert said(GOOD) == {
        "intact": (True, "the file is the one that was registered"),
        "finite": (True, "all weights are finite"),
        "features exist": (True, "all are in customers, usage"),
        "better than the baseline": (
            True,
            "loss 0.050 below that of the best constant answer (0.020 to 0.080) on 200 rows; "
            "must be below beyond chance",
        ),
        "not worse than production": (
            True,
            "loss 0.001 above that of v1 (-0.018 to 0.020) on 200 rows; "
            "must not be above beyond chance",
        ),
        "calibrated": (
            True,
            "error 0.030, perfect probabilities show as much in 40.0% of cases; "
            "must be 0.05 at most, or show in 1%",
        ),
        "not interrupted": (True, "its training ran to its end"),
        "no leakage warning": (True, "no column tells the target nearly alone"),
    }


@pytest.mark.parametrize(
    ("gate", "changes", "passed", "what"),
    [
        ("intact", {"damage": "it is gone"}, False, "it is gone"),
        ("intact", {"damage": NO_FILE}, None, "no verdict: there is no file here"),
        ("finite", {"is_finite": False}, False, "some weights are no numbers"),
        ("finite", {"is_finite": None}, None, "no verdict: there is no file here to look at"),
        (
            "features exist",
            {"lacking": ("usage:gb", "old:x")},
            False,
            "not there: usage:gb, old:x",
        ),
        ("features exist", {"found": ()}, True, "it looks none up"),
        (
            "features exist",
            {"lacking": None},
            None,
            "no verdict: nobody has looked for its features",
        ),
        (
            "better than the baseline",
            {"baseline": Against(name="x", rows=200, paired=ALIKE)},
            False,
            "loss 0.001 above that of x (-0.018 to 0.020) on 200 rows; must be below beyond chance",
        ),
        (
            "better than the baseline",
            {"baseline": Against(name="x", rows=29, paired=None)},
            None,
            "no verdict: 29 rows to measure on, 30 are needed",
        ),
        (
            "better than the baseline",
            {"baseline": None},
            None,
            "no verdict: it was measured on no rows that it has not learned from",
        ),
        (
            "not worse than production",
            {"production": Against(name="v1", rows=200, paired=WORSE)},
            False,
            "loss 0.050 above that of v1 (0.020 to 0.080) on 200 rows; "
            "must not be above beyond chance",
        ),
        (
            "not worse than production",
            {"production": Against(name="v1", rows=1, paired=None)},
            None,
            "no verdict: 1 row that neither it nor v1 has learned from, 30 are needed",
        ),
        (
            "not worse than production",
            {"production": None, "is_first": True},
            True,
            "no other version is in production",
        ),
        (
            "not worse than production",
            {"production": None},
            None,
            "no verdict: nobody has compared it",
        ),
        (
            "calibrated",
            {"probabilities": Probabilities(error=0.09, by_chance=0.004, rows=900)},
            False,
            "error 0.090, perfect probabilities show as much in 0.4% of cases; "
            "must be 0.05 at most, or show in 1%",
        ),
        (
            "calibrated",
            {"probabilities": Probabilities(error=0.02, by_chance=0.004, rows=90_000)},
            True,
            "error 0.020, perfect probabilities show as much in 0.4% of cases; "
            "must be 0.05 at most, or show in 1%",
        ),
        (
            "calibrated",
            {"probabilities": None},
            None,
            "no verdict: its probabilities were seen on fewer than 30 rows",
        ),
        (
            "calibrated",
            {"has_classes": False, "probabilities": None},
            True,
            "it answers with numbers, not with probabilities",
        ),
        (
            "not interrupted",
            {"is_interrupted": True},
            False,
            "its training was stopped before its time",
        ),
        (
            "no leakage warning",
            {"leaks": ("paid_back", "closed")},
            False,
            "told nearly alone by paid_back, closed: leave it out if it is known too late",
        ),
        (
            "no leakage warning",
            {"leaks": None},
            None,
            "no verdict: nobody has looked for columns that tell the target",
        ),
        (
            "not interrupted",
            {"is_interrupted": None},
            None,
            "no verdict: nobody knows how it was trained",
        ),
    ],
)
def test_each_gate_says_what_holds_a_version_back(gate, changes, passed, what):
    found = said(replace(GOOD, **changes))

    assert found.pop(gate) == (passed, what)
    others = said(GOOD)
    del others[gate]
    assert found == others


def test_what_nobody_knows_passes_only_the_gates_of_the_file():
    passed = [v.gate for v in judge(Evidence(damage=None, is_finite=True)) if v.passed]

    assert passed == ["intact", "finite"]


@given(st.integers(0, 2**32), st.integers(30, 300), st.floats(0.05, 3))
def test_a_version_that_is_its_twin_with_a_smaller_loss_everywhere_is_never_worse(seed, rows, gap):
    other = np.random.default_rng(seed).exponential(1.0, rows)
    paired = compare_losses(other - gap * 0.01, other)

    verdicts = said(replace(GOOD, production=Against(name="v1", rows=rows, paired=paired)))

    assert verdicts["not worse than production"][0] is True


def test_an_equally_good_version_is_held_back_as_seldom_as_is_said():
    # two versions that differ by chance alone: skewed losses, as log losses are
    chance = np.random.default_rng(7)
    held_back = passed_as_better = 0
    for _ in range(2000):
        own, other = chance.exponential(0.4, (2, 100))
        verdict = compare_losses(own, other).verdict
        held_back += verdict == "worse"
        passed_as_better += verdict == "better"

    # 2.5 % each, four standard errors of 2,000 draws
    assert 0.011 < held_back / 2000 < 0.039
    assert 0.011 < passed_as_better / 2000 < 0.039


def test_held_out_rows_that_judged_several_pairs_are_counted_beside_the_verdict():
    seen = replace(GOOD, production=replace(GOOD.production, looks=4))

    passed, text = said(seen)["not worse than production"]

    assert passed
    assert text.endswith("; held-out rows have judged 4 pairs of versions")
    assert said(GOOD)["not worse than production"][1].endswith("beyond chance")
