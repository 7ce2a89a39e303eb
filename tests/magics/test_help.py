"""`%verb?` shows the forms and the flags that work, and none that does not."""

import pytest

from mlops_magics.magics.verbs import VERBS


@pytest.mark.parametrize(
    "verb", ["workspace", "features", "train", "model", "predict", "monitor", "serve"]
)
def test_the_help_of_a_magic_has_every_flag_that_works_and_none_of_a_later_version(shell, verb):
    shown = shell.find_line_magic(verb).__doc__

    for flag in VERBS[verb].flags:
        assert (f"--{flag.name}" in shown) is not flag.later, flag.name
