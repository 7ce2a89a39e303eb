"""Bad input through every form of every magic: one line, the cell fails, nothing is written."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

from mlops_magics.errors import MLOpsError
from mlops_magics.magics.verbs import usage

DATA = [
    *("nope", "{nope}", "{1/0}", "{df.nope}", "{3}", "{None}", "{print}", "{[]}", "{{}}", "{obj}"),
    *('"missing.csv"', '"."', '""', f'"{"x" * 300}.csv"', '"a\x00b.csv"', "{dup}", "dup", "empty"),
    *(
        "dataset:nope",
        "view:nope",
        "dataset:",
        "{df",
        "'",
        '"',
        "{df} {df}",
        "df df",
        "{lambda: 1}",
    ),
    *("{(yield)}", "{df!r}", "a=b", "=", "{[1, 2]}", "{'a\\nb'}", "{int('a\\nb')}"),
]
FORMS_OF_DATA = [
    "%workspace upload new {}",
    "%features new --data {} --key customer_id",
    "%features join customers --spine {}",
    "%train new --data {} --target churned",
    "%predict churn {}",
    '%predict churn {} --to "new.csv"',
    "%monitor churn labels {} --label churned",
]
NAMES = [
    *("<b>x</b>", "x" * 300, "a\u202eb", "a\x07b", "drift", "request", "v2", "1st", "a/b", ".."),
    *("a@b", "@v1", "churn@nope", "churn@v99", "churn@v1@v1", "a,b", '"churn"', "{df}", "-x", "--"),
    *("--nope", "$x", "%"),
]
FORMS_OF_NAMES = [
    "%workspace upload {} df",
    "%features {} --data df --key customer_id",
    "%%features {} --key customer_id\nSELECT * FROM df",
    "%train {} --data df --target churned",
    "%features {}",
    "%features {} customer_id=C001",
    "%model {} promote v1",
    "%model {} rollback",
    "%model {} archive v1",
    '%model {} export v1 "new.mlm"',
    "%monitor {} events",
    "%monitor {} metrics",
    "%monitor {} performance",
    "%monitor {} labels df --label churned",
    "%monitor {} trace 0197",
]
VALUES = ["<b>x</b>", "x" * 300, "a\u202eb", "a\x00b", "nope", "{nope}", "'", '"a', "{", "a b", ""]
FORMS_OF_VALUES = [
    "%train new --data df --target {}",
    "%train new --data df --target churned --columns {}",
    "%train new --data df --target churned --time {}",
    "%train new --data df --target churned --features {}",
    "%train new --data df --target churned --task {}",
    "%train new --data df --target churned --seed {}",
    "%features new --data df --key {}",
    "%features new --data df --key customer_id --time {}",
    "%features customers customer_id=C001 --at {}",
    "%features join {} --spine df",
    "%features join customers --spine df --time {}",
    "%%features new --key {}\nSELECT * FROM df",
    "%%features new --key customer_id --ttl {}\nSELECT * FROM df",
    "%model churn promote {}",
    "%model churn promote v1 --stage {}",
    "%model import {}",
    "%predict churn df --time {}",
    "%predict churn df --to {}",
    "%predict churn tenure={} plan=a",
    "%monitor churn --since {}",
    "%monitor churn events --limit {}",
    "%monitor churn trace {}",
    "%monitor churn labels df --label {}",
    "%monitor churn labels df --label churned --key {}",
    "%monitor churn labels df --label churned --key customer_id --time {}",
]
QUERIES = [
    *("", ";", "SELEC 1", "SELECT 1; SELECT 2", "DROP TABLE df", "SET threads = 1", "'", '"', "--"),
    *("SELECT $nope AS customer_id, 1 AS x", "SELECT * FROM nope", "SELECT * FROM '/etc/passwd'"),
    *("SELECT $df AS customer_id, 1 AS x", "SELECT customer_id FROM df", "SELECT * FROM dup"),
    *(
        "SELECT * FROM df WHERE false",
        "SELECT NULL AS customer_id, 1 AS x",
        "SELECT * FROM unnamed",
    ),
    "SELECT customer_id, error('one\ntwo') AS x FROM df",
    "COPY df TO 'new.csv'",
]
WHOLE = [
    *("%workspace upload", "%train", "%train new", "%predict", "%model import", "%features join"),
    *("%%features", "%%features new", "%train new --data df --target churned --seed 1 --seed 2"),
    *("%predict churn tenure=3 tenure=4", "%predict churn tenure=abc plan=a", "%predict churn ="),
    *("%predict churn tenure={nope} plan=a", "%predict churn tenure={df} plan=a"),
    *("%predict churn {dict(tenure=obj)}", "%monitor churn trace {df}", "%monitor churn drift x"),
    *("%features customers tenure=3", "%features customers customer_id={nope}"),
    *(f'%workspace "{"x" * 300}"', '%workspace "a\x00b"', "%workspace nope"),
    "%train new --data df --target churned --columns tenure --exclude tenure",
]
CELLS = {
    "data": [form.format(word) for word in DATA for form in FORMS_OF_DATA],
    "names": [form.format(word) for word in NAMES for form in FORMS_OF_NAMES],
    "values": [form.format(word) for word in VALUES for form in FORMS_OF_VALUES],
    "queries": [f"%%features new --key customer_id\n{query}" for query in QUERIES],
    "lines": WHOLE,
}
# right after all: the value is missing
FINE = {"%predict churn tenure= plan=a"}


@pytest.fixture
def notebook(shell):
    chance, rows = np.random.default_rng(0), 60
    shell.user_ns |= {
        "df": pd.DataFrame(
            {
                "customer_id": [f"C{place:03d}" for place in range(rows)],
                "tenure": chance.integers(0, 50, rows),
                "plan": chance.choice(["a", "b"], rows),
                "churned": chance.choice(["yes", "no"], rows),
            }
        ),
        "dup": pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
        "empty": pd.DataFrame({"a": []}),
        "unnamed": pd.DataFrame({"customer_id": ["a"], "": [1]}),
        "obj": object(),
    }
    for cell in (
        "%%features customers --key customer_id\nSELECT customer_id, tenure, plan FROM df",
        "%train churn --data df --target churned",
        "%predict churn df ;",
    ):
        assert shell.run_cell(cell).success
    shell.forget()
    return shell


def written(folder):
    """Everything that is in the catalogue, and the names of all files."""
    with sqlite3.connect(f"file:{folder / 'catalog.db'}?mode=ro", uri=True) as catalog:
        rows = list(catalog.iterdump())
    catalog.close()
    files = [p for p in folder.parent.rglob("*") if "catalog.db" not in p.name]
    return rows, sorted(str(path) for path in files)


@pytest.mark.parametrize("kind", CELLS)
def test_it_is_refused_in_one_line_and_nothing_is_written(kind, notebook, tmp_path, capsys):
    before = written(tmp_path / ".mlops")
    faults = []
    for cell in CELLS[kind]:
        if cell in FINE:
            continue
        outcome = notebook.run_cell(cell)
        said = outcome.error_in_exec or outcome.error_before_exec
        if not isinstance(said, MLOpsError):
            faults.append((cell, f"answered with {said!r}"))
        elif not str(said).isprintable() or len(str(said)) > 700:
            faults.append((cell, f"not one readable line: {said}"))
        elif " Next: " not in str(said):
            faults.append((cell, f"no next step: {said}"))
        if notebook.displayed:
            faults.append((cell, f"shown: {notebook.displayed}"))
            notebook.forget()
        if written(tmp_path / ".mlops") != before:
            faults.append((cell, "has written"))
            before = written(tmp_path / ".mlops")

    assert faults == []
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            "%predict churn {nope}",
            "no variable named 'nope'. Known: df, dup, empty, obj, unnamed. "
            "Next: set nope in a cell before",
        ),
        (
            "%train new --data nope --target churned",
            "no variable, dataset or view named 'nope'. Known: customers, df, dup, empty, unnamed. "
            'Next: name a variable, "a path", dataset:NAME or view:NAME',
        ),
        (
            "%predict churn {int('a\\nb')}",
            "{int('a\\nb')} raises ValueError: invalid literal for int() with base 10: 'a\\nb'. "
            "Next: correct the expression",
        ),
        (
            "%train Churn --data df --target churned",
            "model 'churn' exists already. Next: use 'churn', or another name",
        ),
        (
            "%%features CUSTOMERS --key customer_id\nSELECT customer_id, tenure FROM df",
            "feature view 'customers' exists already. Next: use 'customers', or another name",
        ),
        (
            "%train drift --data df --target churned",
            f"'drift' is a word of the magics and stands behind the name. Next: {usage('train')}",
        ),
        (
            "%workspace upload a\u202eb df",
            "'a\\u202eb' cannot name a dataset: it has the character '\\u202e'. "
            "Next: a letter first, then letters, digits, '_', '-' or '.', at most 64",
        ),
        (
            "%%features new --key customer_id --out class\nSELECT * FROM df",
            "--out is 'class', not the name of a variable. "
            "Next: %%features NAME --key COL,… [--time COL] [--ttl 90d] [--history] [--dry-run] "
            "[--out NAME]",
        ),
        (
            "%monitor chrun events",
            "no model named 'chrun'. Did you mean 'churn'? Next: %model",
        ),
        (
            "%monitor churn trace {df}",
            "{df} is a DataFrame and no request_id. Next: give its text",
        ),
    ],
)
def test_the_line_says_what_is_wrong_and_what_to_do(cell, message, notebook):
    assert str(notebook.run_cell(cell).error_in_exec) == message


def test_a_word_that_means_two_things_is_an_error_that_names_both(notebook):
    for cell in (
        "%workspace upload twice df",
        "twice = df",
        "%features twice --data {df} --key plan",
    ):
        assert notebook.run_cell(cell).success

    def said(cell):
        return str(notebook.run_cell(cell).error_in_exec)

    assert said("%train m --data twice --target churned") == (
        "'twice' is both a variable and a dataset. "
        "Next: {twice} is the variable, dataset:twice the dataset"
    )
    assert said("%%features v --key plan\nSELECT * FROM twice") == (
        "'twice' is both a variable and the feature view 'twice'. Next: rename the variable 'twice'"
    )
    notebook.run_cell("del twice")
    assert said("%train m --data twice --target churned") == (
        "'twice' is both a dataset and a view. "
        "Next: dataset:twice is the dataset, view:twice the view"
    )
    assert said("%%features v --key plan\nSELECT * FROM twice") == (
        "'twice' is both the feature view 'twice' and the dataset 'twice'. "
        "Next: put one of them into a variable first"
    )
    assert notebook.run_cell("%train m --data view:TWICE --target churned").success


HOSTILE = {
    "<script>alert(1)</script>": list(range(60)),
    "\u202eevil": ["<img src=x onerror=alert(1)>", "אבג"] * 30,
    "x" * 300: [place / 7 for place in range(60)],
    "a'b\"c;--": [place % 5 for place in range(60)],
    "new\nline": [place % 3 for place in range(60)],
    "%s{0}$x": list(range(60)),
    "churned": ["<b>yes</b>", "no"] * 30,
}


def test_odd_names_and_markup_in_data_go_through_every_form_as_what_they_are(notebook):
    notebook.user_ns["odd"] = HOSTILE
    cells = [
        "%workspace upload odd_ones odd",
        "%%features odd_view --key churned\nSELECT * FROM odd",
        "%features odd_view",
        "values = %features odd_view churned=no",
        "%train odd_model --data {odd} --target churned --note '<script>alert(1)</script>'",
        "scored = %predict odd_model {odd}",
        "%predict odd_model {{name: values[0] for name, values in odd.items()}}",
        "%model odd_model@v1",
        "%monitor odd_model",
        "%monitor odd_model drift",
        "%monitor odd_model events",
        "late = dict(request_id=list(scored.request_id), y=odd['churned'])",
        "%monitor odd_model labels late --label y",
        "%monitor odd_model performance",
        "%monitor odd_model trace {scored.request_id[0]}",
        "%model",
    ]
    for cell in cells:
        outcome = notebook.run_cell(cell)
        assert outcome.success, (cell, outcome.error_in_exec)

    html = "".join(bundle.get("text/html", "") for bundle in notebook.displayed)
    assert "&lt;script&gt;" in html
    assert not [tag for tag in ("<script>alert", "<img src=x", "<b>yes") if tag in html]
    assert set(notebook.user_ns["scored"].prediction) <= {"<b>yes</b>", "no"}
    assert set(notebook.user_ns["values"]) == set(HOSTILE) - {"churned"}


def test_a_thousand_columns_are_read_kept_and_shown_in_few_lines(notebook):
    names = [f"c{place}" for place in range(1000)]
    notebook.user_ns["wide"] = pd.DataFrame(np.arange(20_000).reshape(20, 1000), columns=names)

    for cell in (
        "%workspace upload wide_ones wide",
        "%%features wide_view --key c0\nSELECT * FROM wide",
        "%features wide_view",
        "joined = %features join wide_view --spine {wide[['c0']]}",
    ):
        assert notebook.run_cell(cell).success, cell

    assert notebook.user_ns["joined"].shape == (20, 1000)
    assert notebook.run_cell("%train new --data wide --target nope").error_in_exec is not None
