"""A features cell can read what it was given, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors.request import BadQuery
from mlops_magics.tables import read_table
from mlops_magics.tables.sandbox import Sandbox


def run(sql, **options):
    sandbox = Sandbox(**options)
    try:
        sandbox.mentioned(sql)
        return sandbox.run(sql)
    finally:
        sandbox.close()


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO 'stolen.csv'",
        "ATTACH 'x.db'",
        "SET threads = 1",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t AS SELECT 1",
        "SELECT content FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT * FROM glob('/etc/*')",
        "SELCT 1",
    ],
)
def test_anything_but_one_select_over_what_was_given_is_refused(sql, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BadQuery) as refused:
        run(sql, folders=[tmp_path])

    assert str(refused.value).startswith("the query ")
    assert list(tmp_path.iterdir()) == []


def test_files_below_the_folder_can_be_read_and_a_link_that_leads_out_cannot(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "data.csv").write_text("a\n42\n")
    (inside / "link.csv").symlink_to(outside / "data.csv")

    assert run(f"SELECT * FROM '{inside}/data.csv'", folders=[inside]).rows() == [{"a": 42}]
    for path in (inside / "link.csv", f"{inside}/../out/data.csv"):
        with pytest.raises(BadQuery):
            run(f"SELECT * FROM '{path}'", folders=[inside])


def test_comments_semicolons_braces_and_percent_signs_are_part_of_the_query():
    sql = "SELECT '{x} % ; -- no comment' AS text -- done\n;"

    assert run(sql).rows() == [{"text": "{x} % ; -- no comment"}]


def test_a_query_says_which_tables_it_mentions_without_its_own():
    sandbox = Sandbox()

    found = sandbox.mentioned(
        "WITH mine AS (SELECT * FROM telco) SELECT * FROM mine JOIN usage USING (k)"
    )

    assert found.tables == ("telco", "usage")


def test_a_registered_table_keeps_its_names_and_values():
    sandbox = Sandbox()
    table = read_table(
        [{"сумма, €": 2**60, "s": None, "b": True}, {"сумма, €": 1, "s": "x", "b": None}]
    )

    sandbox.add_table('odd "name"', table)

    assert sandbox.run('SELECT * FROM "odd ""name"""').rows() == table.rows()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1; SELECT 2", "the query has 2 statements"),
        ("", "the query is empty"),
        ("COPY (SELECT 1) TO 'x.csv'", "the query is a COPY statement"),
        ("ATTACH 'x.db'", "the query is a ATTACH statement"),
        ("SET threads = 1", "the query is a SET statement"),
        ("DELETE FROM t", "the query is a DELETE statement"),
    ],
)
def test_what_is_no_single_select_is_called_what_it_is(sql, message):
    with pytest.raises(BadQuery) as refused:
        run(sql)

    assert str(refused.value) == f"{message}. Next: write one SELECT; it may begin with WITH"


def test_the_lock_holds_also_if_the_check_before_it_were_passed(tmp_path):
    secret = tmp_path / "out" / "secret.csv"
    secret.parent.mkdir()
    secret.write_text("a\n42\n")
    sandbox = Sandbox(folders=[tmp_path / "in"])

    for sql in (
        f"SELECT * FROM '{secret}'",
        f"COPY (SELECT 1) TO '{tmp_path}/stolen.csv'",
        f"ATTACH '{tmp_path}/x.db'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "LOAD httpfs",
    ):
        with pytest.raises(BadQuery, match=r"^the query (failed: |is refused: |reads )"):
            sandbox.run(sql)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_single_file_that_was_given_can_be_read_and_its_neighbour_cannot(tmp_path):
    given, other = tmp_path / "it's.csv", tmp_path / "other.csv"
    for file in (given, other):
        file.write_text("a\n42\n")
    quoted = str(given).replace("'", "''")

    assert run(f"SELECT * FROM '{quoted}'", files=[given]).rows() == [{"a": 42}]
    with pytest.raises(BadQuery):
        run(f"SELECT * FROM '{other}'", files=[given])


def test_a_neighbour_whose_name_only_begins_like_the_folder_is_outside(tmp_path):
    (tmp_path / "data-secret").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data-secret" / "x.csv").write_text("a\n1\n")

    with pytest.raises(BadQuery):
        run(f"SELECT * FROM '{tmp_path}/data-secret/x.csv'", folders=[tmp_path / "data"])


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM a, B WHERE x IN (SELECT y FROM c)", ("B", "a", "c")),
        ("WITH a AS (SELECT * FROM a WHERE n > 1) SELECT * FROM a", ("a",)),
        ("WITH a AS (FROM b), c AS (FROM a) FROM C", ("b",)),
        ("WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r", ()),
        ("SELECT * FROM (WITH q AS (FROM b) FROM q) JOIN q USING (k)", ("b", "q")),
        ("FROM 'data.csv' UNION ALL FROM range(3)", ("data.csv",)),
        ('SELECT * FROM "odd ""name"""', ('odd "name"',)),
    ],
)
def test_exactly_the_tables_from_outside_are_mentioned(sql, tables):
    assert Sandbox().mentioned(sql).tables == tables


def test_a_name_with_a_slash_or_the_ending_of_a_table_is_a_file():
    found = Sandbox().mentioned("FROM 'A.CSV', 'data/x', 'b.tsv', 'c.parquet', t")

    assert found.files == ("A.CSV", "b.tsv", "c.parquet", "data/x")


def test_a_query_that_fails_says_so_in_duckdbs_own_first_line():
    with pytest.raises(BadQuery) as refused:
        run("SELECT nope FROM range(3)")

    assert str(refused.value).startswith('the query failed: Binder Error: Referenced column "nope"')
    assert str(refused.value).endswith(" Next: correct the SQL, run again")
    assert "\n" not in str(refused.value)


def test_parameters_are_values_and_never_sql():
    sandbox = Sandbox()

    found = sandbox.run("SELECT $text AS text", {"text": "'; DROP TABLE t; --"})

    assert found.rows() == [{"text": "'; DROP TABLE t; --"}]


def test_times_of_a_query_are_utc():
    found = run("SELECT TIMESTAMPTZ '2024-06-01 12:00+02' AS a, TIMESTAMP '2024-06-01 10:00' AS b")

    assert found.column("a").to_list() == found.column("b").to_list()
    assert found.column("a").to_list()[0].isoformat() == "2024-06-01T10:00:00+00:00"


@given(st.text(st.characters(exclude_characters='\x00"', exclude_categories=["Cs"]), min_size=1))
def test_a_query_in_any_script_ends_where_its_text_ends(name):
    sql = f'SELECT 1 AS "é{name}" -- é\n; -- ;é'
    sandbox = Sandbox()

    found = sandbox.run(sql)

    sandbox.close()
    assert found.column(found.names[0]).to_list() == [1]
