"""What would the model answer if this row were another one?

A row to begin with and changes of it, each answered as a prediction is and with what
pushes it. Nothing is recorded, whatever is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.inference.answers import Prediction, Predictions
from mlops_magics.inference.engine import one
from mlops_magics.inference.explanation import typical_row
from mlops_magics.model.signature import Feature
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Table, Value

from .joining import join_for_prediction
from .predict import load, typed_row
from .promote import report_of
from .train import times_of

if TYPE_CHECKING:
    from .workspace import Workspace

Origin = Literal["given", "looked up", "computed", "typical"]

# A model of more features is asked about these alone, and about all others as one: 256
# questions, where every feature of 300 would take 19,000.
MOST_TAKEN_APART = 20
TAKEN_APART = 7
NAMES_SAID = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One feature of the row that is tried.

    Attributes
    ----------
    feature : Feature
        What training saw of it.
    value, start : value
        What it is now, and what it was at the start.
    origin : str
        Where its start comes from: given, looked up, computed, or typical for training.
    is_changed : bool
        Whether it was set by a change.
    importance : float or None
        How much worse the model is without it; None where nobody measured it.
    """

    feature: Feature
    value: Value
    start: Value
    origin: Origin
    is_changed: bool = False
    importance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a model answers for a row that was changed.

    Attributes
    ----------
    version : ModelVersion
        What answers.
    prediction : Prediction
        For the row as it is now, explained; it has no request_id, since it is not recorded.
    start : Prediction
        For the row at the start.
    inputs : tuple of Input
        Every feature: those that were changed, then those that matter most.
    said : tuple of str
        What was filled in at the start.
    """

    version: ModelVersion
    prediction: Prediction
    start: Prediction
    inputs: tuple[Input, ...]
    said: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Input, ...]:
        """The features that were set by a change."""
        return tuple(found for found in self.inputs if found.is_changed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A row that can be changed, and asked about again and again.

    Attributes
    ----------
    workspace : Workspace
        Whose model and views.
    version : ModelVersion
        What answers.
    model : TrainedModel
        Its model.
    row : Table
        One row, with everything that is not computed from the rest of it.
    at : Column of time
        The moment of the row: that of the beginning, also for what is asked later.
    origins : mapping of str to str
        Per feature, where its value comes from.
    ages : mapping of str to int
        Per feature that was looked up, its age in microseconds.
    computing : mapping or None
        Which views on demand compute the rest; None where none does.
    coverage : float or None
        How often intervals or sets shall hold the truth.
    importance : mapping of str to float
        Per feature; empty where nobody measured it.
    said : tuple of str
        What was filled in.
    first : Predictions
        What is answered for the row as it began.
    """

    workspace: "Workspace"
    version: ModelVersion
    model: Any
    row: Table
    at: Column
    origins: Mapping[str, Origin]
    ages: Mapping[str, int]
    computing: Mapping[str, Any] | None
    coverage: float | None
    importance: Mapping[str, float]
    said: tuple[str, ...]
    first: Predictions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", self._answers({}))

    def ask(self, changes: Mapping[str, Value] | None = None) -> WhatIf:
        """Answer for the row with some of its values changed.

        Parameters
        ----------
        changes : mapping of str to value, optional
            Features and what they shall be, None for missing; a text is read as the
            column's kind. Without any: the row as it began.

        Returns
        -------
        WhatIf
            The answer beside that of the start.

        Raises
        ------
        UnknownName
            If the model takes no such feature.
        UnusableValue
            If a text is none of its column's kind.
        """
        changes = changes or {}
        for name in changes:
            if name not in self.model.signature.names:
                step = f"%model {self.version.name} lists what it takes"
                raise UnknownName("feature", name, self.model.signature.names, step)
        answers = self._answers(changes) if changes else self.first
        start, now = self._named(one(self.first), {}), self._named(one(answers), changes)
        order = self._by_weight(changes)
        apart = order[:TAKEN_APART] if len(order) > MOST_TAKEN_APART else None
        why = self.workspace.inference.explain(self.model, answers.features, apart)
        return WhatIf(
            version=self.version,
            prediction=replace(now, explanation=why),
            start=start,
            inputs=tuple(self._input(name, now, start, name in changes) for name in order),
            said=self.said,
        )

    def _answers(self, changes: Mapping[str, Value]) -> Predictions:
        changed = typed_row(self.workspace, self.version, self.model, changes)
        row = self._with_computed(self.row.with_columns(changed.columns))
        return self.workspace.inference.predict(self.model, row, self.coverage)

    def _with_computed(self, row: Table) -> Table:
        """Return a row with what views on demand make of it, where it is not set."""
        lacking = [name for name in self.model.signature.names if name not in row]
        if not lacking or self.computing is None:
            return row
        kinds = self.computing.get("request", {})
        # what training computed with and nobody gives here is missing, and no error
        absent = {
            name: convert(from_values(name, [None]).column, kind).column
            for name, kind in kinds.items()
            if name not in row
        }
        request = row.with_columns(absent)
        joined = join_for_prediction(self.workspace, request, self.computing, self.at)
        return row.with_columns({name: joined.columns[name] for name in lacking})

    def _named(self, answer: Prediction, changes: Mapping[str, Value]) -> Prediction:
        return replace(
            answer,
            model_id=self.version.model_id,
            version=self.version.version,
            stage=self.version.stage,
            ages={name: age for name, age in self.ages.items() if name not in changes},
        )

    def _by_weight(self, changes: Mapping[str, Value]) -> tuple[str, ...]:
        """Return the names of all features: those that changed first, then by importance."""
        names = self.model.signature.names
        weight = self.importance
        return tuple(sorted(names, key=lambda n: (n not in changes, -weight.get(n, 0.0))))

    def _input(self, name: str, now: Prediction, start: Prediction, is_changed: bool) -> Input:
        features = {feature.name: feature for feature in self.model.signature.features}
        return Input(
            feature=features[name],
            value=now.features[name],
            start=start.features[name],
            origin=self.origins[name],
            is_changed=is_changed,
            importance=self.importance.get(name),
        )


def begin(
    workspace: "Workspace",
    ref: str,
    values: Mapping[str, Value],
    look_up: bool = True,
    coverage: float | None = None,
) -> Trial:
    """Return a row that can be changed and asked about.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    ref : str
        A model, as `ModelRegistry.resolve` reads it.
    values : mapping of str to value
        The row, the keys of views, or a part of either: what is neither given nor
        found is as in a typical row of training, and that is said.
    look_up : bool, default=True
        Whether features that are not given are looked up where their keys are.
    coverage : float, optional
        How often intervals or sets shall hold the truth.

    Returns
    -------
    Trial
        To be asked.

    Raises
    ------
    NoModelFile
        If the model was made elsewhere.
    """
    version = workspace.registry.resolve(ref)
    model = load(workspace, version)
    row = Table(typed_row(workspace, version, model, values).columns, 1)
    at, names = times_of(workspace, row, None), model.signature.names
    origins: dict[str, Origin] = {name: "given" for name in names if name in row}
    stored, computing = _lookups(workspace, version) if look_up else (None, None)
    row, ages, said = _looked_up(workspace, stored, row, at, names)
    origins |= {name: "looked up" for name in names if name in row and name not in origins}
    computed = _computed_names(computing)
    origins |= {name: "computed" for name in names if name in computed and name not in origins}
    absent = [name for name in names if name not in origins]
    usual = typical_row(model).columns
    origins |= dict.fromkeys(absent, "typical")
    report = report_of(workspace, version)
    return Trial(
        workspace=workspace,
        version=version,
        model=model,
        row=row.with_columns({name: usual[name] for name in absent}),
        at=at,
        origins=origins,
        ages=ages,
        computing=computing,
        coverage=coverage,
        importance={} if report is None else {i.column: i.increase for i in report.importance},
        said=(*said, *_filled(absent)),
    )


def _lookups(
    workspace: "Workspace", version: ModelVersion
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Return what looks stored features up and what computes others; None for nothing."""
    stored: list[str] = []
    computed: list[str] = []
    for name in version.metadata.get("features") or ():
        try:
            view = workspace.features.describe(name.partition(":")[0])
        except UnknownName:  # an imported model leaves its views behind
            continue
        (computed if view.current.on_demand else stored).append(name)
    lineage = version.metadata
    return (
        {**lineage, "features": stored} if stored else None,
        {**lineage, "features": computed} if computed else None,
    )


def _looked_up(
    workspace: "Workspace",
    stored: Mapping[str, Any] | None,
    row: Table,
    at: Column,
    names: tuple[str, ...],
) -> tuple[Table, dict[str, int], tuple[str, ...]]:
    """Return the row with what its keys find, the age of each, and what was not found."""
    if stored is None or all(name in row for name in names):
        return row, {}, ()
    joined = join_for_prediction(workspace, row, stored, at)
    found = {n: c for n, c in joined.columns.items() if n in names and n not in row}
    ages = {}
    for name in found:
        moment = joined.ages[joined.sources[name][0]]
        if not moment.missing[0]:
            ages[name] = int(at.values[0] - moment.values[0])
    return row.with_columns(found), ages, joined.said


def _computed_names(computing: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the features that views on demand compute."""
    if computing is None:
        return frozenset()
    views = {name.partition(":")[0] for name in computing["features"]}
    return frozenset(n for n, (view, _) in computing["sources"].items() if view in views)


def _filled(absent: list[str]) -> tuple[str, ...]:
    if not absent:
        return ()
    hidden = len(absent) - NAMES_SAID
    more = f" and {hidden:,} more" if hidden > 0 else ""
    return (f"not given, so as in a typical row: {', '.join(absent[:NAMES_SAID])}{more}",)
