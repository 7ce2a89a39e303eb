"""Which version answers, and does another one answer beside it?

One that is named answers alone. Beside production a shadow may answer the same rows,
recorded apart, or a canary a share of the entities: which, a hash of the key says, so
that an entity always gets the same version.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.errors.error import MLOpsError
from mlops_magics.inference.answers import Prediction
from mlops_magics.inference.weaving import weave
from mlops_magics.registry.rollouts import PARTS, Rollout
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.tables.table import Column, Table, Value
from mlops_magics.training.row_hashes import row_hashes

from . import rollout
from .answering import Answered, How, answer_one, answer_rows, load, typed_row
from .train import times_of

if TYPE_CHECKING:
    from .workspace import Workspace

__all__ = [
    "Answered",
    "How",
    "answer_routed",
    "load",
    "predict",
    "predict_one",
    "route",
    "typed_row",
]


def predict(workspace: "Workspace", ref: str, data: object, how: How) -> Answered:
    """Answer for the rows of a table.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    ref : str
        A model, as `ModelRegistry.resolve` reads it.
    data : object
        Any table.
    how : How
        What is recorded, explained and promised.

    Returns
    -------
    Answered
        The answers, in order.
    """
    version, beside = route(workspace, ref)
    table = tables.read_table(data, "the rows")
    at = times_of(workspace, table, how.time)
    answered = answer_routed(workspace, (version, beside), table, at, how)
    return replace(answered, said=(*answered.said, *_waiting(workspace, version)))


def _waiting(workspace: "Workspace", version: ModelVersion) -> list[str]:
    """Say that a retraining waits: it is never run inside a prediction."""
    newest = workspace.monitoring.retraining(version.model_id)[:1]
    needs = [request.need for request in newest if request.need is not None]
    return [f"{said}. Next: {step}" for said, step in needs]


def route(workspace: "Workspace", ref: str) -> tuple[ModelVersion, Rollout | None]:
    """Return the version that a reference means, and what answers beside it.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    ref : str
        A model; only where it means the one in production, something answers beside it.

    Returns
    -------
    tuple of (ModelVersion, Rollout or None)
        None where nothing does.
    """
    version = workspace.registry.resolve(ref)
    is_named = ref.partition("@")[2] not in ("", "production")
    if is_named or version.stage != "production":
        return version, None
    return version, rollout.running(workspace, version.model_id)


def answer_routed(
    workspace: "Workspace",
    by: tuple[ModelVersion, Rollout | None],
    table: Table,
    at: Column,
    how: How,
) -> Answered:
    """Answer for rows that were read.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    by : tuple of (ModelVersion, Rollout or None)
        As `route` found them.
    table : Table
        The rows.
    at : Column of time
        When each is true.
    how : How
        What is recorded, explained and promised.

    Returns
    -------
    Answered
        The answers, in order.
    """
    version, beside = by
    if beside is None:
        return answer_rows(workspace, version, table, at, how)
    other = workspace.registry.get_model(beside.model_id, beside.version)
    if beside.kind == "canary":
        return _with_canary(workspace, (version, other, beside), table, at, how)
    answered = answer_rows(workspace, version, table, at, how)
    if answered.request_ids is None:
        return answered
    as_shadow = replace(how, shadow_of=answered.request_ids, explain=False)
    said = _tried(other, lambda: answer_rows(workspace, other, table, at, as_shadow))
    return replace(answered, said=(said, *answered.said))


def _with_canary(
    workspace: "Workspace",
    by: tuple[ModelVersion, ModelVersion, Rollout],
    table: Table,
    at: Column,
    how: How,
) -> Answered:
    """Answer the rows of its entities by the canary, the others by production."""
    version, other, beside = by
    inside = is_canary(workspace, version, beside, table)
    places = [np.flatnonzero(~inside), np.flatnonzero(inside)]
    parts = [
        answer_rows(workspace, one, table.take(own), at.take(own), how)
        for one, own in zip((version, other), places, strict=True)
        if len(own)
    ]
    share = f"the canary of {_share(beside, version, table)}"
    said = f"{other.version} answered {len(places[1]):,} of {len(table):,} rows: {share}"
    if len(parts) == 1:
        return replace(
            parts[0],
            versions=(parts[0].version.version,) * len(table),
            said=(said, *parts[0].said),
            index=table.index,
            form=table.form,
        )
    order = np.argsort(np.concatenate(places), kind="stable")
    ids = [i for part in parts for i in part.request_ids or ()]
    names = [part.version.version for part in parts for _ in range(len(part))]
    return replace(
        parts[0],
        predictions=weave(parts[0].predictions, parts[1].predictions, order),
        request_ids=tuple(ids[place] for place in order.tolist()) if ids else None,
        said=(said, *dict.fromkeys(line for part in parts for line in part.said)),
        index=table.index,
        form=table.form,
        versions=tuple(names[place] for place in order.tolist()),
    )


def predict_one(
    workspace: "Workspace", ref: str, values: Mapping[str, Value], how: How
) -> Prediction:
    """Answer for one row, or for one entity.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    ref : str
        A model.
    values : mapping of str to value
        The row, or the keys and what replaces looked-up values. Texts are read as
        the column's kind.
    how : How
        What is looked up, recorded, explained and promised.

    Returns
    -------
    Prediction
        With its request id, its version, and the ages of looked-up features.
    """
    version, beside = route(workspace, ref)
    if beside is None:
        return answer_one(workspace, version, values, how)
    other = workspace.registry.get_model(beside.model_id, beside.version)
    if beside.kind == "canary":
        row = typed_row(workspace, version, load(workspace, version), values)
        share = f"the canary of {_share(beside, version, row)}"
        if is_canary(workspace, version, beside, row)[0]:
            answered = answer_one(workspace, other, values, how)
            return replace(answered, routed=f"{other.version} answered as {share}")
        answered = answer_one(workspace, version, values, how)
        return replace(answered, routed=f"{other.version} is {share}, and this is none of them")
    answered = answer_one(workspace, version, values, how)
    if answered.request_id is None:
        return answered
    as_shadow = replace(how, shadow_of=(answered.request_id,), explain=False)
    said = _tried(other, lambda: answer_one(workspace, other, values, as_shadow))
    return replace(answered, routed=said)


def is_canary(
    workspace: "Workspace", version: ModelVersion, beside: Rollout, table: Table
) -> NDArray[np.bool_]:
    """Return which rows are of entities that a canary answers.

    Parameters
    ----------
    workspace : Workspace
        Where the model is.
    version : ModelVersion
        The one in production, which says what names an entity.
    beside : Rollout
        The canary.
    table : Table
        The rows.

    Returns
    -------
    array of bool, shape (n,)
        The same for an entity each time; without a key, for a row with the same values.
    """
    salt = f"{beside.model_id}@{beside.version}"
    names = entity_names(version, table)
    if names:
        places = place_of(salt, list(table.select(names).rows()))
    else:
        used = [n for n in load(workspace, version).signature.names if n in table]
        places = (row_hashes(table.select(used), salt) % np.uint64(PARTS)).astype(np.int64)
    return np.asarray(places < beside.parts, bool)


def entity_names(version: ModelVersion, table: Table) -> list[str]:
    """Return the columns that name an entity: the keys of views, else identifiers."""
    keys = [name for view in version.metadata.get("views", ()) for name in view["key"]]
    keys = list(dict.fromkeys(keys))
    if keys and all(name in table for name in keys):
        return keys
    return [name for name in version.metadata.get("identifiers", ()) if name in table]


def place_of(salt: str, entities: Sequence[Mapping[str, Value]]) -> NDArray[np.int64]:
    """Return where each entity stands among ten thousand places.

    Parameters
    ----------
    salt : str
        Of the canary, so that another one gets other entities.
    entities : sequence of mapping
        What names each; 42, 42.0 and "42" are one.

    Returns
    -------
    array of int, shape (n,)
        From 0 up to, without, 10,000, each as likely.

    Examples
    --------
    >>> place_of("churn@v3", [{"customer_id": 42}, {"customer_id": "42"}]).tolist()
    [484, 484]
    """
    known: dict[str, int] = {}
    found = np.empty(len(entities), np.int64)
    for row, entity in enumerate(entities):
        text = "\x1f".join(f"{name}={_plain(value)}" for name, value in entity.items())
        if text not in known:
            digest = hashlib.blake2b(f"{salt}\x1e{text}".encode("utf-8", "surrogatepass"))
            known[text] = int.from_bytes(digest.digest()[:8], "little") % PARTS
        found[row] = known[text]
    return found


def _plain(value: Value) -> str:
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)  # type: ignore[arg-type]


def _share(beside: Rollout, version: ModelVersion, table: Table) -> str:
    names = ", ".join(entity_names(version, table)) or "the values of the row"
    return f"{beside.share_said} by {names}"


def _tried(other: ModelVersion, answer: Callable[[], object]) -> str:
    """Let a shadow answer; whatever is wrong with it does not touch production's answer."""
    try:
        answer()
    except MLOpsError as error:
        return f"its shadow {other.version} could not answer: {str(error).split('. Next:')[0]}"
    return f"{other.version} answered beside it as its shadow, recorded apart"
