"""A network drive is known by its type, before anything is made on it."""

from pathlib import Path

import pytest

from mlops_magics.errors.storage import NetworkFolder
from mlops_magics.storage import Storage, filesystem
from mlops_magics.storage.filesystem import NETWORK, filesystem_type

MOUNTS = """/dev/sda / ext4 rw 0 0
host:/home /home nfs4 rw 0 0
/dev/sdb /home/ada/local xfs rw 0 0
x /mnt/My\\040Drive cifs rw 0 0
odd
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ada/.mlops", "nfs4"),
        ("/home", "nfs4"),
        ("/homes/ada", "ext4"),
        ("/home/ada/local/x/.mlops", "xfs"),
        ("/mnt/My Drive/x", "cifs"),
    ],
)
def test_the_innermost_mount_says_the_type(path, kind):
    assert filesystem_type(Path(path), MOUNTS) == kind


def test_no_mount_no_type():
    assert filesystem_type(Path("/x"), "") is None


@pytest.mark.parametrize("kind", sorted(NETWORK))
def test_a_workspace_on_a_network_drive_is_refused_and_nothing_is_made(tmp_path, monkeypatch, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"host:/x {tmp_path} {kind} rw 0 0\n")
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)
    folder = tmp_path / ".mlops"

    with pytest.raises(NetworkFolder) as refused, Storage(folder).transaction():
        pass

    assert str(refused.value) == (
        f"{str(folder)!r} is on a network drive ({kind}), where kernels would damage it. "
        "Next: set MLOPS_WORKSPACE to a folder on a local disk"
    )
    assert not folder.exists()


def test_an_unknown_type_and_a_system_without_the_list_of_mounts_are_allowed(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)
    with Storage(tmp_path / "a").transaction():
        pass
    mounts.write_text(f"x {tmp_path} unheard rw 0 0\n")
    with Storage(tmp_path / "b").transaction():
        pass

    assert (tmp_path / "a" / "catalog.db").is_file()
    assert (tmp_path / "b" / "catalog.db").is_file()
