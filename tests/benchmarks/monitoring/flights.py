"""A year of flights, with the days on which it is known that something changed."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

DATA = Path(__file__).parents[3] / "notebooks" / "data"
TRAINED_UNTIL = pd.Timestamp("2013-06-01")
# the first flights to two airports that had none before, and half of the flights to a third gone
CHANGES = {
    "Tampa begins": pd.Timestamp("2013-08-27"),
    "Chicago halves": pd.Timestamp("2013-10-01"),
    "St. Louis begins": pd.Timestamp("2013-11-21"),
}
SCHEDULE = ("origin", "dest", "distance", "hour", "weekday")
WEATHER = ("temp_f", "humidity", "wind_speed_mph")


def read():
    """Return every flight with its schedule and the weather at its departure, in order."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(
            f"""
            SELECT f.origin, dest, distance::DOUBLE AS distance,
                hour(scheduled_departure AT TIME ZONE 'America/New_York')::DOUBLE AS hour,
                dayname(scheduled_departure AT TIME ZONE 'America/New_York') AS weekday,
                temp_f, humidity, wind_speed_mph,
                epoch_us(scheduled_departure) AS event_time
            FROM '{DATA}/flights.parquet' f ASOF LEFT JOIN '{DATA}/weather.parquet' w
            ON f.origin = w.origin AND f.scheduled_departure >= w.observed_at
            ORDER BY scheduled_departure, flight_id
            """
        ).df()


def shuffled(frame, seed, by):
    """Return the same flights with their rows, or whole days, in another order of time."""
    chance = np.random.default_rng(seed)
    if by == "rows":
        mixed = frame.iloc[chance.permutation(len(frame))].reset_index(drop=True)
        return mixed.assign(event_time=frame["event_time"].to_numpy())
    day = frame["event_time"] // 86_400_000_000
    days = np.sort(day.unique())
    place = dict(zip(days, chance.permutation(days), strict=True))
    moved = frame.assign(
        event_time=day.map(place) * 86_400_000_000 + frame["event_time"] % 86_400_000_000
    )
    return moved.sort_values("event_time", kind="stable").reset_index(drop=True)


def divided(frame):
    """Return the flights that training sees, and those after it."""
    until = TRAINED_UNTIL.value // 1000
    is_training = frame["event_time"] < until
    return frame[is_training], frame[~is_training].reset_index(drop=True)


def around(frame, day):
    """Return the hundred days until two weeks before a day, and those until 60 days after."""
    begin, until, end = ((day + pd.Timedelta(days=days)).value // 1000 for days in (-114, -14, 60))
    time = frame["event_time"]
    is_training = (time >= begin) & (time < until)
    is_later = (time >= until) & (time < end)
    return frame[is_training].reset_index(drop=True), frame[is_later].reset_index(drop=True)
