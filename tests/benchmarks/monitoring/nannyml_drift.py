"""Which days alert by NannyML's defaults on two files? Runs where NannyML is."""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import nannyml
import pandas as pd

folder, columns = Path(sys.argv[1]), sys.argv[2].split(",")
training, later = (pd.read_csv(folder / f"{name}.csv") for name in ("training", "later"))
for frame in (training, later):
    frame["event_time"] = pd.to_datetime(frame["event_time"], unit="us")
calculator = nannyml.UnivariateDriftCalculator(
    column_names=columns, timestamp_column_name="event_time", chunk_size=140
)
calculator.fit(training)
result = calculator.calculate(later).filter(period="analysis").to_df()
found = []
for name in columns:
    for method in {key[1] for key in result.columns if key[0] == name}:
        alert = result[(name, method, "alert")].astype(bool)
        ends = result[("chunk", "chunk", "end_date")][alert]
        found += [(name, str(end), method) for end in ends]
print(json.dumps(found))
