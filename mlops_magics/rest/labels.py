"""/labels: what turned out."""

from fastapi import Request, Response

from . import answered
from .asked import LabelBody
from .routing import answer, by, problems, router, service_of
from .rows import check_rows

ROUTER = router("labels")


@ROUTER.post("/labels", response_model=answered.Labelled, responses=problems(404, 413, 415, 422))
async def label(request: Request, body: LabelBody) -> Response:
    """Store outcomes, each for the prediction that it belongs to."""
    service = service_of(request)

    def store() -> Response:
        check_rows(body.rows)
        key, workspace = tuple(body.key), service.workspace
        made = workspace.label(body.model_id, body.rows, body.label, key, body.time)
        names = ("model_id", "matched", "corrected", "unmatched", "ambiguous", "missing")
        return answer({name: getattr(made, name) for name in names})

    return await service.call(by(request), store)
