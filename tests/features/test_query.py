"""A features cell sees what it may name, and every mistake is one line."""

import datetime as dt
import os
import signal
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.request import BadQuery
from mlops_magics.errors.tables import DuplicateColumns, UnreadableTable
from mlops_magics.errors.unknown import AmbiguousName, UnknownName
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.features.query import Scope, run_query
from mlops_magics.storage import Storage
from mlops_magics.tables import duck, read_table


@pytest.fixture
def storage(tmp_path, clock):
    opened = Storage(tmp_path / ".mlops", clock)
    yield opened
    opened.close()


@pytest.fixture
def sigint():
    """Python's own handler: a shell starts what runs behind it with none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def run(storage, sql, datasets=None, folders=(), **variables):
    scope = Scope(variables=variables, datasets=datasets or {}, folders=folders)
    return run_query(storage, sql, scope).rows()


def test_variables_views_and_datasets_are_tables_of_one_query(storage):
    FeatureStore(storage).write(ViewDefinition(view="plans", key=("k",)), [{"k": 1, "p": "gold"}])
    kept = {"kept": read_table([{"k": 1, "n": 2**60 + 1}])}
    frame = pd.DataFrame({"k": [1], "ж": [True]})

    sql = "SELECT * FROM frame JOIN plans USING (k) JOIN kept USING (k)"
    assert run(storage, sql, kept, frame=frame) == [
        {"k": 1, "ж": True, "p": "gold", "n": 2**60 + 1}
    ]


def test_a_view_is_a_table_with_its_own_key_and_time_columns(storage):
    day = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
    row = {"id": "ж", "n": 2**60 + 1, "at": day, "since": day, "ok": None, "v": 1.5}
    FeatureStore(storage).write(ViewDefinition(view="v", key=("id", "n"), time="at"), [row])

    assert run(storage, "FROM v") == [row]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '{x} %s $y ; -- /*' AS text",
        "SELECT '{x} %s $y ; -- /*' AS text;",
        "-- it's $nothing\nSELECT '{x} %s $y ; -- /*' AS text",
        "SELECT '{x} %s $y ; -- /*' AS text -- done $never;",
        "/* $no; 'it */ SELECT '{x} %s $y ; -- /*' AS text /* ; */",
    ],
)
def test_comments_semicolons_braces_and_percent_signs_are_left_as_they_are(storage, sql):
    assert run(storage, sql) == [{"text": "{x} %s $y ; -- /*"}]


def test_a_quoted_name_with_a_dollar_is_no_parameter(storage):
    assert run(storage, 'SELECT "$x" FROM t WHERE n > $n', t=[{"$x": 1, "n": 2}], n=1) == [
        {"$x": 1}
    ]


@pytest.mark.parametrize(
    "value",
    [
        3,
        2**60 + 1,
        1.5,
        True,
        "it's; --",
        np.int64(7),
        np.float32(1.5),
        np.bool_(False),
        dt.date(2025, 1, 1),
        pd.Timestamp("2025-01-01"),
    ],
)
def test_a_parameter_is_the_value_of_the_variable(storage, value):
    found = run(storage, "SELECT $x AS x, $x = $x AS same", x=value)[0]

    expected = read_table({"x": [value]}).rows()[0]["x"]
    assert found == {"x": expected, "same": True}


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_passes_as_a_parameter_unchanged(tmp_path_factory, text):
    storage = Storage(tmp_path_factory.getbasetemp() / "never")

    assert run(storage, "SELECT $x AS x", x=text) == [{"x": text}]
    assert not storage.exists


def test_a_temporary_table_of_the_query_may_have_the_name_of_the_table_that_it_reads(storage):
    sql = "WITH t AS (SELECT n + 1 AS n FROM t) SELECT * FROM t"

    assert run(storage, sql, t=[{"n": 1}]) == [{"n": 2}]


@pytest.mark.parametrize(
    ("sql", "error", "message"),
    [
        (
            "FROM telc",
            UnknownName,
            "no table, view or dataset named 'telc'. Did you mean 'telco'? "
            "Next: %features lists the views",
        ),
        (
            "SELECT $thresh",
            UnknownName,
            "no variable named 'thresh'. Did you mean 'threshold'? Next: set thresh",
        ),
        (
            "SELECT $model AS m",
            BadQuery,
            "the query binds $model, a object. Next: bind a number, a text or a time",
        ),
        (
            "FROM telco, Telco",
            AmbiguousName,
            "'telco' is both the table 'telco' and the table 'Telco'. "
            "Next: write it one way; to SQL, capital letters make no other name",
        ),
        (
            "FROM kept",
            AmbiguousName,
            "'kept' is both a variable and the dataset 'kept'. Next: rename the variable 'kept'",
        ),
        (
            "SELECT a, a FROM telco",
            DuplicateColumns,
            "the table has 2 columns named 'a'. Next: rename them, each name once",
        ),
        (
            "FROM model",
            TypeError,
            "the variable 'model' cannot be read as a table: it is a object. Next: give "
            "a pandas, polars or Arrow table, a list of dicts, a dict of lists, "
            "or the path of a CSV, JSON lines or Parquet file",
        ),
    ],
)
def test_a_name_that_cannot_be_used_is_told_why_and_what_to_do(storage, sql, error, message):
    telco, kept = pd.DataFrame({"a": [1]}), [{"a": 1}]
    variables = {"telco": telco, "kept": kept, "threshold": 3, "model": object(), "_hidden": 1}

    with pytest.raises(error) as refused:
        run(storage, sql, {"kept": read_table(kept)}, **variables)

    assert str(refused.value) == message


def test_one_view_in_two_spellings_is_one_table(storage):
    FeatureStore(storage).write_features(1, {"x": 2})

    sql = 'SELECT a.x AS x FROM "Default" a JOIN "default" b USING (entity_id)'
    assert run(storage, sql) == [{"x": 2}]


def test_files_below_the_notebooks_folder_are_tables_and_others_are_not(storage, tmp_path):
    inside, outside = tmp_path / "nb", tmp_path / "secret.csv"
    inside.mkdir()
    for path in (inside / "DATA.CSV", outside):
        path.write_text("a\n42\n")

    assert run(storage, f"FROM '{inside}/DATA.CSV'", folders=[inside]) == [{"a": 42}]
    with pytest.raises(BadQuery):
        run(storage, f"FROM '{outside}'", folders=[inside])


def test_a_csv_file_is_read_as_everywhere_and_not_guessed(storage, tmp_path):
    text = (
        "code;Rate;rate;moment;gone\n007;1,5;x;2024-06-01 12:00;NA\n08;2,5;y;2024-06-02 12:00;1\n"
    )
    (tmp_path / "a.csv").write_text(text)
    scope = Scope(variables={}, datasets={}, folders=[tmp_path])

    sql = f"SELECT *, moment + INTERVAL 1 DAY AS later FROM '{tmp_path}/a.csv' WHERE Rate > 2"
    found = run_query(storage, sql, scope)

    assert found.rows() == [
        {
            "code": "08",
            "Rate": 2.5,
            "rate": "y",
            "moment": dt.datetime(2024, 6, 2, 12, tzinfo=dt.UTC),
            "gone": 1,
            "later": dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC),
        }
    ]
    assert "'code' has leading zeros in 2 rows ('007'): read as text" in found.repairs


def test_a_csv_file_that_cannot_be_read_is_one_line(storage, tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,2\n3,"4\n')

    with pytest.raises(UnreadableTable, match="a quote is opened and never closed"):
        run(storage, f"FROM '{tmp_path}/a.csv'", folders=[tmp_path])


def test_a_pattern_of_files_is_left_to_the_database(storage, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"n\n{ord(name)}\n")

    found = run(storage, f"FROM '{tmp_path}/*.csv' ORDER BY n", folders=[tmp_path])

    assert found == [{"n": 97}, {"n": 98}]


def test_a_folder_that_was_opened_is_read_as_well(storage, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a\n42\n")

    sql = f"FROM '{tmp_path}/data/a.csv'"
    assert run(storage, sql, folders=[tmp_path / "nb", tmp_path / "data"]) == [{"a": 42}]


def test_names_that_differ_by_case_or_are_odd_come_back_unchanged(storage):  # O10
    names = ["Rate", "rate", "RATE", "rate_1", "order", "сумма, €", "a[0]", "7", 'a"b', "select"]
    frame = pd.DataFrame([range(len(names))], columns=names)

    assert run(storage, "SELECT * FROM frame", frame=frame) == [
        {name: place for place, name in enumerate(names)}
    ]
    view = ViewDefinition(view="odd", key=("Rate",))
    FeatureStore(storage).write(view, frame)
    assert run(storage, "FROM odd") == [{name: place for place, name in enumerate(names)}]
    assert run(storage, 'SELECT "Rate", "rate_2" FROM frame', frame=frame) == [
        {"Rate": 0, "rate": 1}
    ]


def test_a_column_that_is_really_called_so_keeps_its_name(storage):
    pair, other = [{"Rate": 1, "rate": 2}], [{"rate_1": 3}]

    sql = "SELECT other.* FROM pair, other"
    assert run(storage, sql, pair=pair, other=other) == [{"rate_1": 3}]


def test_columns_of_one_name_from_two_tables_are_refused(storage):
    with pytest.raises(DuplicateColumns):
        run(storage, "SELECT a.*, b.* FROM a, b", a=[{"k": 1}], b=[{"k": 1}])


def test_numpys_own_numbers_pass_as_what_they_are(storage):  # O25
    table = {
        "i": np.array([7], np.int64),
        "f": np.array([1.5], np.float32),
        "b": np.array([True]),
        "n": [np.nan],
        "a": [pd.NA],
    }
    FeatureStore(storage).write(ViewDefinition(view="v", key=("i",)), table)

    assert run(storage, "FROM v") == [{"i": 7, "f": 1.5, "b": True, "n": None, "a": None}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a -> b -- c",
        "SELECT -1 AS x, '->' AS y, ({'a': 1}).a AS z -- --lr -1",
    ],
)
def test_signs_that_look_like_flags_are_sql(storage, sql):  # O28
    if "z" in sql:
        assert run(storage, sql)[0]["x"] == -1
    else:
        with pytest.raises(BadQuery, match=r"^the query failed: Binder Error"):
            run(storage, sql)


def test_one_name_that_is_not_there_is_named_and_the_others_stay_what_they_are(storage):  # O30
    with pytest.raises(UnknownName) as refused:
        run(storage, "SELECT '{ok}' AS a, $x AS b, $nope AS c", ok=1, x=2)

    assert str(refused.value).startswith("no variable named 'nope'.")


@pytest.mark.parametrize(
    "runaway",
    [
        "SELECT sum(a.range * b.range) AS s FROM range(10000000) a, range(1000000) b",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) m FROM t",
    ],
)
def test_an_interrupt_stops_a_runaway_query_and_the_next_one_runs(storage, runaway, sigint):
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        run(storage, runaway)

    timer.join()
    assert run(storage, "SELECT 42 AS n") == [{"n": 42}]


def test_a_query_that_needs_too_much_is_told_so(storage, monkeypatch):
    monkeypatch.setattr(duck, "memory_bytes", lambda: 256 * 2**20)
    monkeypatch.setattr(duck, "spill_bytes", lambda folder: 64 * 2**20)
    FeatureStore(storage).write_features(1, {"x": 1})  # so that there is a folder to spill into

    with pytest.raises(BadQuery) as refused:
        run(storage, "SELECT range AS n, random() AS r FROM range(100000000) ORDER BY r")

    assert str(refused.value) == (
        "the query needs more memory and disk than it may have. "
        "Next: select fewer rows, or aggregate before joining"
    )


def test_a_query_reads_a_view_whose_rows_lie_in_a_segment(storage):
    table = {"k": list(range(6000)), "v": [n / 2 for n in range(6000)]}
    FeatureStore(storage).write(ViewDefinition(view="big", key=("k",)), table)

    assert len(list((storage.folder / "segments").iterdir())) == 1
    assert run(storage, "SELECT count(*) n, max(v) m FROM big") == [{"n": 6000, "m": 2999.5}]


def test_a_query_changes_no_variable_and_makes_no_workspace(storage):
    frame = pd.DataFrame({"a": [1.0, np.inf], "s": ["x", None]})
    before = frame.copy(deep=True)

    run(storage, "SELECT a + 1 AS a FROM frame", frame=frame)

    pd.testing.assert_frame_equal(frame, before)
    assert not storage.exists
