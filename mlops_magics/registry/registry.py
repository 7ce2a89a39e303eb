"""ModelRegistry: which versions are there, and which is in production?

Versions v1, v2, ... without gaps; stages as an append-only history of which
the present stage is the sum. It trains nothing and predicts nothing.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_magics import model
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NoModelFile, NotPromotable
from mlops_magics.errors.storage import BrokenFile, BrokenModel
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.storage.names import check_name

from . import exchange, rows
from .gates import Evidence, judge
from .stages import put_in_stage, rollback_target
from .versions import STAGES, ModelVersion, Promotion, Registration, Stage, StageChange, Verdict


class ModelRegistry:
    """The versions of every model.

    Parameters
    ----------
    storage : Storage, optional
        Where they are; a temporary folder by default.

    Examples
    --------
    >>> registry = ModelRegistry()
    >>> made = Registration(model_id="churn", framework="sklearn", artifact_uri="file:churn.bin")
    >>> registry.register_model(made).version
    'v1'
    """

    def __init__(self, storage: Storage | None = None) -> None:
        self._storage = storage or Storage(Path(tempfile.mkdtemp(prefix="mlops_")) / ".mlops")

    def register_model(self, registration: Registration) -> ModelVersion:
        """Register a model's next version, in development.

        Parameters
        ----------
        registration : Registration
            The model, its file or where it is, metrics and metadata.

        Returns
        -------
        ModelVersion
            As registered.

        Raises
        ------
        BadName
            If the model's name is none.
        NameTaken
            If the alias is taken, or the name in another case.
        BadArgument
            If the alias is the number of another version, or metrics or metadata hold
            what JSON does not.
        """
        model_id = self.name_for(registration.model_id)
        with self._storage.transaction() as transaction:
            rows.add_model(transaction, model_id)
            sha256 = None
            if registration.artifact is not None:
                sha256 = self._storage.artifacts.write(registration.artifact)
            number = rows.add_version(transaction, registration, model_id, sha256)
            return self.get_model(model_id, f"v{number}")

    def name_for(self, model_id: str) -> str:
        """Return the name that a version would be registered under; BadName, NameTaken."""
        name = check_name("model", model_id)
        with self._storage.reading() as reading:
            rows.is_new(reading, name)
        return name

    def get_model(self, model_id: str, version: str | None = None) -> ModelVersion:
        """Return one version.

        Parameters
        ----------
        model_id : str
            The model.
        version : str, optional
            Such as v2, or an alias; the newest by default.

        Returns
        -------
        ModelVersion
            Exactly the one that was asked for.

        Raises
        ------
        UnknownName
            If there is no such model or version.
        """
        versions = self.list_versions(model_id)
        if version is None or version == "latest":
            return versions[-1]
        for found in versions:
            if version in (found.version, found.alias):
                return found
        known = [v.version for v in versions]
        raise UnknownName(f"version of {model_id!r}", version, known, f"%model {model_id}")

    def resolve(self, ref: str) -> ModelVersion:
        """Return the version that a reference means.

        Parameters
        ----------
        ref : str
            ``churn@v2``, ``churn@production``, ``churn@latest`` or ``churn``: its
            production version, else the newest that is neither archived nor
            interrupted.

        Returns
        -------
        ModelVersion
            The one that is meant.

        Raises
        ------
        UnknownName
            If there is no such model, version or stage.
        """
        model_id, _, wanted = ref.partition("@")
        versions = self.list_versions(model_id)
        if wanted in STAGES:
            staged = [v for v in versions if v.stage == wanted]
            if not staged:
                kind, step = f"{wanted} version of {model_id!r}", f"%model {model_id}"
                raise UnknownName(kind, wanted, {v.stage for v in versions}, step)
            return staged[-1]
        if wanted:
            return self.get_model(model_id, wanted)
        usable = [v for v in versions if v.stage != "archived" and not v.is_interrupted]
        in_production = [v for v in usable if v.stage == "production"]
        return (in_production or usable or versions)[-1]

    def list_models(self) -> tuple[ModelVersion, ...]:
        """Return every version of every model, by model and number."""
        with self._storage.reading() as reading:
            return rows.all_versions(reading)

    def list_versions(self, model_id: str) -> tuple[ModelVersion, ...]:
        """Return the versions of one model, oldest first.

        Raises
        ------
        UnknownName
            If there is no such model.
        """
        with self._storage.reading() as reading:
            found = rows.versions_of(reading, model_id)
            known = [] if found else rows.model_names(reading)
        if not found:
            raise UnknownName("model", model_id, known, "%model")
        return found

    def history(self, model_id: str) -> tuple[StageChange, ...]:
        """Return every change of stage of a model, oldest first."""
        with self._storage.reading() as reading:
            return rows.changes_of(reading, model_id)

    def register_artifact(
        self,
        model_id: str,
        artifact: bytes,
        metrics: Mapping[str, Any],
        metadata: Mapping[str, Any],
    ) -> str:
        """Register a model of ours and return its version, such as v1.

        Parameters
        ----------
        model_id : str
            The model.
        artifact : bytes
            Its .mlm file.
        metrics, metadata : mapping
            As in a Registration.

        Returns
        -------
        str
            The version.
        """
        made = Registration(
            model_id=model_id, artifact=artifact, metrics=metrics, metadata=metadata
        )
        return self.register_model(made).version

    def evidence(self, version: ModelVersion) -> Evidence:
        """Return what the gates look at: the file is read and checked."""
        try:
            loaded = self.load(version)
        except (BrokenFile, BrokenModel) as error:
            return Evidence(damage=str(error).split(". Next:")[0], is_finite=None)
        except NoModelFile:
            return Evidence(damage="there is no file here", is_finite=None)
        return Evidence(damage=None, is_finite=bool(model.package.all_finite(loaded)))

    def promote_model(
        self, model_id: str, version: str | None = None, stage: str = "production"
    ) -> Promotion:
        """Promote a version through the gates.

        Parameters
        ----------
        model_id : str
            The model.
        version : str, optional
            The newest that is not archived by default.
        stage : str, default='production'
            staging or production; only production has gates.

        Returns
        -------
        Promotion
            The version in its new stage, and what each gate said.

        Raises
        ------
        NotPromotable
            If a gate does not let it pass; nothing changes.
        """
        to: Stage = "production" if stage == "production" else "staging"
        if stage != to:
            raise BadArgument("stage", stage, "staging or production")
        if version is None:
            usable = [v for v in self.list_versions(model_id) if v.stage != "archived"]
            version = usable[-1].version if usable else None
        chosen = self.get_model(model_id, version)
        verdicts: tuple[Verdict, ...] = ()
        if stage == "production":
            verdicts = judge(self.evidence(chosen))
            failures = [f"{v.gate}: {v.said}" for v in verdicts if not v.passed]
            if failures:
                raise NotPromotable(chosen.name, failures, f"%train {chosen.model_id} again")
        with self._storage.transaction() as transaction:
            versions = self.list_versions(model_id)
            replaced = put_in_stage(transaction, versions, chosen, to, verdicts)
            return Promotion(
                version=self.get_model(model_id, chosen.version),
                replaced=replaced,
                verdicts=verdicts,
            )

    def rollback(self, model_id: str) -> Promotion:
        """Put the version that was in production before back there.

        Parameters
        ----------
        model_id : str
            The model.

        Returns
        -------
        Promotion
            The newest version that was in production before and was not itself
            rolled back.

        Raises
        ------
        NothingToRollBack
            If there is none.
        """
        with self._storage.transaction() as transaction:
            versions = self.list_versions(model_id)
            name = versions[0].model_id
            current, target = rollback_target(versions, self.history(name))
            which = (name, current.number)
            rows.add_change(transaction, which, "staging", f"rolled back to {target.version}")
            why = f"rollback from {current.version}"
            rows.add_change(transaction, (name, target.number), "production", why)
            return Promotion(version=self.get_model(name, target.version), replaced=current.version)

    def archive_model(self, model_id: str, version: str) -> ModelVersion:
        """Archive a version: it stays, and is never chosen by itself.

        Parameters
        ----------
        model_id : str
            The model.
        version : str
            Which one.

        Returns
        -------
        ModelVersion
            The version, archived.
        """
        with self._storage.transaction() as transaction:
            found = self.get_model(model_id, version)
            rows.add_change(transaction, (found.model_id, found.number), "archived", "archived")
            return self.get_model(model_id, version)

    def update_metadata(
        self, model_id: str, version: str, metadata: Mapping[str, Any]
    ) -> ModelVersion:
        """Add to a version's metadata; what was registered stays in the history.

        Parameters
        ----------
        model_id, version : str
            Which version.
        metadata : mapping of str to JSON
            Entries to add or replace.

        Returns
        -------
        ModelVersion
            With it.
        """
        with self._storage.transaction() as transaction:
            chosen = self.get_model(model_id, version)
            merged = rows.to_json("metadata", {**chosen.metadata, **metadata})
            row = (transaction.take_seq(), chosen.model_id, chosen.number, merged, transaction.now)
            transaction.execute("INSERT INTO metadata_change VALUES (?, ?, ?, ?, ?)", row)
            return self.get_model(model_id, version)

    def load(self, version: ModelVersion) -> Any:
        """Return the model of a version; loading executes nothing.

        Parameters
        ----------
        version : ModelVersion
            One of ours.

        Returns
        -------
        TrainedModel
            Checked against its digest.

        Raises
        ------
        NoModelFile
            If it was made elsewhere.
        BrokenFile, BrokenModel, NewerFormat
            If the file is missing, damaged, or of a later version.
        """
        return exchange.load(self._storage, version)

    def export(self, model_id: str, version: str, path: str | Path) -> Path:
        """Write a version's file to a path of the user's.

        Parameters
        ----------
        model_id, version : str
            Which version.
        path : str or Path
            The file; it must not exist.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        NameTaken
            If there is a file already.
        """
        return exchange.write_file(self._storage, self.get_model(model_id, version), Path(path))

    def import_(self, path: str | Path, model_id: str | None = None) -> ModelVersion:
        """Register a model from a .mlm file, as the next version of its model.

        Parameters
        ----------
        path : str or Path
            The file.
        model_id : str, optional
            Another name than the one it was trained under.

        Returns
        -------
        ModelVersion
            In development.

        Raises
        ------
        BrokenModel, NewerFormat
            If it is no readable model.
        """
        return self.register_model(exchange.read_file(Path(path), model_id))
