"""What a picture is made of, and what it keeps out."""

import re
from base64 import b64decode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.display import charts, pictures
from mlops_magics.display.theme import COLOURS, DARK

SVG = "{http://www.w3.org/2000/svg}"


def drawing(html: str) -> ET.Element:
    """Return the SVG inside an image."""
    found = re.fullmatch(
        r"<img alt='[^'<>]*' style='[^']*' src='data:image/svg\+xml;base64,([^']+)'>", html
    )
    assert found is not None
    return ET.fromstring(b64decode(found[1]))


CHARTS = {
    "estimates": charts.estimates(
        [
            charts.Estimate(name="v1", value=0.7, said="0.70", low=0.6, high=0.8, is_ours=True),
            charts.Estimate(name="<script>", value=0.5, said="0.50"),
        ]
    ),
    "learning": charts.learning([(1, 0.7, 0.7), (20, 0.5, None), (40, 0.4, 0.55)], 40),
    "over_time": charts.over_time(
        [{"month": "2013-04", "value": 0.7}, {"month": "2013-05", "value": None}], 0.72
    ),
    "reliability": charts.reliability([(0.1, 0.2), (0.9, 0.8)]),
    "ranking": charts.ranking([("a", 0.2), ("עמודה", -0.1)]),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_an_image_with_a_drawing_that_runs_nothing_and_fetches_nothing(name):
    root = drawing(pictures.chart(CHARTS[name], name))

    assert not [e for e in root.iter() if e.tag in (f"{SVG}script", f"{SVG}image", f"{SVG}use")]
    assert not [k for e in root.iter() for k in e.attrib if k.endswith("href") or k[:2] == "on"]


@pytest.mark.parametrize("name", CHARTS)
def test_every_colour_of_a_chart_has_its_twin_for_the_dark(name):
    root = drawing(pictures.chart(CHARTS[name], name))

    used = {e.get(key) for e in root.iter() for key in ("fill", "stroke")}
    recoloured = {*(COLOURS[level] for level in DARK), pictures.INK}
    assert used - {None, "none", "transparent"} <= recoloured
    assert used & recoloured
    style = root.find(f"{SVG}style")
    assert style is not None
    assert "prefers-color-scheme:dark" in (style.text or "")


@given(st.lists(st.integers(0, 10**9), max_size=40), st.sampled_from(["plain", "good", "bad"]))
def test_the_bars_of_a_histogram_have_the_heights_of_their_numbers(heights, level):
    html = pictures.bars(heights, (), level)

    if not heights:
        assert html == ""
        return
    drawn = [float(e.get("height")) for e in drawing(html).iter(f"{SVG}rect")]
    top = max(*heights, 1e-300)
    expected = [max(h / top * 23, 0.6 if h > 0 else 0.0) for h in heights]
    assert drawn == pytest.approx(expected, abs=0.051)


def test_the_filled_part_of_a_meter_is_the_share():
    rest, part = drawing(pictures.meter(0.25, width=80)).iter(f"{SVG}rect")

    assert (rest.get("width"), part.get("width")) == ("80", "20.0")


def test_a_curve_needs_two_points_and_what_is_counted_begins_at_zero():
    line = [(0.0, 5.0), (1.0, 6.0)]

    assert pictures.curves([([(1.0, 1.0)], "plain")], None, "one") == ""
    assert pictures.curves([(line, "plain")], None, "a") != pictures.curves(
        [(line, "plain")], None, "a", from_zero=True
    )


def test_what_a_picture_shows_may_be_named_by_a_user():
    drawn = pictures.image("<svg></svg>", "it's a <b>")

    assert drawn.startswith("<img alt='it&#x27;s a &lt;b&gt;' style=")
