"""What is a mistake of the user, and how does a notebook show it?

One line: what is wrong, with the value, and what to do next. Nothing here
raises; the kinds of mistakes are in the files beside this one.
"""


class MLOpsError(Exception):
    """Base of every error that a user can cause; one line in a notebook."""

    def _render_traceback_(self) -> list[str]:
        # IPython's own hook: the cell fails with this line and no traceback.
        return [f"{type(self).__name__}: {self}"]
