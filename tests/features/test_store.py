"""Features of one entity, as the Python interface has them."""

import pytest

from mlops_magics.errors.request import BadArgument
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.features.query import Scope, run_query
from mlops_magics.storage import Storage


@pytest.fixture
def storage(tmp_path):
    opened = Storage(tmp_path / ".mlops")
    yield opened
    opened.close()


def test_the_default_view_grows_its_columns_and_a_write_is_one_whole_row(storage):
    store = FeatureStore(storage)
    store.write_features(42, {"tenure": 3})
    store.write_features(42, {"plan": "gold"})

    assert store.get_features(42, ["tenure", "plan"]) == {"plan": "gold"}

    store.write_features(42, {"tenure": 4}, merge=True)

    assert store.get_features(42, ["tenure", "plan"]) == {"tenure": 4, "plan": "gold"}


def test_an_unknown_entity_has_no_features(storage):
    store = FeatureStore(storage)
    store.write_features(42, {"tenure": 3})

    assert store.get_features(7, ["tenure"]) == {}
    assert FeatureStore().get_features(1, ["x"]) == {}


def test_a_value_is_read_as_of_a_moment(storage):
    store = FeatureStore(storage)
    store.write_features(1, {"x": 1.0}, event_time="2024-01-01")

    assert store.get_features(1, ["x"], at="2023-12-31") == {}
    assert store.get_features(1, ["x"], at="2024-01-01") == {"x": 1.0}


def test_a_query_reads_variables_and_views_by_name_and_binds_parameters(storage):
    store = FeatureStore(storage)
    store.write_features(1, {"x": 1.0})
    names = {"telco": {"entity_id": [1, 2], "fee": [10.0, 20.0]}, "least": 15}

    sql = 'SELECT telco.*, x FROM telco LEFT JOIN "default" USING (entity_id) WHERE fee > $least'
    found = run_query(storage, sql, Scope(variables=names, datasets={}))

    assert found.rows() == [{"entity_id": 2, "fee": 20.0, "x": None}]


def test_an_unknown_table_is_answered_with_the_nearest_name(storage):
    FeatureStore(storage).write_features(1, {"x": 1.0}, view="customers")

    with pytest.raises(LookupError) as refused:
        run_query(storage, "SELECT * FROM customer", Scope(variables={}, datasets={}))

    assert str(refused.value) == (
        "no table, view or dataset named 'customer'. Did you mean 'customers'? "
        "Next: %features lists the views"
    )


def test_a_name_that_is_both_a_variable_and_a_view_is_refused(storage):
    FeatureStore(storage).write_features(1, {"x": 1.0}, view="customers")

    with pytest.raises(LookupError, match="'customers' is both a variable and the feature view"):
        run_query(
            storage, "FROM customers", Scope(variables={"customers": [{"a": 1}]}, datasets={})
        )


def test_merging_copies_the_newest_row_and_not_merging_leaves_out_what_is_not_named(storage):
    store = FeatureStore(storage)
    store.write_features("ж", {"a": 1, "b": "x"}, event_time="2024-01-01")
    store.write_features("ж", {"a": 2}, event_time="2024-01-02", merge=True)
    store.write_features("ж", {"a": 3}, event_time="2024-01-03")

    # the first write is history; what came later was not known in 2024
    assert store.get_features("ж", ["a", "b"], at="2024-01-03") == {"a": 1, "b": "x"}
    assert store.get_features("ж", ["a", "b"]) == {"a": 3}


def test_merging_into_an_entity_that_is_not_there_writes_what_was_given(storage):
    store = FeatureStore(storage)

    store.write_features(1, {"a": 1}, merge=True)

    assert store.get_features(1, ["a"]) == {"a": 1}


@pytest.mark.parametrize("entity", [7, 2**60 + 1, "7", "解約", "a/b", '"', ""])
def test_an_entity_of_any_kind_finds_its_own_features(storage, entity):
    store = FeatureStore(storage)
    store.write_features(entity, {"x": 1})

    assert store.get_features(entity, ["x"]) == {"x": 1}


def test_a_time_that_is_none_is_refused(storage):
    store = FeatureStore(storage)

    with pytest.raises(ValueError, match=r"^the time is .soon.\. Next: give a time such as"):
        store.write_features(1, {"x": 1}, event_time="soon")

    assert not storage.exists


def test_a_view_with_several_keys_is_no_place_for_one_entity(storage):
    store = FeatureStore(storage)
    store.write(ViewDefinition(view="v", key=("a", "b")), [{"a": 1, "b": 2, "x": 1}])

    with pytest.raises(BadArgument) as refused:
        store.write_features(1, {"x": 1}, view="v")

    assert str(refused.value) == "entity_id is 1. Next: give a table with a, b to write()"


def test_views_are_listed_by_name_with_what_is_in_them(storage):
    store = FeatureStore(storage)
    for name in ("Zebra", "apple"):
        store.write(ViewDefinition(view=name, key=("k",)), [{"k": 1, "x": 1, "y": "a"}])

    assert [view.view for view in store.list_views()] == ["apple", "Zebra"]
    assert [(f.name, f.kind) for f in store.describe("ZEBRA").features] == [
        ("x", "integer"),
        ("y", "category"),
    ]
    assert store.describe("apple").row_count == 1
