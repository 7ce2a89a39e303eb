"""A write appends what is new, all of it or nothing."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.state import BadName, KindChanged, NameTaken
from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.storage import Storage

DAY = 86_400_000_000


@pytest.fixture
def features(tmp_path, clock):
    return FeatureStore(Storage(tmp_path / ".mlops", clock))


def view(**changes):
    return ViewDefinition(**{"view": "v", "key": ("k",), "time": "t"} | changes)


def row(k, day, v):
    return {"k": k, "t": dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day), "v": v}


def now(features, key):
    return features.get_features(key, ["v"], view="v", at="2027-01-01").get("v")


def test_writing_three_values_of_one_moment_again_changes_neither_the_rows_nor_the_answer(features):
    table = [row(1, 0, 1.0), row(1, 0, 2.0), row(1, 0, 3.0)]
    features.write(view(), table)

    again = features.write(view(), table)

    assert (again.new_count, again.existing_count) == (0, 3)
    assert now(features, 1) == 3.0


def test_the_last_of_several_new_values_of_one_moment_counts_also_in_a_later_write(features):
    features.write(view(), [row(1, 0, 3.0)])

    features.write(view(), [row(1, 0, 3.0), row(1, 0, 2.0)])

    assert now(features, 1) == 2.0


def test_a_value_that_comes_back_is_written_again(features):
    for value in (1.0, 2.0, 1.0):
        features.write(view(), [row(1, 0, value)])

    assert features.describe("v").row_count == 3
    assert now(features, 1) == 1.0


tables = st.lists(
    st.builds(row, st.integers(0, 2), st.integers(0, 3), st.sampled_from([0.5, 1.5, 2.5])),
    min_size=1,
    max_size=10,
)


@settings(max_examples=30)
@given(tables, tables)
def test_the_last_value_written_counts_and_the_same_write_again_appends_nothing(
    tmp_path_factory, first, second
):
    features = FeatureStore(Storage(tmp_path_factory.mktemp("w") / ".mlops"))
    for table in (first, second):
        features.write(view(), table)
        assert features.write(view(), table).new_count == 0

    rows = [*first, *second]
    for key in {found["k"] for found in rows}:
        newest = max(found["t"] for found in rows if found["k"] == key)
        last = [f["v"] for f in rows if (f["k"], f["t"]) == (key, newest)][-1]
        assert now(features, key) == last


def test_a_changed_definition_makes_the_next_version_and_white_space_does_not(features):
    features.write(view(sql="SELECT 1"), [row(1, 0, 1.0)])

    same = features.write(view(sql=" SELECT 1 ;\n", cell="%%features v"), [row(1, 0, 1.0)])
    other = features.write(view(sql="SELECT 2"), [row(1, 0, 1.0)])

    assert (same.version.number, same.is_new_version) == (1, False)
    assert (other.version.number, other.is_new_version, other.is_history) == (2, True, True)
    assert [version.number for version in features.describe("v").versions] == [1, 2]


def test_the_new_version_of_a_view_has_its_own_rows(features):
    features.write(view(), [row(1, 0, 1.0), row(2, 0, 1.0)])

    features.write(view(ttl=DAY), [row(1, 0, 5.0)])

    assert features.describe("v").row_count == 1
    assert now(features, 2) is None


@pytest.mark.parametrize(
    ("first", "then", "before", "after"),
    [
        (1.5, "many", "number", "category"),
        ("many", 1, "category", "integer"),
        (1, 1.5, "integer", "number"),
        (True, "perhaps", "boolean", "category"),
    ],
)
def test_a_feature_of_another_kind_is_refused_and_nothing_is_written(
    features, first, then, before, after
):
    features.write(view(), [row(1, 0, first)])

    with pytest.raises(KindChanged) as refused:
        features.write(view(), [row(1, 1, then)])

    assert str(refused.value) == (
        f"'v' in the view 'v' was {before} and now is {after}. "
        "Next: CAST it to what it was, or write another view"
    )
    assert features.describe("v").row_count == 1


def test_a_whole_number_where_numbers_were_is_a_number(features):
    features.write(view(), [row(1, 0, 1.5)])
    features.write(view(), [row(1, 1, 2)])

    assert now(features, 1) == 2.0


def test_a_key_keeps_its_kind_for_ever(features):
    features.write(view(), [row("42", 0, 1.0)])
    features.write(view(ttl=DAY), [row(42, 0, 2.0)])

    at = "2026-01-01T01:00"
    assert features.get_features("42", ["v"], at=at, view="v") == {"v": 2.0}
    assert features.describe("v").current.key[0].kind == "category"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            [{"k": 1, "t": "2026-01-01"}],
            "column 't' is the last: no feature is left. Next: select features",
        ),
        (
            [{"k": 1, "t": "soon", "v": 1}],
            "column 't' is category ('soon') and no time. Next: CAST it to TIMESTAMP",
        ),
        (
            [{"k": 1, "t": 2.5, "v": 1}],
            "column 't' is number (2.5) and no time. Next: CAST it to TIMESTAMP",
        ),
        (
            [{"k": 1, "t": None, "v": 1}, {"k": 1, "t": "2026-01-01", "v": 1}],
            "column 't' has no time in 1 rows. Next: leave these rows out",
        ),
        (
            [{"k": None, "t": "2026-01-01", "v": 1}] * 4 + [{"k": 1, "t": "2026-01-01", "v": 1}],
            "column 'k' is missing in 4 rows (first: 0, 1, 2) and is a key. "
            "Next: leave them out: WHERE k IS NOT NULL",
        ),
    ],
)
def test_what_cannot_be_joined_later_is_refused_before_anything_is_written(
    features, table, message
):
    with pytest.raises(UnusableColumn) as refused:
        features.write(view(), table)

    assert str(refused.value) == message
    assert features.list_views() == ()


def test_a_name_in_another_case_is_the_same_name(features):
    features.write(view(view="Customers"), [row(1, 0, 1.0)])

    with pytest.raises((NameTaken, BadName)) as refused:
        features.write(view(view="request"), [row(1, 0, 1.0)])

    assert str(refused.value).startswith("'request' cannot name a view: it is a word of the magics")
    assert features.describe("customers").view == "Customers"
    with pytest.raises(NameTaken) as taken:
        features.write(view(view="customers"), [row(1, 0, 1.0)])
    assert str(taken.value) == (
        "feature view 'Customers' exists already. Next: use 'Customers', or another name"
    )
    with pytest.raises(UnknownName) as unknown:
        features.describe("custmers")
    assert str(unknown.value) == (
        "no feature view named 'custmers'. Did you mean 'Customers'? Next: %features lists them"
    )


def test_what_will_hurt_later_is_said(features):
    table = [row(1, 0, 1.0), row(1, 0, 1.0), {**row(2, 900, 1.0), "gone": None}]

    written = features.write(view(), table)

    assert written.warnings == (
        "1 row shares its key and time with another; the last one written counts",
        "1 rows lie in the future; no join sees them before then",
        "v has one value only",
        "gone is missing in every row",
    )
    assert (written.entity_count, written.new_count, written.is_history) == (2, 3, True)
