"""A view and one of its entities, whatever they hold."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics.errors.tables import MissingColumns, UnusableValue
from mlops_magics.features import ViewDefinition
from mlops_magics.features.moments import moment_of
from mlops_magics.workspace.exploring import MOST_STEPS

ODD = "<script>alert(1)</script>" + "א" * 275


def written(workspace, table, **more):
    definition = ViewDefinition(**({"view": "v", "key": ("k",), "time": "at"} | more))
    workspace.features.write(definition, table)
    return workspace


@pytest.fixture
def customers(workspace):
    at = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"], utc=True)
    rows = pd.DataFrame({"k": [1, 1, 2], "at": at, "x": [1.0, 2.0, 3.0], "plan": ["a", "b", "a"]})
    return written(workspace, rows)


def test_without_an_entity_the_one_that_was_written_about_last_is_shown(customers):
    found = customers.explore("v")

    assert found.history.entity == {"k": 2}
    assert found.known.values == {"x": 3.0, "plan": "a"}
    assert found.is_now
    assert [e["k"] for e in found.entities] == [2, 1]
    assert [(p.name, p.distinct_count) for p in found.profile] == [("x", 3), ("plan", 2)]


def test_another_moment_shows_what_was_known_then_without_reading_again(customers):
    found = customers.explore("v", {"k": "1"})

    then = found.at(moment_of("2025-01-15"))

    assert (then.known.values, then.is_now) == ({"x": 1.0, "plan": "a"}, False)
    assert then.history is found.history
    assert found.steps() == (moment_of("2025-01-01"), moment_of("2025-02-01"))


def test_an_entity_without_a_part_of_its_key_or_of_another_kind_is_one_line(customers):
    with pytest.raises(MissingColumns) as lacking:
        customers.explore("v", {"other": 1})
    with pytest.raises(UnusableValue):
        customers.explore("v", {"k": "one"})

    assert str(lacking.value).endswith("Next: %features v live k=…")


def test_a_view_of_a_thousand_features_shows_a_few_of_them_and_those_that_are_named(workspace):
    rows = pd.DataFrame({f"f{place}": [float(place)] for place in range(1000)})
    written(workspace, rows.assign(k=1, at=pd.to_datetime(["2025-01-01"], utc=True)))

    found, named = workspace.explore("v"), workspace.explore("v", features=("f900", "f901"))

    assert (len(found.profile), found.hidden) == (12, 988)
    assert named.known.values == {"f900": 900.0, "f901": 901.0}


def test_an_entity_with_many_values_has_a_slider_that_can_still_be_moved(workspace):
    at = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(np.arange(6000), unit="h")
    written(workspace, pd.DataFrame({"k": 1, "at": at, "x": np.arange(6000.0)}))

    found = workspace.explore("v")

    assert len(found.steps()) == MOST_STEPS
    assert (found.steps()[0], found.steps()[-1]) == (
        int(found.history.event_time[0]),
        int(found.history.event_time[-1]),
    )


def test_names_and_values_of_any_letters_are_kept_as_they_are(workspace):
    at = pd.to_datetime(["2025-01-01"], utc=True)
    written(workspace, pd.DataFrame({"k": [ODD], "at": at, ODD: [ODD]}))

    found = workspace.explore("v", {"k": ODD})

    assert found.known.values == {ODD: ODD}


def test_a_view_on_demand_and_one_without_event_time_have_no_moments(workspace):
    sql = "SELECT a / b AS ratio FROM request"
    workspace.features.write(ViewDefinition(view="ratio", key=(), sql=sql, on_demand=True))
    written(workspace, pd.DataFrame({"k": [1], "x": [1.0]}), time=None)

    computed, timeless = workspace.explore("ratio"), workspace.explore("v")

    assert (computed.history, computed.known, computed.steps()) == (None, None, ())
    assert timeless.known.values == {"x": 1.0}
    assert timeless.steps() == ()
