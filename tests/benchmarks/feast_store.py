"""The same join and the same read by Feast, in a Python of its own.

python feast_store.py FOLDER dask|duckdb|online
"""

import json
import logging
import os
import resource
import sys
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

NAMES = [f"x{place}" for place in range(10)]
RUNS = 5
SECONDS_AT_MOST = 60  # one run that takes longer is not repeated


def opened(folder, store):
    # feast is in another Python than the one that collects this folder's tests
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
    from feast.types import Float64, Int64

    config = RepoConfig(
        project="bench",
        registry=str(folder / f"{store}.db"),
        provider="local",
        offline_store={"type": "dask" if store == "online" else store},
        online_store={"type": "sqlite", "path": str(folder / "feast_online.db")},
        entity_key_serialization_version=3,
        repo_path=folder,
    )
    entity = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    view = FeatureView(
        name="history",
        entities=[entity],
        # without a ttl, as ours: its least is all that it keeps
        ttl=timedelta(days=3650),
        schema=[Field(name="k", dtype=Int64), *(Field(name=n, dtype=Float64) for n in NAMES)],
        source=FileSource(
            path=str(folder / "feast.parquet"),
            timestamp_field="event_time",
            created_timestamp_column="created",
        ),
    )
    features = FeatureStore(config=config)
    features.apply([entity, view])
    return features


def with_zones(folder):
    """Feast wants its times with a zone."""
    import pandas as pd

    if not (folder / "feast.parquet").exists():
        history = pd.read_parquet(folder / "history.parquet")
        for name in ("event_time", "created"):
            history[name] = history[name].dt.tz_localize("UTC")
        history.to_parquet(folder / "feast.parquet")


def join(folder, store):
    import pandas as pd

    features = opened(folder, store)
    spine = pd.read_parquet(folder / "spine.parquet")
    spine["event_timestamp"] = spine.pop("event_time").dt.tz_localize("UTC")
    seconds, cpu = [], []
    while len(seconds) < RUNS and sum(seconds) < SECONDS_AT_MOST:
        begun, cpu_begun = time.perf_counter(), time.process_time()
        found = features.get_historical_features(
            entity_df=spine, features=[f"history:{name}" for name in NAMES]
        ).to_df()
        seconds.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - cpu_begun)
    digest = [len(found), int(found["x0"].isna().sum()), round(float(found["x9"].sum()), 6)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "peak_mib": peak, "digest": digest}


def online(folder):
    features = opened(folder, "online")
    end = datetime(2026, 1, 1, tzinfo=UTC)
    features.materialize(end - timedelta(days=400), end, disable_event_timestamp=False)
    names = [f"history:{name}" for name in NAMES]
    seconds = []
    for turn in range(1000):
        begun = time.perf_counter()
        features.get_online_features(names, [{"k": turn * 31 % 100_000}]).to_dict()
        seconds.append(time.perf_counter() - begun)
    return {"seconds": seconds}


if __name__ == "__main__":
    os.environ["FEAST_USAGE"] = "False"
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    where, what = Path(sys.argv[1]), sys.argv[2]
    with_zones(where)
    print(json.dumps(online(where) if what == "online" else join(where, what)))
