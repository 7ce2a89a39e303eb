"""What can somebody try out in a workspace, without changing anything in it?

The methods of `Workspace` that explore: each calls the file of its loop.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from mlops_magics import workspace as loops
from mlops_magics.tables.table import Value

if TYPE_CHECKING:
    from .beside import SideBySide
    from .exploring import ViewExploration
    from .what_if import Trial
    from .workspace import Workspace


class Explored:
    """What a workspace lets somebody try out."""

    @property
    def _whole(self) -> "Workspace":
        return cast("Workspace", self)

    def what_if(
        self,
        ref: str,
        values: Mapping[str, Value],
        look_up: bool = True,
        coverage: float | None = None,
    ) -> "Trial":
        """Return a row that can be changed and asked about; nothing is recorded.

        Parameters
        ----------
        ref : str
            A model, as in `predict`.
        values : mapping of str to value
            The row, the keys of views, or a part of either; the rest is as in a typical
            row of training.
        look_up : bool, default=True
            Whether features that are not given are looked up where their keys are.
        coverage : float, optional
            How often intervals or sets shall hold the truth.

        Returns
        -------
        Trial
            `ask({"tenure": 60})` answers the changed row beside the first one.
        """
        return loops.what_if.begin(self._whole, ref, values, look_up, coverage)

    def explore(
        self,
        view: str,
        entity: Mapping[str, Value] | None = None,
        at: object = None,
        features: Sequence[str] | None = None,
    ) -> "ViewExploration":
        """Return a view with the history of one entity, and what of it was known.

        Parameters
        ----------
        view : str
            The view.
        entity : mapping of str to value, optional
            Its key; the one that was written about last by default.
        at : datetime, str or int, optional
            The moment; now by default.
        features : sequence of str, optional
            Those that are shown; the first twelve by default.

        Returns
        -------
        ViewExploration
            `at(moment)` is the same as of another moment.
        """
        return loops.exploring.explore(self._whole, view, entity, at, features)

    def beside(
        self, model_id: str, first: str | None = None, second: str | None = None
    ) -> "SideBySide":
        """Return two versions of a model beside each other.

        Parameters
        ----------
        model_id : str
            The model.
        first, second : str, optional
            Its versions; by default the one in production and the newest other one.

        Returns
        -------
        SideBySide
            What differs between them.
        """
        return loops.beside.beside(self._whole, model_id, first, second)
