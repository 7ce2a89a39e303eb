"""/predict: what does a model say of a row, of many, or of an entity?"""

from typing import Any

from fastapi import Request, Response

from mlops_magics.inference.answers import Prediction
from mlops_magics.workspace.predict import Answered, How
from mlops_magics.workspace.predict import predict as answer_rows
from mlops_magics.workspace.together import Asked

from . import answered
from .asked import PredictBody
from .routing import answer, by, problems, router, service_of
from .rows import check_row, check_rows
from .service import Service

ROUTER = router("predictions")


@ROUTER.post(
    "/predict",
    response_model=answered.Predicted | answered.RowsPredicted,
    responses=problems(404, 409, 413, 415, 422),
)
async def predict(request: Request, body: PredictBody) -> Response:
    """Answer and record; the answer comes after the commit."""
    service = service_of(request)
    ref = f"{body.model_id}@{body.version}" if body.version else body.model_id
    if body.rows is not None:
        return await service.call(by(request), lambda: _rows(service, ref, body))
    values = body.features if body.entity is None else body.entity
    assert values is not None
    check_row(values, "features" if body.entity is None else "entity")
    how = How(look_up=body.entity is not None, explain=body.explain, coverage=body.coverage)
    found = await service.predictor.ask(Asked(ref=ref, values=values, how=how))
    return answer(one(found))


def one(found: Prediction) -> dict[str, Any]:
    """Return one answer as its fields."""
    shares = found.probabilities.items()
    content: dict[str, Any] = {
        "model_id": found.model_id,
        "version": found.version,
        "prediction": found.prediction,
        "confidence": found.confidence,
        "probabilities": [{"label": label, "probability": p} for label, p in shares],
        "lower": found.lower,
        "upper": found.upper,
        "request_id": found.request_id,
        "warnings": list(found.warnings),
    }
    if found.set:
        content["set"] = list(found.set)
    if found.routed:
        content["routed"] = found.routed
    if found.explanation is not None:
        content["explanation"] = [
            {"feature": moved.feature, "value": moved.value, "amount": moved.amount}
            for moved in found.explanation.contributions
        ]
    return content


def _rows(service: Service, ref: str, body: PredictBody) -> Response:
    rows = body.rows
    assert rows is not None
    check_rows(rows)
    how = How(time=body.time, coverage=body.coverage)
    return answer(several(answer_rows(service.workspace, ref, rows, how)))


def several(found: Answered) -> dict[str, Any]:
    """Return the answers for several rows as their fields."""
    names = ("prediction", "confidence", "lower", "upper", "request_id")
    table = found.to_table()
    lists: dict[str, list[Any]] = {
        name: table.columns[name].to_list() for name in names if name in table
    }
    # a canary answers for some of the rows
    lists["version"] = list(found.versions or [found.version.version] * len(found))
    rows = zip(*lists.values(), strict=True)
    return {
        "model_id": found.version.model_id,
        "version": found.version.version,
        "predictions": [dict(zip(lists, row, strict=True)) for row in rows],
        "warnings": list(found.said),
    }
