"""What is the network that is trained?

An ensemble of small networks as one Flax module, and its pure forward pass over a
plain nested dict of arrays, which is all that Optax, jit and a model file see.
Weights begin in NumPy: in JAX each operation of it would be compiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from numpy.typing import NDArray

from . import compile_cache

Params = dict[str, Any]
Weights = dict[str, NDArray[np.float32]]

# Row counts that a prediction is padded to: each is compiled once.
SMALLEST_BUCKET, LARGEST_BUCKET = 1024, 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes of an ensemble.

    Parameters
    ----------
    inputs : int
        Encoded inputs of a row.
    outputs : int
        Classes, or 1.
    members : int, default=8
        Networks that are trained as one.
    units : int, default=64
        Units of a hidden layer.
    layers : int, default=3
        Hidden layers.

    Examples
    --------
    >>> Shape(inputs=32, outputs=2).members
    8
    """

    inputs: int
    outputs: int
    members: int = 8
    units: int = 64
    layers: int = 3

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Shape":
        """Read the sizes off nested parameters."""
        members, inputs = params["input_scale"].shape
        units, outputs = params["output"]["kernel"].shape[1:]
        layers = len(params["hidden"])
        return cls(inputs=inputs, outputs=outputs, members=members, units=units, layers=layers)


class Hidden(nnx.Module):
    """One hidden layer of all members; each unit learns how much of a SiLU it is.

    Parameters
    ----------
    members : int
        Networks of the ensemble.
    inputs : int
        Units that come in.
    units : int
        Units that go out.

    Examples
    --------
    >>> nnx.eval_shape(lambda: Hidden(8, 32, 64)).kernel.shape
    (8, 32, 64)
    """

    def __init__(self, members: int, inputs: int, units: int) -> None:
        self.kernel = nnx.Param(jnp.zeros((members, inputs, units)))
        self.bias = nnx.Param(jnp.zeros((members, units)))
        self.blend = nnx.Param(jnp.ones((members, units)))

    def activate(self, sums: jax.Array) -> jax.Array:
        """Return linear + blend (SiLU - linear), with the bias in."""
        linear = sums + self.bias[...][:, None]
        return linear + self.blend[...][:, None] * (jax.nn.silu(linear) - linear)


class Output(nnx.Module):
    """The last layer of all members, linear.

    Parameters
    ----------
    members : int
        Networks of the ensemble.
    inputs : int
        Units that come in.
    outputs : int
        Numbers that a member answers.

    Examples
    --------
    >>> nnx.eval_shape(lambda: Output(8, 64, 2)).bias.shape
    (8, 2)
    """

    def __init__(self, members: int, inputs: int, outputs: int) -> None:
        self.kernel = nnx.Param(jnp.zeros((members, inputs, outputs)))
        self.bias = nnx.Param(jnp.zeros((members, outputs)))


class Ensemble(nnx.Module):
    """Small networks that see the same batch, each with its own weights.

    Parameters
    ----------
    shape : Shape
        The sizes.

    Notes
    -----
    A learned scale of each input lets a member weigh features early and cheaply
    (Holzmuller et al. 2024, RealMLP). The first layer of all members is one
    matrix product over the shared batch.

    Examples
    --------
    >>> ensemble = nnx.eval_shape(lambda: Ensemble(Shape(inputs=32, outputs=2)))
    >>> len(ensemble.hidden)
    3
    """

    def __init__(self, shape: Shape) -> None:
        sizes = [shape.inputs] + [shape.units] * shape.layers
        self.input_scale = nnx.Param(jnp.ones((shape.members, shape.inputs)))
        self.hidden = nnx.List(
            Hidden(shape.members, before, after) for before, after in pairwise(sizes)
        )
        self.output = Output(shape.members, shape.units, shape.outputs)

    def __call__(
        self, inputs: jax.Array, dropout: jax.Array | None = None, key: jax.Array | None = None
    ) -> jax.Array:
        """Return what each member answers.

        Parameters
        ----------
        inputs : array of float32, shape (n, inputs)
            Encoded rows, shared by all members.
        dropout : array of float32, shape (), optional
            Share of the units of each hidden layer to leave out, for training.
        key : array, optional
            Random key; without one nothing is left out.

        Returns
        -------
        array of float32, shape (members, n, outputs)
            Logits of classes, or the standardised value.
        """
        units = inputs
        for place, layer in enumerate(self.hidden):
            kernel = layer.kernel[...]
            if place:
                sums = units @ kernel
            else:
                scaled = kernel * self.input_scale[...][:, :, None]
                sums = jnp.einsum("bd,kdh->kbh", inputs, scaled)
            units = layer.activate(sums)
            if key is not None and dropout is not None:
                key, own = jax.random.split(key)
                # one mask for all members: eight times fewer random numbers
                kept = jax.random.uniform(own, units.shape[1:]) >= dropout
                units = units * kept[None] / (1 - dropout)
        return units @ self.output.kernel[...] + self.output.bias[...][:, None]


def initial_weights(shape: Shape, generator: np.random.Generator) -> Params:
    """Return random weights to begin with.

    Parameters
    ----------
    shape : Shape
        The sizes.
    generator : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    nested dict of array of float32
        Kernels as in He et al. (2015), random biases (so that units bend at
        different places), scales and blends 1, output bias 0.

    Examples
    --------
    >>> params = initial_weights(Shape(inputs=4, outputs=2), np.random.default_rng(0))
    >>> params["hidden"][0]["kernel"].shape, params["output"]["bias"].shape
    ((8, 4, 64), (8, 2))
    """
    members, units = shape.members, shape.units

    def normal(*size: int, deviation: float) -> NDArray[np.float32]:
        return (generator.standard_normal(size) * deviation).astype(np.float32)

    hidden: dict[int, Any] = {}
    for place in range(shape.layers):
        inputs = units if place else shape.inputs
        hidden[place] = {
            "kernel": normal(members, inputs, units, deviation=float(np.sqrt(2 / max(inputs, 1)))),
            "bias": normal(members, units, deviation=0.3),
            "blend": np.ones((members, units), np.float32),
        }
    output = {
        "kernel": normal(members, units, shape.outputs, deviation=float(np.sqrt(1 / units))),
        "bias": np.zeros((members, shape.outputs), np.float32),
    }
    scale = np.ones((members, shape.inputs), np.float32)
    return {"input_scale": scale, "hidden": hidden, "output": output}


def apply(
    params: Mapping[str, Any],
    inputs: jax.Array,
    dropout: jax.Array | None = None,
    key: jax.Array | None = None,
) -> jax.Array:
    """Return what the ensemble with these weights answers; pure, to be jitted.

    Parameters
    ----------
    params : nested dict of array
        As `initial_weights` makes them.
    inputs : array of float32, shape (n, inputs)
        Encoded rows.
    dropout : array of float32, shape (), optional
        Share of the units to leave out, for training.
    key : array, optional
        Random key; without one nothing is left out.

    Returns
    -------
    array of float32, shape (members, n, outputs)
        Logits of classes, or the standardised value.

    Examples
    --------
    >>> params = initial_weights(Shape(inputs=4, outputs=2), np.random.default_rng(0))
    >>> jax.eval_shape(apply, params, np.zeros((5, 4), np.float32)).shape
    (8, 5, 2)
    """
    # Only shapes are computed here, once a trace.
    abstract = nnx.eval_shape(lambda: Ensemble(Shape.of(params)))
    graph, state = nnx.split(abstract)
    nnx.replace_by_pure_dict(state, dict(params))
    answer: jax.Array = nnx.merge(graph, state)(inputs, dropout, key)
    return answer


def flatten(params: Mapping[str, Any]) -> Weights:
    """Return nested parameters by dotted names, as a model file holds them.

    Parameters
    ----------
    params : nested dict of array
        As `initial_weights` makes them.

    Returns
    -------
    dict of str to array of float32
        input_scale, hidden.0.kernel, …, output.bias.

    Examples
    --------
    >>> params = initial_weights(Shape(inputs=4, outputs=2, layers=1), np.random.default_rng(0))
    >>> list(flatten(params))[:2]
    ['input_scale', 'hidden.0.kernel']
    """
    flat: Weights = {}
    for name, part in params.items():
        if isinstance(part, Mapping):
            named = {str(key): inner for key, inner in part.items()}
            flat |= {f"{name}.{inner}": array for inner, array in flatten(named).items()}
        else:
            flat[name] = np.asarray(part, np.float32)
    return flat


def unflatten(weights: Mapping[str, Any]) -> Params:
    """Return the nested parameters of dotted names.

    Parameters
    ----------
    weights : mapping of str to array
        As `flatten` makes them.

    Returns
    -------
    nested dict of array
        As `apply` takes them.

    Examples
    --------
    >>> unflatten({"output.bias": np.zeros((8, 2))})["output"].keys()
    dict_keys(['bias'])
    """
    params: Params = {}
    for name, array in weights.items():
        *path, last = (int(part) if part.isdecimal() else part for part in name.split("."))
        place: dict[Any, Any] = params
        for part in path:
            place = place.setdefault(part, {})
        place[last] = array
    return params


_answer = jax.jit(apply)


def predict(weights: Mapping[str, Any], inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what each member answers, for many rows.

    Parameters
    ----------
    weights : mapping of str to array
        By dotted names.
    inputs : array of float32, shape (n, inputs)
        Encoded rows.

    Returns
    -------
    array of float32, shape (members, n, outputs)
        Logits of classes, or the standardised value.

    Examples
    --------
    >>> params = initial_weights(Shape(inputs=4, outputs=2), np.random.default_rng(0))
    >>> predict(flatten(params), np.zeros((5, 4), np.float32)).shape
    (8, 5, 2)
    """
    compile_cache.enable()
    params = jax.device_put(unflatten(weights))
    bucket = SMALLEST_BUCKET
    while bucket < min(len(inputs), LARGEST_BUCKET):
        bucket *= 2
    answers = []
    for start in range(0, len(inputs), bucket):
        rows = inputs[start : start + bucket]
        padded = np.pad(rows, ((0, bucket - len(rows)), (0, 0)))
        answers.append(np.asarray(_answer(params, padded))[:, : len(rows)])
    return np.concatenate(answers, axis=1)
