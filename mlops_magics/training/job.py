"""What came of a training?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .findings import Beside, Calibration, Coverage, Importance, Leak, Threshold, Unseen

Status = Literal["completed", "interrupted", "cancelled", "failed", "running", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a training learned from, and what it says of itself.

    Attributes
    ----------
    task, target : str
        What was learned.
    classes : tuple of value
        The classes in their own type; empty for regression.
    row_count, training_count, held_out_count : int
        Rows with a target, rows learned from, rows measured on.
    used : tuple of str
        Columns used.
    left_out : mapping of str to str
        Columns left out and why.
    split : str
        How the held-out rows were chosen.
    steps, best_step : int
        Steps done, and the one whose weights were kept.
    history : tuple of (int, float, float or None)
        Step, training loss and held-out loss of the folds.
    intervals : mapping of str to (float, float)
        95 % intervals of the metrics that have one.
    undefined : mapping of str to str
        Metrics that have no value here, and why.
    baselines : tuple of Beside
        Always the commonest class or the mean, then a linear model; empty without
        held-out rows.
    calibration : Calibration or None
        None for regression and without held-out rows.
    coverage : Coverage or None
        Of intervals or sets; None where too few rows told.
    threshold : Threshold or None
        Only where one of two classes is rare.
    importance : tuple of Importance
        Every column, the one that matters most first; empty without held-out rows.
    leaks : tuple of Leak
        Columns that tell the target nearly alone.
    unseen : Unseen or None
        Where the newest rows are held out and entities return.
    warnings : tuple of str
        What speaks against trusting this model.
    notes : tuple of str
        What was repaired, inferred or should be known.
    """

    task: str
    target: str
    classes: tuple[Any, ...]
    row_count: int
    training_count: int
    held_out_count: int
    used: tuple[str, ...]
    left_out: Mapping[str, str]
    split: str
    steps: int
    best_step: int
    history: tuple[tuple[int, float, float | None], ...]
    intervals: Mapping[str, tuple[float, float]]
    undefined: Mapping[str, str] = field(default_factory=dict)
    baselines: tuple[Beside, ...] = ()
    calibration: Calibration | None = None
    coverage: Coverage | None = None
    threshold: Threshold | None = None
    importance: tuple[Importance, ...] = ()
    leaks: tuple[Leak, ...] = ()
    unseen: Unseen | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def simple(self) -> Mapping[str, float | None]:
        """The metrics of always answering the commonest class, or the mean."""
        return self.baselines[0].metrics if self.baselines else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """One training run.

    Attributes
    ----------
    job_id, model_id : str
        Its id, and the model.
    version : str or None
        The version that it registered; None without a registry or if it failed.
    status : str
        completed, interrupted (the best so far was kept), cancelled or failed; in a
        list of jobs also running, or lost with the process that ran it.
    metrics : mapping of str to float or None
        accuracy and loss (log loss, nats), auc where it is defined; for
        regression loss (mean squared error), rmse, mae and r2.
    measured_on : str or None
        held-out or training.
    start_time : int
        Microseconds since 1970 UTC.
    end_time : int or None
        The same; None of one that has not ended.
    error : str or None
        Why it failed.
    report : Report or None
        What it learned from; None if it failed.
    model : TrainedModel or None
        The model itself, for the run that made it.
    """

    job_id: str
    model_id: str
    version: str | None
    status: Status
    metrics: Mapping[str, float | None]
    measured_on: str | None
    start_time: int
    end_time: int | None
    error: str | None = None
    report: Report | None = None
    model: Any = field(default=None, repr=False, compare=False)

    @property
    def accuracy(self) -> float | None:
        """Share of right answers; None for regression."""
        return self.metrics.get("accuracy")

    @property
    def loss(self) -> float | None:
        """Log loss in nats, or mean squared error."""
        return self.metrics.get("loss")
