"""What is wrong with the line, the query or the arguments?"""

from .error import MLOpsError, shown


class BadLine(MLOpsError, ValueError):
    """A magic's line that does not follow its grammar."""

    def __init__(self, problem: str, usage: str) -> None:
        super().__init__(f"{problem}. Next: {usage}")


class NotYet(MLOpsError, NotImplementedError):
    """A form of the language that this version does not have yet."""

    def __init__(self, form: str, next_step: str) -> None:
        super().__init__(f"{form} is not in this version yet. Next: {next_step}")


class BadQuery(MLOpsError, ValueError):
    """A features cell whose SQL is refused or fails."""

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(f"the query {problem}. Next: {next_step}")


class BadArgument(MLOpsError, ValueError):
    """An argument whose value is not among the possible ones."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name} is {shown(value)}. Next: give {expected}")


class TooLarge(MLOpsError, ValueError):
    """More than a server takes at once; `bound` is what it takes."""

    def __init__(self, what: str, size: str, bound: str) -> None:
        super().__init__(f"{what} has {size}, and {bound} is the most. Next: send it in parts")
