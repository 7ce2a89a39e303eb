"""What the controls of an explorer are, and what using them changes; no page is needed."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec, display, widgets
from mlops_magics.errors.tables import UnusableValue
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import ViewDefinition
from mlops_magics.widgets import Button, Field, Picker, Slider

ODD = "<script>alert(1)</script>" + "א" * 275
ROW = {"tenure": 3, "monthly_charges": 95.0, "paperless": True, "contract": "One year"}


def train(workspace, data, **more):
    values = {"model_id": "churn", "data": data, "target": "churned", "seconds": 4} | more
    workspace.train(TrainingSpec(**values))


@pytest.fixture
def form(workspace, table):
    train(workspace, table, exclude=("decided_at",))
    return widgets.WhatIfForm(workspace.what_if("churn", ROW))


def by_label(form):
    return {control.label.partition(" (")[0]: control for control in form.controls()}


def use(form, label, value):
    """Use a control as the page does: what is sent is read by the control."""
    control = by_label(form)[label]
    form.use(control.name, control.read(value))
    return by_label(form)


def test_each_feature_has_a_control_of_its_kind_with_its_value(form):
    found = by_label(form)

    assert found["tenure"] == Field(
        found["tenure"].name, "tenure (0 to 71)", "3", hint="missing", choices=()
    )
    assert isinstance(found["contract"], Picker)
    assert found["contract"].value == "value One year"
    assert [said for _, said in found["paperless"].options] == ["true", "false", "missing"]
    assert "Reset" not in found


def test_a_change_moves_the_answer_and_reset_takes_it_back(form):
    before = form.result.prediction

    found = use(form, "tenure", "60")

    assert form.result.prediction.features["tenure"] == 60
    assert form.result.prediction.explanation != before.explanation
    assert found["tenure"].value == "60"
    found = use(form, "Reset", None)
    assert form.result.prediction == before
    assert found["tenure"].value == "3"


def test_typing_what_was_there_at_the_start_is_no_change(form):
    use(form, "monthly_charges", "20")
    use(form, "monthly_charges", "95")

    assert form.result.changed == ()


def test_a_value_can_be_missing_picked_or_another_one(form):
    use(form, "tenure", "")
    use(form, "contract", "missing")
    use(form, "paperless", "value false")
    assert [form.result.prediction.features[n] for n in ("tenure", "contract", "paperless")] == [
        None,
        None,
        False,
    ]

    found = use(form, "contract", "another")
    assert isinstance(found["contract"], Field)
    use(form, "contract", ODD)

    assert form.result.prediction.features["contract"] == ODD
    assert any("unseen in training" in said for said in form.result.prediction.warnings)


def test_what_is_no_number_is_refused_and_everything_stays(form):
    use(form, "tenure", "60")
    kept = form.result

    with pytest.raises(UnusableValue):
        use(form, "tenure", "many")

    assert form.result is kept


def test_a_time_is_typed_as_it_is_shown_or_as_a_day(workspace, table):
    train(workspace, table)
    form = widgets.WhatIfForm(workspace.what_if("churn", ROW | {"decided_at": "2025-02-01T12:00"}))

    assert by_label(form)["decided_at"].value == "2025-02-01T12:00:00+00:00"
    use(form, "decided_at", "2025-03-01")

    assert form.result.prediction.features["decided_at"].isoformat() == "2025-03-01T00:00:00+00:00"


def wide(count, **columns):
    chance = np.random.default_rng(0)
    made = {f"f{place}": chance.normal(size=count) for place in range(20)}
    return pd.DataFrame(made | columns).assign(
        churned=np.where(made["f17"] > 0, "yes", "no"),
    )


def test_a_model_with_many_features_shows_what_matters_most_and_finds_the_others(workspace):
    train(workspace, wide(120, **{ODD: np.arange(120.0)}))
    form = widgets.WhatIfForm(workspace.what_if("churn", {}))

    assert form.controls()[0].label.startswith("f17")
    assert len(form.controls()) == 13
    find = form.controls()[-1]
    assert (find.name, find.label) == ("find", "find one of 9 more")
    hidden = find.choices[0]
    form.use("find", hidden)

    assert form.controls()[0].label.startswith(hidden[:30])
    with pytest.raises(UnknownName):
        form.use("find", "nothing like it")
    shown = display.render(form.result)
    assert "<script" not in shown.html


def test_a_feature_of_a_thousand_values_offers_the_commonest(workspace):
    names = np.array([f"name {place}" for place in range(1000)])
    data = pd.DataFrame({"who": np.concatenate([names, names]), "x": np.arange(2000.0)})
    data["churned"] = np.where(data["x"] > 1000, "yes", "no")
    train(workspace, data)
    form = widgets.WhatIfForm(workspace.what_if("churn", {"who": "name 999"}))

    picker = by_label(form)["who"]

    assert isinstance(picker, Picker)
    assert len(picker.options) < 210
    assert ("value name 999", "name 999") in picker.options


@pytest.fixture
def usage(workspace):
    at = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"], utc=True)
    rows = pd.DataFrame({"k": [1, 1, 2], "at": at, "x": [1.0, 2.0, 3.0], ODD: [ODD, "b", "a"]})
    workspace.features.write(ViewDefinition(view="usage", key=("k",), time="at"), rows)
    return widgets.ViewForm(workspace, workspace.explore("usage", {"k": 1}))


def test_the_slider_moves_through_what_was_known_and_stands_at_now_at_first(usage):
    key, slider, refresh = usage.controls()
    assert (key.value, key.choices) == ("1", ("2", "1"))
    assert slider == Slider("as of", "as of", 0, 2, 2, said=("1 Jan 2025", "1 Feb 2025", "now"))
    assert isinstance(refresh, Button)

    usage.use("as of", 0.0)

    assert usage.result.known.values == {"x": 1.0, ODD: ODD}
    assert not usage.result.is_now
    assert usage.controls()[1].value == 0
    usage.use("as of", 2.0)
    assert usage.result.known.values == {"x": 2.0, ODD: "b"}
    assert usage.result.is_now


def test_another_entity_is_shown_as_of_now_and_an_unknown_one_says_so(usage):
    usage.use("as of", 0.0)
    usage.use("key 0", "2")
    assert usage.result.known.values == {"x": 3.0, ODD: "a"}

    usage.use("key 0", "99")
    assert "nothing is known of it" in display.render(usage.result).text
    assert [control.name for control in usage.controls()] == ["key 0", "refresh"]
    with pytest.raises(UnusableValue):
        usage.use("key 0", "one")
    usage.use("key 0", "1")
    assert usage.result.known.values["x"] == 2.0


def test_what_was_written_meanwhile_is_there_after_a_refresh(workspace, usage):
    later = pd.DataFrame({"k": [1], "at": pd.to_datetime(["2025-04-01"], utc=True), "x": [9.0]})
    workspace.features.write("usage", later.assign(**{ODD: "c"}))

    usage.use("refresh", None)

    assert usage.result.known.values["x"] == 9.0


def test_a_view_of_a_thousand_features_is_searched_by_name(workspace):
    rows = pd.DataFrame({f"f{place}": [float(place)] for place in range(1000)})
    rows = rows.assign(k=1, at=pd.to_datetime(["2025-01-01"], utc=True))
    workspace.features.write(ViewDefinition(view="many", key=("k",), time="at"), rows)
    form = widgets.ViewForm(workspace, workspace.explore("many"))

    form.use("find", "f99")

    assert list(form.result.known.values)[:2] == ["f99", "f990"]
    with pytest.raises(UnknownName):
        form.use("find", "g")
    form.use("find", "")
    assert next(iter(form.result.known.values)) == "f0"


def test_an_entity_of_a_hundred_thousand_values_has_a_page_and_a_slider(workspace):
    at = pd.Timestamp("2010-01-01", tz="UTC") + pd.to_timedelta(np.arange(100_000), unit="h")
    rows = pd.DataFrame({"k": 1, "at": at, "x": np.sin(np.arange(100_000) / 700)})
    workspace.features.write(ViewDefinition(view="long", key=("k",), time="at"), rows)
    form = widgets.ViewForm(workspace, workspace.explore("long"))

    form.use("as of", 100.0)
    shown = display.render(form.result)

    assert len(form.controls()[1].said) == 201
    assert len(shown.html) < 60_000
    assert "100,000 rows" in shown.text


def test_the_pickers_of_versions_offer_each_and_show_the_two_that_are_chosen(workspace, table):
    for left_out in ((), ("contract",), ("tenure",)):
        train(workspace, table, exclude=("decided_at", *left_out))
    form = widgets.VersionsForm(workspace, workspace.beside("churn"))
    first, second, _ = form.controls()
    assert (first.value, second.value) == ("v2", "v3")
    assert [value for value, _ in first.options] == ["v3", "v2", "v1"]

    form.use("first", "v1")

    assert form.controls()[0].value == "v1"
    assert [name for name, _, _ in form.result.columns] == ["tenure"]
    form.use("second", "v1")
    assert display.render(form.result).text.startswith("churn · both are v1")
