"""The flights' year: a model of its first months, retrained under each policy, or not."""

import shutil
import tempfile
from dataclasses import replace

import duckdb
import numpy as np
import policies as p
import worlds as w

from mlops_magics.monitoring.retraining import Policy
from mlops_magics.workspace import retrain

FIRST_DAYS = 59  # January and February
LATE_MINUTES = 15
ROWS = """
SELECT f.origin, dest, distance, hour(scheduled_departure) AS hour,
    isodow(scheduled_departure) AS weekday, scheduled_departure,
    if(arr_delay > {late}, 'late', 'on time') AS y, temp_f, humidity, wind_speed_mph,
    visibility_mi, coalesce(precipitation_in, 0) AS precipitation_in
FROM read_parquet('{flights}') f ASOF LEFT JOIN read_parquet('{weather}') w
    ON f.origin = w.origin AND f.scheduled_departure >= w.observed_at
WHERE arr_delay IS NOT NULL ORDER BY scheduled_departure, flight_id
"""


def flights(folder, names):
    """Print what each policy loses from March to December."""
    paths = {name: f"{folder}/{name}.parquet" for name in ("flights", "weather")}
    frame = duckdb.sql(ROWS.format(late=LATE_MINUTES, **paths)).df()
    moments = frame.pop("scheduled_departure").astype("datetime64[us, UTC]").astype("int64")
    begin = int(moments.iloc[0]) // w.DAY * w.DAY
    begin += (4 - begin // w.DAY) % 7 * w.DAY  # the first Monday
    frame, moments = frame[moments >= begin], moments[moments >= begin].to_numpy()
    start = begin + FIRST_DAYS // 7 * 7 * w.DAY
    print(f"{len(frame):,} flights; learned from those before {np.datetime64(start, 'us')}")
    print("policy      mean loss  asked  promoted in week")
    for name in names:
        outcome = year(frame, moments, start, p.POLICIES[name])
        asked, weeks = len(outcome.asked), ", ".join(map(str, outcome.promoted[:20]))
        print(f"{name:<10}  {outcome.excess:9.4f}  {asked:5}  {weeks or 'never'}", flush=True)


def year(frame, moments, start, policy):
    folder, outcome = tempfile.mkdtemp(prefix="flights_"), p.Outcome()
    live = p.Year(folder, frame[moments < start], "y")
    live.clock.time = start
    if isinstance(policy, Policy):
        retrain.set_policy(live.workspace, "m", replace(policy))
    for week in range(int((moments[-1] - start) // (7 * w.DAY)) + 1):
        begin = start + 7 * w.DAY * week
        own = (moments >= begin) & (moments < begin + 7 * w.DAY)
        if not own.any():
            continue
        rows, at = frame[own], moments[own]
        known = at + 6 * 3_600_000_000.0  # it has landed by then
        answered = live.live(rows.drop(columns="y"), at, rows["y"].to_numpy(), known)
        said = np.where(rows["y"] == "late", answered["p(late)"], answered["p(on time)"])
        outcome.losses.extend((-np.log(np.clip(said, 1e-6, 1))).tolist())
        live.clock.time = begin + 7 * w.DAY
        live.label()
        live.step(policy, week, outcome)
    live.workspace.close()
    shutil.rmtree(folder, ignore_errors=True)
    return outcome
