"""A write appends what is new, all of it or nothing."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.state import BadName, ColumnsChanged, KindChanged, NameTaken
from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.features import FeatureStore, ViewDefinition, news
from mlops_magics.storage import Storage

DAY = 86_400_000_000
START_OF_2026 = 1_767_225_600_000_000


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
            "column 't' has no time in 1 row. Next: leave these rows out",
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
        "1 row lies in the future (k 2 at 2028-06-19 00:00); no join sees it before then",
        "v has one value only",
        "gone is missing in every row",
    )
    assert (written.entity_count, written.new_count, written.is_history) == (2, 3, True)


# history, late rows, dry runs


def test_a_later_write_says_how_many_rows_no_earlier_moment_will_see_and_names_history(
    features, clock
):
    features.write(view(), [row(1, 0, 1.0)])
    clock.advance(100 * 24 * 3600)

    late = features.write(view(), [row(1, 1, 2.0), row(2, 1, 2.0), row(3, 104, 2.0)])

    assert (late.late_count, late.is_history) == (2, False)
    assert late.warnings[0] == (
        "2 rows are older than a day and known from now on: no earlier moment will see them. "
        "If this is history, write it again with --history"
    )
    assert features.get_features(2, ["v"], at="2026-02-01", view="v") == {}


def test_writing_it_again_as_history_lets_earlier_moments_see_it(features, clock):
    features.write(view(), [row(1, 0, 1.0)])
    clock.advance(100 * 24 * 3600)
    late = [row(1, 1, 2.0), row(2, 1, 2.0)]
    features.write(view(), late)

    again = features.write(view(), late, history=True)
    third = features.write(view(), late, history=True)

    assert (again.new_count, again.late_count, again.is_history) == (2, 0, True)
    assert (third.new_count, third.existing_count) == (0, 2)
    assert features.get_features(2, ["v"], at="2026-02-01", view="v") == {"v": 2.0}


def test_history_of_another_sql_belongs_to_the_version_that_there_is(features):
    features.write(view(sql="FROM january"), [row(1, 0, 1.0)])

    more = features.write(view(sql="FROM february"), [row(1, 31, 2.0)], history=True)

    assert (more.version.number, more.is_new_version, more.new_count) == (1, False, 1)
    assert features.describe("v").row_count == 2
    assert [write.sql for write in features.writes("v")] == ["FROM january", "FROM february"]


def test_history_with_other_columns_is_refused_and_told_what_differs(features):
    features.write(view(sql="FROM january"), [row(1, 0, 1.0)])
    other = [{**row(1, 31, 2.0), "w": 1}]

    with pytest.raises(ColumnsChanged) as refused:
        features.write(view(sql="FROM february"), other, history=True)

    assert str(refused.value) == (
        "--history adds to v v1, and these rows also have 'w'. "
        "Next: select its columns, or leave out --history to make the next version"
    )
    assert features.describe("v").row_count == 1


def test_a_table_without_sql_adds_to_what_the_sql_has_made(features):
    features.write(view(sql="FROM january", ttl=DAY), [row(1, 0, 1.0)])

    more = features.write(view(), [row(2, 0, 1.0)])

    assert (more.version.number, more.new_count) == (1, 1)


def test_history_of_a_view_without_time_was_always_true_and_corrects_nothing_later(features, clock):
    timeless = ViewDefinition(view="v", key=("k",))
    features.write(timeless, [{"k": 1, "v": 1.0}])
    clock.advance(24 * 3600)
    features.write(timeless, [{"k": 1, "v": 2.0}])

    written = features.write(timeless, [{"k": 1, "v": 3.0}, {"k": 2, "v": 5.0}], history=True)
    again = features.write(timeless, [{"k": 1, "v": 3.0}, {"k": 2, "v": 5.0}], history=True)

    assert (written.new_count, again.new_count) == (2, 0)
    assert features.get_features(1, ["v"], at="2025-01-01", view="v") == {"v": 3.0}
    assert features.get_features(1, ["v"], view="v") == {"v": 2.0}
    assert features.get_features(2, ["v"], at="2025-01-01", view="v") == {"v": 5.0}


def test_a_dry_run_says_what_a_write_would_do_and_writes_nothing(features):
    tried = features.write(view(), [row(1, 0, 1.0)], dry_run=True)

    assert (tried.is_dry_run, tried.new_count, tried.version.number) == (True, 1, 1)
    assert features.list_views() == ()

    features.write(view(), [row(1, 0, 1.0)])
    tried = features.write(view(), [row(1, 0, 1.0), row(1, 0, 2.0)], dry_run=True)

    assert (tried.new_count, tried.existing_count) == (2, 0)
    assert features.describe("v").row_count == 1


def test_a_dry_run_in_an_empty_folder_makes_no_workspace(tmp_path):
    storage = Storage(tmp_path / ".mlops")

    FeatureStore(storage).write(view(), [row(1, 0, 1.0)], dry_run=True)

    assert not storage.exists


# versions and kinds


def test_a_new_version_shows_what_changed_and_what_it_leaves_behind(features):
    features.write(view(sql="SELECT k, t, v\nFROM a"), [{**row(1, 0, 1), "w": 1}])

    changed = features.write(
        view(sql="SELECT k, t, v\nFROM b", ttl=DAY), [{**row(1, 0, 1.5), "x": 1}]
    )

    assert changed.changes == (" time t", "+ttl 1d", " SELECT k, t, v", "-FROM a", "+FROM b")
    assert changed.warnings[:4] == (
        "v1 keeps its 1 row, which v2 does not have; "
        "a cell with --history adds its rows to the newest version",
        "w: in v1, not here",
        "x: new",
        "v was integer in v1 and is number now",
    )


@pytest.mark.parametrize("first", [[None], [None, None]])
@pytest.mark.parametrize("then", ["gold", 2**60 + 1, True, 1.5])
def test_a_first_write_without_any_value_does_not_fix_the_kind(features, first, then):
    features.write(view(), [row(k, 0, None) for k, _ in enumerate(first)])

    written = features.write(view(), [row(9, 1, then)])

    assert written.new_count == 1
    assert now(features, 9) == then
    assert now(features, 0) is None
    features.write(view(), [row(8, 1, None)])
    with pytest.raises(KindChanged):
        features.write(view(), [row(9, 2, {"gold": 1, True: 1.5}.get(then, "many"))])


def test_texts_that_are_times_are_read_and_that_is_said(features):
    naive = features.write(view(view="a"), [{"k": 1, "t": "2026-01-01T10:00", "v": 1.0}])
    mixed = features.write(
        view(view="b"),
        [
            {"k": 1, "t": "2026-01-01T10:00+02:00", "v": 1.0},
            {"k": 2, "t": "2026-01-01T10:00Z", "v": 2.0},
        ],
    )

    assert naive.warnings[0] == "t is text, read as times in UTC; CAST it to TIMESTAMP to be sure"
    assert mixed.warnings[0] == "t is text with 2 time zones, some maybe none; read into UTC"
    assert features.get_features(1, ["v"], at="2026-01-01T08:00", view="b") == {"v": 1.0}
    assert features.get_features(2, ["v"], at="2026-01-01T09:59", view="b") == {}


def test_times_of_several_zones_are_of_one_clock_and_that_is_said(features):
    zones = [dt.timezone(dt.timedelta(hours=hours)) for hours in (0, 2)]
    ten = [dt.datetime(2026, 1, 1, 10, tzinfo=zone) for zone in zones]
    table = [{"k": k, "t": moment, "v": 1.0 * k} for k, moment in enumerate(ten)]

    written = features.write(view(), table)
    naive = features.write(
        view(view="n"), [*table, {"k": 2, "t": dt.datetime(2026, 1, 1), "v": 2.0}]
    )

    assert written.warnings == ("times in 't' are of 2 time zones: read into UTC",)
    assert naive.warnings == written.warnings
    assert written.first == START_OF_2026 + 8 * 3_600_000_000


def test_rows_that_only_repeat_each_other_contradict_nothing(features):
    written = features.write(view(), [row(1, 0, 1.0), row(1, 0, 1.0), row(2, 1, 2.0)])

    assert written.warnings == ()


def test_what_was_written_is_remembered_with_its_source(features):
    cell = "%%features v --key k --time t\nFROM a"
    features.write(view(sql="FROM a", cell=cell, cell_number=3), [row(1, 0, 1.0)])
    features.write(view(sql="FROM a", cell=cell, cell_number=7), [row(1, 0, 1.0), row(2, 0, 1.0)])

    found = [
        (w.number, w.new_count, w.existing_count, w.is_history, w.cell_number)
        for w in features.writes("V")
    ]
    assert found == [(1, 1, 0, True, 3), (1, 1, 1, False, 7)]
    assert features.writes("v")[0].cell == cell


@settings(max_examples=30)
@given(tables, tables, st.booleans())
def test_comparing_in_shares_finds_the_same_news(tmp_path_factory, first, second, history):
    counts = []
    for rows_at_a_time in (1, 10**9):
        features = FeatureStore(Storage(tmp_path_factory.mktemp("w") / ".mlops"))
        features.write(view(), first)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(news, "ROWS_AT_A_TIME", rows_at_a_time)
            counts.append(features.write(view(), second, history).new_count)

    assert counts[0] == counts[1]
