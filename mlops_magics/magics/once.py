"""How is a result shown once, whichever way a cell says it?

A magic shows its result itself and returns it. The same object may then come by as
the cell's last expression or through `display`: it is not shown again by this
execution. It draws nothing and knows no workspace.
"""

import ast
from collections.abc import Callable
from typing import Any


class Once:
    """What one execution has shown, and IPython's hook for a cell's last expression.

    Parameters
    ----------
    shell : InteractiveShell
        Counts the executions.
    is_ours : callable
        Whether a result has a page of ours.
    show : callable
        Shows such a result.
    """

    def __init__(
        self, shell: Any, is_ours: Callable[[Any], bool], show: Callable[[Any], None]
    ) -> None:
        self._shell, self._is_ours, self._show = shell, is_ours, show
        # the results are kept until the cell ends, so that no other gets the same id
        self._shown: dict[tuple[int, int], Any] = {}
        self._silent: dict[tuple[int, int], Any] = {}
        self._hook: Any = None

    def mark_shown(self, result: Any) -> None:
        """Remember a result that has been shown."""
        self._shown[self._execution_of(result)] = result

    def mark_silent(self, result: Any) -> None:
        """Remember the result of a magic whose line ends with `;`."""
        self._silent[self._execution_of(result)] = result

    def was_shown(self, result: Any) -> bool:
        """Return whether this execution has shown this very object."""
        return self._execution_of(result) in self._shown

    def is_wanted(self, result: Any) -> bool:
        """Return whether `display` is to show it: not shown yet, and not a silent last line."""
        is_silent = self._execution_of(result) in self._silent and self._ends_with_magic()
        return not (is_silent or self.was_shown(result))

    def forget(self, *_: Any) -> None:
        """Forget everything: the cell has ended."""
        self._shown.clear()
        self._silent.clear()

    def install(self) -> None:
        """Take the place of IPython's hook for a cell's last expression."""
        self._hook = self._shell.display_trap.hook
        self._shell.display_trap.hook = self.last_expression

    def remove(self) -> None:
        """Give the hook back, unless somebody else has taken it since."""
        if self._shell.display_trap.hook == self.last_expression:
            self._shell.display_trap.hook = self._hook

    def last_expression(self, result: Any = None) -> None:
        """Show a cell's last expression unless a magic of the cell has shown it.

        IPython writes its `Out[n]:` before it asks how the object looks. What shows
        itself needs none, and a terminal would keep it as an empty line.
        """
        hook = self._hook
        is_silent = self._execution_of(result) in self._silent and self._ends_with_magic()
        if result is None or hook.quiet():
            hook(result)
        elif is_silent or self.was_shown(result):
            self._bind(result)
        elif self._is_ours(result):
            self._show(result)
            self.mark_shown(result)
            self._bind(result)
        else:
            hook(result)

    def _bind(self, result: Any) -> None:
        """Put a result where Python finds it: in `_` and in `Out`."""
        self._hook.check_for_underscore()
        self._hook.update_user_ns(result)
        self._hook.fill_exec_result(result)

    def _execution_of(self, result: Any) -> tuple[int, int]:
        return self._shell.execution_count, id(result)

    def _ends_with_magic(self) -> bool:
        """Return whether the cell's last expression is a magic itself, not its name."""
        cells = self._shell.history_manager.input_hist_parsed
        try:
            statement = ast.parse(cells[-1]).body[-1]
        except (IndexError, SyntaxError):
            return True
        call = statement.value if isinstance(statement, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        magics = ("run_line_magic", "run_cell_magic")
        return isinstance(function, ast.Attribute) and function.attr in magics
