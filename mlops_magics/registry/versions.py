"""What is a version of a model, as the registry knows it?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Stage = Literal["development", "staging", "production", "archived"]
STAGES: tuple[Stage, ...] = ("development", "staging", "production", "archived")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A version as it is handed to the registry.

    Parameters
    ----------
    model_id : str
        The model; its first registration makes it.
    version : str, optional
        A name of the caller's own, kept as an alias; the registry counts v1, v2, ...
    framework : str, default='flax'
        What made it; 'flax' is this package.
    artifact_uri : str, optional
        Where a model made elsewhere is; ours are kept here.
    artifact : bytes, optional
        The .mlm file of a model of ours.
    metrics : mapping of str to float, default={}
        Such as accuracy and loss.
    metadata : mapping of str to JSON, default={}
        Such as columns, target and job_id.

    Examples
    --------
    >>> Registration(model_id="churn", framework="sklearn", artifact_uri="s3://b/m").version
    """

    model_id: str
    version: str | None = None
    framework: str = "flax"
    artifact_uri: str | None = None
    artifact: bytes | None = field(default=None, repr=False)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a model.

    Attributes
    ----------
    model_id, version : str
        The model and v1, v2, ...
    alias : str or None
        The name that the caller gave it.
    framework, artifact_uri : str
        What made it, and where it is.
    artifact_sha256 : str or None
        Digest of its file here; None for a model made elsewhere.
    metrics, metadata : mapping
        As registered, with later changes of metadata.
    registered_at : int
        Microseconds since 1970 UTC.
    stage : str
        development, staging, production or archived.
    stage_since : int
        Since when, microseconds.
    """

    model_id: str
    version: str
    alias: str | None
    framework: str
    artifact_uri: str
    artifact_sha256: str | None
    metrics: Mapping[str, Any]
    metadata: Mapping[str, Any]
    registered_at: int
    stage: Stage
    stage_since: int

    @property
    def number(self) -> int:
        """1 for v1, and so on."""
        return int(self.version[1:])

    @property
    def name(self) -> str:
        """Such as churn@v2."""
        return f"{self.model_id}@{self.version}"

    @property
    def is_interrupted(self) -> bool:
        """Whether its training was stopped before its time."""
        return bool(self.metadata.get("interrupted"))

    @property
    def is_usable(self) -> bool:
        """Whether it may be chosen without being named: neither archived nor interrupted."""
        return self.stage != "archived" and not self.is_interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one gate says of a version.

    Attributes
    ----------
    gate : str
        Its name.
    passed : bool or None
        Whether the version may pass; None where there is no verdict, which does not
        pass either.
    said : str
        The figure and its bound, or what is wrong.
    """

    gate: str
    passed: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """One entry of the history of a model.

    Attributes
    ----------
    version, why : str
        Which version, and why it went there.
    stage : str
        Where it went; deleted for one whose file is gone.
    written_at : int
        Microseconds since 1970 UTC.
    verdicts : tuple of Verdict
        What the gates said then.
    because : str or None
        Why it was promoted past a gate; None where it passed them all.
    by : str
        Who asked: notebook, python, retraining, or http with the client's address.
    """

    version: str
    stage: Stage | Literal["deleted"]
    why: str
    written_at: int
    verdicts: tuple[Verdict, ...] = ()
    because: str | None = None
    by: str = "python"

    @property
    def is_typed(self) -> bool:
        """Whether a person typed it here, in a notebook or in Python."""
        return self.by in ("notebook", "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a promotion or a rollback did, or why it did nothing.

    Attributes
    ----------
    version : ModelVersion
        The version, in the stage that it is in now.
    replaced : str or None
        The version that was in production before.
    verdicts : tuple of Verdict
        What each gate said.
    because : str or None
        Why it was promoted past gates.
    is_refused : bool
        Whether a gate held it back: nothing changed.
    """

    version: ModelVersion
    replaced: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    because: str | None = None
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What a deletion gave back.

    Attributes
    ----------
    name : str
        Such as churn@v1.
    byte_count : int
        Of the files that are gone; less where another version has the same file.
    """

    name: str
    byte_count: int
