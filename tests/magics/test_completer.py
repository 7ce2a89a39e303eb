"""Tab in a real shell, in a terminal and in a kernel; also when the catalogue is not to be had."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.terminal.ptutils import IPythonPTCompleter
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from mlops_magics.magics.completer import columns_of

QUERY = "%%features usage --key customer_id\nSELECT c.ten FROM customers c"
AT = QUERY.index("ten") + 3


@pytest.fixture
def notebook(shell, table):
    """A shell with a variable, a dataset, a view and a model."""
    shell.user_ns["telco"] = table
    for cell in (
        "%workspace upload stored telco",
        "%%features customers --key customer_id\nSELECT customer_id, tenure, contract FROM telco",
        "%train churn --data telco --target churned --exclude decided_at",
        "limit = 3",
    ):
        assert shell.run_cell(cell).success
    return shell


def offered(shell, cell, at=None):
    """What Tab offers, each with the text that it replaces."""
    place = len(cell) if at is None else at
    with provisionalcompleter():
        found = list(shell.Completer.completions(cell, place))
    return {completion.text: cell[completion.start : completion.end] for completion in found}


def test_names_are_offered_in_a_line_behind_an_assignment_and_in_a_later_line(notebook):
    assert offered(notebook, "%predict ch") == {"churn": "ch"}
    assert offered(notebook, "x = 1\nscored = %predict churn st") == {"stored": "st"}
    assert offered(notebook, "%train churn \\\n  --tar") == {"--target": "--tar"}
    assert offered(notebook, "%predict churn ten") == {"tenure=": "ten"}
    assert offered(notebook, "%features customers cus") == {"customer_id=": "cus"}
    assert set(offered(notebook, "%model churn promote ")) >= {"v1"}


def test_tables_columns_and_variables_are_offered_in_a_features_cell(notebook):
    head = "%%features usage --key customer_id\n"

    assert offered(notebook, QUERY, AT) == {"tenure": "ten"}
    assert offered(notebook, head + "SELECT * FROM sto") == {"stored": "sto"}
    assert offered(notebook, head + "SELECT\n  contr\nFROM telco", len(head) + 14) == {
        "contract": "contr"
    }
    assert offered(notebook, head + "SELECT * FROM telco WHERE tenure < $l") == {"$limit": "$l"}


def test_a_terminal_offers_the_same(notebook):
    def in_a_terminal(cell, at):
        document = Document(cell, at)
        found = IPythonPTCompleter(notebook.Completer).get_completions(document, CompleteEvent())
        return [(each.text, cell[at + each.start_position : at]) for each in found]

    assert in_a_terminal(QUERY, AT) == [("tenure", "ten")]
    assert in_a_terminal("x = %predict ch", 15) == [("churn", "ch")]


def test_a_class_or_an_object_with_columns_of_its_own_does_not_break_the_key(notebook):
    notebook.run_cell("from pandas import DataFrame")
    notebook.run_cell("class Odd:\n    columns = 3\nodd = Odd()")

    assert offered(notebook, "%train churn --data te") == {"telco": "te"}
    assert columns_of(notebook.user_ns["odd"]) == ()


def test_before_the_first_write_words_and_variables_are_offered_and_nothing_is_made(shell):
    shell.run_cell("rows = {'x': [1]}")

    assert offered(shell, "%workspace up") == {"upload": "up"}
    assert offered(shell, "%train m --data ro") == {"rows": "ro"}
    assert not shell.run_cell("%workspace").result.exists


def test_while_another_process_writes_every_name_is_offered(notebook):
    """A writer holds the workspace's lock and SQLite's: a completion takes neither."""
    folder = notebook.run_cell("%workspace").result.folder
    hold = (
        "import sys; from pathlib import Path; from mlops_magics.storage import Storage\n"
        f"with Storage(Path({folder!r})).transaction():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout.readline() == "held\n"
        found = offered(notebook, "%predict ch")
        writer.stdin.close()

    assert found == {"churn": "ch"}


@pytest.mark.parametrize("state", ["locked", "broken", "gone"])
def test_where_the_catalogue_cannot_be_read_words_and_variables_are_offered_alone(notebook, state):
    overview = notebook.run_cell("%workspace").result
    catalog = f"{overview.folder}/catalog.db"
    notebook.run_cell("get_ipython().mlops_magics_session.workspace.storage.close()")
    other = sqlite3.connect(catalog, isolation_level=None)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if state == "locked":
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
    else:
        other.close()
        Path(catalog).write_bytes(b"no database at all" * 400 if state == "broken" else b"")

    assert "churn" not in offered(notebook, "%predict ch")
    assert offered(notebook, "%model churn pro") == {"promote": "pro"}
    assert offered(notebook, "%train churn --data te") == {"telco": "te"}
    other.close()


def test_a_notebook_gets_them_with_the_range_that_they_replace(kernel):
    for cell in (
        "%load_ext mlops_magics",
        "rows = {'customer_id': [1, 2], 'tenure': [3, 4], 'plan': ['a', 'b']}",
        "%%features customers --key customer_id\nSELECT * FROM rows",
    ):
        assert [out for out in kernel.run(cell) if out["output_type"] == "error"] == []

    assert kernel.complete(QUERY, AT) == (["tenure"], "ten")
    assert kernel.complete("found = %features cus") == (["customers"], "cus")
    assert kernel.complete("if True:\n    %train churn --da") == (["--data"], "--da")
