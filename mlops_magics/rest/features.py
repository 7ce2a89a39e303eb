"""/features: what is known of an entity?"""

import json
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from mlops_magics import tables
from mlops_magics.features.moments import moment_of
from mlops_magics.tables.table import Value

from . import answered
from .bounds import KEY_LETTERS, NAME_LETTERS
from .problems import Refused
from .routing import answer, by, problems, router, service_of
from .service import Service
from .strict_json import moment

ROUTER = router("features")
ViewName = Annotated[str, Path(max_length=NAME_LETTERS)]
Entity = Annotated[
    str,
    Path(
        max_length=KEY_LETTERS,
        description="the value of the key; of a key of several columns a JSON array",
        examples=["42"],
    ),
]
At = Annotated[
    str | None, Query(max_length=64, description="the moment asked for, ISO 8601; now by default")
]


@ROUTER.get("/features", response_model=answered.Views, responses=problems())
async def listed(request: Request) -> Response:
    """List the feature views."""
    service = service_of(request)
    found = await service.call(by(request), service.workspace.features.list_views)
    return answer({"views": [view.view for view in found]})


@ROUTER.get(
    "/features/{view}/{entity:path}",
    response_model=answered.Features,
    responses=problems(404, 409, 422),
)
async def features(request: Request, view: ViewName, entity: Entity, at: At = None) -> Response:
    """Return the values of one entity that were known at a moment."""
    service = service_of(request)
    return answer(await service.call(by(request), lambda: _known(service, view, entity, at)))


def _known(service: Service, view: str, entity: str, at: str | None) -> dict[str, Any]:
    store = service.workspace.features
    described = store.describe(view)
    key = described.current.key_names
    values = _values(entity, len(key))
    row = tables.read_table([dict(zip(key, values, strict=True))], "the entity")
    micros = service.workspace.storage.clock.now() if at is None else moment_of(at)
    found = store.read(view, row, micros)
    plain = {name: column.to_list()[0] for name, column in found.columns.items()}
    return {
        "view": described.view,
        "entity": values,
        "at": moment(micros),
        "features": {name: value for name, value in plain.items() if value is not None},
    }


def _values(entity: str, count: int) -> list[Value]:
    """Return the values of a key as they stand in an address."""
    if count == 1:
        return [entity]
    try:
        values = json.loads(entity)
    except ValueError:
        values = None
    plain = bool | int | float | str
    if not isinstance(values, list) or not all(isinstance(value, plain) for value in values):
        values = []
    if len(values) != count:
        example = json.dumps(["…"] * count, ensure_ascii=False)
        raise Refused(400, f"'entity': give a JSON array such as {example}", [{"field": "entity"}])
    return values
