"""What differs between two versions of a model?

Where each comes from, what it takes, how good it was measured, what its gates say, and
which is better on rows that neither has learned from. It promotes nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.errors import MLOpsError
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.registry.gates import judge
from mlops_magics.registry.versions import ModelVersion, Verdict
from mlops_magics.training.job import TrainingJob

from .card import model_of
from .compare import Comparison, compare
from .promote import gather, job_of

if TYPE_CHECKING:
    from .workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions.

    Attributes
    ----------
    version : ModelVersion
        The version.
    job : TrainingJob or None
        The run that made it; None for one that was made elsewhere.
    signature : Signature or None
        What it takes; None where its file cannot be read.
    damage : str
        Why its file cannot be read; empty where it can.
    verdicts : tuple of Verdict
        What the gates to production say of it now.
    """

    version: ModelVersion
    job: TrainingJob | None
    signature: Signature | None
    damage: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """Two versions of a model.

    Attributes
    ----------
    versions : tuple of ModelVersion
        All that there are, oldest first.
    first, second : Side
        The two; the same one where there is only one.
    comparison : Comparison or None
        On the same rows; None where they cannot be compared.
    why_not : str
        Why they cannot.
    """

    versions: tuple[ModelVersion, ...]
    first: Side
    second: Side
    comparison: Comparison | None = None
    why_not: str = ""

    @property
    def model_id(self) -> str:
        """The model."""
        return self.first.version.model_id

    @property
    def columns(self) -> tuple[tuple[str, Feature | None, Feature | None], ...]:
        """The columns that only one of them takes, or that each takes as another kind."""
        one, two = (_features(side.signature) for side in (self.first, self.second))
        if one is None or two is None:
            return ()
        both = {name: (one.get(name), two.get(name)) for name in (*one, *two)}
        return tuple((name, a, b) for name, (a, b) in both.items() if _kind(a) != _kind(b))


def beside(
    workspace: "Workspace", model_id: str, first: str | None = None, second: str | None = None
) -> SideBySide:
    """Return two versions of a model beside each other.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    model_id : str
        The model.
    first : str, optional
        A version such as v1; by default the one in production, else the one before
        the second.
    second : str, optional
        Another one; by default the newest that is not the first.

    Returns
    -------
    SideBySide
        Also where they cannot be compared, and where there is only one.

    Raises
    ------
    UnknownName
        If there is no such model or version.
    """
    versions = tuple(workspace.registry.list_versions(model_id))
    one, two = (_side(workspace, v) for v in _chosen(workspace, versions, first, second))
    comparison, why_not = None, _obstacle(one, two, len(versions))
    if not why_not:
        names = one.version.version, two.version.version
        comparison = compare(workspace, one.version.model_id, *names)
    return SideBySide(
        versions=versions, first=one, second=two, comparison=comparison, why_not=why_not
    )


def _obstacle(one: Side, two: Side, count: int) -> str:
    """Return why two versions cannot be compared; nothing where they can."""
    if one.version.version == two.version.version:
        return "there is only one version" if count == 1 else f"both are {one.version.version}"
    if one.signature is None or two.signature is None:
        return one.damage or two.damage
    asked = [(s.signature.target, bool(s.signature.classes)) for s in (one, two) if s.signature]
    if asked[0] != asked[1]:
        answers = [
            f"{side.version.version} answers with {'a class' if classes else 'a number'} of"
            f" {target!r}"
            for side, (target, classes) in zip((one, two), asked, strict=True)
        ]
        return ", ".join(answers)
    return ""


def _chosen(
    workspace: "Workspace",
    versions: tuple[ModelVersion, ...],
    first: str | None,
    second: str | None,
) -> tuple[ModelVersion, ModelVersion]:
    """Return the two versions that are meant."""
    name = versions[0].model_id
    one = workspace.registry.resolve(f"{name}@{first}") if first else None
    two = workspace.registry.resolve(f"{name}@{second}") if second else None
    if one is None:
        others = _without(versions, two)
        live = [version for version in others if version.stage == "production"]
        one = (live or (others[:-1] if two is None else others) or others)[-1]
    return one, two or _without(versions, one)[-1]


def _without(
    versions: tuple[ModelVersion, ...], taken: ModelVersion | None
) -> tuple[ModelVersion, ...]:
    """Return all versions but one; that one where there is no other."""
    others = tuple(v for v in versions if taken is None or v.version != taken.version)
    return others or versions


def _side(workspace: "Workspace", version: ModelVersion) -> Side:
    model, damage = model_of(workspace, version)
    return Side(
        version=version,
        job=job_of(workspace, version),
        signature=None if model is None else model.signature,
        damage=damage,
        verdicts=_verdicts(workspace, version),
    )


def _verdicts(workspace: "Workspace", version: ModelVersion) -> tuple[Verdict, ...]:
    """Return what its gates say; none where what they look at cannot be read."""
    try:
        return judge(gather(workspace, version))
    except MLOpsError:  # such as a version in production that answers another question
        return ()


def _features(signature: Signature | None) -> dict[str, Feature] | None:
    return None if signature is None else {f.name: f for f in signature.features}


def _kind(feature: Feature | None) -> str | None:
    return None if feature is None else feature.kind
