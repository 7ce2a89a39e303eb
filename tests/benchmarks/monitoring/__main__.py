"""What does looking at a model cost? Run me again.

    python tests/benchmarks/monitoring drift [--evidently PYTHON] [--rows 10000 100000 …]
    python tests/benchmarks/monitoring year [--rows 10000000]
    python tests/benchmarks/monitoring record
    python tests/benchmarks/monitoring alerts [--nannyml PYTHON]

`drift` compares 20 features with training: from the kept sums, by a NumPy scan of all
rows in the same cells, and by Evidently in an environment of its own, since it does not
import beside the pandas that this package needs. `year` asks for daily windows over a
year of events; `record` for what recording adds to a single prediction. `alerts` takes
the flights' year: how soon real changes are said, and how much is said where nothing
changes, by ours, by a fixed limit of the index, and by NannyML's defaults.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import alarms
import events
import flights
import numpy as np
import pandas as pd

from mlops_magics.monitoring import MonitoringBackend
from mlops_magics.monitoring.comparison import Comparison
from mlops_magics.statistics import drift as statistics
from mlops_magics.storage import Storage

HERE = Path(__file__).parent
REPEATS = 5


def best(ask, repeats=REPEATS):
    """Return the shortest of a few times, in seconds: the others had neighbours."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return min(times)


def recorded(folder, rows, baseline):
    """Record events in batches, and return the backend and the seconds an event took."""
    backend = MonitoringBackend(Storage(Path(folder) / ".mlops"))
    taken = 0.0
    for batch in events.batches(rows):
        begun = time.perf_counter()
        backend.record_batch("bench", "v1", batch, baseline)
        taken += time.perf_counter() - begun
    return backend, taken / rows


def scan(baseline, columns):
    """Compare by counting every row in the cells that training fixed."""
    for name, own in baseline.features.items():
        counted = own.count(columns[name])
        bins = [own.merge(cells, 10) for cells in (own.counts, counted.cells)]
        statistics.compare(*bins, own.missing, counted.missing)


def rival(python, rows):
    """Return the seconds of Evidently's preset on the same rows, in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        events.to_csv(Path(folder), rows)
        command = [python, str(HERE / "evidently_drift.py"), folder]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])["seconds"]


def drift(arguments):
    print("events   report    with slices  NumPy scan  Evidently  Evidently / report")
    baseline = events.baseline()
    for rows in arguments.rows or (10_000, 100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            look = recorded(folder, rows, baseline)[0].drift
            sums = best(partial(look, "bench", "v1", baseline, how=Comparison(finds=False)))
            whole = best(partial(look, "bench", "v1", baseline))
        scanned = best(partial(scan, baseline, events.features(rows).columns))
        theirs = rival(arguments.evidently, rows) if arguments.evidently else None
        shown = "–" if theirs is None else f"{theirs:.2f} s"
        ratio = "–" if theirs is None else f"{theirs / sums:.0f}"
        print(
            f"{rows:<9,}{sums * 1000:5.0f} ms  {whole * 1000:8.0f} ms"
            f"  {scanned * 1000:7.0f} ms  {shown:>9}  {ratio}",
            flush=True,
        )


def year(arguments):
    rows = (arguments.rows or [10_000_000])[0]
    baseline = events.baseline()
    with tempfile.TemporaryDirectory() as folder:
        backend, each = recorded(folder, rows, baseline)
        days = best(lambda: backend.metrics_over_time("bench"), 3)
        count = len(backend.metrics_over_time("bench"))
        whole = best(lambda: backend.drift("bench", "v1", baseline, how=Comparison(finds=False)), 3)
        newest = backend.newest("bench")
        week = newest - 7 * 24 * 3_600_000_000
        seven = best(
            lambda: backend.drift("bench", "v1", baseline, week, Comparison(finds=False)), 3
        )
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    print(f"{rows:,} events over a year, recorded at {each * 1e6:.1f} µs each, {size / 1e6:.0f} MB")
    print(f"metrics of {count} days: {days:.2f} s")
    print(f"drift of the year: {whole:.2f} s; of its last week: {seven * 1000:.0f} ms")


def record(arguments):
    from mlops_magics import TrainingSpec
    from mlops_magics.workspace import Workspace

    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / ".mlops")
        frame = events.frame(2000)
        frame["y"] = np.where(frame["x0"] + frame["x1"] > 0, "yes", "no")
        workspace.train(TrainingSpec(model_id="bench", data=frame, target="y"))
        row = frame.drop(columns="y").iloc[0].to_dict()
        times = {True: [], False: []}
        for turn in range(600):
            for is_recorded in (True, False):
                begun = time.perf_counter()
                workspace.predict_one("bench", row, record=is_recorded)
                if turn >= 100:
                    times[is_recorded].append(time.perf_counter() - begun)
        workspace.close()
    with_it, without = (float(np.median(times[r])) * 1000 for r in (True, False))
    print(
        f"one prediction: {without:.2f} ms, recorded {with_it:.2f} ms: {with_it / without - 1:+.0%}"
    )


def nannyml(python, training, later, columns):
    """Return (column, day, method) of every window in which NannyML alerts."""
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in (("training", training), ("later", later)):
            frame.to_csv(Path(folder) / f"{name}.csv", index=False)
        command = [python, str(HERE / "nannyml_drift.py"), folder, ",".join(columns)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return [(name, pd.Timestamp(day).normalize(), said) for name, day, said in found]


def alerts(arguments):
    """Print what each rule says of the year as it was, and of years in which nothing changed."""
    ways = {
        "ours": alarms.ours,
        "index > 0.1": lambda *parts: alarms.runs(alarms.fixed(*parts, 0.1)),
        "index > 0.2": lambda *parts: alarms.runs(alarms.fixed(*parts, 0.2)),
    }
    if arguments.nannyml:
        ways["NannyML"] = lambda *parts: alarms.runs(nannyml(arguments.nannyml, *parts))
    frame = flights.read()
    print("days from a real change of dest to its alert; alerts of the two weeks before it")
    for way, ask in ways.items():
        said = []
        for change, day in flights.CHANGES.items():
            found = ask(*flights.around(frame, day), flights.SCHEDULE)
            dest = sorted(when for name, when, _ in found if name == "dest" and when >= day)
            waited = f"{(dest[0] - day).days} days" if dest else "never"
            said.append(f"{change} {waited}, {sum(when < day for _, when, _ in found)} before")
        print(f"{way:<12} {'; '.join(said)}", flush=True)
    print("alerts in seven months in which nothing changed, mean of the shuffles")
    for by, columns in (
        ("rows", flights.SCHEDULE + flights.WEATHER),
        ("days", flights.SCHEDULE),
        ("days", flights.WEATHER),
    ):
        for way, ask in ways.items():
            counts = []
            for seed in range(arguments.shuffles):
                parts = flights.divided(flights.shuffled(frame, seed, by))
                counts.append(len(ask(*parts, columns)))
            mean = np.mean(counts)
            print(f"{by} shuffled, {len(columns)} columns, {way:<12} {mean:6.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("drift", "year", "record", "alerts"))
    parser.add_argument("--evidently", help="a Python that has evidently")
    parser.add_argument("--nannyml", help="a Python that has nannyml")
    parser.add_argument("--shuffles", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="*")
    arguments = parser.parse_args()
    {"drift": drift, "year": year, "record": record, "alerts": alerts}[arguments.what](arguments)


if __name__ == "__main__":
    sys.exit(main())
