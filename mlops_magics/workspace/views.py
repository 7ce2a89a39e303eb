"""Which feature views are there, how fresh are they, and who reads them?

A model reads the very versions of views that it was trained on. So a new version
changes no answer of a production model; it only leaves the old one without new
rows, and that is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlops_magics.features.growth import Growth
from mlops_magics.features.view import (
    FeatureWrite,
    View,
    ViewDefinition,
    ViewVersion,
    ViewWrite,
)
from mlops_magics.storage.packing import Field

if TYPE_CHECKING:
    from .workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A version of a model that was trained on a version of a view.

    Attributes
    ----------
    model_id, version, stage : str
        The model.
    view : str
        The view.
    number : int
        The version of the view.
    """

    model_id: str
    version: str
    stage: str
    view: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSummary:
    """One view in the list of views.

    Attributes
    ----------
    view : str
        Its name.
    version : str
        The newest, such as v1.
    key, features : tuple of str
        Its columns; none for a view on demand, whose SQL decides.
    row_count : int
        Rows of that version.
    newest, age : int, optional
        The newest event_time and how long it is ago, microseconds; None without event time.
    read_by : tuple of str
        The versions of models that read any version of it, those in production first.
    """

    view: str
    version: str
    key: tuple[str, ...]
    features: tuple[str, ...]
    row_count: int
    newest: int | None
    age: int | None
    read_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewReport:
    """One view, from its source to its readers.

    Attributes
    ----------
    view : View
        As it stands.
    age : int, optional
        Microseconds since its newest event; None without event time.
    growth : Growth
        Rows and missing values over time.
    writes : tuple of ViewWrite
        What was written and from which source, oldest first.
    readers : tuple of Reader
        The versions of models that read any version of it.
    """

    view: View
    age: int | None
    growth: Growth
    writes: tuple[ViewWrite, ...]
    readers: tuple[Reader, ...]

    @property
    def versions(self) -> tuple[ViewVersion, ...]:
        """Its versions, oldest first."""
        return self.view.versions

    @property
    def features(self) -> tuple[Field, ...]:
        """The columns of the newest version that are neither key nor time."""
        return self.view.features

    @property
    def row_count(self) -> int:
        """Rows of the newest version."""
        return self.view.row_count


def readers(workspace: "Workspace") -> tuple[Reader, ...]:
    """Return which versions of models read which versions of views."""
    return tuple(
        Reader(
            model_id=model.model_id,
            version=model.version,
            stage=model.stage,
            view=used["view"],
            number=used["number"],
        )
        for model in workspace.registry.list_models()
        for used in model.metadata.get("views", ())
    )


def list_views(workspace: "Workspace") -> tuple[ViewSummary, ...]:
    """Return every view with its freshness and its readers, by name."""
    found = readers(workspace)
    return tuple(
        ViewSummary(
            view=view.view,
            version=f"v{view.current.number}",
            key=view.current.key_names,
            features=tuple(field.name for field in view.features),
            row_count=view.row_count,
            newest=view.newest,
            age=age_of(workspace, view),
            read_by=names(_of(found, view.view)),
        )
        for view in workspace.features.list_views()
    )


def names(found: Iterable[Reader]) -> tuple[str, ...]:
    """Return one name a version of a model, those in production first.

    Parameters
    ----------
    found : iterable of Reader
        Who reads a view.

    Returns
    -------
    tuple of str
        Such as ``churn v1 (production)``.
    """
    ordered = sorted(found, key=lambda reader: reader.stage != "production")
    stage = {"production": " (production)"}
    named = [f"{r.model_id} {r.version}{stage.get(r.stage, '')}" for r in ordered]
    return tuple(dict.fromkeys(named))


def report(workspace: "Workspace", name: str) -> ViewReport:
    """Return everything about one view.

    Parameters
    ----------
    workspace : Workspace
        Where it is.
    name : str
        The view.

    Returns
    -------
    ViewReport
        Its growth, its writes, its readers.
    """
    view = workspace.features.describe(name)
    return ViewReport(
        view=view,
        age=age_of(workspace, view),
        growth=workspace.features.growth(view),
        writes=workspace.features.writes(view.view),
        readers=_of(readers(workspace), view.view),
    )


def write(
    workspace: "Workspace",
    definition: ViewDefinition,
    table: object,
    history: bool = False,
    dry_run: bool = False,
) -> FeatureWrite:
    """Write to a view, and say which production model will feel a new version.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    definition : ViewDefinition
        The view as it is asked for.
    table : object
        Any table; None for a view on demand.
    history, dry_run : bool, default=False
        As of `FeatureStore.write`.

    Returns
    -------
    FeatureWrite
        With one warning more for each production model that reads the version before.
    """
    written = workspace.features.write(definition, table, history, dry_run)
    number = written.version.number
    if not written.is_new_version or number == 1:
        return written
    felt = tuple(
        f"{r.model_id} {r.version} in production reads v{r.number}, which"
        f" {'gets' if not dry_run else 'would get'} no new rows; train it again on v{number}"
        for r in _of(readers(workspace), written.version.view)
        if r.stage == "production"
    )
    return replace(written, warnings=(*felt, *written.warnings))


def keep_online(workspace: "Workspace") -> None:
    """Keep the newest values of the views that production models read, and of no others."""
    found = readers(workspace)
    wanted = {(r.view, r.number) for r in found if r.stage == "production"}
    stored = {v.view for v in workspace.features.list_views() if not v.current.on_demand}
    workspace.features.keep_online({pair for pair in wanted if pair[0] in stored})


def _of(found: Iterable[Reader], view: str) -> tuple[Reader, ...]:
    return tuple(reader for reader in found if reader.view == view)


def age_of(workspace: "Workspace", view: View) -> int | None:
    """Return how long ago the newest event of a view is; None without event time."""
    return None if view.newest is None else workspace.storage.clock.now() - view.newest
