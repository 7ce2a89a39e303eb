"""Who has a workspace open at this moment."""

import os
import signal
import subprocess
import sys

import pytest

from mlops_magics.storage import Storage
from mlops_magics.storage.presence import Presence

OPEN = """
import sys
from pathlib import Path
from mlops_magics.storage import Storage
storage = Storage(Path(sys.argv[1]))
with storage.reading():
    print("open", flush=True)
sys.stdin.read()
storage.close()
"""


@pytest.fixture
def storage(tmp_path):
    storage = Storage(tmp_path / ".mlops")
    with storage.transaction():
        pass
    yield storage
    storage.close()


@pytest.fixture
def reader(storage):
    """Another process that has read the workspace and has not closed it."""
    command = [sys.executable, "-c", OPEN, str(storage.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "open\n"
        yield process
        if process.poll() is None:
            process.stdin.close()


def test_another_process_is_seen_while_it_has_the_workspace_open(storage, reader):
    assert storage.presence.others() == (reader.pid,)

    reader.stdin.close()
    reader.wait(30)

    assert storage.presence.others() == ()


def test_one_that_is_killed_is_gone_and_its_sign_with_it(storage, reader):
    os.kill(reader.pid, signal.SIGKILL)
    reader.wait(30)

    assert storage.presence.others() == ()
    assert len(list((storage.folder / "open").iterdir())) == 1


def test_two_of_one_process_are_not_somebody_else(storage):
    other = Storage(storage.folder)
    with other.reading():
        pass

    assert storage.presence.others() == ()
    assert len(list((storage.folder / "open").iterdir())) == 2
    other.close()
    assert len(list((storage.folder / "open").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_used_without(tmp_path):
    (tmp_path / "open").write_text("a file where the folder of signs would be")
    presence = Presence(tmp_path)

    presence.announce()

    assert presence.others() == ()
    presence.withdraw()


def test_a_workspace_that_is_forgotten_open_takes_its_sign_back(tmp_path):
    presence = Presence(tmp_path)
    presence.announce()
    assert len(list((tmp_path / "open").iterdir())) == 1

    del presence

    assert list((tmp_path / "open").iterdir()) == []
