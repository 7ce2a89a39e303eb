"""/train: a model is learned from a dataset.

A training is a job: its client waits for it for a while, then is told where to ask.
"""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage.names import check_name
from mlops_magics.training.job import TrainingJob
from mlops_magics.training.spec import TrainingSpec
from mlops_magics.workspace import datasets

from . import answered
from .asked import TrainBody
from .bounds import SECONDS_TO_WAIT
from .jobs import Job
from .routing import answer, by, problems, router, service_of
from .service import Service

ROUTER = router("training")
Wait = Annotated[
    float, Query(ge=0, le=SECONDS_TO_WAIT, description="seconds to wait for the end of it")
]
JobId = Annotated[str, Path(max_length=64)]
RESPONSES = {
    202: {"model": answered.Training, "description": "it goes on; Location says where to ask"},
    **problems(404, 409, 413, 415, 422, 500),
}


@ROUTER.post("/train", response_model=answered.Trained, responses=RESPONSES)
async def train(request: Request, body: TrainBody, wait: Wait = 60.0) -> Response:
    """Fit a model on a dataset and register it as its next version."""
    service = service_of(request)
    known = await service.call(by(request), lambda: _known(service, body))
    job = service.jobs.start(lambda: _spec(service, body), known, by(request))
    return await _state(job, wait)


@ROUTER.get("/train/{job_id}", response_model=answered.Trained, responses=RESPONSES)
async def status(request: Request, job_id: JobId, wait: Wait = 0.0) -> Response:
    """Say how far a training is, or what came of it."""
    service = service_of(request)
    job = service.jobs.find(job_id)
    if job is not None:
        return await _state(job, wait)
    stored = await service.call(by(request), lambda: service.workspace.training.get_job(job_id))
    return _ended(stored)


@ROUTER.delete("/train/{job_id}", response_model=answered.Trained, responses=RESPONSES)
async def cancel(request: Request, job_id: JobId, wait: Wait = 60.0) -> Response:
    """End a training at the best so far; the version that it registers is marked."""
    service = service_of(request)
    job = service.jobs.find(job_id)
    if job is None:
        raise UnknownName("running training", job_id, service.jobs.ids, "GET /train/{job_id}")
    service.jobs.cancel(job_id)
    return await _state(job, wait)


def _known(service: Service, body: TrainBody) -> str:
    """Return the model's name if it may have one; a dataset that is not there raises."""
    name = check_name("model", body.model_id)
    datasets.find(service.workspace, body.dataset_id)
    return name


def _spec(service: Service, body: TrainBody) -> TrainingSpec:
    return TrainingSpec(
        model_id=body.model_id,
        data=datasets.read(service.workspace, body.dataset_id),
        target=body.target,
        task=body.task,
        columns=None if body.columns is None else tuple(body.columns),
        exclude=tuple(body.exclude),
        features=tuple(body.features),
        time=body.time,
        group=body.group,
        split=body.split,
        seconds=body.seconds,
        epochs=body.epochs,
        seed=body.seed,
        note=body.note,
        lineage={"dataset_id": body.dataset_id},
    )


async def _state(job: Job, wait: float) -> Response:
    """Wait for a job's end, for so long, and say how it is."""
    if not await job.has_ended(wait):
        return _running(job.job_id, job.model_id, job.share_done)
    return _ended(job.done.result())


def _running(job_id: str, model_id: str, share_done: float | None) -> Response:
    said = {"job_id": job_id, "model_id": model_id, "status": "running", "progress": share_done}
    return answer(said, 202, {"Location": f"/train/{job_id}"})


def _ended(job: TrainingJob) -> Response:
    if job.status == "running":  # in another process, such as a notebook
        return _running(job.job_id, job.model_id, None)
    if job.status == "failed":
        error = (job.error or "the fit failed").split(" Next: ")[0].removesuffix(".")
        return answer({"error": error, "details": []}, 500)
    report = job.report
    return answer(
        {
            "job_id": job.job_id,
            "model_id": job.model_id,
            "version": job.version,
            "status": job.status,
            "metrics": dict(job.metrics),
            "accuracy": job.accuracy,
            "loss": job.loss,
            "measured_on": job.measured_on,
            "warnings": [] if report is None else list(report.warnings),
        }
    )
