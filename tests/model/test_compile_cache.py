import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from jaxlib.version import __version__ as jaxlib_version

from mlops_magics.model.compile_cache import folder

COMPILE = """
import jax, numpy as np
{before}
from mlops_magics.model import compile_cache
print(compile_cache.enable(), compile_cache.enable())
jax.jit(lambda x: x * 2)(np.ones(3))
"""


def printed(tmp_path, before="", **environment):
    inherited = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
    outcome = subprocess.run(
        [sys.executable, "-c", COMPILE.format(before=before)],
        env={**inherited, "HOME": str(tmp_path), **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own cache folder")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "/home/ada/.cache/mlops_magics/compiled"),
        ({"XDG_CACHE_HOME": "/var/ada"}, "/var/ada/mlops_magics/compiled"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/ada/.cache/mlops_magics/compiled"),
        ({"MLOPS_COMPILE_CACHE": "/fast/disk"}, "/fast/disk"),
    ],
)
def test_programs_are_kept_in_the_users_own_cache_or_where_the_user_says(environment, expected):
    kept = folder(environment, Path("/home/ada"))

    assert kept.parent == Path(expected)
    assert kept.name.startswith(f"{jaxlib_version}-")


@pytest.mark.parametrize("word", ["off", "OFF", " off "])
def test_off_turns_it_off(word):
    assert folder({"MLOPS_COMPILE_CACHE": word}, Path("/home/ada")) is None


def test_a_compiled_program_is_kept_in_a_folder_that_only_its_owner_reads(tmp_path):
    used = printed(tmp_path, MLOPS_COMPILE_CACHE=str(tmp_path / "compiled"))

    kept = Path(used[0])
    assert used == [str(kept), str(kept)]
    assert any(kept.iterdir())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


def test_it_is_used_even_where_something_was_compiled_before(tmp_path):
    before = "jax.jit(lambda x: x + 1)(np.ones(3))"

    used = printed(tmp_path, before, MLOPS_COMPILE_CACHE=str(tmp_path / "compiled"))

    assert any(Path(used[0]).iterdir())


def test_a_cache_that_the_user_configured_is_respected(tmp_path):
    own = tmp_path / "own"

    used = printed(tmp_path, f"jax.config.update('jax_compilation_cache_dir', {str(own)!r})")

    assert used == [str(own), str(own)]


def test_turned_off_nothing_is_written(tmp_path):
    assert printed(tmp_path, MLOPS_COMPILE_CACHE="off") == ["None", "None"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_turns_it_off(tmp_path):
    (tmp_path / "file").touch()

    assert printed(tmp_path, MLOPS_COMPILE_CACHE=str(tmp_path / "file")) == ["None", "None"]
