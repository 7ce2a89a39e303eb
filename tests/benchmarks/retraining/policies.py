"""One model through one simulated year, under one policy."""

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import worlds as w

from mlops_magics import TrainingSpec
from mlops_magics.errors.error import MLOpsError
from mlops_magics.monitoring.retraining import Policy, RetrainingRequest
from mlops_magics.storage.clock import Clock
from mlops_magics.workspace import Workspace, lessons, retrain

START = 1_767_571_200_000_000  # 2026-01-05, a Monday
POLICIES = {
    "never": None,
    "weekly": "weekly",
    "drift only": Policy(performance=False, drift=True, approve="auto"),
    "ours": Policy(approve="auto"),
}


class Weekly(Clock):
    """A clock that is told the time."""

    def __init__(self):
        super().__init__()
        self.time = START

    def now(self):
        return self.time


@dataclass
class Outcome:
    """What a year came to.

    Attributes
    ----------
    excess : float
        Mean loss beyond that of the true probability, nats; the measured loss where nobody
        knows it.
    asked, promoted : list of int
        Weeks in which a retraining was asked for, and in which a version went into production.
    """

    losses: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    promoted: list = field(default_factory=list)

    @property
    def excess(self):
        return float(np.mean(self.losses))


class Year:
    """A workspace with a model in production, its clock, and labels under way."""

    def __init__(self, folder, data, target, **spec):
        self.clock = Weekly()
        self.workspace = Workspace(Path(folder) / ".mlops", clock=self.clock)
        self.workspace.upload(data, "first")
        self.spec = {"model_id": "m", "target": target, "epochs": 30} | spec
        rows = self.workspace.dataset("first")
        self.workspace.train(TrainingSpec(data=rows, **self.spec))
        self.workspace.promote("m", force=True, because="the first one")
        self.waiting = pd.DataFrame()

    def live(self, features, at, outcome, known):
        """Answer for a week; its labels come when they are known. Return the answers."""
        frame = features.assign(at=pd.to_datetime(at, unit="us", utc=True))
        self.clock.time = max(self.clock.time, int(at.max()))
        answered = self.workspace.predict("m", frame, time="at").to_pandas()
        ids = answered["request_id"].to_numpy()
        labels = pd.DataFrame({"request_id": ids, "y": outcome, "known": known})
        self.waiting = pd.concat([self.waiting, labels[np.isfinite(known)]], ignore_index=True)
        return answered

    def label(self):
        """Hand over the labels that are known by now."""
        is_here = self.waiting["known"] <= self.clock.time
        here, self.waiting = self.waiting[is_here], self.waiting[~is_here]
        if len(here):
            known = pd.to_datetime(here["known"].astype("int64"), unit="us", utc=True)
            self.workspace.label("m", here.assign(known=known), "y", time="known")

    def step(self, policy, week, outcome):
        """Do what a policy does at the end of a week."""
        if policy == "weekly":
            if self._always():
                outcome.asked.append(week)
                outcome.promoted.append(week)
        elif policy is not None:
            for done in retrain.run_waiting(self.workspace):
                outcome.asked.append(week)
                if done.request.state == "promoted":
                    outcome.promoted.append(week)

    def _always(self):
        """Train on the newest rows and promote whatever comes of it, as a timer does."""
        ws = self.workspace
        champion = ws.registry.resolve("m")
        asked = RetrainingRequest(
            request_no=0, model_id="m", state="running", reason="performance", evidence=(),
            requested_at=0, champion=champion.version,
        )  # fmt: skip
        try:
            found = lessons.gather(ws, champion, asked, 60)
        except MLOpsError:
            return False  # no labels yet
        job = ws.training.train(found.spec)
        ws.promote("m", job.version, force=True, because="it is Monday")
        return True


def run(world, policy, weeks=52, rows=200, seed=0):
    """Run one policy through a simulated year."""
    first = [world.week(-n, weeks, rows, seed) for n in range(w.FIRST_WEEKS, 0, -1)]
    data = pd.concat([part[0].assign(y=part[2]) for part in first], ignore_index=True)
    folder, outcome = tempfile.mkdtemp(prefix="year_"), Outcome()
    year = Year(folder, data, "y")
    if isinstance(policy, Policy):
        retrain.set_policy(year.workspace, "m", replace(policy))
    for week in range(weeks):
        features, share, happened, days = world.week(week, weeks, rows, seed)
        at = START + 7 * w.DAY * week + np.arange(rows) * (7 * w.DAY // rows)
        answered = year.live(features, at, happened, at + days * w.DAY)
        said = np.clip(answered["p(yes)"].to_numpy(), 1e-6, 1 - 1e-6)
        excess = share * np.log(share / said) + (1 - share) * np.log((1 - share) / (1 - said))
        outcome.losses.append(float(excess.mean()))
        year.clock.time = START + 7 * w.DAY * (week + 1)
        year.label()
        year.step(policy, week, outcome)
    year.workspace.close()
    shutil.rmtree(folder, ignore_errors=True)
    return outcome
