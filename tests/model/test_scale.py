import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.model.document import Malformed
from mlops_magics.model.scale import Scale

amounts = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40).map(np.array)


@given(amounts)
def test_what_is_standardised_is_restored(targets):
    scale = Scale.fit(targets)

    restored = scale.restore(scale.standardise(targets))

    np.testing.assert_allclose(restored, targets, rtol=1e-6, atol=1e-6 * np.abs(targets).max())


@pytest.mark.parametrize(
    ("targets", "bend"),
    [
        (np.arange(100.0), "none"),
        (np.random.default_rng(0).gamma(1.5, size=2000), "root"),
        (np.random.default_rng(0).lognormal(3, 2, size=2000), "log"),
        (-np.random.default_rng(0).lognormal(0, 2, size=2000), "none"),
        (np.full(50, 7.0), "none"),
    ],
)
def test_a_skewed_target_without_negative_values_is_bent(targets, bend):
    assert Scale.fit(targets).bend == bend


def test_a_value_stays_within_the_training_range_and_the_end_of_an_interval_need_not():
    scale = Scale.fit(np.random.default_rng(0).lognormal(3, 2, size=2000))

    assert scale.restore(np.array([-50.0, 50.0])).tolist() == [scale.low, scale.high]
    assert scale.restore_freely(np.array([50.0]))[0] > scale.high
    assert np.isfinite(scale.restore_freely(np.array([1e30, -1e30]))).all()


def test_a_scale_is_read_back_from_json_and_nonsense_is_refused():
    scale = Scale.fit(np.random.default_rng(0).gamma(1.5, size=200))

    assert Scale.from_json(scale.to_json()) == scale
    for wrong in ({"deviation": 0.0}, {"low": 9e9}, {"bend": "cube"}, {"low": -1.0}):
        with pytest.raises(Malformed):
            Scale.from_json(scale.to_json() | wrong)
