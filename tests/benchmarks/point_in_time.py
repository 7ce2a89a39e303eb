"""How fast is a point-in-time join, beside the ways that a person has otherwise?

python tests/benchmarks/point_in_time.py --rows 1000000 --rows 10000000 --feast PYTHON

A spine of 100,000 rows gets ten features of 100,000 entities from a history of so many
rows. Every way runs in a process of its own, on the same Parquet files, five times;
the table has the least wall and processor time, their ratios to ours, the peak memory,
and whether the values are ours. On a machine that others use, read the processor time.
`--feast` names a Python that has feast (it needs an older pandas than we do):

python -m venv feast && feast/bin/pip install "feast[duckdb]"
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

SPINE, ENTITIES, FEATURES, RUNS = 100_000, 100_000, 10, 5
NAMES = [f"x{place}" for place in range(FEATURES)]
HERE = Path(__file__).parent
# the newest row by (event_time, seq) of all that were true: ties are broken, as ours are
EXACT = f"""
WITH best AS MATERIALIZED (
    SELECT place, max((h.event_time, h.seq)) AS best
    FROM spine JOIN read_parquet('{{history}}') h
        ON spine.k = h.k AND h.event_time <= spine.event_time GROUP BY place)
SELECT spine.*, {", ".join(NAMES)} FROM spine LEFT JOIN best USING (place)
LEFT JOIN read_parquet('{{history}}') h ON h.seq = best.best[2] ORDER BY place
"""
ONE_NUMBER = f"""
WITH best AS MATERIALIZED (
    SELECT place, max(epoch_us(h.event_time)::HUGEINT * {2**40} + h.seq) AS best
    FROM spine JOIN read_parquet('{{history}}') h
        ON spine.k = h.k AND h.event_time <= spine.event_time GROUP BY place)
SELECT spine.*, {", ".join(NAMES)} FROM spine LEFT JOIN best USING (place)
LEFT JOIN read_parquet('{{history}}') h ON h.seq = (best.best % {2**40})::BIGINT ORDER BY place
"""
PACKED = f"""
SELECT spine.*, {", ".join(f"best.{name}" for name in NAMES)} FROM spine LEFT JOIN (
    SELECT place, arg_max(struct_pack({", ".join(f"{n} := {n}" for n in NAMES)}),
        (h.event_time, h.seq)) AS best
    FROM spine JOIN read_parquet('{{history}}') h
        ON spine.k = h.k AND h.event_time <= spine.event_time GROUP BY place) USING (place)
ORDER BY place
"""
ASOF = f"""
SELECT spine.*, {", ".join(NAMES)} FROM spine ASOF LEFT JOIN read_parquet('{{history}}') h
    ON spine.k = h.k AND spine.event_time >= h.event_time ORDER BY place
"""


def make(folder: Path, rows: int) -> None:
    """Write history.parquet and spine.parquet, and our workspace."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SELECT setseed(0.5)")
    year = "TIMESTAMP '2025-01-01' + to_microseconds((random() * 31536e9)::BIGINT)"
    values = ", ".join(f"random() AS {name}" for name in NAMES)
    for name, count, columns in (
        ("history", rows, f"range AS seq, {values}, TIMESTAMP '2025-01-01' AS created"),
        ("spine", SPINE, "range AS place"),
    ):
        connection.execute(
            f"COPY (SELECT (random() * {ENTITIES})::BIGINT AS k, {year} AS event_time, {columns}"
            f" FROM range({count})) TO '{folder / name}.parquet'"
        )


def write_ours(folder: Path) -> Callable[[], Any]:
    from mlops_magics.features import FeatureStore, ViewDefinition
    from mlops_magics.storage import Storage
    from mlops_magics.tables import read_table

    table = read_table(folder / "history.parquet").select(["k", "event_time", *NAMES])
    features = FeatureStore(Storage(folder / ".mlops"))
    view = ViewDefinition(view="history", key=("k",), time="event_time")
    return lambda: features.write(view, table).new_count


def ours(folder: Path) -> Callable[[], Any]:
    import pandas as pd

    from mlops_magics.features import FeatureStore
    from mlops_magics.storage import Storage

    spine = pd.read_parquet(folder / "spine.parquet")
    features = FeatureStore(Storage(folder / ".mlops"))
    return lambda: features.join(spine, ["history"], "event_time").to_pandas()


def duckdb_form(sql: str) -> Callable[[Path], Callable[[], Any]]:
    def prepared(folder: Path) -> Callable[[], Any]:
        import duckdb
        import pandas as pd

        connection = duckdb.connect()
        connection.register("spine", pd.read_parquet(folder / "spine.parquet"))
        query = sql.format(history=folder / "history.parquet")
        return lambda: connection.execute(query).df()

    return prepared


def pandas_asof(folder: Path) -> Callable[[], Any]:
    import pandas as pd

    spine = pd.read_parquet(folder / "spine.parquet")

    def join() -> Any:
        columns = ["k", "event_time", *NAMES]
        history = pd.read_parquet(folder / "history.parquet", columns=columns)
        left, right = (frame.sort_values("event_time") for frame in (spine, history))
        return pd.merge_asof(left, right, on="event_time", by="k").sort_values("place")

    return join


def pandas_in_memory(folder: Path) -> Callable[[], Any]:
    import pandas as pd

    spine = pd.read_parquet(folder / "spine.parquet")
    history = pd.read_parquet(folder / "history.parquet", columns=["k", "event_time", *NAMES])
    history = history.sort_values("event_time")

    def join() -> Any:
        left = spine.sort_values("event_time")
        return pd.merge_asof(left, history, on="event_time", by="k").sort_values("place")

    return join


def polars_asof(folder: Path) -> Callable[[], Any]:
    import polars as pl

    spine = pl.read_parquet(folder / "spine.parquet")

    def join() -> Any:
        columns = ["k", "event_time", *NAMES]
        history = pl.read_parquet(folder / "history.parquet", columns=columns)
        left, right = (frame.sort("event_time") for frame in (spine, history))
        return left.join_asof(right, on="event_time", by="k").sort("place").to_pandas()

    return join


def online(folder: Path) -> dict[str, Any]:
    """Return how long one read of one entity takes, of a view that is kept by key."""
    from mlops_magics.features import FeatureStore
    from mlops_magics.storage import Storage

    features = FeatureStore(Storage(folder / ".mlops"))
    features.keep_online({("history", 1)})
    seconds = []
    for turn in range(3000):
        begun = time.perf_counter()
        features.get_features(turn * 31 % ENTITIES, NAMES, view="history")
        seconds.append(time.perf_counter() - begun)
    return {"seconds": seconds}


WAYS: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "ours": ours,
    "DuckDB, exact, two scans": duckdb_form(EXACT),
    "DuckDB, exact, order in one number": duckdb_form(ONE_NUMBER),
    "DuckDB, exact, packed": duckdb_form(PACKED),
    "DuckDB ASOF": duckdb_form(ASOF),
    "polars join_asof": polars_asof,
    "pandas merge_asof": pandas_asof,
    "pandas merge_asof, in memory and sorted": pandas_in_memory,
}


def measure(way: str, folder: Path) -> dict[str, Any]:
    """Run one way and return its times, its peak memory and a digest of its values."""
    if way == "online":
        return online(folder)
    if way == "write":
        run, times = write_ours(folder), 1
    else:
        run, times = WAYS[way](folder), RUNS
    seconds, cpu = [], []
    for _ in range(times):
        begun, cpu_begun = time.perf_counter(), time.process_time()
        found = run()
        seconds.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - cpu_begun)
    digest = None
    if way != "write":
        digest = [len(found), int(found["x0"].isna().sum()), round(float(found["x9"].sum()), 6)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "peak_mib": peak, "digest": digest}


def in_its_own_process(command: list[str]) -> dict[str, Any] | None:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else None


def compare(rows: int, feast: str | None) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder, rows)
        ask = [sys.executable, __file__, "--folder", str(folder), "--way"]
        written = in_its_own_process([*ask, "write"])
        assert written is not None
        print(f"\n{rows:,} rows of history; load {os.getloadavg()[0]:.1f}")
        print(f"written by us in {written['seconds'][0]:.1f} s, {written['peak_mib']:,.0f} MiB")
        found = {way: in_its_own_process([*ask, way]) for way in WAYS}
        single = {"ours": in_its_own_process([*ask, "online"])}
        for store in ("dask", "duckdb") if feast else ():
            script = [str(feast), str(HERE / "feast_store.py"), str(folder), store]
            found[f"Feast, {store} store"] = in_its_own_process(script)
        if feast:
            script = [str(feast), str(HERE / "feast_store.py"), str(folder), "online"]
            single["Feast, SQLite store"] = in_its_own_process(script)
    show(found)
    own = single["ours"]
    for way, answer in single.items():
        if answer is not None and own is not None:
            middle, ratio = (
                median(answer["seconds"]),
                median(answer["seconds"]) / median(own["seconds"]),
            )
            print(f"{'one entity, ' + way:42}{middle * 1000:9.3f} ms {ratio:9.1f}")


def show(found: dict[str, dict[str, Any] | None]) -> None:
    own = found["ours"]
    assert own is not None
    print(f"{'':42}{'wall s':>8}{'ratio':>7}{'cpu s':>9}{'ratio':>7}{'peak MiB':>10}  values")
    for way, answer in found.items():
        if answer is None:
            print(f"{way:42}  failed")
            continue
        said = f"{way:42}"
        for kind, width in (("seconds", 8), ("cpu", 9)):
            least = min(answer[kind])
            said += f"{least:{width}.2f}{least / min(own[kind]):7.2f}"
        same = "as ours" if answer["digest"] == own["digest"] else f"others: {answer['digest']}"
        print(f"{said}{answer['peak_mib']:10,.0f}  {same}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--feast", help="a Python that has feast")
    parser.add_argument("--way", help="run this way alone, in this process")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    if chosen.way:
        print(json.dumps(measure(chosen.way, chosen.folder)))
    else:
        for count in chosen.rows or [1_000_000]:
            compare(count, chosen.feast)
