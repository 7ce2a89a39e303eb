"""What can be asked of a workspace about its models in use?

The methods of `Workspace` that watch: each calls the file of its loop.
"""

from typing import TYPE_CHECKING, Any

from mlops_magics import workspace as loops

if TYPE_CHECKING:
    from mlops_magics.monitoring.alert import Alert
    from mlops_magics.monitoring.reports import LabelWrite

    from .results import Dashboard, Retraining, Trace


class InUse:
    """What a workspace says of its models in use."""

    registry: Any
    monitoring: Any

    def label(
        self,
        model_id: str,
        table: object,
        label: str,
        key: tuple[str, ...] = (),
        time: str | None = None,
    ) -> "LabelWrite":
        """Record outcomes that became known later.

        Parameters
        ----------
        model_id : str
            Whose predictions they belong to.
        table : Table, pandas.DataFrame, list of dict or dict of sequences
            One row a label.
        label : str
            The column of the outcome.
        key : tuple of str, default=()
            Columns that name the entity; by `request_id` by default.
        time : str, optional
            The column that says when the outcome became known.

        Returns
        -------
        LabelWrite
            How many belong to a prediction.
        """
        name = self.registry.list_versions(model_id)[0].model_id
        return self.monitoring.record_labels(name, table, label, key, time)

    def trace(self, model_id: str, request_id: str) -> "Trace":
        """Walk from a prediction back to the cells that made its features.

        Parameters
        ----------
        model_id : str
            The model.
        request_id : str
            The prediction.

        Returns
        -------
        Trace
            Prediction, version, training run, views and their source.
        """
        return loops.trace.trace(self, model_id, request_id)

    def watch(self, ref: str, since: int | None = None) -> "Dashboard":
        """Return traffic, drift and performance of a model.

        Parameters
        ----------
        ref : str
            A model, as in `predict`.
        since : int, optional
            How far back from the newest event, microseconds; 7 days by default.

        Returns
        -------
        Dashboard
            Everything that the monitor's page shows.
        """
        return loops.watching.watch(self, ref, since)

    def check(self, ref: str) -> tuple["Alert", ...]:
        """Judge the windows that have closed since the last look.

        Parameters
        ----------
        ref : str
            A model; with a version only that one.

        Returns
        -------
        tuple of Alert
            What has changed: alerts that were opened, closed or have become worse.
        """
        return loops.alerting.check(self, ref)

    def alerts(self, model_id: str | None = None, state: str | None = None) -> tuple["Alert", ...]:
        """Return alerts as they are now, without looking for new ones.

        Parameters
        ----------
        model_id : str, optional
            Of one model; of all by default.
        state : str, optional
            watch, open or closed; all by default.

        Returns
        -------
        tuple of Alert
            The newest first.
        """
        return loops.alerting.alerts(self, model_id, state)

    def acknowledge(self, model_id: str, alert_id: int, note: str = "seen") -> "Alert":
        """Note that somebody has seen an alert; its state stays.

        Parameters
        ----------
        model_id : str
            The model.
        alert_id : int
            The number of the alert.
        note : str, default='seen'
            What they say.

        Returns
        -------
        Alert
            With the note.
        """
        return loops.alerting.acknowledge(self, model_id, alert_id, note)

    def retrain(self, model_id: str, because: str | None = None) -> "Retraining":
        """Train a challenger now, judge it, and do what the policy of the model says.

        Parameters
        ----------
        model_id : str
            The model.
        because : str, optional
            Why, where no request waits.

        Returns
        -------
        Retraining
            Promoted, refused with the reason, or waiting for approval.
        """
        return loops.retrain.run(self, model_id, because)
