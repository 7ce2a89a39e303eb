"""What can be done with a workspace from a command line, such as by cron?

Each command is one function of the table below, and calls one loop. It shows nothing
but plain lines.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from mlops_magics import rest
from mlops_magics.errors.error import MLOpsError
from mlops_magics.workspace import Workspace, open_workspace, retrain

Command = Callable[[Workspace, argparse.Namespace], int]
FAILED = 1


def retrain_models(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Run what waits to be retrained; one line a model, and 1 where one failed."""
    done = {one.request.model_id: one.request for one in retrain.run_waiting(workspace)}
    for model_id in retrain.watched(workspace):
        if model_id in done:
            said = f"{done[model_id].state}: {done[model_id].said}"
        else:
            found = retrain.standing(workspace, model_id)
            said = found.waits_for if found.request is None else found.request.state
        write(f"{model_id}: {said}")
    return FAILED if any(request.state == "failed" for request in done.values()) else 0


def serve(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Serve the workspace over HTTP until a signal ends it."""
    rest.command.run(workspace.folder, arguments)
    return 0


def no_more(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the workspace is all that there is to say."""


def write(line: str) -> None:
    """Write one line where a command's output goes."""
    sys.stdout.write(f"{line}\n")


# name: what it does, in code and in words, and what else can be said
COMMANDS: dict[str, tuple[Command, str, Callable[[argparse.ArgumentParser], None]]] = {
    "retrain": (retrain_models, "retrain what its policy, labels and turn ask for", no_more),
    "serve": (serve, "serve a workspace over HTTP", rest.command.arguments),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.

    Returns
    -------
    int
        0 where it did what it should, 1 where not.
    """
    parser = argparse.ArgumentParser(prog="python -m mlops_magics")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, said, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=said, description=said)
        add_arguments(command)
        command.add_argument("--workspace", help="its folder (default: as in a notebook here)")
    given = parser.parse_args(arguments)
    try:
        workspace = open_workspace(given.workspace)
        try:
            return COMMANDS[given.command][0](workspace, given)
        finally:
            workspace.close()
    except MLOpsError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
