"""How do feature views look?"""

from mlops_magics.features.view import FeatureWrite, View
from mlops_magics.tables.summaries import ColumnProfile

from .bundle import Bundle
from .grid import Bars, Cell, Grid
from .numbers import count, date, day, duration, percent, value
from .page import Code, Headline, Line, page


def write(result: FeatureWrite) -> Bundle:
    """Return what one write to a view did."""
    version = result.version
    new, known = count(result.new_count, "row"), count(result.existing_count)
    when = f" · {day(result.first)} to {day(result.last)}" if result.first is not None else ""
    known_as = "known as history" if result.is_history else "known from now on"
    rows = [_profile(profile) for profile in result.profile]
    headers = ("feature", "kind", "missing", "distinct", "range or commonest", "")
    return page(
        Headline(f"{version.view} v{version.number}", f"· {new} new, {known} already there"),
        Line(f"{count(result.entity_count, 'entity')}{when} · {known_as}"),
        Grid(headers, rows, "llrrll"),
        *(Line(warning) for warning in result.warnings),
    )


def _profile(profile: ColumnProfile) -> list[Cell]:
    missing = percent(profile.missing_share)
    spread = ", ".join(name for name, _ in profile.top)
    if profile.low is not None:
        spread = f"{value(profile.low)} to {value(profile.high)}"
    return [
        profile.name,
        profile.kind,
        (missing, "watch") if profile.missing_share > 0.5 else missing,
        count(profile.distinct_count),
        value(spread),
        Bars(tuple(map(float, profile.bars))),
    ]


def view(result: View) -> Bundle:
    """Return one view as it stands."""
    current = result.current
    newest = f" · newest {date(result.newest)}" if result.newest is not None else ""
    ttl = f" · stale after {duration(current.ttl)}" if current.ttl else ""
    rows = [[field.name, field.kind] for field in result.features]
    return page(
        Headline(f"{result.view} v{current.number}", f"· {count(result.row_count, 'row')}"),
        Line(f"key {', '.join(current.key_names)}{newest}{ttl}"),
        Grid(("feature", "kind"), rows, "ll"),
        Code(current.sql) if current.sql else None,
    )


def views(result: tuple[View, ...]) -> Bundle:
    """Return the list of views."""
    rows = [
        [
            found.view,
            f"v{found.current.number}",
            ", ".join(found.current.key_names),
            count(len(found.features)),
            count(found.row_count),
            date(found.newest),
        ]
        for found in result
    ]
    headers = ("view", "version", "key", "features", "rows", "newest")
    return page(Headline(count(len(result), "feature view")), Grid(headers, rows, "lllrrl"))
