"""How far are predicted numbers from the true ones?

Targets and predictions in, one number out, None where the number is not defined.
It fits nothing and knows no units; those are the target's.
"""

import numpy as np
from numpy.typing import NDArray


def mse(targets: NDArray[np.float64], predictions: NDArray[np.float64]) -> float | None:
    """Return the mean squared error, in the target's unit squared.

    Parameters
    ----------
    targets : array of float, shape (n,)
        True values.
    predictions : array of float, shape (n,)
        Predicted values.

    Returns
    -------
    float or None
        0 is perfect; None without rows.

    Examples
    --------
    >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    2.0
    """
    return float(((targets - predictions) ** 2).mean()) if len(targets) else None


def rmse(targets: NDArray[np.float64], predictions: NDArray[np.float64]) -> float | None:
    """Return the root of the mean squared error, in the target's unit.

    Parameters
    ----------
    targets : array of float, shape (n,)
        True values.
    predictions : array of float, shape (n,)
        Predicted values.

    Returns
    -------
    float or None
        0 is perfect; None without rows.

    Examples
    --------
    >>> rmse(np.array([1.0, 2.0]), np.array([4.0, 5.0]))
    3.0
    """
    error = mse(targets, predictions)
    return None if error is None else float(np.sqrt(error))


def mae(targets: NDArray[np.float64], predictions: NDArray[np.float64]) -> float | None:
    """Return the mean absolute error, in the target's unit.

    Parameters
    ----------
    targets : array of float, shape (n,)
        True values.
    predictions : array of float, shape (n,)
        Predicted values.

    Returns
    -------
    float or None
        0 is perfect; None without rows.

    Examples
    --------
    >>> mae(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    1.0
    """
    return float(np.abs(targets - predictions).mean()) if len(targets) else None


def r2(targets: NDArray[np.float64], predictions: NDArray[np.float64]) -> float | None:
    """Return the share of the target's variance that the predictions explain.

    Parameters
    ----------
    targets : array of float, shape (n,)
        True values.
    predictions : array of float, shape (n,)
        Predicted values.

    Returns
    -------
    float or None
        1 is perfect, 0 no better than the mean, below 0 worse; None where the
        target is constant or there are no rows.

    Notes
    -----
    1 - (residual sum of squares) / (sum of squares around the mean); Kvalseth
    (1985), "Cautionary note about R2", his first form.

    Examples
    --------
    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))
    0.5
    """
    # compared with the first value: a mean of equal floats need not equal them
    if not len(targets) or bool((targets == targets[0]).all()):
        return None
    spread = float(((targets - targets.mean()) ** 2).sum())
    return float(1 - ((targets - predictions) ** 2).sum() / spread) if spread > 0 else None
