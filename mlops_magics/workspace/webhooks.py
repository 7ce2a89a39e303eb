"""Where does the user want alerts to be sent?

The address is kept for this user on this machine and never in the workspace: it is a
secret, and a workspace that came by mail must not send its reader's alerts to whoever
made it. Sending never waits: a thread does it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from mlops_magics.errors.storage import ReadOnlyWorkspace
from mlops_magics.monitoring import delivery

from .results import Webhook

if TYPE_CHECKING:
    from .workspace import Workspace

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class Given:
    """An address that was given.

    Attributes
    ----------
    address : str
        As it was given.
    since : int
        When, microseconds: what happened before is not sent.
    """

    address: str
    since: int


def show(workspace: "Workspace", model_id: str) -> Webhook:
    """Return where alerts of a model are sent, and what came of it.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.

    Returns
    -------
    Webhook
        Without an address where nothing is sent.
    """
    given = _given(workspace, model_id)
    return Webhook(
        model_id=model_id,
        address=None if given is None else given.address,
        attempts=delivery.attempts(workspace.storage, model_id),
    )


def put(workspace: "Workspace", model_id: str, address: str | None) -> Webhook:
    """Send the alerts of a model to an address from now on, or nowhere.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.
    address : str or None
        http or https; None ends it.

    Returns
    -------
    Webhook
        As it is now.

    Raises
    ------
    BadArgument
        If it is no such address.
    ReadOnlyWorkspace
        If the user's own folder cannot be written.
    """
    file = _file(workspace, model_id)
    try:
        if address is None:
            file.unlink(missing_ok=True)
        else:
            kept = {"address": delivery.checked(address), "since": workspace.storage.clock.now()}
            _write(file, json.dumps(kept))
    except OSError as error:
        raise ReadOnlyWorkspace(str(file.parent), error.strerror or str(error)) from error
    return show(workspace, model_id)


def deliver(workspace: "Workspace", model_id: str) -> None:
    """Send what is due in a thread of its own; whoever asks does not wait.

    Parameters
    ----------
    workspace : Workspace
        Where the model is used.
    model_id : str
        The model.
    """
    given = _given(workspace, model_id)
    running = workspace.couriers.get(model_id)
    if given is None or (running is not None and running.is_alive()):
        return
    if not delivery.due(workspace.storage, model_id, given.since):
        return
    # daemon: a kernel that ends does not wait for an address; the next look sends again
    thread = Thread(
        target=delivery.send_due,
        args=(workspace.storage, model_id, given.address, given.since),
        daemon=True,
    )
    workspace.couriers[model_id] = thread
    thread.start()


def folder(environment: Mapping[str, str], home: Path) -> Path:
    """Return where this user's addresses are kept; makes nothing.

    Examples
    --------
    >>> folder({}, Path("/home/ada")).as_posix()
    '/home/ada/.config/mlops_magics/webhooks'
    """
    chosen = environment.get("XDG_CONFIG_HOME", "")
    root = Path(chosen) if Path(chosen).is_absolute() else home / ".config"
    return root / "mlops_magics" / "webhooks"


def _file(workspace: "Workspace", model_id: str) -> Path:
    own = f"{workspace.folder.resolve()}\x00{model_id}"
    name = hashlib.sha256(own.encode()).hexdigest()[:32]
    return folder(os.environ, Path.home()) / f"{name}.json"


def _given(workspace: "Workspace", model_id: str) -> Given | None:
    try:
        kept = json.loads(_file(workspace, model_id).read_text("utf-8"))
        return Given(address=str(kept["address"]), since=int(kept["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
    temporary.replace(file)
