"""A `;` that touches the name of a magic."""

import pytest

from mlops_magics.magics.semicolon import divide_semicolon


@pytest.mark.parametrize(
    ("line", "divided"),
    [
        ("%model;\n", "%model ;\n"),
        ("    %monitor;  # quietly\n", "    %monitor ;  # quietly\n"),
        ("models = %model;\n", "models = %model ;\n"),
        ("a, b[0] = %workspace;\n", "a, b[0] = %workspace ;\n"),
    ],
)
def test_it_is_divided_from_the_name(line, divided):
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
