"""/data: tables that are stored."""

from fastapi import Request, Response

from mlops_magics.workspace import datasets

from . import answered
from .asked import UploadBody
from .routing import answer, by, problems, router, service_of
from .rows import check_rows

ROUTER = router("data")


@ROUTER.post(
    "/data/upload", response_model=answered.Dataset, responses=problems(409, 413, 415, 422)
)
async def upload(request: Request, body: UploadBody) -> Response:
    """Store rows as a dataset; what was stored under a name stays under it."""
    service = service_of(request)

    def store() -> Response:
        check_rows(body.rows)
        stored = datasets.upload(service.workspace, body.rows, body.dataset_id)
        return answer(
            {
                "dataset_id": stored.dataset_id,
                "row_count": stored.row_count,
                "message": stored.message,
            }
        )

    return await service.call(by(request), store)


@ROUTER.get("/data", response_model=answered.Datasets, responses=problems())
async def listed(request: Request) -> Response:
    """List the datasets."""
    service = service_of(request)
    names = await service.call(by(request), lambda: datasets.names(service.workspace))
    return answer({"datasets": names})
