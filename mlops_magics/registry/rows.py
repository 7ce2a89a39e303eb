"""How do versions and stages stand in the catalogue?

The SQL of the registry: rows in and dataclasses out. It decides nothing.
"""

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken
from mlops_magics.storage.catalog import Transaction
from mlops_magics.storage.names import fold

from .versions import STAGES, ModelVersion, Registration, Stage, StageChange, Verdict

VERSIONS = """
SELECT v.*, s.stage, s.since, (
    SELECT metadata FROM metadata_change c WHERE c.model_id = v.model_id AND c.number = v.number
    ORDER BY seq DESC LIMIT 1
) AS changed FROM model_version v JOIN stage s USING (model_id, number)
LEFT JOIN deletion d USING (model_id, number)
"""
# What was said of a model before it was trained; it changes nothing that the model does.
CHANGEABLE = {"note"}
HISTORY = """
SELECT seq, number, stage, why, evidence, because, "by", written_at FROM stage_change
WHERE model_id = ?
UNION ALL SELECT seq, number, 'deleted', 'deleted for good', NULL, NULL, "by", written_at
FROM deletion WHERE model_id = ? ORDER BY seq
"""


def all_versions(reading: Transaction) -> tuple[ModelVersion, ...]:
    """Return every version of every model, by model and number."""
    found = reading.execute(f"{VERSIONS} WHERE d.seq IS NULL ORDER BY model_id, number").fetchall()
    return tuple(map(_version, found))


def versions_of(reading: Transaction, model_id: str) -> tuple[ModelVersion, ...]:
    """Return the versions of a model in any case of its name, oldest first."""
    found = reading.execute(
        f"{VERSIONS} JOIN model m USING (model_id) WHERE m.folded = ? AND d.seq IS NULL"
        " ORDER BY number",
        (fold(model_id),),
    ).fetchall()
    return tuple(map(_version, found))


def model_names(reading: Transaction) -> list[str]:
    """Return the names of all models."""
    return [row[0] for row in reading.execute("SELECT model_id FROM model").fetchall()]


def names(reading: Transaction) -> dict[str, tuple[list[str], list[str]]]:
    """Return the versions of each model and the columns of its newest one, cheaply.

    Keys of its views come first; of the metadata only these are read.
    """
    found: dict[str, tuple[list[str], list[str]]] = {}
    versions = reading.execute(
        "SELECT model_id, number FROM model_version JOIN model USING (model_id)"
        " LEFT JOIN deletion d USING (model_id, number) WHERE d.seq IS NULL"
        " ORDER BY folded, number"
    ).fetchall()
    for model_id, number in versions:
        found.setdefault(model_id, ([], []))[0].append(f"v{number}")
    newest = reading.execute(
        "SELECT model_id, json_extract(metadata, '$.columns') AS columns,"
        " json_extract(metadata, '$.views') AS views FROM model_version JOIN ("
        "SELECT model_id, max(number) AS number FROM model_version"
        " LEFT JOIN deletion d USING (model_id, number) WHERE d.seq IS NULL GROUP BY model_id"
        ") USING (model_id, number)"
    ).fetchall()
    for row in newest:
        keys = [name for view in json.loads(row["views"] or "[]") for name in view["key"]]
        taken = dict.fromkeys([*keys, *json.loads(row["columns"] or "[]")])
        found[row["model_id"]][1].extend(taken)
    return found


def changes_of(reading: Transaction, model_id: str) -> tuple[StageChange, ...]:
    """Return every change of stage of a model, oldest first."""
    found = reading.execute(HISTORY, (model_id, model_id)).fetchall()
    return tuple(
        StageChange(
            version=f"v{row['number']}",
            stage=row["stage"],
            why=row["why"],
            written_at=row["written_at"],
            verdicts=_verdicts(row["evidence"]),
            because=row["because"],
            by=row["by"],
        )
        for row in found
    )


def _verdicts(evidence: str | None) -> tuple[Verdict, ...]:
    found = json.loads(evidence or "[]")
    return tuple(Verdict(gate=gate, passed=passed, said=said) for gate, passed, said in found)


def deleted_at(reading: Transaction, model_id: str, version: str) -> int | None:
    """Return when a version was deleted; None if it was not."""
    found = reading.execute(
        "SELECT d.written_at FROM deletion d JOIN model USING (model_id)"
        " JOIN model_version v USING (model_id, number)"
        " WHERE folded = ? AND ? IN ('v' || d.number, v.alias)",
        (fold(model_id), version),
    ).fetchone()
    return None if found is None else int(found[0])


def add_deletion(transaction: Transaction, which: tuple[str, int]) -> None:
    """Store that a version is deleted; its number is never given again."""
    row = (transaction.take_seq(), *which, transaction.by, transaction.now)
    transaction.execute("INSERT INTO deletion VALUES (?, ?, ?, ?, ?)", row)


def is_named(reading: Transaction, sha256: str) -> bool:
    """Tell whether a version that is not deleted has this file."""
    found = reading.execute(
        "SELECT 1 FROM model_version LEFT JOIN deletion d USING (model_id, number)"
        " WHERE artifact_sha256 = ? AND d.seq IS NULL",
        (sha256,),
    )
    return found.fetchone() is not None


def is_new(reading: Transaction, model_id: str) -> bool:
    """Return whether there is no such model; raise NameTaken if there is in another case."""
    found = reading.execute("SELECT model_id FROM model WHERE folded = ?", (fold(model_id),))
    row = found.fetchone()
    if row is not None and row[0] != model_id:
        raise NameTaken("model", row[0], f"use {row[0]!r}, or another name")
    return row is None


def add_model(transaction: Transaction, model_id: str) -> None:
    """Store a model if it is new; raise NameTaken if another has its name in another case."""
    if is_new(transaction, model_id):
        values = (model_id, fold(model_id), transaction.now)
        transaction.execute("INSERT INTO model VALUES (?, ?, ?)", values)


def add_change(
    transaction: Transaction,
    which: tuple[str, int],
    stage: Stage,
    why: str,
    verdicts: tuple[Verdict, ...] = (),
    because: str | None = None,
) -> None:
    """Append a change of stage; the stage itself follows by a trigger."""
    evidence = json.dumps([[v.gate, v.passed, v.said] for v in verdicts])
    transaction.execute(
        "INSERT INTO stage_change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(transaction.take_seq(), *which, stage, why, evidence, because),
            *(transaction.by, transaction.now),
        ),
    )


def add_version(
    transaction: Transaction, made: Registration, model_id: str, sha256: str | None
) -> int:
    """Store the next version of a model and return its number.

    Raises
    ------
    NameTaken
        If its alias is taken.
    BadArgument
        If its alias is the number of another version, now or later.
    """
    highest = transaction.execute(
        "SELECT coalesce(max(number), 0) FROM model_version WHERE model_id = ?", (model_id,)
    )
    number, alias = 1 + int(highest.fetchone()[0]), made.version
    if alias is not None and number_of(transaction, model_id, alias) is not None:
        raise NameTaken(f"version of {model_id!r}", alias, "choose another version name")
    if alias in (*STAGES, "latest") or (
        re.fullmatch(r"v\d+", alias or "") and alias != f"v{number}"
    ):
        raise BadArgument("version", alias, f"v{number}, which is next, or a name of your own")
    uri = made.artifact_uri or f"artifacts/{sha256}.mlm"
    row = (model_id, number, alias, made.framework, uri, sha256)
    texts = (to_json("metrics", made.metrics), to_json("metadata", made.metadata))
    transaction.execute(
        "INSERT INTO model_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, *texts, transaction.now),
    )
    add_change(transaction, (model_id, number), "development", "registered")
    return number


def number_of(transaction: Transaction, model_id: str, alias: str) -> int | None:
    """Return the number of the version that has this alias, or is called so."""
    found = transaction.execute(
        "SELECT number FROM model_version WHERE model_id = ? AND (alias = ? OR 'v' || number = ?)",
        (model_id, alias, alias),
    ).fetchone()
    return None if found is None else int(found[0])


def add_metadata(
    transaction: Transaction, version: ModelVersion, metadata: Mapping[str, Any]
) -> None:
    """Add to the metadata of a version; what was registered stays in the history.

    What training said of a model of ours cannot be changed, because the gates and every
    look-up rely on it; a note can.
    """
    if version.artifact_sha256 is not None:
        _refuse_what_training_said(transaction, version, metadata)
    merged = to_json("metadata", {**version.metadata, **metadata})
    row = (transaction.take_seq(), version.model_id, version.number, merged, transaction.now)
    transaction.execute("INSERT INTO metadata_change VALUES (?, ?, ?, ?, ?)", row)


def _refuse_what_training_said(
    reading: Transaction, version: ModelVersion, metadata: Mapping[str, Any]
) -> None:
    which = (version.model_id, version.number)
    found = reading.execute(
        "SELECT metadata FROM model_version WHERE model_id = ? AND number = ?", which
    )
    said = json.loads(found.fetchone()[0])
    for name in sorted(said.keys() & metadata.keys() - CHANGEABLE):
        if said[name] != metadata[name]:
            raise BadArgument("metadata", name, "another name: training has written this one")


def to_json(name: str, value: Mapping[str, Any]) -> str:
    """Return strict JSON: NumPy's numbers as Python's, and null for what is no number.

    Raises
    ------
    BadArgument
        If something in it has no form in JSON; `name` says where.
    """
    return json.dumps(_plain(name, value), ensure_ascii=False, allow_nan=False)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(f"{name}[{key!r}]", inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(f"{name}[{place}]", inner) for place, inner in enumerate(value)]
    if isinstance(value, np.generic):
        return _plain(name, value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    raise BadArgument(name, value, "texts, numbers, lists and dicts, as JSON has them")


# every prediction asks which version answers, and a version's texts never change
@lru_cache(maxsize=512)
def _parsed(text: str) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = json.loads(text)
    return parsed


def _version(row: Any) -> ModelVersion:
    return ModelVersion(
        model_id=row["model_id"],
        version=f"v{row['number']}",
        alias=row["alias"],
        framework=row["framework"],
        artifact_uri=row["artifact_uri"],
        artifact_sha256=row["artifact_sha256"],
        metrics=dict(_parsed(row["metrics"])),
        metadata=dict(_parsed(row["changed"] or row["metadata"])),
        registered_at=row["registered_at"],
        stage=row["stage"],
        stage_since=row["since"],
    )
