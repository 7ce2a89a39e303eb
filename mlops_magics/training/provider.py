"""TrainingProvider: trains, measures, and registers as the last transaction.

Without a registry the model is on the job alone. Bad input raises before a job
exists; a fit that fails is a failed job, stored like any other.
"""

import json
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from mlops_magics import model, tables
from mlops_magics.errors.state import FitFailed
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.names import check_name
from mlops_magics.storage.rows import Append

from . import interrupts, kept_jobs, kept_rows
from .assembly import Prepared, learn, prepare
from .evaluation import evaluate
from .job import TrainingJob
from .plan import Progress
from .row_hashes import Hashes
from .spec import TrainingSpec

Confirm = Callable[[Transaction, str | None], None]


class Registry(Protocol):
    """What a provider needs of a registry."""

    def register_artifact(self, model_id: str, artifact: bytes, metrics: Any, metadata: Any) -> str:
        """Register a model file and return its version."""


class Run(NamedTuple):
    """One job that is running: what names it, and who may ask it to end."""

    job_id: str
    start: int
    stop: threading.Event
    was_interrupted: Callable[[], bool]
    confirm: Confirm | None

    def is_to_end(self) -> bool:
        """Return whether somebody has asked it to end at the best so far."""
        return self.stop.is_set() or self.was_interrupted()

    def named(self, progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
        """Return a progress that is told which job it is of, so that it can be cancelled."""
        return lambda one: progress(replace(one, job_id=self.job_id))


class TrainingProvider:
    """Trains models on tables.

    Parameters
    ----------
    storage : Storage, optional
        Where jobs and held-out rows are kept; a temporary folder by default.
    registry : Registry, optional
        Where models are registered; without one they are on the job alone.

    Examples
    --------
    >>> provider = TrainingProvider()
    >>> xor = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}
    >>> job = provider.train(TrainingSpec(model_id="xor", data=xor, target="y"))
    >>> job.status, job.accuracy, job.measured_on
    ('completed', 1.0, 'training')
    """

    def __init__(self, storage: Storage | None = None, registry: Registry | None = None) -> None:
        self._storage = storage or Storage(Path(tempfile.mkdtemp(prefix="mlops_")) / ".mlops")
        self._registry = registry
        self._running: dict[str, threading.Event] = {}

    def set_registry(self, registry: Registry | None) -> None:
        """Choose where models are registered from now on."""
        self._registry = registry

    def train(
        self,
        spec: TrainingSpec,
        progress: Callable[[Progress], None] | None = None,
        confirm: Confirm | None = None,
        job_id: str | None = None,
    ) -> TrainingJob:
        """Train a model and register it as the next version.

        Parameters
        ----------
        spec : TrainingSpec
            What to learn from which table.
        progress : callable, optional
            Called a few times a second with a Progress.
        confirm : callable, optional
            Called in the transaction that registers, with it and the version: what it
            raises undoes all of it.
        job_id : str, optional
            Its id, a new one of the storage's clock; by default it is made here.

        Returns
        -------
        TrainingJob
            Completed; interrupted or cancelled with the best so far; or failed.

        Raises
        ------
        MissingColumn, UnusableColumn, EmptyTable, BadName, BadArgument
            If the input is wrong; no job exists then.
        """
        check_name("model", spec.model_id)
        table = tables.read_table(spec.data, "the training data")
        prepared = prepare(table, spec, self._held_out_before(spec.model_id))
        job_id, start = job_id or self._storage.clock.new_id(), self._storage.clock.now()
        stop = self._running[job_id] = threading.Event()
        kept_jobs.keep_begin(self._storage, job_id, spec.model_id)
        try:
            with interrupts.noted() as was_interrupted:
                return self._run(
                    prepared, spec, progress, Run(job_id, start, stop, was_interrupted, confirm)
                )
        except FitFailed as error:
            return self._store_failed(spec, job_id, start, str(error))
        finally:
            del self._running[job_id]

    def _run(
        self,
        prepared: Prepared,
        spec: TrainingSpec,
        progress: Callable[[Progress], None] | None,
        run: "Run",
    ) -> TrainingJob:
        """Fit, measure and register."""
        told = None if progress is None else run.named(progress)
        made = learn(prepared, spec, told, run.is_to_end)
        if told is not None:
            told(replace(made.fitted.history[-1], stage="measuring"))
        metrics, report = evaluate(made, prepared, spec, run.is_to_end)
        status = "completed"
        if made.fitted.interrupted:
            status = "cancelled" if run.stop.is_set() else "interrupted"
        job = TrainingJob(
            job_id=run.job_id,
            model_id=spec.model_id,
            version=None,
            status=status,  # type: ignore[arg-type]
            metrics=metrics,
            measured_on=prepared.rows.measured_on,
            start_time=run.start,
            end_time=self._storage.clock.now(),
            report=report,
            model=made.model,
        )
        return self._register(job, spec, prepared, run.confirm)

    def _register(
        self, job: TrainingJob, spec: TrainingSpec, prepared: Prepared, confirm: Confirm | None
    ) -> TrainingJob:
        """Package, check, and store everything in one transaction."""
        metadata = _metadata(job, spec, prepared)
        lineage = {
            "model_id": spec.model_id,
            "metrics": dict(job.metrics),
            "metadata": metadata,
            "spec": spec.to_json(),
        }
        trained = replace(job.model, lineage=lineage)
        if not model.package.all_finite(trained):
            reason = "its weights became no numbers"
            return self._store_failed(spec, job.job_id, job.start_time, reason)
        artifact = model.package.to_bytes(trained)
        # what is registered is what a later kernel will read
        trained = model.package.from_bytes(artifact, spec.model_id)
        with self._storage.transaction() as transaction:
            version = None
            if self._registry is not None:
                version = self._registry.register_artifact(
                    spec.model_id, artifact, job.metrics, metadata
                )
            done = replace(job, version=version, model=trained)
            self._store_rows(transaction, spec, prepared, version)
            kept_jobs.keep_end(transaction, done, spec)
            if confirm is not None:
                confirm(transaction, version)
        return done

    def _store_rows(
        self, transaction: Transaction, spec: TrainingSpec, prepared: Prepared, version: str | None
    ) -> None:
        """Keep which rows were held out and which were learned from, and rows to compare on."""
        held_out = kept_rows.hashes(prepared, prepared.rows.held_out)
        streams = [("held_out", spec.model_id, held_out.select(["hash"]))]
        if version is not None:
            name = f"{spec.model_id}@{version}"
            streams.append(("trained", name, kept_rows.hashes(prepared, prepared.rows.training)))
            streams.append(("evaluation", name, kept_rows.to_compare_on(prepared)))
        for kind, name, table in streams:
            now = np.full(len(table), transaction.now)
            what = Append(table=table, event_time=now, known_at=now)
            self._storage.log.append(transaction, kind, name, what)

    def _held_out_before(self, model_id: str) -> Hashes | None:
        rows = self._storage.log.read("held_out", model_id)
        if not len(rows):
            return None
        return np.unique(rows.table.column("hash").values).view(np.uint64)

    def _store_failed(self, spec: TrainingSpec, job_id: str, start: int, error: str) -> TrainingJob:
        job = TrainingJob(
            job_id=job_id,
            model_id=spec.model_id,
            version=None,
            status="failed",
            metrics={},
            measured_on=None,
            start_time=start,
            end_time=self._storage.clock.now(),
            error=error,
        )
        with self._storage.transaction() as transaction:
            kept_jobs.keep_end(transaction, job, spec)
        return job

    def get_job(self, job_id: str) -> TrainingJob:
        """Return one job, without its model.

        Raises
        ------
        UnknownName
            If there is no such job.
        """
        found = [job for job in self.list_jobs() if job.job_id == job_id]
        if not found:
            known = [job.job_id for job in self.list_jobs()]
            raise UnknownName("training job", job_id, known, "list them with list_jobs()")
        return found[0]

    def spec_of(self, job_id: str) -> TrainingSpec:
        """Return what a job was asked to do, without its data.

        Raises
        ------
        UnknownName
            If there is no such job.
        """
        with self._storage.reading() as reading:
            found = reading.execute("SELECT spec FROM job WHERE job_id = ?", (job_id,)).fetchone()
        if found is None:
            known = [job.job_id for job in self.list_jobs()]
            raise UnknownName("training job", job_id, known, "list them with list_jobs()")
        return TrainingSpec.from_json(json.loads(found["spec"]))

    def list_jobs(self) -> tuple[TrainingJob, ...]:
        """Return every job, newest first, without their models; also those that run now."""
        found = (*kept_jobs.not_ended(self._storage), *kept_jobs.ended(self._storage))
        return tuple(sorted(found, key=lambda job: job.job_id, reverse=True))

    def cancel_job(self, job_id: str) -> bool:
        """Ask a job that runs in another thread to stop at the best so far.

        Parameters
        ----------
        job_id : str
            The job; the ids of running jobs are those of `running`.

        Returns
        -------
        bool
            Whether it was running.
        """
        stop = self._running.get(job_id)
        if stop is not None:
            stop.set()
        return stop is not None

    @property
    def running(self) -> tuple[str, ...]:
        """The ids of the jobs that run in this process now."""
        return tuple(self._running)


def _metadata(job: TrainingJob, spec: TrainingSpec, prepared: Prepared) -> dict[str, Any]:
    """Return what the registry keeps of a run; what the caller knows of it stands last."""
    report = job.report
    assert report is not None
    return {
        "columns": list(report.used),
        "target": spec.target,
        "task": report.task,
        "job_id": job.job_id,
        "measured_on": job.measured_on,
        "row_count": report.row_count,
        "interrupted": job.status != "completed",
        "note": spec.note,
        "leaks": [leak.column for leak in report.leaks],
        "beaten": [one.name for one in report.baselines if one.is_beaten],
        "identity": sorted(prepared.hashed),
        **spec.lineage,
    }
