"""How are many single predictions of different callers answered at once?

What each would get from `predict_one`, in one pass of the model and one transaction:
nobody is answered before it has committed. Rows that need no more than the model go
together; a row that lacks a feature, has another kind than training, or is unusual in
any way is answered by itself, with its own warnings or its own error.
"""

import time as stopwatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.errors import MLOpsError
from mlops_magics.inference.answers import Prediction, Predictions
from mlops_magics.inference.engine import answer
from mlops_magics.inference.validation import Checked
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.monitoring.events import Batch
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.tables.table import Column, Table, Value

from .predict import How, load, predict_one, route

if TYPE_CHECKING:
    from mlops_magics.storage.catalog import Transaction

    from .workspace import Workspace

Answer = Prediction | MLOpsError
ARRAYS: dict[str, Any] = {"number": np.float64, "integer": np.int64, "boolean": np.bool_}
FILLERS: dict[str, Value] = {"number": float("nan"), "integer": 0, "boolean": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One prediction that is asked for.

    Parameters
    ----------
    ref : str
        A model, as `ModelRegistry.resolve` reads it.
    values : mapping of str to value
        As `Workspace.predict_one` takes them.
    how : How
        As well; it is always recorded.
    since : float
        When it was asked, by `time.perf_counter`: its latency counts from there.

    Examples
    --------
    >>> Asked(ref="churn", values={"tenure": 3}).how.look_up
    True
    """

    ref: str
    values: Mapping[str, Value]
    how: How = field(default_factory=How)
    since: float = field(default_factory=stopwatch.perf_counter)


@dataclass(slots=True, eq=False)
class _Group:
    """Rows for one version that are as its training had them."""

    version: ModelVersion
    model: Any
    # where a shadow or a canary is running, each row finds by itself who answers it
    is_together: bool
    places: list[int] = field(default_factory=list)
    rows: list[list[Value]] = field(default_factory=list)
    answers: Predictions | None = None


def answer_together(workspace: "Workspace", asked: Sequence[Asked]) -> list[Answer]:
    """Answer and record single predictions; they are stored when this returns.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    asked : sequence of Asked
        What is asked for, in order.

    Returns
    -------
    list of Prediction or MLOpsError
        One for each: its answer, or why it has none. Those without are not recorded.
    """
    found: list[Answer | None] = [None] * len(asked)
    groups = _groups(workspace, asked, found)
    for group in groups:
        group.answers = answer(group.model, Checked(_table(group), ()))
    # none is durable against a power loss, as with every recorded prediction
    with workspace.storage.transaction(durable=False) as transaction:
        for group in groups:
            _record(workspace, group, asked, found)
        for place, one in enumerate(asked):
            if found[place] is None:
                found[place] = _alone(workspace, transaction, one)
    return [answer for answer in found if answer is not None]


def _groups(
    workspace: "Workspace", asked: Sequence[Asked], found: list[Answer | None]
) -> list[_Group]:
    """Return the rows that go together; models that there are not are errors in `found`."""
    groups: dict[str, _Group | MLOpsError] = {}
    with workspace.storage.reading():
        for ref in dict.fromkeys(one.ref for one in asked):
            try:
                version, beside = route(workspace, ref)
                groups[ref] = _Group(version, load(workspace, version), beside is None)
            except MLOpsError as error:
                groups[ref] = error
    for place, one in enumerate(asked):
        group = groups[one.ref]
        if isinstance(group, MLOpsError):
            found[place] = group
            continue
        is_simple = one.how.coverage is None and not one.how.explain and one.how.time is None
        row = _plain_row(group, one.values) if is_simple and group.is_together else None
        if row is not None:
            group.places.append(place)
            group.rows.append(row)
    return [group for group in groups.values() if isinstance(group, _Group) and group.places]


def _plain_row(group: _Group, values: Mapping[str, Value]) -> list[Value] | None:
    """Return the features of a row in order, if all are as training had them; else None."""
    if group.version.metadata.get("views"):
        return None
    row: list[Value] = []
    for feature in group.model.signature.features:
        if feature.name not in values:
            return None
        value = values[feature.name]
        if not _is_usual(feature, value):
            return None
        row.append(value)
    return row


def _is_usual(feature: Feature, value: Value) -> bool:
    """Tell whether a value needs no conversion and is none that is worth a warning."""
    if value is None:
        return feature.missing_seen and feature.kind in (*ARRAYS, "category")
    kind = type(value)
    if feature.kind == "category":
        return kind is str and value in feature.levels
    if feature.kind == "boolean":
        return kind is bool
    if kind is not int and (kind is not float or feature.kind != "number"):
        return False
    if feature.kind not in ARRAYS or feature.low is None or feature.high is None:
        return False
    return feature.low <= value <= feature.high  # type: ignore[operator]


def _table(group: _Group) -> Table:
    """Return the rows of a group in the kinds of training."""
    signature: Signature = group.model.signature
    columns = {}
    for feature, values in zip(signature.features, zip(*group.rows, strict=True), strict=True):
        missing = np.array([value is None for value in values], bool)
        filler = FILLERS.get(feature.kind, "")
        filled = [filler if value is None else value for value in values]
        array: Any = (
            np.array(filled, ARRAYS[feature.kind])
            if feature.kind in ARRAYS
            else np.array([*filled, None], dtype=object)[:-1]
        )
        columns[feature.name] = Column(feature.kind, array, missing)
    return Table.of(columns)


def _record(
    workspace: "Workspace", group: _Group, asked: Sequence[Asked], found: list[Answer | None]
) -> None:
    """Store the answers of a group, and put them where they were asked for."""
    answers, version = group.answers, group.version
    assert answers is not None
    own = [asked[place] for place in group.places]
    now = stopwatch.perf_counter()
    batch = Batch(
        prediction=answers.prediction,
        features=answers.features,
        keys=[_key(version, one.values) for one in own],
        event_time=None,
        latency_ms=np.array([(now - one.since) * 1000 for one in own]),
        confidence=answers.confidence,
        probabilities=answers.probabilities,
        classes=answers.classes,
        lower=answers.lower,
        upper=answers.upper,
    )
    name = version.model_id
    ids = workspace.monitoring.record_batch(name, version.version, batch, group.model.baseline)
    said = [tuple(row) for row in _rows(answers)]
    for place, one, request_id, (value, confidence, shares, lower, upper) in zip(
        group.places, own, ids, said, strict=True
    ):
        found[place] = Prediction(
            prediction=value,
            confidence=confidence,
            probabilities=dict(zip(answers.classes, shares, strict=True)),
            lower=lower,
            upper=upper,
            features=one.values,
            request_id=request_id,
            model_id=name,
            version=version.version,
            stage=version.stage,
            ages={},
        )


def _rows(answers: Predictions) -> Any:
    """Return prediction, confidence, probabilities and ends of each row."""
    nothing = [None] * len(answers)
    confidence = nothing if answers.confidence is None else answers.confidence.tolist()
    shares: list[Any] = [()] * len(answers)
    if answers.probabilities is not None:
        shares = answers.probabilities.tolist()
    ends = [nothing if a is None else a.tolist() for a in (answers.lower, answers.upper)]
    return zip(answers.prediction.to_list(), confidence, shares, *ends, strict=True)


def _key(version: ModelVersion, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what names the entity of a row, as `predict_one` records it."""
    named = version.metadata.get("identifiers", [])
    return {name: values[name] for name in named if name in values}


def _alone(workspace: "Workspace", transaction: "Transaction", one: Asked) -> Answer:
    """Answer one row by itself, inside the transaction of all."""
    transaction.execute("SAVEPOINT alone")
    try:
        answer: Answer = predict_one(workspace, one.ref, one.values, replace(one.how, record=True))
    except MLOpsError as error:
        transaction.execute("ROLLBACK TO alone")
        answer = error
    transaction.execute("RELEASE alone")
    return answer
