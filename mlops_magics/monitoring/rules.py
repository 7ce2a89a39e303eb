"""Which limits did the user set, and which does a window break?

A rule is a declared name, an operator and a number: nothing of it is ever run. Rules
are appended, and taken back by another row.
"""

import re
from collections.abc import Mapping, Sequence

from mlops_magics.errors.request import BadLine
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.statistics import drift as statistics
from mlops_magics.storage import Storage

from .alert import Rule
from .findings import Finding
from .reports import Metrics

OF_TRAFFIC = (
    "count",
    "error_rate",
    "avg_confidence",
    "avg_latency_ms",
    "p50_latency_ms",
    "p95_latency_ms",
    "p99_latency_ms",
)
OF_DRIFT = ("columns_moved",)
OF_LABELS = ("accuracy", "auc", "loss", "mae", "rmse", "r2")
NAMES = (*OF_TRAFFIC, *OF_DRIFT, *OF_LABELS)
WRITTEN = re.compile(
    r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*(?P<sign>[<>])\s*"
    r"(?P<limit>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*"
)
USAGE = '%monitor NAME rule "p95_latency_ms > 50"'
WORD = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")


def read(text: str) -> tuple[str, bool, float]:
    """Read a rule as it is written.

    Parameters
    ----------
    text : str
        A declared name, > or <, and a number.

    Returns
    -------
    tuple of (str, bool, float)
        The name, whether it alerts above, and the limit.

    Raises
    ------
    UnknownName
        If nothing of that name is measured.
    BadLine
        If it is written otherwise.

    Examples
    --------
    >>> read("p95_latency_ms > 50")
    ('p95_latency_ms', True, 50.0)
    """
    word = WORD.match(text)
    if word is not None and word[1] not in NAMES:
        raise UnknownName("figure of a rule", word[1], NAMES, USAGE)
    found = WRITTEN.fullmatch(text)
    if found is None:
        problem = f"the rule {text[:60]!r} is no name, > or <, and a number"
        raise BadLine(problem, USAGE)
    return found["name"], found["sign"] == ">", float(found["limit"])


def add(storage: Storage, model_id: str, text: str) -> Rule:
    """Keep a rule; the same one again is the one that is there.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    text : str
        As `read` takes it.

    Returns
    -------
    Rule
        With its number.
    """
    name, above, limit = read(text)
    written = f"{name} {'>' if above else '<'} {limit:g}"
    with storage.transaction() as transaction:
        for rule in rules(storage, model_id):
            if rule.text == written:
                return rule
        newest = transaction.execute(
            "SELECT coalesce(max(rule_id), 0) FROM rule WHERE model_id = ?", (model_id,)
        ).fetchone()[0]
        transaction.execute(
            "INSERT INTO rule VALUES (?, ?, ?, ?, 0, ?)",
            (transaction.take_seq(), model_id, newest + 1, written, transaction.now),
        )
    return _rule(model_id, newest + 1, written)


def remove(storage: Storage, model_id: str, rule_id: int) -> Rule:
    """Take a rule back.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    rule_id : int
        Its number.

    Returns
    -------
    Rule
        The one that is gone.

    Raises
    ------
    UnknownName
        If there is none of that number.
    """
    with storage.transaction() as transaction:
        known = {rule.rule_id: rule for rule in rules(storage, model_id)}
        if rule_id not in known:
            step = f"%monitor {model_id} rule"
            raise UnknownName("rule", str(rule_id), map(str, known), step)
        transaction.execute(
            "INSERT INTO rule VALUES (?, ?, ?, ?, 1, ?)",
            (
                transaction.take_seq(),
                model_id,
                rule_id,
                known[rule_id].text,
                transaction.now,
            ),
        )
    return known[rule_id]


def rules(storage: Storage, model_id: str) -> tuple[Rule, ...]:
    """Return the rules of a model that hold now, in order."""
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT rule_id, text, is_removed FROM rule WHERE model_id = ? ORDER BY seq",
            (model_id,),
        ).fetchall()
    kept = {row[0]: (row[1], row[2]) for row in rows}
    return tuple(_rule(model_id, key, text) for key, (text, gone) in kept.items() if not gone)


def _rule(model_id: str, rule_id: int, text: str) -> Rule:
    name, above, limit = read(text)
    return Rule(rule_id=rule_id, model_id=model_id, name=name, above=above, limit=limit, text=text)


def of_traffic(kept: Sequence[Rule], metrics: Metrics, columns_moved: int | None) -> list[Finding]:
    """Return which rules a window's traffic breaks.

    Parameters
    ----------
    kept : sequence of Rule
        Of the model.
    metrics : Metrics
        Of the window.
    columns_moved : int or None
        Beyond chance; None without a baseline.

    Returns
    -------
    list of Finding
        One a rule.
    """
    figures = {name: getattr(metrics, name) for name in OF_TRAFFIC}
    return broken(kept, figures | {"columns_moved": columns_moved})


def broken(kept: Sequence[Rule], figures: Mapping[str, float | None]) -> list[Finding]:
    """Return which rules figures break.

    Parameters
    ----------
    kept : sequence of Rule
        Of the model.
    figures : mapping of str to float or None
        By name; a rule about another figure is not looked at.

    Returns
    -------
    list of Finding
        One a rule.
    """
    found = []
    for rule in kept:
        value = figures.get(rule.name)
        if value is None or (value <= rule.limit if rule.above else value >= rule.limit):
            continue
        beyond = abs(value - rule.limit) / max(abs(rule.limit), 1e-9)
        found.append(
            Finding(
                kind="rule",
                subject=rule.text,
                level="alarm",
                severity=statistics.severity(beyond),
                said=f"{rule.name} is {value:,.4g}, and your rule is {rule.text}",
                by_chance="a limit of yours, whatever chance does",
            )
        )
    return found
