"""ModelRegistry: which versions are there, and which is in production?

Versions v1, v2, ... without gaps; stages as an append-only history of which
the present stage is the sum. It trains nothing and predicts nothing.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.storage import Storage
from mlops_magics.storage.names import check_name

from . import deletion, exchange, references, rows
from .gates import Evidence, judge
from .stages import (
    ROLLED_BACK,
    check_not_overtaken,
    check_verdicts,
    put_in_stage,
    roll_back,
    rollback_target,
)
from .versions import (
    Deletion,
    ModelVersion,
    Promotion,
    Registration,
    StageChange,
    Verdict,
)


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
        UnknownName, Deleted
            If there is no such model or version, or none any more.
        """
        versions = self.list_versions(model_id)
        if version is None or version == "latest":
            return versions[-1]
        for found in versions:
            if version in (found.version, found.alias):
                return found
        with self._storage.reading() as reading:
            moment = rows.deleted_at(reading, model_id, version)
        raise references.not_there(versions, version, moment)

    def resolve(self, ref: str) -> ModelVersion:
        """Return the version that a reference means.

        ``churn@v2``, ``churn@production``, ``churn@latest`` or ``churn``: its production
        version, else the newest that is neither archived nor interrupted.

        Raises
        ------
        UnknownName
            If there is no such model or version.
        NoneInStage
            If no version is in that stage.
        """
        model_id, _, wanted = ref.partition("@")
        versions = self.list_versions(model_id)
        if references.is_stage(wanted):
            return references.in_stage(versions, wanted)
        return self.get_model(model_id, wanted) if wanted else references.by_default(versions)

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
        """Return what the file itself says: it is read and checked."""
        return exchange.evidence(self._storage, version)

    def promote_model(
        self,
        model_id: str,
        version: str | None = None,
        stage: str = "production",
        evidence: Evidence | None = None,
        because: str | None = None,
    ) -> Promotion:
        """Promote a version through the gates.

        Parameters
        ----------
        model_id : str
            The model.
        version : str, optional
            By default the newest that is neither archived nor interrupted.
        stage : str, default='production'
            staging or production; only production has gates.
        evidence : Evidence, optional
            What the gates look at; `Workspace.promote` gathers it. By default only
            what the file says, and other gates have no verdict.
        because : str, optional
            Why it may pass gates that hold it back; kept for ever.

        Returns
        -------
        Promotion
            The version in its new stage, and what each gate said.

        Raises
        ------
        NotPromotable
            If a gate does not let it pass; nothing changes.
        Overtaken
            If another version went into production meanwhile.
        """
        to = references.stage_to_promote_to(stage)
        if version is None:
            version = references.to_promote(self.list_versions(model_id)).version
        chosen = self.get_model(model_id, version)
        verdicts: tuple[Verdict, ...] = ()
        if to == "production":
            verdicts = judge(evidence or self.evidence(chosen))
            check_verdicts(chosen, verdicts, because)
        with self._storage.transaction() as transaction:
            versions = self.list_versions(model_id)
            chosen = self.get_model(model_id, chosen.version)  # not deleted meanwhile
            if evidence is not None and to == "production":
                against = None if evidence.production is None else evidence.production.name
                check_not_overtaken(chosen, against, versions, self.history(chosen.model_id))
            replaced = put_in_stage(transaction, versions, chosen, to, verdicts, because)
            return Promotion(
                version=self.get_model(model_id, chosen.version),
                replaced=replaced,
                verdicts=verdicts,
                because=because if not all(v.passed for v in verdicts) else None,
            )

    def rollback(self, model_id: str) -> Promotion:
        """Put the newest version that was in production before, and not rolled back, back there.

        Raises
        ------
        NothingToRollBack
            If there is none.
        NotPromotable
            If its file is damaged.
        """
        with self._storage.transaction() as transaction:
            versions = self.list_versions(model_id)
            name = versions[0].model_id
            current, target = rollback_target(versions, self.history(name))
            check_verdicts(target, judge(self.evidence(target)), ROLLED_BACK)
            roll_back(transaction, current, target)
            return Promotion(version=self.get_model(name, target.version), replaced=current.version)

    def delete_model(self, model_id: str, version: str) -> Deletion:
        """Delete a version for good: its file, and the rows kept to compare it on.

        Parameters
        ----------
        model_id : str
            The model.
        version : str
            Which one; its number is never given again, its predictions and its history
            stay.

        Returns
        -------
        Deletion
            How much of the disk is free again.

        Raises
        ------
        InProduction
            If it is in production.
        """
        found = self.get_model(model_id, version)
        return deletion.delete(self._storage, found, lambda: self.get_model(model_id, version))

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
            if found.stage != "archived":
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

        Raises
        ------
        BadArgument
            If it would change what training said of a model of ours.
        """
        with self._storage.transaction() as transaction:
            chosen = self.get_model(model_id, version)
            rows.add_metadata(transaction, chosen, metadata)
            return self.get_model(model_id, version)

    def load(self, version: ModelVersion) -> Any:
        """Return the model of a version, checked against its digest; nothing is executed.

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
