"""How good is the shipped training beside the usual libraries? Run me again.

    OMP_NUM_THREADS=1 python tests/benchmarks/study run      fits what is not there yet
    python tests/benchmarks/study table                      prints the tables
    python tests/benchmarks/study cold                       fits in fresh processes

Rows that were measured are kept beside each other in `--out`, one JSON line a fit, so
that a stopped run goes on where it was. `run --tuning` fits the tuning tables instead.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# siblings: a folder that is run is on the path; the first must come before NumPy
import one_thread
import summary
import tables
from ours import shipped
from rivals import RIVALS, without_dates

SPLITS = 3
OURS = "mlops_magics"
COLD = ("wa_churn", "magic", "diamonds", "concrete")


def run(arguments: argparse.Namespace) -> None:
    names = tables.TUNING if arguments.tuning else tables.JUDGING
    done = {(row["table"], row["split"], row["model"]) for row in summary.read(arguments.out)}
    models = {OURS: shipped, **RIVALS}
    for name in arguments.tables or names:
        for place in range(arguments.splits):
            parts = tables.split(name, place)
            for model, fit in models.items():
                if (name, place, model) in done or (
                    arguments.models and model not in arguments.models
                ):
                    continue
                row = measured(fit, parts)
                row |= {"table": name, "split": place, "model": model}
                with arguments.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                print(f"{name} {place} {model}: {row['score']:.5g}, {row['fit']:.2f} s", flush=True)


def measured(fit: object, parts: tables.Parts) -> dict[str, float]:
    frames = (parts.training, parts.test)
    if fit is not shipped:
        frames = (without_dates(parts.training), without_dates(parts.test))
    wall = time.perf_counter()
    answers, fitted, answered = fit(frames, parts.learned, parts.is_regression)
    return {
        "score": summary.score(parts.held.to_numpy(), answers),
        "fit": round(fitted, 3),
        "wall": round(time.perf_counter() - wall, 3),
        "predict": round(answered / len(parts.held) * 1e6, 1),
        "rows": len(parts.learned),
    }


def cold(arguments: argparse.Namespace) -> None:
    """Fit each table in a process of its own that has no compiled program yet."""
    for name in arguments.tables or COLD:
        with tempfile.TemporaryDirectory() as empty:
            command = [sys.executable, str(Path(__file__).parent), "run", "--splits", "1"]
            command += ["--models", OURS, "--tables", name, "--out", f"{empty}/cold.jsonl"]
            environment = os.environ | {"MLOPS_COMPILE_CACHE": f"{empty}/compiled"}
            subprocess.run(command, check=True, env=environment, capture_output=True)
            row = summary.read(Path(empty) / "cold.jsonl")[0]
            print(f"{name}: {row['fit']:.1f} CPU s to fit, {row['wall']:.1f} s wall with predict")


def main() -> None:
    parser = argparse.ArgumentParser(prog="study", description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("run", "table", "cold"))
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "study.jsonl")
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--models", nargs="*", choices=(OURS, *RIVALS))
    parser.add_argument("--tables", nargs="*", choices=tuple(tables.TABLES))
    arguments = parser.parse_args()
    assert one_thread.VARIABLES
    if arguments.action == "run":
        run(arguments)
    elif arguments.action == "cold":
        cold(arguments)
    else:
        chosen = tables.TUNING if arguments.tuning else tables.JUDGING
        print(summary.markdown(summary.read(arguments.out), list(chosen), OURS))


if __name__ == "__main__":
    main()
