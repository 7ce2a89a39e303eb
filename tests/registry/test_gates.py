"""What is damaged or has no finite numbers does not go to production."""

import pytest

from mlops_magics.registry.gates import Evidence, judge


@pytest.mark.parametrize(
    ("damage", "is_finite", "passed", "said"),
    [
        (
            None,
            True,
            [True, True],
            ["the file is the one that was registered", "all weights are finite"],
        ),
        (
            None,
            False,
            [True, False],
            ["the file is the one that was registered", "some weights are no numbers"],
        ),
        (
            "it is gone",
            None,
            [False, False],
            ["it is gone", "no verdict: there is no file here to look at"],
        ),
    ],
)
def test_every_gate_says_what_it_saw(damage, is_finite, passed, said):
    verdicts = judge(Evidence(damage=damage, is_finite=is_finite))

    assert [verdict.gate for verdict in verdicts] == ["intact", "finite"]
    assert [verdict.passed for verdict in verdicts] == passed
    assert [verdict.said for verdict in verdicts] == said
