"""How good are predicted classes and their probabilities?

Codes and probabilities in, one number out, None where the number is not defined.
It knows no names of classes and fits nothing.
"""

import numpy as np
from numpy.typing import NDArray

# A probability of 0 for what happened would cost infinitely much; scikit-learn clips alike.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)


def accuracy(labels: NDArray[np.int64], predictions: NDArray[np.int64]) -> float | None:
    """Return the share of rows whose predicted class is the true one.

    Parameters
    ----------
    labels : array of int, shape (n,)
        Codes of the true classes.
    predictions : array of int, shape (n,)
        Codes of the predicted classes.

    Returns
    -------
    float or None
        Between 0 and 1; None without rows.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]))
    0.75
    """
    return float((labels == predictions).mean()) if len(labels) else None


def log_loss(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float | None:
    """Return the mean negative log likelihood of the true classes, in nats.

    Parameters
    ----------
    labels : array of int, shape (n,)
        Codes of the true classes.
    probabilities : array of float, shape (n, classes)
        Predicted probabilities; each row sums to 1.

    Returns
    -------
    float or None
        0 is perfect; None without rows.

    Notes
    -----
    The mean of -ln p over rows, p being the probability of what happened, at
    least 2.2e-16 (Good 1952, "Rational Decisions").

    Examples
    --------
    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.2, 0.8]])), 4)
    0.4581
    """
    if not len(labels):
        return None
    happened = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(happened, SMALLEST_PROBABILITY, 1.0)).mean())


def brier(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float | None:
    """Return the mean squared error of the probabilities.

    Parameters
    ----------
    labels : array of int, shape (n,)
        Codes of the true classes.
    probabilities : array of float, shape (n, classes)
        Predicted probabilities; each row sums to 1.

    Returns
    -------
    float or None
        0 is perfect; at most 1 for two classes and 2 for more; None without rows.

    Notes
    -----
    Two classes: mean of (p - y)^2 of the second class. More: the sum over
    classes, as Brier (1950) has it and scikit-learn follows.

    Examples
    --------
    >>> round(brier(np.array([0, 1]), np.array([[0.5, 0.5], [0.2, 0.8]])), 3)
    0.145
    """
    if not len(labels):
        return None
    classes = probabilities.shape[1]
    squares = (probabilities - np.eye(classes)[labels]) ** 2
    return float(squares.sum(axis=1).mean() / (2 if classes == 2 else 1))


def midranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each score from 1, the mean rank where scores tie.

    Parameters
    ----------
    scores : array of float, shape (n,)
        Any numbers without NaN.

    Returns
    -------
    array of float, shape (n,)
        Ranks; they sum to n (n + 1) / 2.

    Examples
    --------
    >>> midranks(np.array([0.3, 0.1, 0.3])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)


def binary_auc(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    """Return the chance that a positive row scores above a negative one, ties half.

    Parameters
    ----------
    positive : array of bool, shape (n,)
        True where the row is of the positive class.
    scores : array of float, shape (n,)
        Higher means more likely positive.

    Returns
    -------
    float or None
        Area under the ROC curve; None where one of the classes is absent.

    Notes
    -----
    From the sum of midranks (Mann & Whitney 1947; Hanley & McNeil 1982).

    Examples
    --------
    >>> binary_auc(np.array([True, False, True]), np.array([0.9, 0.4, 0.4]))
    0.75
    """
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    above = midranks(scores)[positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def auc(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float | None:
    """Return the area under the ROC curve; for several classes the mean of one-vs-rest.

    Parameters
    ----------
    labels : array of int, shape (n,)
        Codes of the true classes.
    probabilities : array of float, shape (n, classes)
        Predicted probabilities.

    Returns
    -------
    float or None
        Macro mean over the classes that occur; None where fewer than two occur.

    Examples
    --------
    >>> auc(np.array([0, 1, 1]), np.array([[0.8, 0.2], [0.3, 0.7], [0.9, 0.1]]))
    0.5
    """
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    areas = [binary_auc(labels == code, probabilities[:, code]) for code in classes]
    defined = [area for area in areas if area is not None]
    return float(np.mean(defined)) if defined else None
