"""Which points a small chart of an entity's values has."""

import numpy as np
import pytest

from mlops_magics.display.pictures import chart
from mlops_magics.display.timelines import MOST_POINTS, timeline
from mlops_magics.features.history import History
from mlops_magics.features.view import ViewVersion
from mlops_magics.storage.packing import Field
from mlops_magics.tables.table import Column, Table

DAY = 24 * 3600 * 1_000_000
VERSION = ViewVersion(
    view="v",
    number=1,
    key=(Field("k", "integer", "int64"),),
    time="at",
    ttl=None,
    sql=None,
    sha256="",
    cell=None,
    cell_number=None,
    written_at=0,
)


def history(kind, values, delays=0):
    found = np.array([*values, None], dtype=object)[:-1]
    if kind == "number":
        found = np.array(values, np.float64)
    count = len(values)
    times = np.arange(count) * DAY
    return History(
        version=VERSION,
        entity={"k": 1},
        table=Table.of({"x": Column(kind, found, np.zeros(count, bool))}),
        event_time=times,
        known_at=times + delays,
        row_count=count,
    )


def layers(found, at):
    return timeline(found, "x", found.at(at))["layer"]


def values(layer):
    return [point["value"] for point in layer["data"]["values"]]


def test_what_is_later_than_the_moment_is_grey_and_what_was_known_lasts_until_it():
    whole, known = layers(history("number", [1.0, 2.0, 3.0, 4.0]), at=int(1.5 * DAY))[:2]

    assert values(whole) == [1.0, 2.0, 3.0, 4.0]
    assert values(known) == [1.0, 2.0, 2.0]
    assert known["data"]["values"][-1]["time"] == int(1.5 * DAY) // 1000


def test_what_was_true_and_not_yet_known_has_a_mark_of_its_own():
    found = layers(history("number", [1.0, 2.0, 3.0], np.array([0, 5 * DAY, 0])), at=2 * DAY)

    marked = [layer for layer in found if layer["mark"].get("shape") == "triangle-up"]
    assert [values(layer) for layer in marked] == [[2.0]]


def test_of_very_many_values_the_highest_and_the_lowest_stay():
    many = np.sin(np.arange(100_000) / 50)
    many[70_001], many[3] = 99.0, -99.0

    whole = values(layers(history("number", many.tolist()), at=200_000 * DAY)[0])

    assert len(whole) <= MOST_POINTS
    assert {99.0, -99.0} <= set(whole)


def test_a_category_of_many_values_shows_the_commonest_by_name():
    names = [f"n{place}" for place in range(300)] + ["often"] * 100

    whole = values(layers(history("category", names), at=500 * DAY)[0])

    assert "often" in whole
    assert "any other" in whole
    assert len(set(whole)) <= 6


@pytest.mark.parametrize("count", [1, 2, 500])
def test_a_chart_is_drawn_of_any_number_of_values(count):
    found = history("number", list(range(count)))

    assert chart(timeline(found, "x", found.at(DAY)), "x").startswith("<img alt='x'")


def test_prose_has_no_chart_and_neither_has_a_feature_without_values():
    assert timeline(history("text", ["a long story"]), "x", history("text", ["a"]).at(0)) is None
