"""What is wrong with a table that came in?"""

from collections.abc import Iterable

from .error import MLOpsError, shown
from .unknown import nearest


class UnreadableTable(MLOpsError, TypeError):
    """Something that is not a table, or a file that cannot be read as one."""

    def __init__(self, what: str, reason: str, next_step: str) -> None:
        super().__init__(f"{what} cannot be read as a table: {reason}. Next: {next_step}")


class EmptyTable(MLOpsError, ValueError):
    """A table without rows or without columns, where some are needed."""

    def __init__(self, what: str, missing: str, next_step: str) -> None:
        super().__init__(f"{what} has no {missing}. Next: {next_step}")


class DuplicateColumns(MLOpsError, ValueError):
    """Two columns of exactly one name."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(
            f"the table has {count} columns named {shown(name)}. Next: rename them, each name once"
        )


class MissingColumn(MLOpsError, KeyError):
    """A column that is asked for and is not there."""

    def __init__(self, name: str, known: Iterable[str], where: str, next_step: str) -> None:
        super().__init__(
            f"no column {shown(name)} in {where}. {nearest(name, known)} Next: {next_step}"
        )
        self.places = {name: None}


class MissingColumns(MLOpsError, KeyError):
    """Columns that a model needs and the rows do not have."""

    def __init__(self, names: Iterable[str], where: str, next_step: str) -> None:
        names = list(names)
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        plural = "column" if len(names) == 1 else "columns"
        listed = ", ".join(shown(name) for name in names[:8])
        super().__init__(f"no {plural} {listed}{more} in {where}. Next: {next_step}")
        self.places = dict.fromkeys(names)


class UnusableColumn(MLOpsError, ValueError):
    """A column whose values cannot serve the purpose they are given for."""

    def __init__(self, name: str, problem: str, next_step: str) -> None:
        super().__init__(f"column {shown(name)} {problem}. Next: {next_step}")
        self.places = {name: None}


class UnusableColumns(MLOpsError, ValueError):
    """Several columns with values that are none of their kind."""

    def __init__(self, problems: Iterable[str], next_step: str) -> None:
        problems = list(problems)
        more = f" and {len(problems) - 5} more columns" if len(problems) > 5 else ""
        super().__init__(f"columns {'; '.join(problems[:5])}{more}. Next: {next_step}")


class UnusableValue(MLOpsError, ValueError):
    """A value that cannot be read as its column's kind."""

    def __init__(self, column: str, value: object, kind: str, next_step: str) -> None:
        super().__init__(
            f"{shown(value)} is no {kind}, which {shown(column)} is. Next: {next_step}"
        )
        self.places = {column: 0}
