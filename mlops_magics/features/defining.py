"""What does the definition of a view on demand do?

It stores the SQL as a version of the view, and no row.
"""

from dataclasses import replace

from mlops_magics.errors.request import BadArgument
from mlops_magics.storage import Storage

from . import catalogue
from .changes import changed_source
from .on_demand import check
from .view import FeatureWrite, ViewDefinition

ON_EACH_ROW = "a view on demand is computed on each row"


class Defining:
    """One definition of a view on demand.

    Parameters
    ----------
    storage : Storage
        The workspace.
    definition : ViewDefinition
        The view as it is asked for, with its SQL.
    """

    def __init__(self, storage: Storage, definition: ViewDefinition) -> None:
        self._storage, self._definition = storage, definition

    def run(self, dry_run: bool = False) -> FeatureWrite:
        """Check the SQL and store it, unless this very one is stored; or only say so."""
        definition = replace(self._definition, key=())
        if definition.time:
            raise BadArgument("time", definition.time, f"none: {ON_EACH_ROW}")
        check(definition.view, definition.sql or "")
        opened = self._storage.reading() if dry_run else self._storage.transaction()
        with opened as transaction:
            before = catalogue.find(self._storage, definition.view)
            is_new = before is None or before.current.sha256 != definition.sha256
            number = 1 if before is None else before.current.number + is_new
            version = catalogue.next_version(definition, (), number, transaction.now)
            if is_new and not dry_run:
                catalogue.add_version(transaction, version)
        return FeatureWrite(
            version=version,
            new_count=0,
            existing_count=0,
            entity_count=0,
            first=None,
            last=None,
            is_history=False,
            is_new_version=is_new,
            profile=(),
            warnings=(f"no key is needed: {ON_EACH_ROW}",) if self._definition.key else (),
            changes=changed_source(before, version),
            is_dry_run=dry_run,
        )
