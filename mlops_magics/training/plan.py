"""What is a fit asked to do, and what does it give back?

The recipe's numbers, the report of each moment and the result, as plain values.
Imports no JAX, so that a notebook can show progress without it.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

DROPOUT_OF_NUMBERS = 0.05
# A fit that is so much of the way from another's loss to the simple one after so many
# steps has never been the better one in the end (tuning tables).
STEPS_TO_SHOW, FAR_BEHIND = 120, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """The numbers of one fit.

    Parameters
    ----------
    model_id : str
        How an error names the model.
    outputs : int
        Classes; 1 for regression.
    is_regression : bool
        Whether the target is a number.
    learning_rate : float
        Largest step of the schedule.
    dropout : float
        Share of the units left out in training.
    weight_decay : float
        Decoupled decay of the kernels.
    bins : int
        Pieces of a numeric column, for the encoding.
    steps : int
        Steps of the schedule; early stopping may end it sooner.
    seed : int, default=0
        Of the initial weights, the batches and the dropout.
    patience : int, default=8
        Checks of the held-out loss without improvement before it stops.
    columns : int, default=0
        Inputs that the program is padded to at least, to share one with another fit.
    reference : float, optional
        Held-out loss of another fit: this one is given up where it stays far behind.
    seconds : float, optional
        When it ends at the latest, counted from its begin.
    epochs : int, optional
        How often every row is seen, in place of `steps`.

    Examples
    --------
    >>> FitPlan.for_classes("churn", 2).learning_rate
    0.02
    """

    model_id: str
    outputs: int
    is_regression: bool
    learning_rate: float
    dropout: float
    weight_decay: float
    bins: int
    steps: int
    seed: int = 0
    patience: int = 8
    columns: int = 0
    reference: float | None = None
    seconds: float | None = None
    epochs: int | None = None

    def is_hopeless(self, now: "Progress", simple: float) -> bool:
        """Whether a fit stays too far behind the one that it is compared with.

        Parameters
        ----------
        now : Progress
            After its newest check.
        simple : float
            Loss of answering without any column, as a measure of far.

        Returns
        -------
        bool
            Never without a reference, and not before step 120.
        """
        if self.reference is None or now.held_out_loss is None or now.step < STEPS_TO_SHOW:
            return False
        return now.held_out_loss - self.reference > FAR_BEHIND * (simple - self.reference)

    def plain(self) -> "FitPlan":
        """Return the plan of the family that sees no pieces: it has less to overfit with."""
        if self.is_regression:
            return replace(self, learning_rate=0.02)
        return replace(self, dropout=DROPOUT_OF_NUMBERS)

    @classmethod
    def for_classes(
        cls, model_id: str, classes: int, seed: int = 0, has_categories: bool = True
    ) -> "FitPlan":
        """Return the plan for a target of classes (facts/tabular.md, recipe C1).

        Parameters
        ----------
        model_id : str
            How an error names the model.
        classes : int
            Number of classes.
        seed : int, default=0
            Of all random numbers.
        has_categories : bool, default=True
            Whether a column is a category or a text: target means of their levels need
            more dropout than numbers do.

        Returns
        -------
        FitPlan
            The recipe that was frozen before it was judged.
        """
        return cls(
            model_id=model_id,
            outputs=classes,
            is_regression=False,
            learning_rate=0.02,
            dropout=0.2 if has_categories else DROPOUT_OF_NUMBERS,
            weight_decay=0.1,
            bins=16,
            steps=600,
            seed=seed,
        )

    @classmethod
    def for_regression(cls, model_id: str, seed: int = 0) -> "FitPlan":
        """Return the plan for a numeric target (facts/tabular.md, recipe R1, for longer).

        Parameters
        ----------
        model_id : str
            How an error names the model.
        seed : int, default=0
            Of all random numbers.

        Returns
        -------
        FitPlan
            The recipe that was frozen before it was judged.
        """
        return cls(
            model_id=model_id,
            outputs=1,
            is_regression=True,
            learning_rate=0.01,
            dropout=0.0,  # any dropout made regression worse
            weight_decay=0.02,
            bins=32,
            steps=800,
            patience=10,
            seed=seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fit is.

    Parameters
    ----------
    step : int
        Steps done; 0 before the first, while the program is compiled.
    steps : int
        Steps of the schedule.
    training_loss : float
        Mean over the last steps: nats for classes, variances for regression. At step
        0 that of always answering the shares, or the mean.
    held_out_loss : float or None
        Mean over members of the loss on the fold that each leaves out; None
        without folds.
    best_step : int
        Step of the smallest held-out loss so far.
    rows_of_a_step, rows : int, default=0
        Rows that a step sees, and rows of the table.
    simple_loss : float or None, default=None
        That of always answering the shares, or the mean.
    stage : str, default='fitting'
        fitting, then measuring: no weight changes any more.
    job_id : str, default=''
        The job that it is of, where it is of one.

    Examples
    --------
    >>> Progress(step=20, steps=600, training_loss=0.6, held_out_loss=0.5, best_step=20).step
    20
    """

    step: int
    steps: int
    training_loss: float
    held_out_loss: float | None
    best_step: int
    rows_of_a_step: int = 0
    rows: int = 0
    simple_loss: float | None = None
    stage: Literal["fitting", "measuring"] = "fitting"
    job_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """What a fit gives back.

    Parameters
    ----------
    weights : dict of str to array of float32
        The ensemble's weights by name, the best of each member.
    history : tuple of Progress
        One a check, the last one last.
    best_step : int
        Step of the smallest held-out loss; the last step without folds.
    steps : int
        Steps done.
    interrupted : bool
        Whether it was stopped before its time; the weights are the best so far.
    out_of_time : bool, default=False
        Whether the seconds that it was given were over first.

    Examples
    --------
    >>> Fitted(weights={}, history=(), best_step=20, steps=40, interrupted=True).interrupted
    True
    """

    weights: dict[str, NDArray[np.float32]]
    history: tuple[Progress, ...]
    best_step: int
    steps: int
    interrupted: bool
    out_of_time: bool = False

    @property
    def best_loss(self) -> float | None:
        """The smallest held-out loss; None without folds."""
        found = [p.held_out_loss for p in self.history if p.held_out_loss is not None]
        return min(found, default=None)
