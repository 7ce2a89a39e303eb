"""From which data and which commit a model comes."""

import subprocess

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.tables.reading import read_table
from mlops_magics.workspace.lineage import fingerprint, git_commit


def git(folder, *words):
    settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "work"
    (folder / "deep").mkdir(parents=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_the_commit_is_what_git_says_from_any_folder_inside(repository):
    expected = git(repository, "rev-parse", "HEAD")

    assert git_commit(repository) == git_commit(repository / "deep") == expected


def test_a_detached_head_packed_branches_and_a_worktree_are_read_alike(repository, tmp_path):
    expected = git(repository, "rev-parse", "HEAD")
    git(repository, "pack-refs", "--all")
    assert git_commit(repository) == expected

    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    assert git_commit(tmp_path / "tree") == expected

    git(repository, "checkout", "-q", "--detach")
    assert git_commit(repository) == expected


@pytest.mark.parametrize(
    "head", [b"", b"ref: ../../secret", b"ref: refs/heads/none", b"\xff\xfe", b"x" * 10_000]
)
def test_a_head_that_says_nothing_usable_is_no_commit(tmp_path, head):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(head)

    assert git_commit(tmp_path) is None


def test_a_folder_in_no_repository_has_no_commit(tmp_path):
    assert git_commit(tmp_path) is None


@given(st.permutations(range(6)), st.permutations(["a", "b", "c"]))
def test_the_fingerprint_does_not_depend_on_the_order_of_rows_and_columns(rows, names):
    frame = pd.DataFrame(
        {"a": range(6), "b": list("uvwxyz"), "c": [0.5, np.nan, 1.5, 2.5, np.nan, 3.5]}
    )

    shuffled = frame.iloc[rows][names]

    assert fingerprint(read_table(shuffled)) == fingerprint(read_table(frame))


def test_one_value_or_one_name_changed_is_another_fingerprint():
    frame = pd.DataFrame({"a": range(6), "b": list("uvwxyz")})
    found = {
        fingerprint(read_table(frame)),
        fingerprint(read_table(frame.assign(a=[0, 1, 2, 3, 4, 6]))),
        fingerprint(read_table(frame.rename(columns={"a": "A"}))),
        fingerprint(read_table(frame[:5])),
    }

    assert len(found) == 4
