"""From which data and which code does a model come?

A fingerprint of the rows, whatever their order, and the commit of the folder that the
notebook is in. It reads files and runs nothing.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from mlops_magics.tables.table import Table
from mlops_magics.training.row_hashes import row_hashes

COMMIT = re.compile(r"[0-9a-f]{40,64}")
# .git/HEAD is a line; whatever is longer is none
LONGEST_HEAD = 4096
LONGEST_REFS = 4 * 2**20


def made_from(table: Table, folder: Path) -> dict[str, Any]:
    """Return what is kept of a training's data and code.

    Parameters
    ----------
    table : Table
        The rows with all columns, also those that are not learned from.
    folder : Path
        The notebook's folder.

    Returns
    -------
    dict of str to JSON
        `data` with fingerprint, rows and columns; `git_commit` where there is one.
    """
    data = {
        "fingerprint": fingerprint(table),
        "row_count": len(table),
        "columns": len(table.names),
    }
    commit = git_commit(folder)
    return {"data": data} | ({} if commit is None else {"git_commit": commit})


def fingerprint(table: Table) -> str:
    """Return 16 hex digits that are equal for equal rows, in whatever order they are.

    Examples
    --------
    >>> from mlops_magics.tables.reading import read_table
    >>> one = read_table([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    >>> two = read_table([{"b": "y", "a": 2.0}, {"b": "x", "a": 1}])
    >>> fingerprint(one) == fingerprint(two)
    True
    """
    digest = hashlib.blake2b(digest_size=8)
    digest.update("\x00".join(sorted(table.names)).encode("utf-8", "surrogatepass"))
    digest.update(np.sort(row_hashes(table, "")).tobytes())
    return digest.hexdigest()


def git_commit(folder: Path) -> str | None:
    """Return the commit that a folder is at; None where it is in no repository.

    Parameters
    ----------
    folder : Path
        A folder, perhaps inside a repository.

    Returns
    -------
    str or None
        As the repository's own files say it; changes that are not committed are not seen.
    """
    start = folder.absolute()
    for place in (start, *start.parents):
        git = place / ".git"
        if git.is_file():  # a worktree or a submodule: the file says where it is
            pointed = _text(git, LONGEST_HEAD).removeprefix("gitdir:").strip()
            return _head(place / pointed) if pointed else None
        if git.is_dir():
            return _head(git)
    return None


def _head(git: Path) -> str | None:
    head = _text(git / "HEAD", LONGEST_HEAD).strip()
    if not head.startswith("ref:"):
        return head if COMMIT.fullmatch(head) else None
    name = head.removeprefix("ref:").strip()
    if not name.startswith("refs/") or ".." in name:
        return None
    shared = _text(git / "commondir", LONGEST_HEAD).strip()
    for folder in (git, git / shared) if shared else (git,):
        found = _text(folder / name, LONGEST_HEAD).strip()
        if COMMIT.fullmatch(found):
            return found
        for line in _text(folder / "packed-refs", LONGEST_REFS).splitlines():
            commit, _, packed = line.partition(" ")
            if packed == name and COMMIT.fullmatch(commit):
                return commit
    return None


def _text(path: Path, longest: int) -> str:
    try:
        with path.open("rb") as file:
            return file.read(longest).decode("utf-8", "replace")
    except OSError:
        return ""
