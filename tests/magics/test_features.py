"""%features and %%features in a shell."""

# ruff: noqa: E501  # a query and its answer read best side by side

import pandas as pd
import pytest


@pytest.fixture
def seen(shell):
    """The text of what the last cell showed."""

    def run(cell):
        shell.forget()
        outcome = shell.run_cell(cell)
        outcome.raise_error()
        return "\n".join(shown["text/plain"] for shown in shell.displayed)

    start = pd.Timestamp("2025-01-01", tz="UTC")
    shell.user_ns["january"] = pd.DataFrame(
        {"k": [1, 2], "t": [start] * 2, "Rate": [0.5, 1.5], "rate": [1, 2]}
    )
    shell.user_ns["february"] = shell.user_ns["january"].assign(t=start + pd.Timedelta("31D"))
    return run


def error(shell, cell):
    return str(shell.run_cell(cell).error_in_exec)


CELL = "%%features v --key k --time t {flags}\nSELECT * FROM {table}"


def test_a_dry_run_shows_the_write_and_writes_nothing(seen, shell):
    text = seen(CELL.format(flags="--dry-run --out rows", table="january"))

    assert text.splitlines()[:2] == [
        "v v1 · nothing written; 2 rows would be new, 0 are already there",
        "2 entities · 1 Jan 2025 · known as history",
    ]
    assert list(shell.user_ns["rows"].columns) == ["k", "t", "Rate", "rate"]
    assert seen("%features") == "no feature views yet. Next: %%features NAME --key COLUMN"


def test_a_second_load_of_history_belongs_to_the_first(seen):
    seen(CELL.format(flags="", table="january"))

    text = seen(CELL.format(flags="--history", table="february"))

    assert text.splitlines()[0] == "v v1 · 2 rows new, 0 already there"
    assert "known as history" in text
    assert "4 rows in 2 writes" in seen("%features v")


def test_another_sql_makes_version_two_and_shows_the_difference(seen):
    seen(CELL.format(flags="", table="january"))

    lines = seen(CELL.format(flags="", table="february")).splitlines()

    assert lines[0] == "v v2 · 2 rows new, 0 already there"
    assert "    -SELECT * FROM january" in lines
    assert "    +SELECT * FROM february" in lines
    assert (
        "v1 keeps its 2 rows, which v2 does not have; "
        "a cell with --history adds its rows to the newest version"
    ) in lines


def test_late_rows_are_counted_and_history_is_named(seen):
    seen("%features v --data january --key k --time t")

    text = seen("%features v --data february --key k --time t")

    assert (
        "2 rows are older than a day and known from now on: no earlier moment will see them. "
        "If this is history, write it again with --history"
    ) in text
    again = seen("%features v --data february --key k --time t --history")
    assert again.splitlines()[0] == "v v1 · 2 rows new, 0 already there"


def test_a_join_says_what_it_did_and_an_earlier_one_comes_back(seen, shell):
    seen(CELL.format(flags="", table="january"))
    shell.user_ns["then"] = pd.Timestamp.now("UTC").isoformat()
    shell.user_ns["asked"] = pd.DataFrame({"k": [1, 9], "t": pd.Timestamp("2025-03-01", tz="UTC")})
    before = shell.run_cell("%features join v --spine asked;").result
    seen(CELL.format(flags="--history", table="february"))

    text = seen("joined = %features join v:Rate --spine asked")
    earlier = shell.run_cell(f"%features join v --spine asked --known-at {shell.user_ns['then']};")

    assert text == ("2 rows joined\nv: nothing known for 1 of 2 rows\njoined as of t")
    assert list(shell.user_ns["joined"].columns) == ["k", "t", "Rate"]
    pd.testing.assert_frame_equal(earlier.result, before)


def test_a_view_on_demand_is_stored_listed_and_joined(seen, shell):
    text = seen("%%features ratio --on-demand\nSELECT a / b AS ratio FROM request")
    shell.user_ns["asked"] = [{"a": 1, "b": 4}]

    assert text == "ratio v1 · is stored\ncomputed on each row that is trained on or predicted"
    assert seen("%features").splitlines()[2].split() == [
        *("ratio", "v1", "on", "demand", "–", "0", "–", "–")
    ]
    assert shell.run_cell("%features join ratio --spine asked;").result["ratio"].tolist() == [0.25]
    assert error(shell, "%features ratio a=1") == (
        "the view 'ratio' is computed on request and has no rows. "
        "Next: give it rows: %features join, or %predict"
    )


def test_a_folder_is_read_once_it_is_allowed_and_only_by_this_kernel(seen, shell, tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "notebook"
    for folder in (outside, inside):
        folder.mkdir()
    (outside / "a.csv").write_text("k,v\n1,2\n3,4\n")
    shell.run_cell(f"%cd -q {inside}")
    cell = "%%features a --key k\nFROM '../outside/a.csv'"
    assert error(shell, cell) == (
        "the query reads '../outside/a.csv', which lies outside the notebook's folder. "
        'Next: %workspace allow "FOLDER" opens another one'
    )

    text = seen('%workspace allow "../outside"')

    assert text == "features cells of this kernel can read files below ../outside"
    assert seen(cell).splitlines()[0] == "a v1 · 2 rows new, 0 already there"
    assert error(shell, '%workspace allow "nowhere"') == (
        "the folder 'nowhere' cannot be read as a table: it is none. "
        "Next: name a folder; its path starts at the notebook's folder"
    )


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DROP TABLE january", "the query is a DROP statement. Next: write one SELECT; it may begin with WITH"),
        ("FROM january; FROM february", "the query has 2 statements. Next: write one SELECT; it may begin with WITH"),
        ("FROM januari", "no table, view or dataset named 'januari'. Did you mean 'january'? Next: %features lists the views"),
        ("SELECT t, rate FROM january", "no column 'k' in the result. Known: Rate, t. Next: select it in the query, or name another with --key or --time"),
        ("SELECT k, 'x' AS t, rate FROM january", "column 't' is category ('x') and no time. Next: CAST it to TIMESTAMP"),
        ("SELECT nullif(k, 2) AS k, t, rate FROM january", "column 'k' is missing in 1 row (first: 1) and is a key. Next: leave them out: WHERE k IS NOT NULL"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_and_nothing_is_written(seen, shell, sql, message):
    assert error(shell, f"%%features v --key k --time t\n{sql}") == message
    assert seen("%features") == "no feature views yet. Next: %%features NAME --key COLUMN"


def test_a_moment_may_be_an_expression(shell):
    shell.run_cell("import pandas as pd\nmoments = ['2024-01-01', '2024-03-01']")
    shell.run_cell(
        "t = pd.DataFrame({'k': ['a', 'a'], 'at': pd.to_datetime(moments), 'x': [1, 2]})"
    )
    shell.run_cell("%features v --data t --key k --time at")

    found = shell.run_cell("%features v k=a --at {pd.Timestamp('2024-02-01', tz='UTC')}").result
    refused = shell.run_cell("%features v k=a --at {[1]}")

    assert found == {"x": 1}
    assert str(refused.error_in_exec).startswith("the time is [1]. Next: give a time such as")
