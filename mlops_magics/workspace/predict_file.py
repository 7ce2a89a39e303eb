"""How are more rows answered than fit into memory?

All rows are checked first, so that nothing is recorded of a file that cannot be used;
then they are answered part by part, each part recorded in the transaction that
acknowledges it, and the answers become one new file.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics import tables
from mlops_magics.errors.tables import MissingColumns
from mlops_magics.inference.findings import Finding, merge
from mlops_magics.inference.validation import inspect, refuse_unusable
from mlops_magics.registry.versions import ModelVersion
from mlops_magics.tables.table import Table

from .answering import How, load
from .predict import answer_routed, route
from .results import Dataset
from .train import times_of

if TYPE_CHECKING:
    from .workspace import Workspace

LINES_KEPT = 12


def predict_file(
    workspace: "Workspace",
    ref: str,
    data: object,
    path: str | Path,
    how: How,
) -> Dataset:
    """Answer for the rows of a table, of whatever size, into a new file.

    Parameters
    ----------
    workspace : Workspace
        Whose models and views.
    ref, data, how
        As in `predict`; a Parquet or CSV file is never in memory as a whole.
    path : str or Path
        A .parquet or .csv file that is not there yet.

    Returns
    -------
    Dataset
        What was written: a row an input row, in order.

    Raises
    ------
    MissingColumns, UnusableColumn, UnusableColumns
        If any row of it cannot be used; nothing is recorded and written then.
    """
    target = Path(path)
    tables.check_new_file(target)  # before any prediction is recorded
    version, beside = route(workspace, ref)
    model = load(workspace, version)
    with tables.read_parts(data, "the rows") as parts:
        ignored = _check(workspace, version, model, parts, how.time)
        findings: list[Finding] = []
        lines: dict[str, None] = dict.fromkeys(parts.repairs)
        with tables.PartWriter(target) as writer:
            for part in parts:
                at = times_of(workspace, part, how.time)
                answered = answer_routed(workspace, (version, beside), part, at, how)
                writer.add(answered.to_table())
                findings = list(merge([*findings, *answered.predictions.findings]))
                warned = set(answered.predictions.warnings)
                lines |= dict.fromkeys(line for line in answered.said if line not in warned)
            lines |= dict.fromkeys(writer.said)
        said = f"{parts.row_count:,} predictions by {version.name} ({version.stage})"
        unusual = [*lines, *(found.said for found in findings)]
        hidden = len(unusual) - LINES_KEPT
        more = [f"and {hidden:,} more"] if hidden > 0 else []
        unused = [f"not used: {', '.join(ignored[:8])}"] if ignored else []
        words = [f"{said} are in {target}", *unusual[:LINES_KEPT], *more, *unused]
        return Dataset(dataset_id=str(target), row_count=parts.row_count, message="; ".join(words))


def _check(
    workspace: "Workspace", version: ModelVersion, model: Any, parts: Any, time: str | None
) -> list[str]:
    """Read every part once and refuse what cannot be used; return the columns that are not."""
    findings: list[Finding] = []
    names: tuple[str, ...] = ()
    for part in parts:
        if not names:
            names = part.names
            _refuse_lacking(version, model, part)
        times_of(workspace, part, time)
        found = inspect(model.signature, part).findings
        findings = list(merge([*findings, *(f for f in found if f.problem == "unusable")]))
    refuse_unusable(findings)
    used = {*model.signature.names, *version.metadata.get("identifiers", ()), time}
    used |= {name for view in version.metadata.get("views", ()) for name in view["key"]}
    return [name for name in names if name not in used]


def _refuse_lacking(version: ModelVersion, model: Any, part: Table) -> None:
    """Refuse rows that lack a column which no view of the model has; others are looked up."""
    looked_up = version.metadata.get("sources", {})
    lacking = [n for n in model.signature.names if n not in part and n not in looked_up]
    if lacking:
        step = "add them; COLUMN= says that a value is missing"
        raise MissingColumns(lacking, "the rows", step)
