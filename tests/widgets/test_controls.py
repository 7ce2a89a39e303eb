"""What comes back from a page is read by the control that was used."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.widgets import Button, Field, Number, Picker, Slider

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
PICKER = Picker("version", "Version", (("v1", "first"), ("v2", "second")), "v1")


@given(anything)
def test_whatever_a_page_sends_becomes_a_value_that_is_offered_or_none(sent):
    number = Number("tenure", "tenure").read(sent)
    slid = Slider("hour", "Hour", 0, 23, 12).read(sent)
    typed = Field("city", "city").read(sent)

    assert Button("press", "Press").read(sent) is None
    assert PICKER.read(sent) in {None, "v1", "v2"}
    assert number is None or math.isfinite(number)
    assert slid is None or 0 <= slid <= 23
    assert typed is None or len(typed) <= 4096


@pytest.mark.parametrize("label", ["a" * 300, "<script>\x00\u202e", "עמודה"])
def test_a_label_is_short_and_visible(label):
    shown = Field("city", label).described()["label"]

    assert 0 < len(shown) <= 60
    assert shown.isprintable()


def test_a_picker_without_its_value_chooses_nothing():
    assert Picker("version", "Version", (("v1", "first"),), "v9").described()["value"] == -1
