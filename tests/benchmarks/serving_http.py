"""What does a recorded prediction cost over HTTP beside rivals that record nothing? Run me again.

    python tests/benchmarks/serving_http.py [--seconds 5] [--clients 16] [--mlflow PYTHON]

Ours answers and records every row. The bare app is FastAPI with a pipeline of scikit-learn
and records nothing; `mlflow models serve` validates and records nothing. MLflow cannot be
installed beside our pandas: give the Python of an environment that has it. Each server is
a process of its own, one worker; they take turns, so that the load of the machine falls on
all alike. Two tables: numbers and categories, and numbers alone, which the bare app may
give to its model as an array.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import numpy as np

ROUNDS, ROWS_SENT = 3, 200
NUMBERS, CATEGORIES = 12, 3

BARE = """
import sys
import joblib, numpy as np, pandas as pd, uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, create_model
kind, folder, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
model = joblib.load(f"{folder}/{kind}.joblib")
names = [f"n{i}" for i in range(12)]
fields = {name: (float, ...) for name in names}
if kind == "mixed":
    fields |= {f"c{i}": (str, ...) for i in range(3)}
Row = create_model("Row", **fields)
app = FastAPI()

@app.get("/health")
def health():
    return {"status": "ok"}

@app.post("/predict")
async def predict(row: Row):
    values = row.model_dump()
    table = pd.DataFrame([values]) if kind == "mixed" else np.array([list(values.values())])
    shares = model.predict_proba(table)[0]
    place = int(shares.argmax())
    return {"prediction": model.classes_[place], "confidence": float(shares[place])}

uvicorn.run(app, port=port, access_log=False, log_level="warning")
"""
LOG_MLFLOW = """
import sys
import joblib, mlflow, pandas as pd
from mlflow.models import infer_signature
kind, folder = sys.argv[1:3]
model = joblib.load(f"{folder}/{kind}.joblib")
rows = pd.read_json(f"{folder}/{kind}.json")
mlflow.sklearn.save_model(
    model, f"{folder}/mlflow_{kind}", signature=infer_signature(rows, model.predict_proba(rows)),
    pip_requirements=["scikit-learn"], pyfunc_predict_fn="predict_proba",
    serialization_format="cloudpickle",
)
"""


def rows(count, seed):
    import serving

    return serving.rows(count, seed)


def prepare(folder):
    """Train ours and the rivals' model on the same rows, and store all in a folder."""
    import joblib
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from mlops_magics import TrainingSpec
    from mlops_magics.workspace import Workspace

    frame = rows(5000, 0)
    numbers = [f"n{i}" for i in range(NUMBERS)]
    categories = [f"c{i}" for i in range(CATEGORIES)]
    workspace = Workspace(folder / ".mlops")
    for kind, columns in (("mixed", [*numbers, *categories]), ("numbers", numbers)):
        used = tuple(columns)
        workspace.train(TrainingSpec(model_id=kind, data=frame, target="y", columns=used))
        steps = [StandardScaler()]
        if kind == "mixed":
            encoder = OneHotEncoder(handle_unknown="ignore")
            steps = [make_column_transformer((encoder, categories), (steps[0], numbers))]
        model = make_pipeline(*steps, LogisticRegression(max_iter=500))
        given = frame[columns] if kind == "mixed" else frame[columns].to_numpy()
        joblib.dump(model.fit(given, frame["y"]), folder / f"{kind}.joblib")
        frame[columns].head(100).to_json(folder / f"{kind}.json", orient="records")
    workspace.close()


class Server:
    """One server in a process of its own, and what is asked of it."""

    def __init__(self, command, kind, path, bodies, token=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [part.replace("PORT", str(self.port)) for part in command],
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            # MLflow starts the uvicorn that lies beside its Python
            env={**os.environ, "PATH": f"{Path(command[0]).parent}:{os.environ['PATH']}"},
        )
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        head += "Content-Type: application/json\r\n"
        if token is not None:
            head += f"Authorization: Bearer {token}\r\n"
        self.requests = [
            f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies
        ]
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2)
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        self.log.seek(0)
        raise SystemExit(self.log.read().decode()[-2000:])

    def close(self):
        os.killpg(self.process.pid, 15)
        self.process.wait(30)


async def load(server, clients, seconds):
    """Return the latencies of all requests that so many clients got answered in a time."""
    times, end = [], time.perf_counter() + seconds

    async def client(place):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            writer.write(server.requests[place % len(server.requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode() + (await reader.read(500)).decode())
            size = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(size))
            times.append(time.perf_counter() - begun)
            place += clients
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(client(place) for place in range(clients)))
    return np.array(times), time.perf_counter() - begun


def servers(kind, folder, mlflow):
    """Start what is compared."""
    columns = [f"n{i}" for i in range(NUMBERS)]
    columns += [f"c{i}" for i in range(CATEGORIES)] if kind == "mixed" else []
    records = rows(ROWS_SENT, 3)[columns].to_dict("records")
    token = secrets.token_urlsafe(32)
    (folder / "token").write_text(token)
    (folder / "token").chmod(0o600)
    bodies = [json.dumps(row).encode() for row in records]
    ours = [json.dumps({"model_id": kind, "features": row}).encode() for row in records]
    command = [sys.executable, "-m", "mlops_magics", "serve", "--workspace", str(folder / ".mlops")]
    command += ["--port", "PORT", "--token-file", str(folder / "token")]
    made = {
        "ours, recorded": Server(command, kind, "/predict", ours, token),
        "bare FastAPI + scikit-learn": Server(
            [sys.executable, "-c", BARE, kind, str(folder), "PORT"], kind, "/predict", bodies
        ),
    }
    if mlflow:
        subprocess.run([mlflow, "-c", LOG_MLFLOW, kind, str(folder)], check=True)
        split = [
            json.dumps({"dataframe_split": {"columns": columns, "data": [list(row.values())]}})
            for row in records
        ]
        serve = [mlflow, "-m", "mlflow", "models", "serve", "-m", f"{folder}/mlflow_{kind}"]
        serve += ["-p", "PORT", "--env-manager", "local", "-w", "1"]
        bodies = [body.encode() for body in split]
        made["mlflow models serve"] = Server(serve, kind, "/invocations", bodies)
    return made


def measure(given, folder):
    found = {}
    for kind in ("mixed", "numbers"):
        running = servers(kind, folder, given.mlflow)
        for server in running.values():
            asyncio.run(load(server, given.clients, 1.0))
        for clients in (1, given.clients):
            for _ in range(ROUNDS):
                for name, server in running.items():
                    times, spent = asyncio.run(load(server, clients, given.seconds))
                    best = found.setdefault((kind, clients, name), (0.0, 0.0, 0.0))
                    rate = len(times) / spent
                    if rate > best[0]:
                        p50, p99 = np.quantile(times, [0.5, 0.99]) * 1e3
                        found[kind, clients, name] = (rate, p50, p99)
        for server in running.values():
            server.close()
    return found


def show(found):
    for (kind, clients, name), (rate, p50, p99) in found.items():
        ours = found[kind, clients, "ours, recorded"][0]
        said = f"{kind}, {clients} clients: {name:<28} {rate:8.0f} a second"
        print(f"{said}, p50 {p50:.2f} ms, p99 {p99:.2f} ms; ours to it {ours / rate:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--mlflow", help="a Python that has mlflow and scikit-learn")
    with tempfile.TemporaryDirectory() as made:
        prepare(Path(made))
        show(measure(parser.parse_args(), Path(made)))
