"""How do alerts look: what changed, how much against chance, since when, what to type?"""

from collections.abc import Sequence

from mlops_magics.monitoring.alert import Alert, Rule
from mlops_magics.workspace.results import AlertHistory, Webhook

from .bundle import Bundle
from .grid import Cell, Grid, Said
from .numbers import count, day, days
from .page import Heading, Headline, Line, Part, page
from .theme import Level

SHOWN = 5
ORDER = {"open": 0, "watch": 1, "closed": 2}
SIZES = {"large": 0, "moderate": 1, "small": 2}
LEVELS: dict[str, Level] = {"large": "bad", "moderate": "watch", "small": "watch"}
SYMBOLS = {"large": "■", "moderate": "▲", "small": "▲"}
# Measured on this very code, and held by tests/monitoring/test_simulated.py: 20 columns,
# 2,000 rows of training, windows of 100 to 1,000 predictions.
WINDOWS_A_FALSE_ALERT = 370


def ordered(found: Sequence[Alert]) -> list[Alert]:
    """Return alerts with what needs somebody first: open, then the largest, then the newest."""
    return sorted(
        found, key=lambda a: (ORDER[a.state], SIZES[a.severity], -a.window[0], a.alert_id)
    )


def listing(result: Sequence[Alert]) -> Bundle:
    """Return the alerts of a model, or of all models."""
    found = ordered(result)
    is_open = [alert for alert in found if alert.state == "open"]
    models = sorted({alert.model_id for alert in found})
    watched = sum(alert.state == "watch" for alert in found)
    over = len(found) - len(is_open) - watched
    others = f"{count(watched)} to watch, {count(over)} over"
    level: Level = LEVELS[is_open[0].severity] if is_open else "good"
    named = models[0] if len(models) == 1 else count(len(models), "model")
    return page(
        Headline(f"{count(len(is_open), 'alert')} open", f"· {named} · {others}", level),
        _grid(found, len(models) > 1),
        *_steps(is_open),
        Line(rate_said()),
    )


def rate_said() -> str:
    """Return how often an alert opens where nothing changes."""
    return (
        f"Where nothing changes, about one window in {WINDOWS_A_FALSE_ALERT:,} opens an alert "
        "(simulated with 20 columns). A window is a UTC day that has ended with 100 predictions."
    )


def part(found: Sequence[Alert]) -> list[Part]:
    """Return the alerts that need somebody, as they stand on the page of a model."""
    is_open = ordered([alert for alert in found if alert.state == "open"])
    if not is_open:
        return []
    name, more = is_open[0].model_id, len(is_open) - SHOWN
    parts: list[Part] = [Heading(f"{count(len(is_open), 'alert')} open")]
    parts.append(_grid(is_open[:SHOWN], has_models=False))
    if more > 0:
        parts.append(Line(f"and {more} more:", f"%monitor {name} alerts"))
    return [*parts, *_steps(is_open)]


def _grid(found: Sequence[Alert], has_models: bool) -> Grid:
    headers = ["no", "", "what", "since when, against chance"]
    rows = [_row(alert) for alert in found]
    if has_models:
        headers = ["model", *headers]
        rows = [[alert.model_id, *row] for alert, row in zip(found, rows, strict=True)]
    return Grid(headers, rows, ("l" if has_models else "") + "rlll")


def _row(alert: Alert) -> list[Cell]:
    where = f", only where {alert.slice}" if alert.slice else ""
    seen = f" (seen: {alert.acknowledged})" if alert.acknowledged else ""
    said = Said(f"{alert.said}{where}{seen}")
    return [str(alert.alert_id), _state(alert), said, Said(f"{since(alert)}: {alert.by_chance}")]


def _state(alert: Alert) -> Cell:
    if alert.state == "open":
        return f"{SYMBOLS[alert.severity]} {alert.severity}", LEVELS[alert.severity]
    return "watch" if alert.state == "watch" else "over"


def since(alert: Alert) -> str:
    """Return when it showed, and until when."""
    begun = alert.window[0]
    return day(begun) if alert.closed_at is None else days(begun, alert.closed_at - 1)


def _steps(is_open: Sequence[Alert]) -> list[Part]:
    """Return what to type next, each once, and how to say that somebody has seen it."""
    steps = list(dict.fromkeys(alert.next for alert in is_open))
    parts: list[Part] = [Line("Next:", step) for step in steps[:3]]
    unseen = next((alert for alert in is_open if alert.acknowledged is None), None)
    if unseen is not None:
        ack = f'%monitor {unseen.model_id} alerts ack {unseen.alert_id} --note "…"'
        parts.append(Line("Seen it:", ack))
    return parts


def one(result: Alert) -> Bundle:
    """Return a single alert."""
    head = {"open": "is open", "watch": "is watched", "closed": "is over"}[result.state]
    return page(
        Headline(f"alert {result.alert_id} of {result.model_id}", head, _level(result)),
        Line(f"{result.said}{f', only where {result.slice}' if result.slice else ''}"),
        Line(f"since {since(result)} · {result.by_chance}"),
        Line(f"seen: {result.acknowledged}") if result.acknowledged else None,
        Line("Next:", result.next) if result.state != "closed" else None,
    )


def _level(alert: Alert) -> Level:
    return LEVELS[alert.severity] if alert.state == "open" else "plain"


def history(result: AlertHistory) -> Bundle:
    """Return what happened to an alert, one change a line."""
    alert = result.changes[-1].alert
    rows: list[list[Cell]] = []
    for change in result.changes:
        found = change.alert
        by_chance = f"seen: {found.acknowledged}" if found.acknowledged else found.by_chance
        rows.append([day(change.at - 1), _state(found), Said(found.said), Said(by_chance)])
    return page(
        Headline(f"alert {alert.alert_id} of {alert.model_id}", alert.version, _level(alert)),
        Grid(("day", "", "what", "against chance"), rows, "llll"),
        Line("Next:", alert.next) if alert.state != "closed" else None,
    )


def rules(result: Sequence[Rule]) -> Bundle:
    """Return the limits that a user set."""
    name = result[0].model_id
    rows: list[list[Cell]] = [[str(rule.rule_id), rule.text] for rule in result]
    return page(
        Headline(count(len(result), "rule"), f"· {name}"),
        Grid(("no", "opens an alert where"), rows, "rl"),
        Line("To take one back:", f"%monitor {name} rule off {result[0].rule_id}"),
    )


def rule(result: Rule) -> Bundle:
    """Return one limit."""
    return page(
        Headline(f"{result.model_id}: {result.text}"),
        Line("Each closed window from now on that breaks it opens an alert, or keeps it open."),
        Line("To take it back:", f"%monitor {result.model_id} rule off {result.rule_id}"),
    )


def webhook(result: Webhook) -> Bundle:
    """Return where alerts are sent, and what came of it."""
    if result.address is None:
        return page(
            Headline(f"{result.model_id}: alerts stay on this machine"),
            Line("To send them:", f'%monitor {result.model_id} webhook "https://…"'),
        )
    rows: list[list[Cell]] = [
        [str(sent.alert_id), str(sent.attempt), sent.host, Said(sent.outcome)]
        for sent in result.attempts
    ]
    grid = Grid(("alert", "attempt", "to", "what came back"), rows, "rrll") if rows else None
    return page(
        Headline(f"{result.model_id}: alerts go to {result.address}"),
        Line(
            "Sent as JSON when one opens, worsens or closes: the model, what changed, how much "
            "against chance, since when, which slice. No row of yours goes, nothing else goes."
        ),
        Line("The address is kept for you on this machine, not in the workspace."),
        grid,
        Line("To end it:", f"%monitor {result.model_id} webhook off"),
    )
