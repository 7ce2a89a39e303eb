"""One writer at a time; a lock outlives nobody."""

import signal
import subprocess
import sys
import threading

import pytest

from mlops_magics.errors.storage import WorkspaceBusy
from mlops_magics.storage.lock import WorkspaceLock

HOLDER = """
import sys, time
from pathlib import Path
from mlops_magics.storage.lock import WorkspaceLock
with WorkspaceLock(Path(sys.argv[1])).held():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_that_another_process_holds_is_waited_for_and_then_said(tmp_path):
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"

        with pytest.raises(WorkspaceBusy) as refused, WorkspaceLock(path, 0.6).held():
            pass

        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with WorkspaceLock(path, 5).held():
            pass
    assert str(refused.value) == (
        f"another process has been writing to {str(tmp_path)!r} for more than 1 s. "
        "Next: wait for it, or stop that kernel, then run the cell again"
    )


def test_threads_of_one_process_hold_it_one_after_another(tmp_path):
    lock, inside, most = WorkspaceLock(tmp_path / "lock"), [], []

    def work():
        for _ in range(50):
            with lock.held():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 200
    assert max(most) == 1


def test_a_lock_is_free_again_after_an_error_inside(tmp_path):
    lock = WorkspaceLock(tmp_path / "lock", 1)

    with pytest.raises(ZeroDivisionError), lock.held():
        raise ZeroDivisionError

    with lock.held():
        pass
