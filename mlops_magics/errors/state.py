"""What cannot be done in the state that the workspace is in?"""

from collections.abc import Iterable
from typing import Any

from .error import MLOpsError, shown


class NotPromotable(MLOpsError, ValueError):
    """A version that does not pass a gate; `refusal` is what every gate said."""

    def __init__(
        self, version: str, failures: Iterable[str], next_step: str, refusal: Any = None
    ) -> None:
        super().__init__(f"{version} was not promoted: {'; '.join(failures)}. Next: {next_step}")
        self.refusal = refusal


class Overtaken(MLOpsError, RuntimeError):
    """A promotion that was judged against a production version that is none any more."""

    def __init__(self, version: str, other: str, at: str, next_step: str) -> None:
        super().__init__(
            f"{version} was not promoted: someone else promoted {other} at {at} UTC. "
            f"Next: {next_step}"
        )


class NoneInStage(MLOpsError, LookupError):
    """A stage in which a model has no version."""

    def __init__(self, model_id: str, stage: str, next_step: str) -> None:
        super().__init__(f"no version of {model_id!r} is in {stage}. Next: {next_step}")


class Deleted(MLOpsError, LookupError):
    """A version that was deleted."""

    def __init__(self, version: str, at: str, next_step: str) -> None:
        super().__init__(f"{version} was deleted on {at} UTC. Next: {next_step}")


class InProduction(MLOpsError, ValueError):
    """Something that cannot be done to a version while it is in production."""

    def __init__(self, version: str, doing: str, next_step: str) -> None:
        super().__init__(f"{version} is in production and cannot be {doing}. Next: {next_step}")


class NothingToRollBack(MLOpsError, LookupError):
    """No version that was in production before and could be again."""

    def __init__(self, model_id: str, reason: str, next_step: str) -> None:
        super().__init__(f"{model_id!r} cannot be rolled back: {reason}. Next: {next_step}")


class NameTaken(MLOpsError, ValueError):
    """A name or id that exists already."""

    def __init__(self, kind: str, name: str, next_step: str) -> None:
        super().__init__(f"{kind} {shown(name)} exists already. Next: {next_step}")


class BadName(MLOpsError, ValueError):
    """A name that a model, view or dataset may not have."""

    def __init__(self, kind: str, name: str, reason: str) -> None:
        super().__init__(
            f"{name[:80]!r} cannot name a {kind}: {reason}. "
            "Next: a letter first, then letters, digits, '_', '-' or '.', at most 64"
        )


class KindChanged(MLOpsError, ValueError):
    """A column that comes with another kind than before."""

    def __init__(self, where: str, column: str, before: str, now: str, next_step: str) -> None:
        super().__init__(
            f"{shown(column)} in {where} was {before} and now is {now}. Next: {next_step}"
        )


class NoModelFile(MLOpsError, LookupError):
    """A version whose model was made elsewhere and is not in this workspace."""

    def __init__(self, version: str, framework: str) -> None:
        super().__init__(
            f"{version} was made elsewhere ({framework}) and has no model here. "
            "Next: predict with its own library and record with ws.monitoring.record_inference"
        )


class NoBaseline(MLOpsError, LookupError):
    """A version of which nothing tells what its training saw."""

    def __init__(self, version: str, model_id: str) -> None:
        super().__init__(
            f"{version} was made elsewhere, and nothing tells what its training saw. "
            f"Next: %monitor {model_id} baseline DATA, with rows like those"
        )


class FitFailed(MLOpsError, ArithmeticError):
    """A training run whose numbers went wrong."""

    def __init__(self, model_id: str, reason: str, next_step: str) -> None:
        super().__init__(f"training {model_id!r} failed: {reason}. Next: {next_step}")


class ColumnsChanged(MLOpsError, ValueError):
    """Rows that are to be added to a view and have other columns."""

    def __init__(self, view: str, lacking: Iterable[str], new: Iterable[str]) -> None:
        parts = [f"lack {', '.join(map(repr, lacking))}"] if lacking else []
        parts += [f"also have {', '.join(map(repr, new))}"] if new else []
        super().__init__(
            f"--history adds to {view}, and these rows {' and '.join(parts)}. "
            "Next: select its columns, or leave out --history to make the next version"
        )


class OnDemand(MLOpsError, ValueError):
    """A view that is computed on request, used as one that has rows."""

    def __init__(self, view: str, next_step: str) -> None:
        super().__init__(
            f"the view {view!r} is computed on request and has no rows. Next: {next_step}"
        )


class NotEnoughMemory(MLOpsError, MemoryError):
    """A training that would not fit into the machine's memory."""

    def __init__(self, model_id: str, what: str, sizes: tuple[int, int], next_step: str) -> None:
        needed, free = (f"{size / 1e9:.1f} GB" for size in sizes)
        super().__init__(
            f"training {model_id!r} on {what} needs about {needed} and {free} are free. "
            f"Next: {next_step}"
        )


class Busy(MLOpsError, RuntimeError):
    """Something that another process does at this moment, one at a time."""

    def __init__(self, doing: str, owner: str, next_step: str) -> None:
        super().__init__(f"{owner} is {doing} at this moment. Next: {next_step}")


class LeaseLost(MLOpsError, RuntimeError):
    """Work that another process took over, so that its result does not count here."""

    def __init__(self, doing: str, next_step: str) -> None:
        super().__init__(
            f"another process took {doing} over, since this one did not answer in time: "
            f"nothing of it is kept. Next: {next_step}"
        )


class TooFewLabels(MLOpsError, ValueError):
    """A model with too few labelled predictions to learn from and to judge on."""

    def __init__(self, model_id: str, has: int, needed: int) -> None:
        super().__init__(
            f"{model_id!r} has {has:,} labelled predictions that are old enough, and {needed:,} "
            f"are needed. Next: %monitor {model_id} labels DATA --label COLUMN"
        )


class NoTrainingRows(MLOpsError, LookupError):
    """A version whose training rows are not in the workspace, where they are needed again."""

    def __init__(self, model_id: str, version: str, rows: int) -> None:
        super().__init__(
            f"the {rows:,} rows that {model_id} {version} learned from are not in this workspace. "
            f"Next: %workspace upload NAME DATA with the same rows, which is enough for every "
            f"time, or %monitor {model_id} retrain now --data DATA"
        )


class NoChallenger(MLOpsError, LookupError):
    """A model no challenger of which waits for approval."""

    def __init__(self, model_id: str) -> None:
        super().__init__(
            f"no challenger of {model_id!r} waits for approval. Next: %monitor {model_id} retrain"
        )


class Occupied(MLOpsError, RuntimeError):
    """More requests than are answered in time; nothing of this one was done."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(f"{what}. Next: {next_step}")


class CannotServe(MLOpsError, OSError):
    """An address at which no server can listen."""

    def __init__(self, address: str, reason: str, next_step: str) -> None:
        super().__init__(f"cannot serve at {address}: {reason}. Next: {next_step}")


class NotInstalled(MLOpsError, ImportError):
    """Something that needs a package that is not installed."""

    def __init__(self, what: str, package: str, next_step: str) -> None:
        super().__init__(f"{what} needs {package}, which is not installed. Next: {next_step}")


class NotRunning(MLOpsError, LookupError):
    """A model beside whose production version nothing answers."""

    def __init__(self, model_id: str) -> None:
        super().__init__(
            f"neither a shadow nor a canary of {model_id!r} is running. "
            f"Next: %model {model_id} shadow vN, or canary vN 10%"
        )
