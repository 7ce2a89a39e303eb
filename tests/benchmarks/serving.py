"""What does a recorded prediction cost beside rivals that record nothing? Run me again.

    python tests/benchmarks/serving.py [--batches 1000,100000,1000000] [--out FILE]

Ours validates, answers and records every row; scikit-learn and LightGBM answer; MLflow
validates and answers. Same rows, one process, rounds of all of them in turn, so that the
load of the machine falls on all alike. A rival that is not installed is left out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from mlops_magics import TrainingSpec
from mlops_magics.workspace import Workspace

ROUNDS, SINGLES = 5, 300
NUMBERS, CATEGORIES = 12, 3
# Nobody is timed while the pages of a fresh process are still cold.
WARM_UP = 20


def rows(count, seed):
    """Twelve numbers and three categories, and a target that is not easy."""
    chance = np.random.default_rng(seed)
    made = {f"n{i}": chance.normal(0, 1, count) for i in range(NUMBERS)}
    levels = np.array([f"level {i}" for i in range(20)])
    made |= {f"c{i}": levels[chance.integers(0, 20, count)] for i in range(CATEGORIES)}
    frame = pd.DataFrame(made)
    score = frame["n0"] + frame["n1"] * frame["n2"] + (frame["c0"] < "level 3")
    frame["y"] = np.where(score + chance.normal(0, 1, count) > 0, "yes", "no")
    return frame


def as_codes(frame):
    """As trees take it: categories as codes."""
    coded = frame.drop(columns="y", errors="ignore").copy()
    for place in range(CATEGORIES):
        name = f"c{place}"
        coded[name] = coded[name].str[6:].astype(np.int32)
    return coded


def timed(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def mlflow_model(boosted, frame, folder):
    """Return MLflow's wrapped model, and how long logging and loading it took."""
    try:
        import mlflow
        from mlflow.models import infer_signature
    except ImportError:
        return None, {}
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.create_experiment("serving", artifact_location=f"file:{folder}/artifacts")
    mlflow.set_experiment("serving")
    coded = as_codes(frame.head(100))
    signature = infer_signature(coded, boosted.predict_proba(coded)[:, 1])
    made = {}

    def log():
        with mlflow.start_run():
            made["info"] = mlflow.sklearn.log_model(
                boosted,
                name="model",
                signature=signature,
                registered_model_name="late",
                pip_requirements=["scikit-learn"],  # inferring them takes a hundred times longer
                pyfunc_predict_fn="predict_proba",
                serialization_format="cloudpickle",
            )

    def load():
        made["model"] = mlflow.pyfunc.load_model("models:/late/1")

    return made, {"register": timed(log), "load": timed(load)}


def quantiles(times):
    return {
        "p50_ms": float(np.median(times) * 1e3),
        "p99_ms": float(np.quantile(times, 0.99) * 1e3),
    }


def singles(workspace, boosted, wrapped, frame):
    """Return p50 and p99 of one row, ours recorded."""
    records = frame.drop(columns="y").head(SINGLES).to_dict("records")
    coded = [as_codes(frame.iloc[[i]]) for i in range(SINGLES)]
    works = {
        "ours, recorded": lambda i: workspace.predict_one("late", records[i]),
        "ours, not recorded": lambda i: workspace.predict_one("late", records[i], record=False),
        "HistGradientBoosting": lambda i: boosted.predict_proba(coded[i]),
    }
    if wrapped:
        works["mlflow.pyfunc"] = lambda i: wrapped["model"].predict(coded[i])
    found = {name: [] for name in works}
    for place in range(SINGLES):
        for name, work in works.items():
            spent = timed(lambda work=work, place=place: work(place))
            if place >= WARM_UP:
                found[name].append(spent)
    return {name: quantiles(np.array(times)) for name, times in found.items()}


def batches(workspace, boosted, lightgbm, folder, count):
    """Return the best of five rounds of a batch; ours is recorded."""
    frame = rows(count, 7).drop(columns="y")
    coded, path = as_codes(frame), folder / "written.parquet"
    works = {
        "ours, recorded": lambda: workspace.predict("late", frame),
        "ours, forward pass": lambda: forward(workspace, frame),
        "HistGradientBoosting": lambda: boosted.predict_proba(coded),
        "HistGradientBoosting + Parquet": lambda: (
            boosted.predict_proba(coded),
            frame.to_parquet(path),
        ),
    }
    if lightgbm is not None:
        works["LightGBM"] = lambda: lightgbm.predict_proba(coded)
    rounds = ROUNDS if count <= 100_000 else 2
    found = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(timed(work))
    return {name: min(times) for name, times in found.items()}


def forward(workspace, frame):
    from mlops_magics.tables.reading import read_table
    from mlops_magics.workspace.predict import load

    model = load(workspace, workspace.registry.resolve("late"))
    model.probabilities(read_table(frame))


COLD = """
import sys, time
from pathlib import Path
begun = time.perf_counter()
from mlops_magics.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
workspace.predict_one("late", {row!r})
print(time.perf_counter() - begun, "jax" in sys.modules)
"""


def cold(workspace, frame):
    """Return how long a fresh process takes to its first recorded prediction."""
    row = frame.drop(columns="y").head(1).to_dict("records")[0]
    program = COLD.replace("{row!r}", repr(row))
    done = [
        subprocess.run(
            [sys.executable, "-c", program, str(workspace.folder)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _ in range(3)
    ]
    return {"first_prediction_s": min(float(d[0]) for d in done), "imported_jax": done[0][1]}


def registering(workspace, folder):
    """Return how long a model of ours takes into the registry and out of it."""
    from mlops_magics.registry import ModelRegistry, Registration
    from mlops_magics.storage import Storage

    version = workspace.registry.get_model("late")
    artifact = workspace.storage.artifacts.read(version.artifact_sha256)
    registry = ModelRegistry(Storage(folder / "fresh"))
    first = timed(lambda: registry.register_model(Registration(model_id="late", artifact=artifact)))
    return {"register": first, "load": timed(lambda: registry.load(registry.get_model("late")))}


def measure(arguments):
    folder = Path(tempfile.mkdtemp())
    frame = rows(5000, 0)
    workspace = Workspace(folder / ".mlops")
    workspace.train(TrainingSpec(model_id="late", data=frame, target="y"))
    categories = [f"c{i}" for i in range(CATEGORIES)]
    boosted = HistGradientBoostingClassifier(categorical_features=categories)
    boosted.fit(as_codes(frame), frame["y"])
    lightgbm = None
    try:
        from lightgbm import LGBMClassifier

        lightgbm = LGBMClassifier(verbose=-1).fit(as_codes(frame), frame["y"])
    except ImportError:
        pass
    wrapped, theirs = mlflow_model(boosted, frame, folder)
    found = {
        "registry": {"ours": registering(workspace, folder), "mlflow": theirs},
        "cold": cold(workspace, frame),
        "singles": singles(workspace, boosted, wrapped, frame),
        "batches": {},
    }
    show(found)
    for count in arguments.batches:
        found["batches"][count] = batches(workspace, boosted, lightgbm, folder, count)
        show({f"batch of {count:,}": found["batches"][count]})
    workspace.close()
    return found


def show(found, indent=""):
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(
                f"{indent}{name}: {value:.4g}"
                if isinstance(value, float)
                else f"{indent}{name}: {value}"
            )
    sys.stdout.flush()


def ratios(found):
    """Print what was promised beside what was measured."""
    singles, batch = found["singles"], found["batches"].get(100_000)
    ours = singles["ours, recorded"]["p50_ms"]
    print("\nratios (below 1: ours is faster, and it records)")
    for rival in ("mlflow.pyfunc", "HistGradientBoosting"):
        if rival in singles:
            print(f"  one recorded prediction / {rival}: {ours / singles[rival]['p50_ms']:.2f}")
    if batch:
        written, bare = batch["HistGradientBoosting + Parquet"], batch["HistGradientBoosting"]
        whole, alone = batch["ours, recorded"] / written, batch["ours, forward pass"] / bare
        print(f"  100k recorded / HistGradientBoosting + Parquet: {whole:.2f}")
        print(f"  100k forward pass / HistGradientBoosting: {alone:.2f}")
    own, theirs = found["registry"]["ours"], found["registry"]["mlflow"]
    if theirs:
        print(f"  register + load / MLflow's: {sum(own.values()) / sum(theirs.values()):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", default="1000,100000", help="rows, separated by commas")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    given.batches = [int(count) for count in given.batches.split(",")]
    result = measure(given)
    ratios(result)
    if given.out is not None:
        given.out.write_text(json.dumps(result, indent=1))
