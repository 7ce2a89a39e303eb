"""What is every magic of ours: parse a line, call one thing, show it once."""

from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.magic import Magics, magics_class

from mlops_magics import display
from mlops_magics.workspace.workspace import Workspace

from .request import Request, parse
from .session import Session
from .verbs import help_text


def documented(verb: str) -> Callable[[Any], Any]:
    """Give a magic the help of its table of forms, which `%verb?` shows."""

    def with_help(magic: Any) -> Any:
        magic.__doc__ = help_text(verb)
        return magic

    return with_help


@magics_class
class Face(Magics):
    """A magic over the session's workspace.

    Parameters
    ----------
    session : Session
        Shared by all magics of a shell.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.shell)
        self.session = session

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        return self.session.workspace

    def run(self, verb: str, line: str, local: Mapping[str, Any] | None) -> Any:
        """Parse a line, do what its form asks for, and show the result once.

        Parameters
        ----------
        verb : str
            The magic, as its table of forms is called.
        line : str
            What stands behind it.
        local : mapping, optional
            Variables of the running function.

        Returns
        -------
        object
            The result, as a Python object.
        """
        request = parse(verb, line)
        try:
            result, empty = getattr(self, f"_{request.action}")(request, local)
        except BaseException:
            # what was under way has not come to its end; the error stands below
            self.session.views.end(display.lines(f"%{verb} {request.name or ''}: no result", ()))
            raise
        return self.session.show(result, request.silent, empty)

    def ref(self, request: Request) -> str:
        """Return the model that a request names, with its version where it has one."""
        return f"{request.name}@{request.version}" if request.version else f"{request.name}"
