from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.training.pace import Pace


def test_the_first_piece_compiles_and_tells_nothing_of_the_speed():
    pace = Pace(None, 0.0)

    pace.measure(1, 0.0, 30.0)

    assert pace.steps_of_a_piece == 4
    assert pace.horizon(20, 600, 30.0) == 600


@given(st.floats(1e-4, 5.0))
def test_a_piece_takes_about_a_fifth_of_a_second_or_is_one_step(seconds):
    pace = Pace(None, 0.0)
    pace.measure(1, 0.0, 1.0)

    pace.measure(4, 1.0, 1.0 + 4 * seconds)

    assert 1 <= pace.steps_of_a_piece <= 20
    assert pace.steps_of_a_piece == 1 or pace.steps_of_a_piece * seconds <= 0.2 + 1e-6


def test_the_schedule_ends_when_the_time_does():
    pace = Pace(10.0, 100.0)
    pace.measure(1, 100.0, 102.0)
    pace.measure(20, 102.0, 103.0)

    assert pace.horizon(20, 600, 103.0) == 20 + 7 * 20
    assert pace.horizon(20, 100, 103.0) == 100
    assert not pace.is_over(109.9)
    assert pace.is_over(110.0)


def test_reports_are_due_a_few_times_a_second():
    pace = Pace(None, 0.0)

    assert [pace.is_due(now) for now in (10.0, 10.1, 10.3, 10.5, 10.6)] == [
        True,
        False,
        False,
        True,
        False,
    ]
