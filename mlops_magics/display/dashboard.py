"""How does one model in use look: one sentence, then what needs attention first?"""

from mlops_magics.monitoring.health import Health, Reason
from mlops_magics.monitoring.reports import Metrics
from mlops_magics.workspace.results import Dashboard

from . import alerts, models, performance, retraining
from .bundle import Bundle
from .drift import drift_grid, findings, hours_said, unit_said
from .numbers import count, days, figure, percent
from .page import Figures, Headline, Line, Part, page
from .theme import Level
from .training import CALLED

COLUMNS_SHOWN = 8
NAMED = 3
LEVELS: dict[str, Level] = {"act": "bad", "watch": "watch", "healthy": "good", "early": "plain"}
# What is said after all else, or where it is all there is.
MINOR = frozenset({"drift", "range", "pair", "slice", "alert"})
ABOUT_LABELS = frozenset({"worse", "relation", "expected worse"})


def dashboard(result: Dashboard) -> Bundle:
    """Return everything about one model in use."""
    return page(*dashboard_parts(result))


def dashboard_parts(result: Dashboard, traffic: Part | None = None) -> list[Part | None]:
    """Return the parts of the page, with what shows the traffic behind the figures."""
    found = result.metrics
    name = f"{result.model_id} {result.version}"
    if not found.count:
        next_step = Line("Next:", f"%predict {result.model_id} DATA")
        return [Headline(f"{name}: no predictions yet"), next_step]
    span = days(found.first, found.last)
    stage = f", {result.stage}" if result.stage else ""
    said = f"{name}{stage} · {span} · {count(found.count, 'prediction')}"
    labels, moved = _performance(result), _drift(result)
    is_about_labels = bool(result.health.reasons) and result.health.reasons[0].kind in ABOUT_LABELS
    ordered = (
        [*labels, *moved] if is_about_labels or not result.health.reasons else [*moved, *labels]
    )
    step = _next(result)
    head = _headline(result.health, found)
    waiting = [*alerts.part(result.alerts), retraining.part(result.retraining, result.policy)]
    waiting += [models.beside(result.beside)]
    return [head, Line(said), _tiles(result), traffic, *waiting, *ordered, *step]


def _headline(health: Health, metrics: Metrics) -> Headline:
    """Return one sentence: how it is, and why."""
    if health.state == "healthy":
        return Headline("Healthy:", "nothing is beyond what chance explains", "good")
    if health.state == "early":
        return Headline("Too early to say:", count(metrics.count, "prediction"), "plain")
    said = [reason_said(r) for r in health.reasons if r.kind not in MINOR][:2]
    moved = [r.subject for r in health.reasons if r.kind == "drift"]
    if moved and len(said) < 2:
        more = f" and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
        said.append(f"{', '.join(moved[:NAMED])}{more} moved")
    if not said:
        said = [reason_said(reason) for reason in health.reasons[:1]]
    word = "Act:" if health.state == "act" else "Watch:"
    return Headline(word, "; ".join(said), LEVELS[health.state])


def reason_said(reason: Reason) -> str:
    """Return why, in half a line."""
    found, promised = figure(reason.found), figure(reason.promised)
    if reason.kind == "failures":
        return f"{percent(reason.found)} of predictions failed"
    if reason.kind == "worse":
        return f"{reason.subject} {found} measured against {promised} when trained"
    if reason.kind == "expected worse":
        return f"{reason.subject} {found} expected without labels, {promised} when trained"
    if reason.kind == "relation":
        about = performance.OF_A_GAP[reason.subject]
        return f"{about} {reason.found or 0:+.2f} off what the predictions promised"
    if reason.kind == "unit":
        slipped = unit_said(reason.found or 1, reason.promised or 1)
        return f"{reason.subject} {slipped.partition(':')[0]}"
    if reason.kind == "clock":
        return f"{reason.subject} {hours_said(int(reason.found or 0)).partition(':')[0]}"
    if reason.kind == "missing":
        shares = f"{percent(reason.found)}, {percent(reason.promised)} before"
        return f"{reason.subject} missing in {shares}"
    if reason.kind == "invalid":
        return f"{reason.subject} of another kind in {count(int(reason.found or 0), 'row')}"
    if reason.kind == "range":
        return f"{reason.subject} outside training in {count(int(reason.found or 0), 'row')}"
    if reason.kind == "pair":
        return f"{reason.subject} no longer go together ({found}, {promised} before)"
    return reason.subject if reason.kind == "alert" else f"{reason.subject} moved"


def _performance(result: Dashboard) -> list[Part]:
    if result.performance is None:
        return []
    said = performance.labelled_said(result.performance)
    # what is worse is what is drawn
    worse = next((r.subject for r in result.health.reasons if r.kind == "worse"), None)
    return [*performance.by_window(result.performance, worse), Line(said)]


def _drift(result: Dashboard) -> list[Part]:
    if result.drift is None:
        return []
    shown = result.drift.columns[:COLUMNS_SHOWN]
    more = len(result.drift.columns) - len(shown)
    parts: list[Part] = [drift_grid(shown), *findings(result.drift)[:COLUMNS_SHOWN]]
    if more > 0:
        parts.append(Line(f"and {more} more:", f"%monitor {result.model_id} drift"))
    return parts


def _next(result: Dashboard) -> list[Part]:
    """Return what to type next."""
    if any(reason.kind == "worse" for reason in result.health.reasons):
        step = f"%monitor {result.model_id} retrain now"
        # an open request says itself what comes next
        return [] if result.retraining else [Line("Next, with newer rows:", step)]
    if result.drift is None:
        step = f"%monitor {result.model_id} baseline DATA"
        return [Line("nothing to compare with yet. Next:", step)]
    if result.performance is None or not any(w.labelled for w in result.performance.windows):
        step = f"%monitor {result.model_id} labels DATA --label COLUMN"
        return [Line("no labels yet. Next:", step)]
    return []


def _tiles(result: Dashboard) -> Figures:
    """Return the numbers that matter most."""
    found, tiles = result.metrics, []
    if result.performance is not None:
        whole = result.performance.overall
        measured = performance.main(dict(whole.metrics))
        if measured is not None:
            ends = whole.intervals.get(measured)
            interval = f", {figure(ends[0])} to {figure(ends[1])}" if ends else ""
            said = f"{CALLED[measured]} measured{interval}"
            tiles.append((figure(whole.metrics[measured]), said))
        shown = measured or next(iter(whole.estimated), None)
        if shown is not None and shown in whole.estimated:
            estimated = whole.estimated[shown]
            tiles.append((figure(estimated.value), f"{CALLED[shown]} estimated without labels"))
        if shown is not None:
            promised = result.performance.reference.get(shown)
            tiles.append((figure(promised), f"{CALLED[shown]} when trained"))
        tiles.append((percent(whole.labelled / max(whole.count, 1)), "labelled"))
    if found.avg_confidence is not None:
        tiles.append((percent(found.avg_confidence), "average confidence"))
    if result.drift is not None:
        moved, of = len(result.drift.moved), len(result.drift.columns)
        tiles.append((f"{moved} of {of}", "columns moved"))
    if found.error_rate:
        tiles.append((percent(found.error_rate), "errors"))
    return Figures(tiles, drawn=[(f"{figure(found.p50_latency_ms)} ms", "a prediction, p50")])
