"""Which trainings were there, and how did each end?

A row when one begins and a row when it ends: one without an end is running, or lost
with the process that ran it. It trains nothing.
"""

import json
from dataclasses import asdict
from typing import Any

from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction

from .findings import read_findings
from .job import Report, TrainingJob
from .spec import TrainingSpec


def keep_begin(storage: Storage, job_id: str, model_id: str) -> None:
    """Keep that a job has begun, and in which open workspace it runs.

    Parameters
    ----------
    storage : Storage
        Where it is kept; whoever has it open is alive.
    job_id, model_id : str
        The job and what it trains.
    """
    with storage.transaction(durable=False) as transaction:
        transaction.execute(
            "INSERT INTO job_begin VALUES (?, ?, ?, ?)",
            (job_id, model_id, storage.presence.sign, transaction.now),
        )


def keep_end(transaction: Transaction, job: TrainingJob, spec: TrainingSpec) -> None:
    """Keep how a job has ended.

    Parameters
    ----------
    transaction : Transaction
        What it goes with, such as the version that it registered.
    job : TrainingJob
        The job.
    spec : TrainingSpec
        What was asked for.
    """
    report = {
        "metrics": dict(job.metrics),
        "measured_on": job.measured_on,
        "report": None if job.report is None else _report_json(job.report),
    }
    texts = (json.dumps(spec.to_json(), ensure_ascii=False), json.dumps(report))
    transaction.execute(
        "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.job_id,
            job.model_id,
            job.version,
            job.status,
            *texts,
            job.start_time,
            job.end_time,
            job.error,
        ),
    )


def ended(storage: Storage) -> tuple[TrainingJob, ...]:
    """Return every job that has ended, newest first, without their models."""
    with storage.reading() as reading:
        found = reading.execute("SELECT * FROM job ORDER BY job_id DESC").fetchall()
    return tuple(map(_ended, found))


def not_ended(storage: Storage) -> tuple[TrainingJob, ...]:
    """Return every job that is running in some process, or was when that ended."""
    with storage.reading() as reading:
        found = reading.execute(
            "SELECT * FROM job_begin WHERE job_id NOT IN (SELECT job_id FROM job) "
            "ORDER BY job_id DESC"
        ).fetchall()
    return tuple(
        TrainingJob(
            job_id=row["job_id"],
            model_id=row["model_id"],
            version=None,
            status="running" if storage.presence.is_there(row["sign"]) else "lost",
            metrics={},
            measured_on=None,
            start_time=row["written_at"],
            end_time=None,
        )
        for row in found
    )


def _report_json(report: Report) -> dict[str, Any]:
    return {**asdict(report), "classes": list(report.classes)}


def _ended(row: Any) -> TrainingJob:
    stored = json.loads(row["report"])
    report = stored["report"]
    if report is not None:
        report["intervals"] = {k: tuple(v) for k, v in report["intervals"].items()}
        report["history"] = tuple(map(tuple, report["history"]))
        lists = ("classes", "used", "warnings", "notes")
        read = {name: tuple(report[name]) for name in lists} | read_findings(report)
        report = Report(**{**report, **read})
    return TrainingJob(
        job_id=row["job_id"],
        model_id=row["model_id"],
        version=row["version"],
        status=row["status"],
        metrics=stored["metrics"],
        measured_on=stored["measured_on"],
        start_time=row["start_time"],
        end_time=row["end_time"],
        error=row["error"],
        report=report,
    )
