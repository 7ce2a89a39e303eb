"""How does a model go into a file and come out of one?

The artifacts of the workspace, and .mlm files of the user's. Reading one
executes nothing.
"""

import os
from pathlib import Path
from typing import Any

from mlops_magics import model
from mlops_magics.errors.error import shown
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken, NoModelFile
from mlops_magics.errors.storage import BrokenFile, BrokenModel, NewerFormat
from mlops_magics.model.document import Document, Malformed
from mlops_magics.storage import Storage

from . import claims
from .gates import NO_FILE, Evidence
from .versions import ModelVersion, Registration


def load(storage: Storage, version: ModelVersion) -> Any:
    """Return the model of a version, checked against its digest."""
    return model.package.from_bytes(_bytes(storage, version), version.name)


def evidence(storage: Storage, version: ModelVersion) -> Evidence:
    """Return what the file of a version itself says, for the gates."""
    try:
        loaded = load(storage, version)
    except (BrokenFile, BrokenModel, NewerFormat) as error:
        return Evidence(damage=str(error).split(". Next:")[0], is_finite=None)
    except NoModelFile:
        return Evidence(damage=NO_FILE, is_finite=None)
    return Evidence(damage=None, is_finite=bool(model.package.all_finite(loaded)))


def write_file(storage: Storage, version: ModelVersion, path: Path) -> Path:
    """Write a version's file to a path of the user's, which must not exist."""
    return write_new(path, _bytes(storage, version))


def write_new(path: Path, data: bytes) -> Path:
    """Write a file that is not there yet, whole or not at all."""
    try:
        with path.open("xb") as file:
            try:
                file.write(data)
            except OSError:
                path.unlink(missing_ok=True)  # half a file is none
                raise
    except FileExistsError as error:
        raise NameTaken("the file", str(path), "choose another path") from error
    except FileNotFoundError as error:
        raise BadArgument("path", str(path), "a file in a folder that is there") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadArgument("path", str(path), f"a path that can be written ({reason})") from error
    return path


def read_file(path: Path, model_id: str | None) -> Registration:
    """Return what a .mlm file of the user's would be registered as.

    Nothing is registered yet and nothing is written: whatever is wrong is said first.
    """
    what = shown(str(path))
    data = _read(path, what)
    lineage = dict(model.package.from_bytes(data, what).lineage)
    try:
        metadata, metrics = claims.metadata(lineage), claims.metrics(lineage)
        name = model_id or Document(lineage).text("model_id")
    except Malformed as problem:
        raise BrokenModel(what, str(problem), "ask for the file again") from None
    # the name of a file need not be text
    origin = os.fsencode(path.name).decode("utf-8", "replace")
    return Registration(
        model_id=name,
        artifact=data,
        metrics=metrics,
        metadata={**metadata, "imported_from": origin},
    )


def _read(path: Path, what: str) -> bytes:
    """Return the bytes of a file, which is one and no larger than any model."""
    most = model.package.MOST_BYTES
    try:
        if path.exists() and not path.is_file():
            # a pipe or a device would never end
            raise BrokenModel(what, "it is no file", "check the path")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError as error:
        raise BrokenModel(what, "there is no such file", "check the path") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BrokenModel(what, reason, "check the path") from error
    if len(data) > most:
        raise BrokenModel(what, f"it has more than {most:,} bytes", "check the path")
    return data


def _bytes(storage: Storage, version: ModelVersion) -> bytes:
    if version.artifact_sha256 is None:
        raise NoModelFile(version.name, version.framework)
    return storage.artifacts.read(version.artifact_sha256)
