"""Is this folder on a network drive?

SQLite's write-ahead log needs memory that all its processes share, which a
network file system does not give. Known by the type of the mount; a type that
is not known is allowed.
"""

from pathlib import Path

from mlops_magics.errors.storage import NetworkFolder

NETWORK = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs ncpfs afs afpfs webdav davfs fuse.sshfs fuse.davfs "
    "fuse.rclone fuse.s3fs fuse.gcsfuse glusterfs fuse.glusterfs lustre ceph beegfs gpfs".split()
)
MOUNTS = Path("/proc/self/mounts")


def filesystem_type(path: Path, mounts: str) -> str | None:
    r"""Return the type of the file system that holds a path.

    Parameters
    ----------
    path : Path
        Absolute; it need not exist.
    mounts : str
        The text of /proc/self/mounts.

    Returns
    -------
    str or None
        Such as ``ext4``; None where no mount holds it.

    Examples
    --------
    >>> mounts = "/dev/sda / ext4 rw 0 0\nhost:/home /home nfs4 rw 0 0"
    >>> filesystem_type(Path("/home/ada/.mlops"), mounts)
    'nfs4'
    """
    best, found = -1, None
    for line in mounts.splitlines():
        parts = line.split()
        if len(parts) < 3:
            continue
        point = Path(parts[1].replace("\\040", " "))
        if (path == point or point in path.parents) and len(point.parts) > best:
            best, found = len(point.parts), parts[2]
    return found


def refuse_network(folder: Path) -> None:
    """Raise NetworkFolder if the folder is on a network drive."""
    if not MOUNTS.is_file():
        return
    kind = filesystem_type(folder.resolve(), MOUNTS.read_text(errors="replace"))
    if kind in NETWORK:
        raise NetworkFolder(str(folder), kind or "")
