"""How long does an Evidently report take to be a page, and how large is it? Runs where it is."""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

chance = np.random.default_rng(0)


def rows(count):
    frame = pd.DataFrame({f"x{n}": chance.normal(size=count) for n in range(10)})
    frame["plan"] = chance.choice(["a", "b", "c"], count)
    return frame


training, events = rows(2000), rows(int(sys.argv[1]))
page = Path(tempfile.mkdtemp()) / "report.html"
begun = time.perf_counter()
Report([DataDriftPreset()]).run(events, training).save_html(str(page))
print(json.dumps({"seconds": time.perf_counter() - begun, "bytes": page.stat().st_size}))
