"""What do the loops give back?

What crosses two components, as plain values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mlops_magics import tables
from mlops_magics.monitoring.alert import Alert
from mlops_magics.monitoring.alerts import Change
from mlops_magics.monitoring.delivery import Attempt
from mlops_magics.monitoring.health import Health
from mlops_magics.monitoring.reports import DriftReport, Event, Metrics, Performance
from mlops_magics.monitoring.retraining import Policy, RetrainingRequest
from mlops_magics.registry.rollouts import Rollout
from mlops_magics.registry.versions import ModelVersion, Promotion, StageChange
from mlops_magics.storage.cells import Cell
from mlops_magics.training.job import TrainingJob


class Listing(tuple[Any, ...]):
    """Several results of one kind: a tuple that shows itself as a table.

    Examples
    --------
    >>> len(Listing([1, 2]))
    2
    """

    # what it says where it is empty: known to whoever made it, and said each time
    empty = "nothing yet"

    def to_pandas(self) -> Any:
        """Return one row a result, with its fields as columns."""
        rows = [{f.name: _flat(getattr(item, f.name)) for f in fields(item)} for item in self]
        return tables.to_pandas(tables.read_table(rows, "the listing"))


def _flat(value: object) -> object:
    is_plain = value is None or isinstance(value, bool | int | float | str)
    return value if is_plain else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A table that was stored.

    Attributes
    ----------
    dataset_id : str
        Its name.
    row_count : int
        Its rows.
    message : str
        What was stored and what was repaired, in one line.
    """

    dataset_id: str
    row_count: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Everything about one model in use.

    Attributes
    ----------
    model_id, version : str
        The version that is watched.
    stage : str or None
        Its stage; None for a model that is not registered.
    metrics : Metrics
        Traffic in the window.
    drift : DriftReport or None
        None for a model without a baseline.
    performance : Performance or None
        None before any label has arrived.
    health : Health
        What it all means.
    since : int or None
        Begin of the window, microseconds.
    alerts : tuple of Alert
        Those that are open or watched, the newest first.
    retraining : RetrainingRequest or None
        The one with which something is still to be done.
    policy : Policy or None
        When it is retrained by itself.
    beside : Rollout or None
        The shadow or canary that answers beside production.
    """

    model_id: str
    version: str
    stage: str | None
    metrics: Metrics
    drift: DriftReport | None
    performance: Performance | None
    health: Health
    since: int | None
    alerts: tuple[Alert, ...] = ()
    retraining: RetrainingRequest | None = None
    policy: Policy | None = None
    beside: Rollout | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """What happened to an alert, the oldest first."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where the alerts of a model are sent.

    Attributes
    ----------
    model_id : str
        The model.
    address : str or None
        As this user gave it; None where nothing is sent.
    attempts : tuple of Attempt
        The newest first, of whoever sent.
    """

    model_id: str
    address: str | None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that waits for a person.

    Attributes
    ----------
    model_id : str
        The model that it is about.
    said : str
        What waits, in half a sentence.
    next : str
        What to type.
    """

    model_id: str
    said: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSummary:
    """One model in the list of models."""

    model_id: str
    production: ModelVersion | None
    newest: ModelVersion
    prediction_count: int
    open_alerts: int = 0
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHistory:
    """The versions of one model, with the history of their stages."""

    model_id: str
    versions: tuple[ModelVersion, ...]
    changes: tuple[StageChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSource:
    """The source of a feature view, as it was when a model was trained."""

    view: str
    number: int
    sql: str | None
    cell: str | None
    cell_number: int | None
    features: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where one prediction comes from.

    Attributes
    ----------
    event : Event
        The prediction.
    version : ModelVersion or None
        What answered.
    job : TrainingJob or None
        The run that made it.
    sources : tuple of ViewSource
        The views whose values it used.
    label : object
        Its label; None while there is none.
    cell : Cell or None
        The cell that asked; None where no notebook did.
    """

    event: Event
    version: ModelVersion | None
    job: TrainingJob | None
    sources: tuple[ViewSource, ...]
    label: object
    cell: Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a workspace holds.

    Attributes
    ----------
    folder : str
        Where it is.
    exists : bool
        Whether it has been written to.
    model_count, view_count, dataset_count, prediction_count, byte_count : int
        How much is in it.
    open_in : tuple of int
        The other processes that have it open at this moment.
    needs : tuple of Need
        What waits for a person.
    """

    folder: str
    exists: bool
    model_count: int
    view_count: int
    dataset_count: int
    prediction_count: int
    byte_count: int
    open_in: tuple[int, ...] = ()
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraining:
    """What came of a request to retrain a model.

    Attributes
    ----------
    request : RetrainingRequest
        With its challenger, what was found of it, and its end.
    promotion : Promotion or None
        What the gates said, where they were the last word.
    """

    request: RetrainingRequest
    promotion: Promotion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingStanding:
    """When a model is retrained, and how it went so far.

    Attributes
    ----------
    model_id : str
        The model.
    policy : Policy or None
        None where it is retrained only when a person asks.
    request : RetrainingRequest or None
        The one with which something is still to be done.
    history : tuple of RetrainingRequest
        All of them, the newest first.
    waits_for : str
        Why the policy asks for nothing at this moment; empty where it does.
    """

    model_id: str
    policy: Policy | None
    request: RetrainingRequest | None
    history: tuple[RetrainingRequest, ...]
    waits_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A workspace that is served over HTTP.

    Attributes
    ----------
    address : str
        Where, such as http://127.0.0.1:8900.
    token : str
        Who has it may come in. It stands in no page and in no repr: a saved notebook
        would give it away.
    folder : str
        The workspace.
    is_running, is_local : bool
        Whether it answers, and whether only this machine reaches it.
    request_count, prediction_count, training_count : int
        What it has answered so far, and the trainings that run.
    """

    address: str
    token: str = field(repr=False)
    folder: str
    is_running: bool
    is_local: bool
    request_count: int = 0
    prediction_count: int = 0
    training_count: int = 0

    @classmethod
    def nothing(cls) -> "Serving":
        """Return what there is where nothing is served."""
        return cls(address="", token="", folder="", is_running=False, is_local=True)
