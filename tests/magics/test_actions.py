"""Every form that works has something behind it."""

import pytest

from mlops_magics.magics.extension import MAGICS
from mlops_magics.magics.verbs import VERBS


@pytest.mark.parametrize("verb", ["workspace", "features", "train", "model", "predict", "monitor"])
def test_every_form_of_a_verb_has_a_method_of_its_magic(verb):
    magic = next(m for m in MAGICS if verb in m.magics["line"])

    lacking = [
        form.action
        for form in VERBS[verb].forms
        if not form.later and not hasattr(magic, f"_{form.action}")
    ]

    assert lacking == []


def test_a_folder_that_is_no_workspace_is_refused_and_the_open_one_stays(shell, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("mine")
    shell.run_cell("before = %workspace ;")

    outcome = shell.run_cell(f'%workspace "{tmp_path / "theirs"}"')
    shell.run_cell("after = %workspace ;")

    assert type(outcome.error_in_exec).__name__ == "NotAWorkspace"
    assert shell.user_ns["before"].folder == shell.user_ns["after"].folder


def test_another_workspace_is_switched_to_and_made_at_the_first_write(shell, tmp_path):
    other = tmp_path / "other" / ".mlops"

    assert shell.run_cell(f'%workspace "{other}"').success
    assert not other.exists()
    shell.user_ns["rows"] = {"x": [1, 2]}
    assert shell.run_cell("%workspace upload numbers rows").success
    assert (other / "catalog.db").is_file()
