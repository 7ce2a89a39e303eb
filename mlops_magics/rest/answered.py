"""What does an answer look like?

The bodies of answers, by field; they describe what the routes write and are what a
generated client is made from.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Value = bool | int | float | str | None


class Answer(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(protected_namespaces=())


class Place(Answer):
    """Where a problem is."""

    field: str | None = Field(None, description="of the request")
    row: int | None = Field(None, description="counted from 0")
    column: str | None = None


class Problem(Answer):
    """Why there is no answer."""

    error: str = Field(description="one line")
    details: list[Place] = Field(description="where")


class Dataset(Answer):
    """A table that was stored."""

    dataset_id: str
    row_count: int
    message: str = Field(description="what was stored, and what was repaired")


class Datasets(Answer):
    """The tables that are stored."""

    datasets: list[str]


class Trained(Answer):
    """What came of a training."""

    job_id: str
    model_id: str
    version: str | None
    status: Literal["completed", "interrupted", "cancelled", "failed", "lost"]
    metrics: dict[str, float | None]
    accuracy: float | None = Field(description="null for a number that is learned")
    loss: float | None = Field(description="log loss, or mean squared error")
    measured_on: str | None = Field(description="held-out or training")
    warnings: list[str] = Field(description="what speaks against trusting it")


class Training(Answer):
    """A training that goes on."""

    job_id: str
    model_id: str
    status: Literal["running"]
    progress: float | None = Field(description="0 to 1; it may end sooner; null in another process")


class ClassShare(Answer):
    """The probability of one class, in its own type."""

    label: Value
    probability: float


class Contribution(Answer):
    """How far one feature moved an answer."""

    feature: str
    value: Any
    amount: float


class Predicted(Answer):
    """The answer for one row; it is recorded."""

    model_id: str
    version: str
    prediction: Value
    confidence: float | None = Field(description="the largest probability; null for a number")
    probabilities: list[ClassShare]
    lower: float | None = None
    upper: float | None = None
    set: list[Value] | None = Field(None, description="where coverage was asked for")
    request_id: str = Field(description="labels and traces refer to it")
    warnings: list[str] = Field(description="what was unusual in the row")
    routed: str | None = Field(None, description="where a shadow or canary runs: who answered")
    explanation: list[Contribution] | None = Field(None, description="where it was asked for")


class RowPredicted(Answer):
    """The answer for one of several rows."""

    prediction: Value
    confidence: float | None = None
    lower: float | None = None
    upper: float | None = None
    request_id: str
    version: str


class RowsPredicted(Answer):
    """The answers for several rows, in their order; all are recorded, or none."""

    model_id: str
    version: str
    predictions: list[RowPredicted]
    warnings: list[str]


class Event(Answer):
    """One prediction that was made."""

    request_id: str
    model_id: str
    version: str | None
    event_time: datetime
    features: dict[str, Any]
    prediction: Value
    confidence: float | None
    latency_ms: float | None
    key: dict[str, Any]
    error: str | None


class Events(Answer):
    """The newest predictions, newest first."""

    events: list[Event]


class Metrics(Answer):
    """How much traffic a model had, and how it went."""

    model_id: str
    count: int
    avg_confidence: float | None
    avg_latency_ms: float | None
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    p99_latency_ms: float | None
    error_rate: float | None
    first: datetime | None
    last: datetime | None
    versions: dict[str, int]
    predictions: dict[str, int]
    reasons: dict[str, str] = Field(description="why a figure is null")


class ColumnMoved(Answer):
    """How far one column has moved since training."""

    name: str
    role: str
    state: str
    psi: float | None
    severity: str | None = Field(description="small, moderate or large beyond chance")
    p_value: float | None = Field(description="adjusted for all columns")
    missing: list[float] = Field(description="share in training and in the window")


class Drift(Answer):
    """What moved since training."""

    model_id: str
    version: str
    count: int
    columns: list[ColumnMoved]
    reasons: dict[str, str] = Field(description="why a figure is null")


class Labelled(Answer):
    """What a table of labels did."""

    model_id: str
    matched: int
    corrected: int
    unmatched: int
    ambiguous: int
    missing: int


class Version(Answer):
    """One version of a model."""

    model_id: str
    version: str
    stage: str
    framework: str
    metrics: dict[str, Any]
    registered_at: datetime


class Models(Answer):
    """Every version of every model."""

    models: list[Version]


class Change(Answer):
    """One change of stage."""

    version: str
    stage: str
    why: str
    because: str | None
    by: str = Field(description="who asked")
    written_at: datetime


class Model(Answer):
    """A model: its versions, and how their stages came about."""

    model_id: str
    versions: list[Version]
    changes: list[Change]


class Verdict(Answer):
    """What one gate said."""

    gate: str
    passed: bool | None = Field(description="null: no verdict, which does not pass")
    said: str


class Promoted(Answer):
    """What a promotion or a rollback did."""

    model_id: str
    version: str
    stage: str
    replaced: str | None
    verdicts: list[Verdict]


class Features(Answer):
    """What is known of one entity."""

    view: str
    entity: list[Value]
    at: datetime
    features: dict[str, Any]


class Views(Answer):
    """The feature views."""

    views: list[str]


class Health(Answer):
    """Whether the server is there."""

    status: Literal["ok", "not ready"]
    version: str


class Alert(Answer):
    """Something about a model in use that is not as it was."""

    alert_id: int
    model_id: str
    version: str
    subject: str
    kind: str
    state: str
    severity: str
    opened_at: datetime | None
    closed_at: datetime | None
    window: list[datetime] = Field(description="since when: the window in which it showed")
    said: str = Field(description="what changed")
    by_chance: str = Field(description="how much that is against chance")
    slice: str | None
    acknowledged: str | None


class Alerts(Answer):
    """What is not as it was, the newest first."""

    alerts: list[Alert]


class Judgement(Answer):
    """What was asked of a challenger."""

    question: str
    passed: bool | None = Field(description="null where too few rows tell")
    said: str


class Retraining(Answer):
    """A request to retrain a model, and what came of it."""

    request_no: int
    model_id: str
    state: str
    reason: str
    evidence: list[str]
    requested_at: datetime
    champion: str = Field(description="the version that answered when it was made")
    challenger: str | None
    verdicts: list[Judgement]
    said: str


class Retrainings(Answer):
    """The requests to retrain, the newest first."""

    requests: list[Retraining]
