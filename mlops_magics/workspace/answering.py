"""How does one version answer, and where do its answers go?

Looks features up, answers, and records every answer in the transaction that
acknowledges it. Which version it is, is `predict`'s question.
"""

import time as stopwatch
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics import tables
from mlops_magics.errors.tables import MissingColumns
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.inference.answers import Prediction, Predictions
from mlops_magics.inference.engine import one
from mlops_magics.inference.explanation import explain_table
from mlops_magics.monitoring.events import Batch, shadow_name
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.tables.conversion import read_value
from mlops_magics.tables.kinds import from_value
from mlops_magics.tables.table import Column, Form, Kind, Table, Value

from .joining import join_for_prediction
from .train import times_of

if TYPE_CHECKING:
    from .workspace import Workspace

# Models kept ready: a kernel predicts with few of them.
MODELS_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How rows are to be answered.

    Attributes
    ----------
    time : str or None
        The column that says when each row is true; now where None.
    record : bool
        Whether the predictions are recorded.
    look_up : bool
        Whether features that one row lacks are looked up.
    explain : bool
        Whether it is said what pushed the answers.
    coverage : float or None
        How often intervals or sets shall hold the truth.
    shadow_of : tuple of str or None
        Request ids of the answers that a shadow repeats: it is recorded apart, under
        the same ids.
    """

    time: str | None = None
    record: bool = True
    look_up: bool = True
    explain: bool = False
    coverage: float | None = None
    shadow_of: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answered:
    """The answers for a table of rows.

    Attributes
    ----------
    version : ModelVersion
        What answered.
    predictions : Predictions
        The answers, in order.
    request_ids : tuple of str or None
        Their ids; None where they were not recorded.
    said : tuple of str
        What was looked up, missing or unusual.
    moved_by : mapping of str to float
        Mean absolute contribution of each feature, the largest first; empty where it
        was not asked for.
    explained_count : int
        Rows that these are means over.
    index : object
        The index of the user's own table.
    form : str
        The library of the user's own table: pandas, polars or pyarrow.
    versions : tuple of str
        What answered each row, where more than one version did; else empty.
    """

    version: ModelVersion
    predictions: Predictions
    request_ids: tuple[str, ...] | None
    said: tuple[str, ...]
    moved_by: Mapping[str, float] = field(default_factory=dict)
    explained_count: int = 0
    index: Any = None
    form: Form = "pandas"
    versions: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.predictions)

    def to_table(self) -> Table:
        """Return prediction, confidence, one p(class) a class, request_id, and who answered.

        The version is a column only where more than one answered.
        """
        table = self.predictions.to_table()
        if self.versions:
            names = np.array([*self.versions, None], dtype=object)[:-1]
            column = Column("category", names, np.zeros(len(names), bool))
            table = table.with_columns({"version": column})
        if self.request_ids is not None:
            ids = np.array([*self.request_ids, None], dtype=object)[:-1]
            column = Column("identifier", ids, np.zeros(len(ids), bool))
            table = table.with_columns({"request_id": column})
        return replace(table, index=self.index, form=self.form)

    def to_pandas(self) -> Any:
        """Return the same as a DataFrame with the index of the user's own table."""
        return tables.to_pandas(self.to_table())

    def as_given(self) -> Any:
        """Return the same in the user's own kind of table: polars for polars, Arrow for Arrow."""
        return tables.as_given(self.to_table())


def load(workspace: "Workspace", version: ModelVersion) -> Any:
    """Return the model of a version, from memory where it was used before.

    Parameters
    ----------
    workspace : Workspace
        Keeps the models.
    version : ModelVersion
        Which one.

    Returns
    -------
    TrainedModel
        Named by its content, so never out of date.
    """
    kept = workspace.models
    name = version.artifact_sha256 or version.name
    if name not in kept:
        loaded = workspace.registry.load(version)
        while len(kept) >= MODELS_KEPT:
            kept.pop(next(iter(kept)))
        kept[name] = loaded
    return kept[name]


def answer_rows(
    workspace: "Workspace", version: ModelVersion, table: Table, at: Column, how: How
) -> Answered:
    """Answer for rows that were read, each at its own time.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    version : ModelVersion
        What answers.
    table : Table
        The rows.
    at : Column of time
        When each is true.
    how : How
        What is recorded (in one transaction), explained and promised.

    Returns
    -------
    Answered
        The answers, in order.
    """
    model = load(workspace, version)
    begun = stopwatch.perf_counter()
    wide, said, _ = _with_features(workspace, version, model, table, at)
    answers = workspace.inference.predict(model, wide, how.coverage)
    elapsed = (stopwatch.perf_counter() - begun) * 1000
    ids = None
    if how.record:
        batch = _batch(answers, keys_of(version, table), at, elapsed / len(table))
        ids = tuple(_record(workspace, version, batch, how))
    moved_by, explained = explain_table(model, answers.features) if how.explain else ({}, 0)
    return Answered(
        version=version,
        predictions=answers,
        request_ids=ids,
        said=(*table.repairs, *said, *answers.warnings),
        moved_by=moved_by,
        explained_count=explained,
        index=table.index,
        form=table.form,
    )


def answer_one(
    workspace: "Workspace", version: ModelVersion, values: Mapping[str, Value], how: How
) -> Prediction:
    """Answer for one row, or for one entity.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    version : ModelVersion
        What answers.
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
    model = load(workspace, version)
    row = typed_row(workspace, version, model, values)
    now = times_of(workspace, row, None)
    begun = stopwatch.perf_counter()
    wide: Table = row
    said: tuple[str, ...] = ()
    ages: dict[str, int] = {}
    if how.look_up:
        wide, said, ages = _with_features(workspace, version, model, row, now)
    answers = workspace.inference.predict(model, wide, how.coverage)
    elapsed = (stopwatch.perf_counter() - begun) * 1000
    answer = one(answers)
    request_id = None
    if how.record:
        batch = _batch(answers, keys_of(version, row), now, elapsed)
        ids = _record(workspace, version, batch, how)
        request_id = ids[0]
    return replace(
        answer,
        warnings=(*said, *answer.warnings),
        request_id=request_id,
        model_id=version.model_id,
        version=version.version,
        stage=version.stage,
        ages=ages,
        explanation=workspace.inference.explain(model, answers.features) if how.explain else None,
    )


def _with_features(
    workspace: "Workspace", version: ModelVersion, model: Any, table: Table, at: Column
) -> tuple[Table, tuple[str, ...], dict[str, int]]:
    """Return the rows with looked-up features, what to say, and the ages of the first row."""
    lacking = [name for name in model.signature.names if name not in table]
    lineage = version.metadata
    if not lacking or not lineage.get("features"):
        return table, (), {}
    _refuse_missing_keys(lineage, lacking, table)
    # the names are those of training; what the rows have themselves replaces what is looked up
    joined = join_for_prediction(workspace, table, lineage, at)
    found = {name: joined.columns[name] for name in lacking if name in joined.columns}
    ages: dict[str, int] = {}
    for name in found:
        moments = joined.ages.get(joined.sources[name][0])
        if moments is not None and not moments.missing[0]:
            ages[name] = int(at.values[0] - moments.values[0])
    return table.with_columns(found), joined.said, ages


def _refuse_missing_keys(lineage: Mapping[str, Any], lacking: list[str], table: Table) -> None:
    """Refuse rows without a key of a view that they lack a feature of."""
    needed = {lineage["sources"][name][0] for name in lacking if name in lineage["sources"]}
    keys = {key for view in lineage["views"] if view["view"] in needed for key in view["key"]}
    absent = sorted(keys - set(table.names))
    if absent:
        step = f"give {' '.join(f'{name}=…' for name in absent)}, or all columns"
        raise MissingColumns(lacking, "the row", step)


def typed_row(
    workspace: "Workspace", version: ModelVersion, model: Any, values: Mapping[str, Value]
) -> Table:
    """Return one row, with texts read as the kinds of the columns.

    Parameters
    ----------
    workspace : Workspace
        Whose views.
    version : ModelVersion
        The version that is to answer.
    model : TrainedModel
        Its model.
    values : mapping of str to value
        The row.

    Returns
    -------
    Table
        One row.

    Raises
    ------
    UnusableValue
        If a text is none of its column's kind.
    """
    kinds: dict[str, Kind] = {f.name: f.kind for f in model.signature.features}
    for view in version.metadata.get("views", ()):
        for key, kind_of_key in _key_kinds(workspace, view["view"]).items():
            kinds.setdefault(key, kind_of_key)
    columns = {}
    for name, value in values.items():
        wanted = kinds.get(name)
        if isinstance(value, str) and wanted not in (None, "category", "text", "identifier"):
            value = read_value(value, wanted, name)
        columns[name] = from_value(name, value)
    return Table.of(columns)


def _key_kinds(workspace: "Workspace", view: str) -> dict[str, Kind]:
    """Return the kinds of a view's key; none where an imported model left its views behind."""
    try:
        return {key.name: key.kind for key in workspace.features.describe(view).current.key}
    except UnknownName:
        return {}


def keys_of(version: ModelVersion, table: Table) -> list[dict[str, Value]]:
    """Return what names the entity of each row: keys of views, and identifiers."""
    named = [name for view in version.metadata.get("views", ()) for name in view["key"]]
    named += version.metadata.get("identifiers", [])
    present = [name for name in dict.fromkeys(named) if name in table]
    if not present:
        return [{}] * len(table)
    return [
        {n: v if isinstance(v, bool | int | float | str) else str(v) for n, v in row.items()}
        for row in table.select(present).rows()
    ]


def _record(workspace: "Workspace", version: ModelVersion, batch: Batch, how: How) -> list[str]:
    name = version.version
    if how.shadow_of is not None:
        name, batch = shadow_name(name), replace(batch, ids=how.shadow_of)
    baseline = load(workspace, version).baseline
    return workspace.monitoring.record_batch(version.model_id, name, batch, baseline)


def _batch(
    answers: Predictions, keys: list[dict[str, Value]], at: Column, latency_ms: float
) -> Batch:
    return Batch(
        prediction=answers.prediction,
        features=answers.features,
        keys=keys,
        event_time=at.values,
        latency_ms=latency_ms,
        confidence=answers.confidence,
        probabilities=answers.probabilities,
        classes=answers.classes,
        lower=answers.lower,
        upper=answers.upper,
    )
