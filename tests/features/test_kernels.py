"""Several kernels write one view, and one of them is killed."""

import signal
import subprocess
import sys

import pytest

from mlops_magics.features import FeatureStore
from mlops_magics.storage import Storage

WRITER = """
import sys, os, signal
from pathlib import Path
import numpy as np, pandas as pd
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.storage import Storage, segments

folder, writer, turns, count = Path(sys.argv[1]), *map(int, sys.argv[2:5])
view = ViewDefinition(view="v", key=("k",), time="t")
times = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(count), unit="s")
features = FeatureStore(Storage(folder))
for turn in range(turns):
    if len(sys.argv) > 5 and turn == turns - 1:
        publish = segments.publish
        def publish_and_die(*arguments):
            publish(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        segments.publish = publish_and_die
    table = pd.DataFrame({"k": np.arange(count), "t": times, "v": 1.0 * writer + 10 * turn})
    written = features.write(view, table)
    print(written.new_count, written.is_new_version, flush=True)
"""


def writer(folder, *arguments):
    command = [sys.executable, "-c", WRITER, str(folder), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("count", [5, 6000])
def test_two_kernels_that_write_one_view_make_one_version_and_lose_no_row(tmp_path, count):
    folder = tmp_path / ".mlops"

    writers = [writer(folder, number, 5, count) for number in (1, 2)]
    said = [
        line.split()
        for process in writers
        for line in process.communicate(timeout=120)[0].splitlines()
    ]

    view = FeatureStore(Storage(folder)).describe("v")
    assert [process.returncode for process in writers] == [0, 0]
    assert len(view.versions) == 1
    assert [begins for _, begins in said].count("True") == 1
    assert view.row_count == sum(int(new) for new, _ in said) == 10 * count


def test_a_kernel_killed_between_segment_and_catalogue_has_written_nothing(tmp_path):
    folder = tmp_path / ".mlops"

    killed = writer(folder, 1, 2, 6000, "die")
    killed.communicate(timeout=120)

    storage = Storage(folder)
    features = FeatureStore(storage)
    assert killed.returncode == -signal.SIGKILL
    assert len(list((folder / "segments").iterdir())) == 2
    assert features.describe("v").row_count == 6000
    assert features.get_features(7, ["v"], view="v") == {"v": 1.0}
    assert len(features.writes("v")) == 1

    again = writer(folder, 1, 2, 6000)
    assert again.communicate(timeout=120)[0].split() == ["0", "False", "6000", "False"]
    assert features.get_features(7, ["v"], view="v") == {"v": 11.0}
