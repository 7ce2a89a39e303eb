"""A features cell can read what it was given, and nothing else."""

import pytest

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
