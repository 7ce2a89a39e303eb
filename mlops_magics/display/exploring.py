"""How does a feature view look to somebody who explores it?"""

from mlops_magics.errors.error import printable
from mlops_magics.features.history import History, Known
from mlops_magics.workspace.exploring import ViewExploration

from .bundle import Bundle
from .features import facts, profiles, view_headline
from .grid import Cell, Drawn, Grid
from .numbers import count, date, duration, value
from .page import Beside, Heading, Line, OnlyDrawn, Part, Picture, page
from .timelines import timeline
from .writing import short

CHARTS_SHOWN = 4
LATE_SHOWN = 6
COLUMNS_OF_LATE = 4


def exploration(result: ViewExploration) -> Bundle:
    """Return a view with its profile, and one entity of it over time."""
    view = result.view
    return page(
        view_headline(view),
        facts(view, result.age),
        *_entity(result),
        *_profile(result),
    )


def _profile(result: ViewExploration) -> list[Part | None]:
    if result.view.current.on_demand:
        return [Line("it stores no values: each is computed from the row that asks")]
    if not result.profiled:
        return [Line("no rows yet")]
    newest = result.profiled < result.view.row_count
    over = f"over its newest {count(result.profiled, 'row')}" if newest else ""
    total = len(result.profile) + result.hidden
    first = f"{len(result.profile)} of its {total:,} features"
    said = ", ".join(filter(None, [first if result.hidden else "", over]))
    heading = Heading("What is in the view") if result.history is not None else None
    return [heading, Line(said) if said else None, profiles(result.profile)]


def _entity(result: ViewExploration) -> list[Part | None]:
    history, known = result.history, result.known
    if history is None or known is None:
        return []
    named = ", ".join(f"{name}={short(str(found))}" for name, found in history.entity.items())
    if not len(history):
        return [Heading(named), Line("nothing is known of it"), _others(result)]
    return [
        Heading(named),
        Line(_summary(history)),
        Line(_moment(result, known, history)),
        _values(history, known, result.is_now),
        *_charts(history, known),
        *_late(history),
    ]


def _others(result: ViewExploration) -> Part | None:
    """Return what can be asked for instead."""
    if not result.entities:
        return None
    known = [" ".join(f"{n}={short(str(v))}" for n, v in e.items()) for e in result.entities[:3]]
    return Line(f"known are such as {', '.join(known)}")


def _summary(history: History) -> str:
    rows = count(history.row_count, "row")
    if history.version.time is None:
        return f"{rows}; the view has no event time, and the newest row counts"
    span = date(int(history.event_time[0]))
    if len(history) > 1:
        span = f"{span} to {date(int(history.event_time[-1]))}"
    read = f" (the newest {len(history):,})" if len(history) < history.row_count else ""
    late = len(history.late)
    said = f" · {count(late)} known more than a day late" if late else ""
    return f"{rows}{read} · {span}{said}"


def _moment(result: ViewExploration, known: Known, history: History) -> str:
    when = "as of now" if result.is_now else f"as of {date(known.at)}"
    if known.place is None:
        return f"{when}: nothing was known yet"
    of = f"the values of {date(int(history.event_time[known.place]))}"
    if history.version.time is None:
        of = "the newest values"
    stale = f", older than {duration(history.version.ttl or 0)}: they count as missing"
    late = f"; {count(len(known.late), 'newer row')} true by then, not yet known"
    return f"{when}: {of}{stale if known.is_stale else ''}{late if known.late else ''}"


def _values(history: History, known: Known, is_now: bool) -> Grid:
    """Return what was known then, beside the newest."""
    rows: list[list[Cell]] = []
    for name, last in history.values(len(history) - 1).items():
        then, newest = value(known.values.get(name)), value(last)
        changed: Cell = (newest, "plain") if newest != then else newest
        rows.append([name, then] if is_now else [name, then, changed])
    if is_now:
        return Grid(("feature", "known now"), rows, "lr")
    return Grid(("feature", "known then", "newest"), rows, "lrr")


def _charts(history: History, known: Known) -> list[Part | None]:
    drawn: list[Part | None] = []
    for name in history.table.names:
        spec = timeline(history, name, known)
        if spec is not None and len(drawn) < CHARTS_SHOWN:
            drawn.append(Picture(spec, short(printable(name))))
    if not drawn:
        return []
    # the colours are those of the drawing alone
    legend = Line("blue: known then · grey: known later · triangle: true by then, known later")
    is_whole = not known.late and known.place == len(history) - 1
    return [Beside(drawn), None if is_whole else OnlyDrawn(legend)]


def _late(history: History) -> list[Part | None]:
    """Return the newest rows that became known after they were true."""
    places = history.late[::-1][:LATE_SHOWN].tolist()
    if not places:
        return []
    names = history.table.names[:COLUMNS_OF_LATE]
    rows: list[list[Cell]] = []
    for place in places:
        true, seen = int(history.event_time[place]), int(history.known_at[place])
        found = [value(history.values(place)[name]) for name in names]
        # when something was written is another moment in every run
        rows.append([date(true), Drawn(date(seen)), Drawn(duration(seen - true)), *found])
    hidden = len(history.late) - len(places)
    headers = ("true on", "known from", "late by", *names)
    return [
        Heading("What came late"),
        Grid(headers, rows, "lll" + "r" * len(names)),
        Line(f"and {hidden:,} more") if hidden > 0 else None,
    ]
