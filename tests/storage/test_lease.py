"""One owner at a time, taken over from the dead, and nothing committed by who lost it."""

import subprocess
import sys
import threading

import pytest

from mlops_magics.errors.state import Busy, LeaseLost
from mlops_magics.storage import Storage
from mlops_magics.storage.lease import leased

OWNER = """
import sys, time
from pathlib import Path
from mlops_magics.storage import Storage
from mlops_magics.storage.lease import leased

with leased(Storage(Path(sys.argv[1])), "retraining"):
    print("mine", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def storage(tmp_path, clock):
    """A storage in an empty folder, on the test's clock."""
    storage = Storage(tmp_path / ".mlops", clock=clock)
    yield storage
    storage.close()


def rows(storage):
    with storage.reading() as reading:
        return reading.execute("SELECT name FROM lease").fetchall()


def commit(storage, lease):
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('late', 1)")
        lease.confirm(transaction)


def test_a_lease_is_held_by_one_and_given_back_at_the_end(storage):
    with leased(storage, "retraining") as lease, storage.transaction() as transaction:
        lease.confirm(transaction)

    assert rows(storage) == []
    with leased(storage, "retraining"):
        assert len(rows(storage)) == 1


def test_a_second_thread_is_told_who_does_it(storage):
    with leased(storage, "retraining"):
        with pytest.raises(Busy) as told, leased(storage, "retraining"):
            pass
        with leased(storage, "another thing"):
            assert len(rows(storage)) == 2

    assert str(told.value).endswith(
        "is retraining at this moment. Next: wait until it is done, then look again"
    )


def test_one_that_has_expired_is_taken_over_and_its_owner_commits_nothing(storage, clock):
    with leased(storage, "retraining", seconds=60) as lost:
        clock.advance(61)
        other = Storage(storage.folder, clock=clock)
        with leased(other, "retraining"), pytest.raises(LeaseLost):
            commit(storage, lost)

    with storage.reading() as reading:
        assert reading.execute("SELECT * FROM meta WHERE key = 'late'").fetchone() is None
    assert rows(storage) == []


def test_one_whose_owner_was_killed_is_taken_over_at_once(tmp_path):
    folder = tmp_path / ".mlops"
    command = [sys.executable, "-c", OWNER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "mine\n"
        storage = Storage(folder)
        with pytest.raises(Busy, match=f"process {owner.pid} is retraining"):
            leased(storage, "retraining").__enter__()

        owner.kill()
        owner.wait(30)

        with leased(storage, "retraining"):
            assert len(rows(storage)) == 1
    storage.close()


def test_while_its_owner_works_it_is_renewed(tmp_path):
    storage = Storage(tmp_path / ".mlops")
    renewed = threading.Event()

    with leased(storage, "retraining", seconds=2):
        for _ in range(30):
            renewed.wait(0.1)
        with pytest.raises(Busy):
            leased(storage, "retraining").__enter__()
    storage.close()
