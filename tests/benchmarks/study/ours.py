"""What does the shipped training make of the same rows?

The same code as `%train`, from the table to the calibrated model, learning from all
rows that it is given: the rivals hold none out for an estimate either.
"""

import time

import numpy as np
import pandas as pd

Frames = tuple[pd.DataFrame, pd.DataFrame]


def shipped(
    frames: Frames, target: pd.Series, is_regression: bool
) -> tuple[np.ndarray, float, float]:
    """Return answers, seconds to fit and seconds to answer, CPU seconds of this process."""
    from mlops_magics import TrainingSpec, tables
    from mlops_magics.inference import InferenceEngine
    from mlops_magics.training import assembly
    from mlops_magics.training.split import Split, assign_folds

    training, test = frames
    begun = time.process_time()
    labels = target if is_regression else target.map("{:03d}".format)
    table = tables.read_table(training.assign(**{"the target": labels}), "the table")
    spec = TrainingSpec(
        model_id="study",
        data=table,
        target="the target",
        columns=tuple(training.columns),
        task="regression" if is_regression else None,
    )
    prepared = assembly.prepare(table, spec, None)
    every = np.arange(len(table))
    folds = assign_folds(prepared.hashes, prepared.target.values)
    rows = Split(training=every, held_out=every[:0], measured_on="training", folds=folds)
    model = assembly.learn(prepared.on(rows), spec).model
    fitted = time.process_time()
    answered = InferenceEngine().predict(model, test)
    answers = answered.prediction.values if is_regression else answered.probabilities
    return np.asarray(answers), fitted - begun, time.process_time() - fitted
