"""What is a workspace, and where is it?

One folder and the five components over it. The loops that cross two of them
are the files beside this one; each is a method here, or in `in_use`.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics import workspace as loops
from mlops_magics.storage import Storage
from mlops_magics.storage.clock import Clock
from mlops_magics.tables.table import Table, Value

from .explored import Explored
from .folder import find_folder
from .in_use import InUse

if TYPE_CHECKING:
    from threading import Thread

    from mlops_magics.features import FeatureStore
    from mlops_magics.inference import InferenceEngine, Prediction
    from mlops_magics.monitoring import MonitoringBackend
    from mlops_magics.registry import ModelRegistry
    from mlops_magics.registry.versions import Promotion
    from mlops_magics.training import TrainingJob, TrainingProvider, TrainingSpec

    from .compare import Comparison
    from .predict import Answered
    from .results import Dataset, Overview


def open_workspace(path: str | Path | None = None) -> "Workspace":
    """Open a workspace; its folder is made at the first write.

    Parameters
    ----------
    path : str or Path, optional
        The folder; found from the current one by default.

    Returns
    -------
    Workspace
        The five components over that folder.

    Examples
    --------
    >>> import tempfile
    >>> ws = open_workspace(Path(tempfile.mkdtemp()) / ".mlops")
    >>> ws.overview().model_count
    0
    """
    return Workspace(find_folder(Path.cwd()) if path is None else Path(path).expanduser())


class Workspace(InUse, Explored):
    """The five components over one folder, and the loops between them.

    Parameters
    ----------
    folder : Path
        Where everything is; made at the first write.
    clock : Clock, optional
        The wall clock by default.

    Examples
    --------
    >>> import tempfile
    >>> ws = Workspace(Path(tempfile.mkdtemp()) / ".mlops")
    >>> ws.upload({"x": [1, 2]}, "numbers").message
    'numbers: 2 rows, 1 column'
    """

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.storage = Storage(folder, clock)
        self.models: dict[str, Any] = {}
        self.glances: dict[str, object] = {}
        self.couriers: dict[str, Thread] = {}
        # by model: what its labels, policy and versions were when retraining was last considered
        self.looked: dict[str, tuple[Any, ...]] = {}

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.storage.folder

    @cached_property
    def features(self) -> "FeatureStore":
        """Feature views with history."""
        from mlops_magics.features import FeatureStore

        return FeatureStore(self.storage)

    @cached_property
    def training(self) -> "TrainingProvider":
        """Trains models and registers them here."""
        from mlops_magics.training import TrainingProvider

        return TrainingProvider(self.storage, self.registry)

    @cached_property
    def registry(self) -> "ModelRegistry":
        """Versions and their stages."""
        from mlops_magics.registry import ModelRegistry

        return ModelRegistry(self.storage)

    @cached_property
    def inference(self) -> "InferenceEngine":
        """Answers with models."""
        from mlops_magics.inference import InferenceEngine

        return InferenceEngine()

    @cached_property
    def monitoring(self) -> "MonitoringBackend":
        """Events, drift, labels and performance."""
        from mlops_magics.monitoring import MonitoringBackend

        return MonitoringBackend(self.storage)

    def upload(self, data: object, dataset_id: str | None = None) -> "Dataset":
        """Store a table as a dataset.

        Parameters
        ----------
        data : Table, DataFrame, Arrow table, list of dict, dict of sequences or path
            The table: of pandas, polars or pyarrow, a DuckDB relation, or the path of a
            CSV, JSON lines or Parquet file.
        dataset_id : str, optional
            Its name; a new one by default.

        Returns
        -------
        Dataset
            Its name, its rows and what was repaired.

        Raises
        ------
        NameTaken
            If there is a dataset of this name; datasets are never changed.
        """
        return loops.datasets.upload(self, data, dataset_id)

    def dataset(self, dataset_id: str) -> Table:
        """Return a dataset's rows.

        Raises
        ------
        UnknownName
            If there is no such dataset.
        """
        return loops.datasets.read(self, dataset_id)

    def train(
        self, spec: "TrainingSpec", progress: Callable[[Any], None] | None = None
    ) -> "TrainingJob":
        """Join the features that are asked for, train, and register.

        Parameters
        ----------
        spec : TrainingSpec
            What to learn from which rows.
        progress : callable, optional
            Called a few times a second.

        Returns
        -------
        TrainingJob
            With the version that it registered.
        """
        return loops.train.train(self, spec, progress)

    def predict(
        self,
        ref: str,
        data: object,
        time: str | None = None,
        record: bool = True,
        explain: bool = False,
        coverage: float | None = None,
    ) -> "Answered":
        """Answer for the rows of a table and record every answer.

        Parameters
        ----------
        ref : str
            A model: ``churn``, ``churn@v2``, ``churn@production``.
        data : Table, DataFrame, Arrow table, list of dict, dict of sequences or path
            As `upload` takes it; features that it lacks are looked up by keys of views.
        time : str, optional
            The column that says when each row is true; now by default.
        record : bool, default=True
            Whether the predictions are recorded.
        explain : bool, default=False
            Whether to say how far each feature moves the answers.
        coverage : float, optional
            How often intervals, or sets of classes, shall hold the truth.

        Returns
        -------
        Answered
            In order: `as_given()` is a table of the library that the rows came from.
        """
        how = loops.predict.How(time=time, record=record, explain=explain, coverage=coverage)
        return loops.predict.predict(self, ref, data, how)

    def predict_file(
        self,
        ref: str,
        data: object,
        path: str | Path,
        time: str | None = None,
        record: bool = True,
        coverage: float | None = None,
    ) -> "Dataset":
        """Answer for the rows of a table, of whatever size, into a new file.

        Parameters
        ----------
        ref : str
            A model.
        data : object
            As in `predict`; a Parquet or CSV file is never in memory as a whole.
        path : str or Path
            A .parquet or .csv file; one that is there is never written over.
        time : str, optional
            As in `predict`.
        record : bool, default=True
            As in `predict`.
        coverage : float, optional
            As in `predict`.

        Returns
        -------
        Dataset
            What was written: the columns and the order that `predict` answers in.
        """
        how = loops.predict.How(time=time, record=record, coverage=coverage)
        return loops.predict_file.predict_file(self, ref, data, path, how)

    def predict_one(
        self,
        ref: str,
        values: Mapping[str, Value],
        look_up: bool = True,
        record: bool = True,
        explain: bool = False,
        coverage: float | None = None,
    ) -> "Prediction":
        """Answer for one row, or for one entity whose features are looked up.

        Parameters
        ----------
        ref : str
            A model.
        values : mapping of str to value
            The row; or the keys of the model's views, and what replaces
            looked-up values.
        look_up : bool, default=True
            Whether features that are not given are looked up.
        record : bool, default=True
            As in `predict`.
        explain : bool, default=False
            As in `predict`.
        coverage : float, optional
            As in `predict`.

        Returns
        -------
        Prediction
            The answer, with its request id.
        """
        how = loops.predict.How(look_up=look_up, record=record, explain=explain, coverage=coverage)
        return loops.predict.predict_one(self, ref, values, how)

    def promote(
        self,
        model_id: str,
        version: str | None = None,
        stage: str = "production",
        force: bool = False,
        because: str | None = None,
    ) -> "Promotion":
        """Promote a version through the gates.

        Parameters
        ----------
        model_id : str
            The model.
        version : str, optional
            By default the newest that is neither archived nor interrupted.
        stage : str, default='production'
            staging or production; only production has gates.
        force : bool, default=False
            Whether it may pass gates that hold it back.
        because : str, optional
            Why; on the card for ever.

        Returns
        -------
        Promotion
            What each gate said.
        """
        return loops.promote.promote(self, model_id, version, stage, force, because)

    def rollback(self, model_id: str) -> "Promotion":
        """Put the version back that was in production before."""
        return loops.promote.rollback(self, model_id)

    def compare(self, model_id: str, first: str, second: str) -> "Comparison":
        """Compare two versions on rows that neither has learned from.

        Parameters
        ----------
        model_id, first, second : str
            The model, and its versions such as v1 and v2.

        Returns
        -------
        Comparison
            Without a verdict under 30 rows.
        """
        return loops.compare.compare(self, model_id, first, second)

    def overview(self) -> "Overview":
        """Return what the workspace holds."""
        return loops.overview.overview(self)

    def close(self) -> None:
        """Close its files; it can be used again."""
        self.storage.close()
