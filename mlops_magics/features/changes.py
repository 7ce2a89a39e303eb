"""How does a version of a view differ from the one before?"""

from difflib import unified_diff

from mlops_magics.storage.packing import Field

from .counting import rows
from .view import View, ViewVersion


def changed_source(before: View | None, version: ViewVersion) -> tuple[str, ...]:
    """Return what defines a version beside what defined the one before.

    Parameters
    ----------
    before : View or None
        The view as it was.
    version : ViewVersion
        The version now.

    Returns
    -------
    tuple of str
        The lines of a diff; empty for a first version and for no new one.
    """
    if before is None or before.current.number == version.number:
        return ()
    lines = unified_diff(_source(before.current), _source(version), n=1, lineterm="")
    return tuple(line for line in lines if line[:3] not in ("---", "+++", "@@ "))


def changes_said(
    before: View | None, version: ViewVersion, features: tuple[Field, ...]
) -> tuple[str, ...]:
    """Say what a new version leaves behind.

    Parameters
    ----------
    before : View or None
        The view as it was.
    version : ViewVersion
        The version now.
    features : tuple of Field
        Its features.

    Returns
    -------
    tuple of str
        One line each; empty for a first version and for no new one.
    """
    if before is None or before.current.number == version.number:
        return ()
    old = f"v{before.current.number}"
    known = {field.name: field.kind for field in before.features}
    now = {field.name: field.kind for field in features}
    said = []
    if before.row_count:
        said.append(
            f"{old} keeps its {rows(before.row_count)}, which v{version.number} does not have;"
            " a cell with --history adds its rows to the newest version"
        )
    gone, new = [n for n in known if n not in now], [n for n in now if n not in known]
    said += [f"{', '.join(gone)}: in {old}, not here"] * bool(gone)
    said += [f"{', '.join(new)}: new"] * bool(new and known)
    said += [
        f"{name} was {known[name]} in {old} and is {kind} now"
        for name, kind in now.items()
        if name in known and known[name] != kind
    ]
    return tuple(said)


def _source(version: ViewVersion) -> list[str]:
    flags = [f"key {', '.join(version.key_names)}"] if version.key else []
    flags += [f"time {version.time}"] if version.time else []
    flags += [f"ttl {_length(version.ttl)}"] if version.ttl is not None else []
    sql = (version.sql or "").strip().rstrip(";").strip()
    return [*flags, *(line.rstrip() for line in sql.splitlines())]


def _length(micros: int) -> str:
    """Return a length of time as it was typed, such as 90d."""
    seconds = micros // 1_000_000
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
