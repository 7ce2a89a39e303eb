"""When is a model to be retrained, and what came of it each time?

Policies and requests as appended rows: the newest row of each is how it stands. It
trains nothing and decides nothing; `workspace/retrain.py` does.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from mlops_magics.errors.request import BadArgument
from mlops_magics.storage import Storage
from mlops_magics.storage.catalog import Transaction

DAY = 24 * 3600 * 1_000_000
AGE = re.compile(r"age>([0-9]{1,4})d")

Why = Literal["performance", "drift", "age", "asked"]
State = Literal[
    "waiting",
    "running",
    "challenger waits for approval",
    "promoted",
    "refused",
    "rejected",
    "replaced",
    "failed",
]
OPEN: frozenset[State] = frozenset({"waiting", "running", "challenger waits for approval"})
# What ran to an end, so that the time to cool down counts from it.
RAN: frozenset[State] = frozenset(
    {"challenger waits for approval", "promoted", "refused", "rejected", "failed"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When a model is retrained by itself.

    Attributes
    ----------
    performance : bool, default=True
        Where a measured loss is beyond that of the model as it was approved.
    drift : bool, default=False
        Where an alert of drift is open.
    age : int or None, default=None
        Where the model is older, microseconds.
    min_labels : int, default=50
        New labels without which nothing is asked for.
    cool_down : int, default=7 days
        Time between two retrainings, microseconds.
    approve : str or None, default=None
        auto: a challenger that passes goes into production; else a person decides.
    """

    performance: bool = True
    drift: bool = False
    age: int | None = None
    min_labels: int = 50
    cool_down: int = 7 * DAY
    approve: str | None = None

    def __post_init__(self) -> None:
        if self.approve not in (None, "auto"):
            raise BadArgument("approve", self.approve, "auto, or leave it out")
        if self.min_labels < 1:
            raise BadArgument("min_labels", self.min_labels, "a whole number from 1")
        if not self.when:
            raise BadArgument("when", self.when, "performance, drift or age>30d")

    @property
    def when(self) -> tuple[str, ...]:
        """What asks for it, as it is typed."""
        asked = {"performance": self.performance, "drift": self.drift}
        age = () if self.age is None else (f"age>{self.age // DAY}d",)
        return (*(name for name, is_asked in asked.items() if is_asked), *age)


def read_when(words: Sequence[str]) -> dict[str, Any]:
    """Return what asks for a retraining, as arguments of a Policy.

    Parameters
    ----------
    words : sequence of str
        performance, drift, or age with its days.

    Returns
    -------
    dict of str to bool or int
        `performance`, `drift` and `age`.

    Raises
    ------
    BadArgument
        If a word is none of them.

    Examples
    --------
    >>> read_when(["drift", "age>30d"])
    {'performance': False, 'drift': True, 'age': 2592000000000}
    """
    found: dict[str, Any] = {"performance": False, "drift": False, "age": None}
    for word in words:
        age = AGE.fullmatch(word)
        if age is not None and int(age[1]):
            found["age"] = int(age[1]) * DAY
        elif word in ("performance", "drift"):
            found[word] = True
        else:
            raise BadArgument("when", word, "performance, drift or age>30d, with commas between")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was asked of a challenger, and what the rows say.

    Attributes
    ----------
    question : str
        Such as better on recent rows.
    passed : bool or None
        None where too few rows tell.
    said : str
        The figure and its bound.
    """

    question: str
    passed: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingRequest:
    """One request to retrain a model, and what came of it.

    Attributes
    ----------
    request_no : int
        1 for the model's first, and so on.
    model_id : str
        The model.
    state : str
        waiting, running, challenger waits for approval, promoted, refused, rejected,
        replaced or failed.
    reason : str
        performance, drift, age, or asked by a person.
    evidence : tuple of str
        What was seen, a sentence each.
    requested_at : int
        Microseconds since 1970 UTC.
    champion : str
        The version that answered when it was made.
    since : int or None
        From when on things are no longer as they were, microseconds of event_time.
    until : int or None
        End of the newest labels that were looked at, microseconds of event_time.
    challenger : str or None
        The version that was trained for it.
    judged_from : int or None
        The challenger learned from no prediction of then or later, microseconds.
    verdicts : tuple of Judgement
        What was found of the challenger.
    said : str
        What came of it, in a sentence.
    changed_at : int
        When it came into this state, microseconds.
    """

    request_no: int
    model_id: str
    state: State
    reason: Why
    evidence: tuple[str, ...]
    requested_at: int
    champion: str
    since: int | None = None
    until: int | None = None
    challenger: str | None = None
    judged_from: int | None = None
    verdicts: tuple[Judgement, ...] = ()
    said: str = ""
    changed_at: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN

    @property
    def need(self) -> tuple[str, str] | None:
        """What waits for a person and what to type; None where nothing does."""
        step = f"%monitor {self.model_id} retrain"
        match self.state:
            case "challenger waits for approval":
                return f"challenger {self.challenger} waits for approval", f"{step} approve"
            case "waiting":
                return f"retraining {self.request_no} waits for its turn", f"{step} now"
            case "failed":
                said = self.said.split(". Next:")[0]
                return f"retraining {self.request_no} failed: {said}", step
            case _:
                return None


def add_policy(transaction: Transaction, model_id: str, policy: Policy | None) -> None:
    """Store a policy; None ends it."""
    text = None if policy is None else json.dumps(asdict(policy))
    row = (transaction.take_seq(), model_id, text, transaction.now)
    transaction.execute("INSERT INTO retraining_policy VALUES (?, ?, ?, ?)", row)


def policies(storage: Storage) -> Mapping[str, Policy]:
    """Return the policy of each model that has one."""
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT model_id, policy FROM retraining_policy WHERE seq IN"
            " (SELECT max(seq) FROM retraining_policy GROUP BY model_id) ORDER BY model_id"
        ).fetchall()
    return {row["model_id"]: Policy(**json.loads(row["policy"])) for row in rows if row["policy"]}


def add_change(transaction: Transaction, request: RetrainingRequest) -> RetrainingRequest:
    """Store a request as it now is, and return it with its moment."""
    request = replace(request, changed_at=transaction.now)
    said = {n: v for n, v in asdict(request).items() if n not in ("model_id", "request_no")}
    which = (transaction.take_seq(), request.model_id, request.request_no, request.state)
    transaction.execute(
        "INSERT INTO retraining_change VALUES (?, ?, ?, ?, ?, ?)",
        (*which, json.dumps(said, ensure_ascii=False), transaction.now),
    )
    return request


def requests(
    storage: Storage, model_id: str | None = None, state: str | None = None
) -> tuple[RetrainingRequest, ...]:
    """Return requests as they now are.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str, optional
        Of this model; of all by default.
    state : str, optional
        Only those in this state.

    Returns
    -------
    tuple of RetrainingRequest
        The newest first.
    """
    with storage.reading() as reading:
        rows = reading.execute(
            "SELECT model_id, request_no, request FROM retraining_change WHERE seq IN"
            " (SELECT max(seq) FROM retraining_change WHERE ? IN (model_id, '')"
            " GROUP BY model_id, request_no) AND ? IN (state, '')",
            (model_id or "", state or ""),
        ).fetchall()
    found = map(_request, rows)
    return tuple(sorted(found, key=lambda one: (one.requested_at, one.request_no), reverse=True))


def _request(row: Any) -> RetrainingRequest:
    said = json.loads(row["request"])
    said["evidence"] = tuple(said["evidence"])
    said["verdicts"] = tuple(Judgement(**verdict) for verdict in said["verdicts"])
    return RetrainingRequest(model_id=row["model_id"], request_no=row["request_no"], **said)
