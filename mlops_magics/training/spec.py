"""What is a training asked to do?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Task = Literal["binary", "multiclass", "regression"]
Way = Literal["random", "time", "group"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingSpec:
    """A training as it is asked for.

    Parameters
    ----------
    model_id : str
        The model; its next version is trained.
    data : Table, pandas.DataFrame, list of dict, dict of sequences, or path
        One row an example, with the target.
    target : str
        The column to predict.
    task : str, optional
        binary, multiclass or regression; inferred from the target by default.
    columns : tuple of str, optional
        Only these columns; by default all that can be used.
    exclude : tuple of str, default=()
        Columns to leave out.
    time : str, optional
        The column that says when a row was true: the newest fifth is held out
        then, else a random one.
    key : tuple of str, default=()
        Columns that name a row's entity. Where an entity has several rows and no time
        is known, none of them is on both sides.
    group : str, optional
        A column no value of which may be on both sides; it is not learned from.
    split : str, optional
        random, time or group; by default group where `group` is given, else time where
        `time` is, else group where entities of `key` return, else random.
    features : tuple of str, default=()
        Feature views to join, ``view`` or ``view:column``; joined by the workspace.
    seed : int, default=0
        Of all random numbers; it does not move the held-out rows.
    seconds : float, optional
        The fit ends after so long at the best so far; it may end sooner.
    epochs : int, optional
        The fit sees every row so often, unless it stops early.
    note : str, optional
        Kept with the version.
    lineage : mapping of str to JSON, default={}
        What the caller knows of the data's origin; kept with the model.

    Examples
    --------
    >>> TrainingSpec(model_id="xor", data={"a": [0, 1], "y": [0, 1]}, target="y").seed
    0
    """

    model_id: str
    data: Any = field(repr=False)
    target: str = "label"
    task: Task | None = None
    columns: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    time: str | None = None
    key: tuple[str, ...] = ()
    group: str | None = None
    split: Way | None = None
    features: tuple[str, ...] = ()
    seed: int = 0
    seconds: float | None = None
    epochs: int | None = None
    note: str | None = None
    lineage: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], data: Any = None) -> "TrainingSpec":
        """Return a spec as it was stored with its job.

        Parameters
        ----------
        stored : mapping
            As `to_json` returned it.
        data : object, optional
            The rows that it is to learn from.

        Returns
        -------
        TrainingSpec
            Without what the caller knew of the data's origin.
        """
        lists = ("columns", "exclude", "key", "features")
        given: dict[str, Any] = {
            n: tuple(v) if n in lists and v is not None else v for n, v in stored.items()
        }
        return cls(data=data, **given)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the data, as stored with the job."""
        return {
            "model_id": self.model_id,
            "target": self.target,
            "task": self.task,
            "columns": None if self.columns is None else list(self.columns),
            "exclude": list(self.exclude),
            "time": self.time,
            "key": list(self.key),
            "group": self.group,
            "split": self.split,
            "features": list(self.features),
            "seed": self.seed,
            "seconds": self.seconds,
            "epochs": self.epochs,
            "note": self.note,
        }
