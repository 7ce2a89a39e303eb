"""How does retraining look: what asked for it, what the challenger is worth, what is next?"""

from mlops_magics.monitoring.retraining import DAY, Judgement, Policy, RetrainingRequest
from mlops_magics.workspace.results import Retraining, RetrainingStanding

from .bundle import Bundle
from .grid import Cell, Drawn, Grid, Said
from .models import MARKS
from .numbers import count, date
from .page import Heading, Headline, Line, Part, Stack, page
from .theme import Level

HISTORY_SHOWN = 12
LEVELS: dict[str, Level] = {
    "promoted": "good",
    "refused": "watch",
    "failed": "bad",
    "waiting": "watch",
    "challenger waits for approval": "watch",
}
ASKED = {
    "performance": "labels say that it has become worse",
    "drift": "an alert of drift is open",
    "age": "it is old",
    "asked": "a person asked",
}


def retraining(result: Retraining) -> Bundle:
    """Return what came of a request."""
    return page(*request_parts(result.request))


def requests(result: tuple[RetrainingRequest, ...]) -> Bundle:
    """Return requests of one model, or of several."""
    return page(Headline(count(len(result), "request")), _grid(result, has_model=True))


def standing(result: RetrainingStanding) -> Bundle:
    """Return when a model is retrained, what is open, and how it went so far."""
    head = Headline(result.model_id, "· retrained only when asked")
    if result.policy is not None:
        head = Headline(result.model_id, f"· retrained for {', '.join(result.policy.when)}")
    parts: list[Part | None] = [head]
    if result.policy is not None:
        parts.append(Line(policy_said(result.policy)))
    if result.waits_for:
        parts.append(Line(result.waits_for))
    if result.request is not None:
        parts += [Heading("Open"), *request_parts(result.request)]
    ended = tuple(request for request in result.history if not request.is_open)
    if ended:
        parts += [Heading("So far"), _grid(ended[:HISTORY_SHOWN])]
    if result.policy is None and result.request is None:
        parts.append(Line("Next:", f"%monitor {result.model_id} retrain --when performance"))
    return page(*parts)


def part(request: RetrainingRequest | None, policy: Policy | None) -> Part | None:
    """Return what a model's page says of retraining; None where there is nothing to say."""
    if request is None:
        if policy is None:
            return None
        return Line(f"retrained for {', '.join(policy.when)}; {policy_said(policy)}")
    said = f"request {request.request_no}: {_state(request)}"
    lines = [Line(said), *(Line(sentence) for sentence in request.evidence), *_next(request)]
    return Stack([Heading("Retraining"), *lines])


def policy_said(policy: Policy) -> str:
    """Return what else a policy holds, in a line."""
    days = policy.cool_down / DAY
    between = f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} h"
    decides = "what passes goes into production" if policy.approve else "a person approves"
    return f"at least {count(policy.min_labels)} new labels and {between} between two; {decides}"


def request_parts(request: RetrainingRequest) -> list[Part | None]:
    """Return one request: why, what was found, what is next."""
    version = request.challenger or request.champion
    state = _state(request).removeprefix(f"challenger {version} ")
    head = Headline(f"{request.model_id} {version}", state, LEVELS.get(request.state))
    asked = f"request {request.request_no}, against {request.champion}: {ASKED[request.reason]}"
    return [
        head,
        Line(asked),
        *(Line(sentence) for sentence in request.evidence),
        _verdicts(request.verdicts),
        Line(f"{request.said}.") if request.said and request.state != "refused" else None,
        *_next(request),
    ]


def _state(request: RetrainingRequest) -> str:
    if request.state == "challenger waits for approval":
        return f"challenger {request.challenger} waits for approval"
    return {"waiting": "waits for its turn", "running": "is running"}.get(
        request.state, f"was {request.state}" if request.state != "failed" else "failed"
    )


def _verdicts(verdicts: tuple[Judgement, ...]) -> Grid | None:
    if not verdicts:
        return None
    rows: list[list[Cell]] = [
        [v.question, MARKS[v.passed], Said(v.said.removeprefix("no verdict: "))] for v in verdicts
    ]
    return Grid(("asked", "verdict", "figure and bound"), rows, "lll")


def _next(request: RetrainingRequest) -> list[Line]:
    name = request.model_id
    match request.state:
        case "waiting":
            return [Line("Next:", f"%monitor {name} retrain now")]
        case "challenger waits for approval":
            return [Line("Next, or reject:", f"%monitor {name} retrain approve")]
        case "promoted":
            return [Line("If it turns out to be worse:", f"%model {name} rollback")]
        case _:
            return []


def _grid(found: tuple[RetrainingRequest, ...], has_model: bool = False) -> Grid:
    rows: list[list[Cell]] = [
        [
            *([request.model_id] if has_model else []),
            str(request.request_no),
            Drawn(date(request.requested_at)),
            request.reason,
            request.challenger or "–",
            request.state,
            Said(request.said),
        ]
        for request in found
    ]
    headers = ("no", "when", "why", "challenger", "end", "what came of it")
    if has_model:
        return Grid(("model", *headers), rows, "lrlllll")
    return Grid(headers, rows, "rlllll")
