"""A file that is named by its content is that content, or is refused."""

import hashlib
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.storage import BrokenFile
from mlops_magics.storage.artifacts import Artifacts, publish, sweep


@pytest.fixture
def artifacts(tmp_path):
    for name in ("tmp", "artifacts"):
        (tmp_path / name).mkdir()
    return Artifacts(tmp_path / "artifacts")


def damage(path, byte, bit=0):
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[byte] ^= 1 << bit
    path.write_bytes(data)


def test_the_same_bytes_are_stored_once_under_their_digest(artifacts, tmp_path):
    digests = {artifacts.write(b"weights"), artifacts.write(b"weights")}

    assert digests == {hashlib.sha256(b"weights").hexdigest()}
    assert len(list((tmp_path / "artifacts").iterdir())) == 1
    assert list((tmp_path / "tmp").iterdir()) == []


@settings(max_examples=30)
@given(data=st.binary(min_size=1, max_size=200), where=st.integers(0, 10**6))
def test_any_single_flipped_bit_is_found_and_writing_again_heals_it(tmp_path_factory, data, where):
    root = tmp_path_factory.mktemp("a")
    for name in ("tmp", "artifacts"):
        (root / name).mkdir()
    artifacts = Artifacts(root / "artifacts")
    digest = artifacts.write(data)
    damage(artifacts.path(digest), where // 8 % len(data), where % 8)

    with pytest.raises(BrokenFile) as refused:
        artifacts.read(digest)

    assert str(refused.value) == (
        f"the workspace's file 'artifacts/{digest}.mlm' is damaged: its checksum is another. "
        "Next: copy it back from a backup of the folder"
    )
    assert artifacts.write(data) == digest
    assert artifacts.read(digest) == data


def test_a_file_that_is_gone_is_named(artifacts):
    digest = artifacts.write(b"weights")
    artifacts.path(digest).unlink()

    with pytest.raises(BrokenFile) as refused:
        artifacts.read(digest)

    assert str(refused.value) == (
        f"the workspace's file 'artifacts/{digest}.mlm' is missing. "
        "Next: copy it back from a backup of the folder"
    )


@pytest.mark.parametrize("digest", ["", "../catalog.db", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_digest_is_never_a_path(artifacts, digest):
    with pytest.raises(BrokenFile, match="is not named by a digest"):
        artifacts.path(digest)


def test_a_write_that_fails_leaves_no_file_under_the_name(tmp_path, artifacts):
    def fail(path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        publish(tmp_path / "artifacts", "x.mlm", fail)

    assert list((tmp_path / "artifacts").iterdir()) == []


def test_a_published_file_cannot_be_written_by_mistake(artifacts):
    assert artifacts.path(artifacts.write(b"weights")).stat().st_mode & 0o777 == 0o444


def test_only_files_that_no_row_names_and_older_than_an_hour_are_swept(tmp_path):
    now = time.time()
    for name, age in (("named", 9999), ("old", 3700), ("young", 3500)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (now - age, now - age))
    (tmp_path / "folder").mkdir()

    assert sweep(tmp_path, {"named"}, now) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "named", "young"]
    assert sweep(tmp_path / "nowhere", (), now) == 0
