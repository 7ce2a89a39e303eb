"""What was unusual in the rows that a model was asked about?

Counts per column, which add up over the parts of a large file. It looks at no rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlops_magics.errors.error import shown

Problem = Literal["missing", "unseen", "outside", "unusable"]

NAMES_SHOWN = 3
# Of each column so many different values are kept; the counts are of all.
NAMES_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was unusual in one column.

    Parameters
    ----------
    column : str
        The column.
    problem : str
        missing where training had no missing value, unseen in training, outside the
        range of training, or unusable: of another kind.
    count : int
        Rows.
    expected : str, default=''
        The range or the kind of training.
    values : mapping of str to int, default={}
        How often which value, at most a hundred of them.
    row : int, optional
        The first row of what is unusable, counted from 0 in its part.

    Examples
    --------
    >>> Finding(column="age", problem="outside", count=2, expected="18 to 99").said
    'age: 2 outside the 18 to 99 of training'
    """

    column: str
    problem: Problem
    count: int
    expected: str = ""
    values: Mapping[str, int] = field(default_factory=dict)
    row: int | None = None

    @property
    def said(self) -> str:
        """In one line, with the commonest values."""
        if self.problem == "missing":
            return f"{self.column}: {self.count:,} missing, and training had none missing"
        if self.problem == "outside":
            return f"{self.column}: {self.count:,} outside the {self.expected} of training"
        if self.problem == "unusable":
            rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
            return f"{self.column!r} is {self.expected}, and {self._names()} is none (in {rows})"
        return f"{self.column}: {self.count:,} unseen in training: {self._names()}"

    def _names(self) -> str:
        common = Counter(dict(self.values)).most_common()
        names = ", ".join(shown(value) for value, _ in common[:NAMES_SHOWN])
        hidden = len(common) - NAMES_SHOWN
        return f"{names} and {hidden} more" if hidden > 0 else names


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings of several parts as those of all their rows.

    Parameters
    ----------
    findings : iterable of Finding
        Of one model, part by part.

    Returns
    -------
    tuple of Finding
        One a column and problem, in the order in which they first came.

    Examples
    --------
    >>> one = Finding(column="plan", problem="unseen", count=2, values={"x": 2})
    >>> two = Finding(column="plan", problem="unseen", count=3, values={"y": 3})
    >>> [found.said for found in merge([one, two])]
    ["plan: 5 unseen in training: 'y', 'x'"]
    """
    together: dict[tuple[str, str], Finding] = {}
    for found in findings:
        place = (found.column, found.problem)
        before = together.get(place)
        if before is None:
            together[place] = found
            continue
        values = Counter(dict(before.values)) + Counter(dict(found.values))
        together[place] = Finding(
            column=found.column,
            problem=found.problem,
            count=before.count + found.count,
            expected=found.expected,
            values=dict(values.most_common(NAMES_KEPT)),
        )
    return tuple(together.values())
