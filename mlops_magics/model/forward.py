"""What does a trained network answer, without JAX?

The forward pass of `network` in NumPy: a first small prediction loads nothing and
takes microseconds. A test holds the two equal to 1e-5.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]
Array = NDArray[np.float32]

# Rows at a time: eight members' 64 units of them take 4 MB and stay in the cache.
ROWS_AT_A_TIME = 2048
# exp of more than this overflows float32; SiLU is flat long before.
LARGEST_EXPONENT = np.float32(80.0)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One hidden layer of all members.

    Parameters
    ----------
    kernel : array of float32, shape (members, inputs, units)
        The weights.
    bias : array of float32, shape (members, 1, units)
        Added to each unit.
    blend : array of float32, shape (members, 1, units)
        0 leaves a unit linear, 1 makes it a SiLU.

    Examples
    --------
    >>> Layer(np.ones((8, 2, 64)), np.zeros((8, 1, 64)), np.ones((8, 1, 64))).kernel.shape
    (8, 2, 64)
    """

    kernel: Array
    bias: Array
    blend: Array


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """A trained ensemble, ready to answer.

    Parameters
    ----------
    first : array of float32, shape (inputs, members * units)
        Scaled weights of the first layer of all members, side by side.
    hidden : tuple of Layer
        The hidden layers, the first with its bias and blend.
    kernel : array of float32, shape (members, units, outputs)
        Weights of the output.
    bias : array of float32, shape (members, 1, outputs)
        Added to each output.

    Examples
    --------
    >>> weights = {
    ...     "input_scale": np.ones((2, 1)), "hidden.0.kernel": np.ones((2, 1, 4)),
    ...     "hidden.0.bias": np.zeros((2, 4)), "hidden.0.blend": np.zeros((2, 4)),
    ...     "output.kernel": np.ones((2, 4, 1)), "output.bias": np.zeros((2, 1))}
    >>> Forward.of(weights)(np.array([[3.0]])).ravel().tolist()
    [12.0, 12.0]
    """

    first: Array
    hidden: tuple[Layer, ...]
    kernel: Array
    bias: Array

    @classmethod
    def of(cls, weights: Weights) -> "Forward":
        """Arrange the weights of a trained network.

        Parameters
        ----------
        weights : mapping of str to array
            By the network's own names, as a model file holds them.

        Returns
        -------
        Forward
            Ready to be called.
        """
        scaled = weights["hidden.0.kernel"] * weights["input_scale"][:, :, None]
        first = (
            scaled.transpose(1, 0, 2)
            .reshape(scaled.shape[1], scaled.shape[0] * scaled.shape[2])
            .copy()
        )
        depth = sum(name.endswith(".blend") for name in weights)
        hidden = tuple(
            Layer(
                weights[f"hidden.{place}.kernel"],
                weights[f"hidden.{place}.bias"][:, None],
                weights[f"hidden.{place}.blend"][:, None],
            )
            for place in range(depth)
        )
        return cls(first, hidden, weights["output.kernel"], weights["output.bias"][:, None])

    def __call__(self, inputs: Array) -> Array:
        """Return what each member answers.

        Parameters
        ----------
        inputs : array of float32, shape (n, inputs)
            Encoded rows.

        Returns
        -------
        array of float32, shape (members, n, outputs)
            Logits of classes, or the standardised value.
        """
        answers = np.empty((len(self.kernel), len(inputs), self.kernel.shape[2]), np.float32)
        for start in range(0, len(inputs), ROWS_AT_A_TIME):
            rows = slice(start, start + ROWS_AT_A_TIME)
            answers[:, rows] = self.finish(self.sums(inputs[rows]))
        return answers

    def sums(self, inputs: Array) -> Array:
        """Return what reaches the first hidden layer, of all members side by side."""
        return np.asarray(inputs @ self.first, np.float32)

    def finish(self, sums: Array) -> Array:
        """Return what each member answers for such sums, a few rows at a time."""
        members = len(self.kernel)
        units: Array = sums.reshape(len(sums), members, -1).transpose(1, 0, 2)
        for place, layer in enumerate(self.hidden):
            linear: Array = (units @ layer.kernel if place else units) + layer.bias
            silu = linear / (1 + np.exp(np.minimum(-linear, LARGEST_EXPONENT)))
            units = linear + layer.blend * (silu - linear)
        answer: Array = units @ self.kernel + self.bias
        return answer


def softmax(logits: Array) -> NDArray[np.float64]:
    """Return probabilities of logits, in float64.

    Parameters
    ----------
    logits : array of float32, shape (…, classes)
        Any numbers.

    Returns
    -------
    array of float64, shape (…, classes)
        Sums to 1 along the last axis.

    Examples
    --------
    >>> softmax(np.array([0.0, np.log(3.0)])).round(6).tolist()
    [0.25, 0.75]
    """
    wide = logits.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)
