from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.model.times import parts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(st.lists(moments, min_size=1, max_size=5))
def test_the_parts_of_a_time_are_those_of_pythons_calendar(times):
    micros = np.array([(time - EPOCH) // timedelta(microseconds=1) for time in times])

    encoded = parts(micros, np.zeros(len(times), bool))

    for time, row in zip(times, encoded, strict=True):
        turns = [
            time.weekday() / 7,
            time.timetuple().tm_yday / 365.25,
            (time.hour + time.minute / 60) / 24,
        ]
        waves = [wave(2 * np.pi * turn) for turn in turns for wave in (np.sin, np.cos)]
        days = (time - datetime(2000, 1, 1, tzinfo=UTC)) / timedelta(days=1)
        assert row == pytest.approx([days, *waves], abs=1e-9)


def test_a_missing_time_has_no_parts():
    assert np.isnan(parts(np.array([0]), np.array([True]))).all()
