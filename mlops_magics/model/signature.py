"""What does a model take, and what does it answer?

The features with their kinds and what was seen of them in training, the target and
its classes in their own Python type. It checks no rows and encodes nothing.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from mlops_magics.tables.table import Kind

from .document import Document, Malformed

Task = Literal["binary", "multiclass", "regression"]
Class = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column that a model takes.

    Parameters
    ----------
    name : str
        The column's name, unchanged whatever it is.
    kind : str
        number, integer, boolean, category, time, text or identifier.
    levels : tuple of str, default=()
        Values of a category that were seen in training, the commonest first.
    low : int, float or None, default=None
        Smallest value seen; microseconds since 1970 UTC for times.
    high : int, float or None, default=None
        Largest value seen.
    missing_seen : bool, default=False
        Whether a row of the training part lacked it.
    whole : bool, default=False
        Whether all numbers seen were whole.

    Examples
    --------
    >>> Feature(name="tenure", kind="integer", low=0, high=72, whole=True).missing_seen
    False
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    low: int | float | None = None
    high: int | float | None = None
    missing_seen: bool = False
    whole: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the feature as strict JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "levels": list(self.levels),
            "low": self.low,
            "high": self.high,
            "missing_seen": self.missing_seen,
            "whole": self.whole,
        }

    @classmethod
    def from_json(cls, parsed: Any) -> "Feature":
        """Read a feature back, or raise `Malformed`."""
        document = Document(parsed)
        return cls(
            name=document.text("name"),
            kind=document.choice("kind", get_args(Kind)),
            levels=document.texts("levels"),
            low=document.number("low"),
            high=document.number("high"),
            missing_seen=document.flag("missing_seen"),
            whole=document.flag("whole"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a model takes and what it answers.

    Parameters
    ----------
    features : tuple of Feature
        In the order of training; rows may have them in any order.
    target : str
        Name of the predicted column.
    task : str
        binary, multiclass or regression.
    classes : tuple of bool, int, float or str, default=()
        In the order of the probabilities, each in its own type ("01" is not 1);
        empty for regression.
    target_kind : str
        Kind of the target's column.

    Examples
    --------
    >>> age = Feature(name="age", kind="integer")
    >>> signature = Signature(
    ...     features=(age,), target="left", task="binary", classes=("no", "yes"),
    ...     target_kind="category")
    >>> signature.names, signature.outputs
    (('age',), 2)
    """

    features: tuple[Feature, ...]
    target: str
    task: Task
    classes: tuple[Class, ...] = ()
    target_kind: Kind

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def outputs(self) -> int:
        """How many numbers the network answers: one a class, or one."""
        return len(self.classes) or 1

    def to_json(self) -> dict[str, Any]:
        """Return the signature as strict JSON."""
        return {
            "features": [feature.to_json() for feature in self.features],
            "target": self.target,
            "task": self.task,
            "classes": list(self.classes),
            "target_kind": self.target_kind,
        }

    @classmethod
    def from_json(cls, parsed: Any) -> "Signature":
        """Read a signature back, or raise `Malformed`."""
        document = Document(parsed)
        features = map(Feature.from_json, document.items("features"))
        signature = cls(
            features=tuple(features),
            target=document.text("target"),
            task=document.choice("task", get_args(Task)),
            classes=document.scalars("classes"),
            target_kind=document.choice("target_kind", get_args(Kind)),
        )
        fits = {
            "binary": len(signature.classes) == 2,
            "multiclass": len(signature.classes) > 2,
            "regression": not signature.classes,
        }
        if not fits[signature.task]:
            raise Malformed(f"{len(signature.classes)} classes for {signature.task}")
        if len(set(signature.names)) != len(signature.names):
            raise Malformed("two features of one name")
        return signature
