"""python -m mlops_magics serve: a workspace over HTTP, without a notebook."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from mlops_magics import rest
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import CannotServe

# Of a token that somebody has chosen: no shorter one is worth guessing at.
SHORTEST_TOKEN = 16


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what can be said on the command line."""
    parser.add_argument("--port", type=int, default=8900, help="default: 8900; 0 takes any")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine alone")
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help="holds the token; made if it is not there"
    )


def run(folder: Path, given: argparse.Namespace) -> None:
    """Serve a workspace until a signal ends it."""
    token = None if given.token_file is None else token_in(given.token_file)
    if token is None and not sys.stdout.isatty():
        # what is no terminal is a log, and a token in a log is given away
        step = "--token-file FILE, which holds the token or is made"
        raise CannotServe(f"{given.host}:{given.port}", "nobody could read its token", step)
    server = rest.Server(folder, given.host, given.port, token)
    said = f"in {given.token_file}" if token is not None else server.token
    sys.stdout.write(f"{server.address} serves {folder}; the token is {said}\n")
    sys.stdout.flush()
    server.run()


def token_in(path: Path) -> str:
    """Return the token of a file; one that is not there is made, for its owner alone.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its first line.

    Raises
    ------
    BadArgument
        If it cannot be read or made, or holds no token.
    """
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
        token = path.read_text().strip()
    except (OSError, ValueError) as error:
        raise BadArgument("--token-file", str(path), "a file that can be read") from error
    if len(token) < SHORTEST_TOKEN or not (token.isascii() and token.isprintable()):
        expected = f"one with a token of at least {SHORTEST_TOKEN} ASCII letters"
        raise BadArgument("--token-file", str(path), expected)
    return token
