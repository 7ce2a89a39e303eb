"""Which version answers beside the one in production?

As a shadow, for all rows and recorded apart, or as a canary, for a share of the
entities. Rows in and dataclasses out; the newest row of a model counts.
"""

from dataclasses import dataclass
from typing import Literal

from mlops_magics.storage.catalog import Transaction

from .versions import ModelVersion

Kind = Literal["shadow", "canary", "off"]
# A share is kept in ten thousandths, so that the same entities stay inside it.
PARTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A version that answers beside production, or did.

    Attributes
    ----------
    model_id, version : str
        Which one.
    kind : str
        shadow, canary, or off: it has ended.
    parts : int
        Of a canary: its share of the entities, in ten thousandths.
    since : int
        When it began, or ended, microseconds.
    why : str
        Why it ended; empty while it runs.
    """

    model_id: str
    version: str
    kind: Kind
    parts: int
    since: int
    why: str = ""

    @property
    def share(self) -> float:
        """Share of the entities that a canary answers, 0 to 1."""
        return self.parts / PARTS

    @property
    def share_said(self) -> str:
        """The share in words, such as 10 %."""
        return f"{self.share * 100:.4g} %"


def running(reading: Transaction, model_id: str) -> Rollout | None:
    """Return what runs beside production; None where nothing does.

    Parameters
    ----------
    reading : Transaction
        Where to look; one query.
    model_id : str
        The model.

    Returns
    -------
    Rollout or None
        Never a version that is archived or deleted by now, or went into production.
    """
    row = reading.execute(
        "SELECT r.* FROM rollout r JOIN stage s USING (model_id, number)"
        " LEFT JOIN deletion d USING (model_id, number)"
        " WHERE r.seq = (SELECT max(seq) FROM rollout WHERE model_id = ?) AND r.kind <> 'off'"
        " AND s.stage <> 'archived' AND d.seq IS NULL AND NOT EXISTS (SELECT 1"
        " FROM stage_change c WHERE c.model_id = r.model_id AND c.number = r.number"
        " AND c.stage = 'production' AND c.seq > r.seq)",
        (model_id,),
    ).fetchone()
    if row is None:
        return None
    return Rollout(
        model_id=model_id,
        version=f"v{row['number']}",
        kind=row["kind"],
        parts=row["share"],
        since=row["written_at"],
    )


def add(
    transaction: Transaction, version: ModelVersion, kind: Kind, parts: int = 0, why: str = ""
) -> Rollout:
    """Store that a version begins to answer beside production, or ends.

    Parameters
    ----------
    transaction : Transaction
        It counts once that commits.
    version : ModelVersion
        Which one.
    kind : str
        shadow, canary or off.
    parts : int, default=0
        Ten thousandths of the entities, for a canary.
    why : str, default=''
        Why it ends.

    Returns
    -------
    Rollout
        As stored.
    """
    row = (transaction.take_seq(), version.model_id, version.number, kind, parts, why)
    transaction.execute("INSERT INTO rollout VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, transaction.now))
    return Rollout(
        model_id=version.model_id,
        version=version.version,
        kind=kind,
        parts=parts,
        since=transaction.now,
        why=why,
    )
