"""What was acknowledged survives kill -9, at whatever moment it comes."""

import random
import signal
import sqlite3
import subprocess
import sys
import time

from mlops_magics.storage import Storage

WRITER = """
import sys
from pathlib import Path
import numpy as np
from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Append
from mlops_magics.tables import Column, Table

storage, rows, tag = Storage(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
for turn in range(10_000):
    numbers = np.arange(rows) + turn * rows
    table = Table.of({"tag": Column("integer", np.full(rows, tag), np.zeros(rows, bool)),
                      "n": Column("integer", numbers, np.zeros(rows, bool))})
    what = Append(table=table, event_time=numbers, known_at=numbers)
    with storage.transaction(durable=turn % 2 == 0) as transaction:
        storage.log.append(transaction, "event", "m@v1", what)
    print(turn, flush=True)
"""


def acknowledged_of_a_killed_writer(folder, rows, tag, seconds):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(rows), str(tag)],
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    # a line that the kill cut short acknowledges nothing
    return len((first + rest).split("\n")) - 1


def test_every_acknowledged_row_of_a_writer_killed_twenty_times_is_found(tmp_path):
    folder = tmp_path / ".mlops"
    chance = random.Random(7)
    acknowledged = {}

    for tag in range(20):
        rows = 3 if tag % 2 else 6000  # packed rows, or a segment
        seconds = chance.uniform(0.0, 0.15)
        acknowledged[tag] = (
            acknowledged_of_a_killed_writer(folder, rows, tag, seconds) * rows,
            rows,
        )

    storage = Storage(folder)
    found = storage.log.read("event", "m@v1").table
    tags, numbers = found.column("tag").values, found.column("n").values
    for tag, (count, rows) in acknowledged.items():
        own = sorted(numbers[tags == tag].tolist())
        assert own == list(range(len(own)))
        assert len(own) % rows == 0
        # at most the one commit whose acknowledgement the kill swallowed is there besides
        assert count <= len(own) <= count + rows
    assert sum(count for count, _ in acknowledged.values()) > 0
    storage.close()
    with sqlite3.connect(folder / "catalog.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_two_processes_that_write_at_once_lose_no_row_and_share_no_number(tmp_path):
    folder = tmp_path / ".mlops"
    program = WRITER.replace("10_000", "40")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder), "3", str(tag)], stdout=subprocess.DEVNULL
        )
        for tag in range(2)
    ]

    assert [writer.wait(120) for writer in writers] == [0, 0]
    rows = Storage(folder).log.read("event", "m@v1")
    assert len(rows) == 2 * 40 * 3
    assert len(set(rows.seq.tolist())) == len(rows)
