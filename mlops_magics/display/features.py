"""How do feature views look?"""

from dataclasses import dataclass

from mlops_magics.features.view import FeatureWrite, View
from mlops_magics.tables.summaries import ColumnProfile
from mlops_magics.workspace.views import Reader, ViewReport, ViewSummary, names

from .bundle import Bundle
from .grid import Bars, Cell, Grid
from .numbers import count, date, days, duration, percent, value
from .page import Code, Headline, Line, Part, page


@dataclass(frozen=True, slots=True)
class Twice:
    """What is drawn with more than is written: a date of today would change the text.

    Parameters
    ----------
    drawn, written : Part
        The two.
    """

    drawn: Part
    written: Part

    def html(self) -> str:
        """Return the one that is drawn."""
        return self.drawn.html()

    def text(self) -> str:
        """Return the one that is written."""
        return self.written.text()


def write(result: FeatureWrite) -> Bundle:
    """Return what one write to a view did, or would do."""
    version = result.version
    name = f"{version.view} v{version.number}"
    changes = Code("\n".join(result.changes)) if result.changes else None
    notes = [Line(warning) for warning in result.warnings]
    if version.on_demand:
        said = "is stored" if result.is_new_version else "is there already"
        said = "would be stored" if result.is_dry_run and result.is_new_version else said
        when = "computed on each row that is trained on or predicted"
        return page(Headline(name, f"· {said}"), Line(when), changes, *notes)
    new, known = count(result.new_count, "row"), count(result.existing_count)
    small = f"· {new} new, {known} already there"
    if result.is_dry_run:
        small = f"· nothing written; {new} would be new, {known} are already there"
    when = f" · {days(result.first, result.last)}" if result.first is not None else ""
    known_as = "known as history" if result.is_history else "known from now on"
    return page(
        Headline(name, small),
        Line(f"{count(result.entity_count, 'entity')}{when} · {known_as}"),
        changes,
        profiles(result.profile),
        *notes,
    )


def profiles(found: tuple[ColumnProfile, ...]) -> Grid:
    """Return one line a feature: how it is filled and spread."""
    headers = ("feature", "kind", "missing", "distinct", "range or commonest", "")
    return Grid(headers, [_profile(profile) for profile in found], "llrrll")


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
    rows = [[field.name, field.kind] for field in result.features]
    return page(
        view_headline(result),
        Line(_facts(result, None)),
        Grid(("feature", "kind"), rows, "ll") if rows else None,
        Code(result.current.sql) if result.current.sql else None,
    )


def report(result: ViewReport) -> Bundle:
    """Return one view, from its source to its readers."""
    current, growth = result.view.current, result.growth
    rows = [
        [
            field.name,
            field.kind,
            *_missing(growth.missing.get(field.name, ())),
        ]
        for field in result.view.features
    ]
    headers = ("feature", "kind", "missing", "first", "last", "over time")
    return page(
        view_headline(result.view),
        facts(result.view, result.age),
        _growth(result) if growth.rows else None,
        Grid(headers, rows, "llrrrl") if rows else None,
        *_versions(result),
        *(Line(said) for said in _readers(result.readers, current.number)),
        Code(current.sql) if current.sql else None,
    )


def views(result: tuple[ViewSummary, ...]) -> Bundle:
    """Return the list of views."""
    rows = [
        [
            found.view,
            found.version,
            ", ".join(found.key) or "on demand",
            count(len(found.features)) if found.features else "–",
            count(found.row_count),
            date(found.newest),
            ", ".join(found.read_by) or "–",
        ]
        for found in result
    ]
    headers = ("view", "version", "key", "features", "rows", "newest", "read by")
    return page(Headline(count(len(result), "feature view")), Grid(headers, rows, "lllrrll"))


def view_headline(view: View) -> Headline:
    """Return the name of a view and how much is in it."""
    name = f"{view.view} v{view.current.number}"
    rows = "computed on request" if view.current.on_demand else count(view.row_count, "row")
    return Headline(name, f"· {rows}")


def facts(view: View, age: int | None) -> Part:
    """Return the key, the freshness and the age limit of a view in one line."""
    return Twice(Line(_facts(view, age)), Line(_facts(view, None)))


def _facts(view: View, age: int | None) -> str:
    current = view.current
    parts = [f"key {', '.join(current.key_names)}"] if current.key else ["sees the table request"]
    if view.newest is not None:
        ago = f", {duration(age)} ago" if age is not None and age > 0 else ""
        parts.append(f"newest {date(view.newest)}{ago}")
    parts += [f"stale after {duration(current.ttl)}"] if current.ttl else []
    return " · ".join(parts)


def _growth(result: ViewReport) -> Grid:
    growth = result.growth
    half = sum(growth.rows[len(growth.rows) // 2 :])
    cells: list[Cell] = [
        days(growth.first, growth.last),
        count(sum(growth.rows)),
        count(half),
        Bars(tuple(map(float, growth.rows))),
    ]
    return Grid(("time", "rows", "in its later half", ""), [cells], "lrrl")


def _missing(shares: tuple[float | None, ...]) -> list[Cell]:
    """Return the missing share of a feature, in all, at first and last, and as bars."""
    known = [share for share in shares if share is not None]
    if not known:
        return ["–", "–", "–", ""]
    mean, first, last = sum(known) / len(known), known[0], known[-1]
    worse = last > 0.5 or last > first + 0.2
    return [
        percent(mean),
        percent(first),
        (percent(last), "watch") if worse else percent(last),
        Bars(tuple(share or 0.0 for share in shares)) if any(known) else "",
    ]


def _versions(result: ViewReport) -> list[Part]:
    """Return one line a version: from which cell it was made, when, and what was written."""
    lines: list[Part] = []
    for version in result.view.versions:
        writes = [write for write in result.writes if write.number == version.number]
        parts = [f"cell {version.cell_number}"] if version.cell_number else []
        parts += [version.sha256[:8]] if version.sha256 else []
        if writes:
            new = count(sum(write.new_count for write in writes), "row")
            parts.append(f"{new} in {count(len(writes), 'write')}")
        name = f"v{version.number}"
        made = f"made {date(version.written_at)}"
        lines.append(Twice(_dotted(name, made, *parts), _dotted(name, *parts)))
    return lines


def _dotted(*parts: str) -> Line:
    return Line(" · ".join(parts))


def _readers(readers: tuple[Reader, ...], newest: int) -> list[str]:
    if not readers:
        return ["no model reads it"]
    said = [f"read by {', '.join(names(readers))}"]
    behind = [r for r in readers if r.stage == "production" and r.number < newest]
    said += [
        f"{r.model_id} {r.version} in production reads v{r.number}, which gets no new rows;"
        f" train it again on v{newest}"
        for r in behind
    ]
    return said
