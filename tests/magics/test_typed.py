"""What IPython would not hand to a magic: `;` at its name, and a cell without SQL."""

import pytest

from mlops_magics.magics.typed import divide_semicolon, fill_empty_cell


@pytest.mark.parametrize(
    ("line", "divided"),
    [
        ("%model;\n", "%model ;\n"),
        ("    %monitor;  # quietly\n", "    %monitor ;  # quietly\n"),
        ("models = %model;\n", "models = %model ;\n"),
        ("a, b[0] = %workspace;\n", "a, b[0] = %workspace ;\n"),
    ],
)
def test_a_semicolon_is_divided_from_the_name(line, divided):
    assert divide_semicolon(["x = 1\n", line]) == ["x = 1\n", divided]


@pytest.mark.parametrize(
    "cell",
    [
        "%model churn;\n",
        "%models;\n",
        "%time;\n",
        "x = 7 %model;\n",
        "# %model;\n",
        "text = '''\n%model;\n'''\n",
        "text = '%model;'\n",
        "%%features churn;\nSELECT 1\n",
        "(\n",
        "",
    ],
)
def test_everything_else_stays_as_it_is(cell):
    lines = cell.splitlines(keepends=True)

    assert divide_semicolon(lines) == lines


@pytest.mark.parametrize("cell", ["%%features", "%%features c --key k\n", "\n%%features c\n"])
def test_a_features_cell_without_sql_gets_an_empty_line(cell):
    filled = "".join(fill_empty_cell(cell.splitlines(keepends=True)))

    assert filled == cell.rstrip("\n") + "\n\n"


@pytest.mark.parametrize(
    "cell", ["%%features c\nSELECT 1\n", "%%features?\n", "%%time\n", "%features\n", "x = 1\n", ""]
)
def test_any_other_cell_stays_as_it_is(cell):
    lines = cell.splitlines(keepends=True)

    assert fill_empty_cell(lines) == lines


def test_a_features_cell_without_sql_is_answered_in_one_line(shell):
    outcome = shell.run_cell("%%features customers --key customer_id")

    assert str(outcome.error_in_exec) == (
        "the query is empty. Next: write one SELECT; it may begin with WITH"
    )
