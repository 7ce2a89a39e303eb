"""What does monitoring say?

The events as they are recorded, and the reports about them, as plain values.
Times are microseconds since 1970 UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlops_magics.statistics.drift import Drift
from mlops_magics.statistics.estimates import Estimate, Gap
from mlops_magics.tables.table import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One prediction that was made.

    Parameters
    ----------
    model_id : str
        The model, also one made elsewhere.
    prediction : bool, int, float, str or None
        What it answered; None for a prediction that failed.
    version : str, optional
        Which version answered.
    features : mapping of str to value, default={}
        The row, as far as it is known.
    confidence : float, optional
        The largest probability.
    probabilities : mapping of class to float, default={}
        By class; for metrics that need them.
    latency_ms : float, optional
        How long it took, in milliseconds.
    key : mapping of str to value, default={}
        The entity, by the names of its key columns.
    error : str, optional
        Why it failed.
    event_time : int, optional
        When it was true; now by default.
    request_id : str, optional
        Its id; a new one by default.
    cell_id : int, optional
        The notebook cell that asked, as the workspace numbers it; known when read.

    Examples
    --------
    >>> Event(model_id="churn", prediction="no", confidence=0.9).error
    """

    model_id: str
    prediction: Value
    version: str | None = None
    features: Mapping[str, Value] = field(default_factory=dict)
    confidence: float | None = None
    probabilities: Mapping[Value, float] = field(default_factory=dict)
    latency_ms: float | None = None
    key: Mapping[str, Value] = field(default_factory=dict)
    error: str | None = None
    event_time: int | None = None
    request_id: str | None = None
    cell_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """How much traffic a model had, and how it went.

    Attributes
    ----------
    count : int
        Predictions.
    avg_confidence, avg_latency_ms, p50_latency_ms, p95_latency_ms, p99_latency_ms : float or None
        Over those that have one.
    error_rate : float or None
        Share that failed, 0 to 1.
    first, last : int or None
        Range of event_time, microseconds.
    versions : mapping of str to int
        Predictions by version.
    predictions : mapping of str to int
        Predictions by class; empty for numbers.
    """

    model_id: str
    count: int
    avg_confidence: float | None
    avg_latency_ms: float | None
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    p99_latency_ms: float | None
    error_rate: float | None
    first: int | None
    last: int | None
    versions: Mapping[str, int]
    predictions: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """How far one column has moved since training.

    Attributes
    ----------
    name, role : str
        The column; feature, prediction or confidence.
    drift : Drift
        The index and its size, or the state that stands for them.
    severity : str or None
        small, moderate or large where the column moved beyond chance.
    unseen : mapping of str to int
        Values that training did not have, with their counts.
    base, window : tuple of float
        Shares of the bins in training and in the window, to be drawn.
    tests : mapping of str to float, default={}
        p-values by test: PSI and KS for numbers, Pearson for values, missing.
    p_value : float or None, default=None
        The smallest of them, times how many they are; 1 at most.
    adjusted : float or None, default=None
        That by Holm over all columns of the report: what decides.
    missing : (float, float), default=(0, 0)
        Share without a value in training and in the window.
    invalid : int, default=0
        Values that are none of the column's kind.
    outside, outside_by_chance : int, default=0
        Rows outside all of training, and how many chance explains.
    range : (value, value) or None, default=None
        Smallest and largest number of training.
    unit : float or None, default=None
        The factor by which the window is too large, such as 1000.
    unit_share : float, default=1.0
        How many of its rows are.
    hours : int or None, default=None
        By how many hours a time is late.
    importance : float or None, default=None
        Of the feature, as a share of the most important one.
    novelty : float, default=1
        Chance of so many unseen values where nothing moved.
    effect : float, default=1
        How many rows are as good as one, since rows of a day are alike.
    """

    name: str
    role: str
    drift: Drift
    severity: str | None
    unseen: Mapping[str, int]
    base: tuple[float, ...]
    window: tuple[float, ...]
    tests: Mapping[str, float] = field(default_factory=dict)
    p_value: float | None = None
    adjusted: float | None = None
    missing: tuple[float, float] = (0.0, 0.0)
    invalid: int = 0
    outside: int = 0
    outside_by_chance: int = 0
    range: tuple[int | float, int | float] | None = None
    unit: float | None = None
    unit_share: float = 1.0
    hours: int | None = None
    importance: float | None = None
    novelty: float = 1.0
    effect: float = 1.0

    @property
    def has_moved(self) -> bool:
        """Whether the column is beyond what chance explains, and by more than a trifle."""
        return self.severity is not None

    @property
    def weight(self) -> float:
        """Size of the drift times importance: what the order of a report is made of."""
        size = max(self.drift.size or 0.0, 0.0)
        return size if self.importance is None else size * self.importance


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDrift:
    """Two numbers that no longer go together as they did.

    Attributes
    ----------
    first, second : str
        Two features.
    before, now : float
        Correlation of their normal scores in training and in the window.
    adjusted : float
        p-value, by Holm over all pairs.
    """

    first: str
    second: str
    before: float
    now: float
    adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceDrift:
    """What moved among the rows that share one value.

    Attributes
    ----------
    by, value : str
        The column, and the value or the range that the rows share.
    count : int
        Rows of the window in the slice.
    columns : tuple of ColumnDrift
        What moved first; empty for too few rows.
    """

    by: str
    value: str
    count: int
    columns: tuple[ColumnDrift, ...]

    @property
    def moved(self) -> tuple[ColumnDrift, ...]:
        """The columns that moved beyond chance."""
        return tuple(column for column in self.columns if column.has_moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """Which columns have moved since training.

    Attributes
    ----------
    model_id, version : str
        Whose training is the baseline.
    count : int
        Events compared.
    first, last : int or None
        Range of their event_time.
    columns : tuple of ColumnDrift
        What moved first, by size times importance.
    pairs : tuple of PairDrift
        Numbers that go together otherwise, the strangest first.
    slices : tuple of SliceDrift
        Of the column that was asked for; else slices in which something moved that did
        not move in all rows.
    by : str or None
        The column that was asked for.
    baseline : str
        What the window is compared with, in words.
    baseline_rows : int
        How many rows that had.
    """

    model_id: str
    version: str
    count: int
    first: int | None
    last: int | None
    columns: tuple[ColumnDrift, ...]
    pairs: tuple[PairDrift, ...] = ()
    slices: tuple[SliceDrift, ...] = ()
    by: str | None = None
    baseline: str = "training"
    baseline_rows: int = 0

    @property
    def moved(self) -> tuple[ColumnDrift, ...]:
        """The columns that moved beyond chance."""
        return tuple(column for column in self.columns if column.has_moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceWindow:
    """Measured and estimated performance of a stretch of time.

    Attributes
    ----------
    name : str
        Such as 2013-04, 2013-W14 or 2013-04-03; all.
    count, labelled : int
        Predictions, and those whose label has arrived and can be used.
    metrics : mapping of str to float or None
        As in training, on the labelled ones.
    intervals : mapping of str to (float, float)
        95 % intervals where there is one.
    positive_share, predicted_share : float or None
        For two classes: share of the second class among labels, and its mean
        predicted probability.
    estimated : mapping of str to Estimate
        What all predictions promise, labelled or not, if the relation between inputs
        and truth has not changed.
    gaps : mapping of str to Gap
        Of labelled predictions, measured less promised: the test of that.
    unusable : int
        Labels that are none of the classes, or no number.
    is_mature : bool
        Whether nearly all labels that will come have come.
    """

    name: str
    count: int
    labelled: int
    metrics: Mapping[str, float | None]
    intervals: Mapping[str, tuple[float, float]]
    positive_share: float | None = None
    predicted_share: float | None = None
    estimated: Mapping[str, Estimate] = field(default_factory=dict)
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    unusable: int = 0
    is_mature: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """How good the predictions were, as far as labels say, and what they promise.

    Attributes
    ----------
    overall : PerformanceWindow
        All predictions that are old enough.
    windows : tuple of PerformanceWindow
        By calendar month, week or day of event_time, oldest first; also those that
        are too young.
    reference : mapping of str to float or None
        The metrics of training on held-out rows.
    reference_intervals : mapping of str to (float, float)
        Their 95 % intervals, where they are known.
    horizon : int or None
        The age at which 95 % of the labels have come, microseconds; None before any.
    """

    model_id: str
    version: str
    overall: PerformanceWindow
    windows: tuple[PerformanceWindow, ...]
    reference: Mapping[str, float | None]
    reference_intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    horizon: int | None = None

    @property
    def has_changed(self) -> bool:
        """Whether the relation between inputs and truth is another one, beyond chance."""
        gaps = [gap.p_value for gap in self.overall.gaps.values()]
        return bool(gaps) and min(gaps) * len(gaps) <= 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineWrite:
    """What was learned from a table, to be compared with from now on.

    Attributes
    ----------
    row_count : int
        Its rows.
    columns : tuple of str
        The features that are watched.
    left_out : mapping of str to str
        Columns that are not, and why.
    has_predictions : bool
        Whether predictions are watched, too.
    """

    model_id: str
    row_count: int
    columns: tuple[str, ...]
    left_out: Mapping[str, str]
    has_predictions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWrite:
    """What one table of labels did.

    Attributes
    ----------
    matched : int
        Labels that belong to a prediction.
    corrected : int
        Those of them whose prediction had a label already; the newer counts.
    unmatched : int
        Labels without a prediction; they are kept for when it comes.
    ambiguous : int
        Labels by key whose key has several predictions without a label; not kept.
    delay : int or None
        Median of the delays between prediction and outcome, microseconds.
    ambiguous_keys : tuple of str
        The first of these keys.
    missing : int
        Rows without a label.
    """

    model_id: str
    matched: int
    corrected: int
    unmatched: int
    ambiguous: int
    delay: int | None
    ambiguous_keys: tuple[str, ...] = ()
    missing: int = 0
