"""What happens in the compiled part of a fit?

One pure function runs some steps of all members and, where it is told to, checks them
on the rows that they leave out and keeps the best of each. Schedule, dropout, decay and
the number of steps are its arguments, so that one compilation serves every fit of the
same padded shape, in calls as short as an interrupt needs.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from mlops_magics.model import network
from mlops_magics.model.network import Params

# Factors of the learning rate: input scales must move far, blends hardly.
FACTORS = {"input_scale": 6.0, "blend": 0.1}
SECOND_MOMENT_DECAY = 0.95
# Decay of the average of the weights that is checked and kept.
AVERAGE_DECAY = 0.98


class State(NamedTuple):
    """Everything that a step changes.

    Parameters
    ----------
    params : nested dict of array
        The weights.
    moments : object
        State of the optimiser.
    average : nested dict of array
        Exponential moving average of the weights.
    step : array of float32, shape ()
        Steps done.
    key : array of uint32, shape (2,)
        Random key of the dropout.
    best : nested dict of array
        Each member's average of its smallest held-out loss.
    best_loss : array of float32, shape (members,)
        That loss.

    Examples
    --------
    >>> State._fields[:2]
    ('params', 'moments')
    """

    params: Params
    moments: Any
    average: Params
    step: Any
    key: Any
    best: Params
    best_loss: Any


class Data(NamedTuple):
    """The padded training table.

    Parameters
    ----------
    inputs : array of float32, shape (rows, inputs)
        Encoded rows, then zeros.
    targets : array of int32 or float32, shape (rows,)
        Codes of classes, or standardised numbers.
    learned : array of float32, shape (members, rows)
        1 where the member learns from the row.
    checked : array of int32, shape (members, checked rows)
        Rows that a member is checked on.
    counted : array of float32, shape (members, checked rows)
        1 where the check counts.

    Examples
    --------
    >>> Data._fields[:2]
    ('inputs', 'targets')
    """

    inputs: Any
    targets: Any
    learned: Any
    checked: Any
    counted: Any


class Settings(NamedTuple):
    """Numbers of the recipe that are data to the program.

    Parameters
    ----------
    dropout : array of float32, shape ()
        Share of the units left out.
    weight_decay : array of float32, shape ()
        Decoupled decay of the kernels.
    class_mask : array of float32, shape (outputs,)
        0 for a class, -1e9 for padding.

    Examples
    --------
    >>> Settings._fields
    ('dropout', 'weight_decay', 'class_mask')
    """

    dropout: Any
    weight_decay: Any
    class_mask: Any


def optimiser(weight_decay: Any) -> optax.GradientTransformation:
    """Return Adam with decoupled decay of the kernels, without a learning rate.

    Parameters
    ----------
    weight_decay : float or array of float32, shape ()
        Share of a kernel that a step of rate 1 takes away.

    Returns
    -------
    optax.GradientTransformation
        Loshchilov & Hutter (2019), AdamW; rates and signs are applied after it.

    Examples
    --------
    >>> optimiser(0.1).init({"kernel": jnp.zeros(2)})[0].count.dtype
    dtype('int32')
    """
    return optax.chain(
        optax.scale_by_adam(b2=SECOND_MOMENT_DECAY),
        optax.add_decayed_weights(weight_decay, mask=_kernels),
    )


def _name(path: Any) -> str:
    return str(path[-1].key)


def _kernels(params: Params) -> Any:
    return jax.tree_util.tree_map_with_path(lambda path, _: _name(path) == "kernel", params)


def initial_state(params: Params, seed: int) -> State:
    """Return the state before the first step, made without compiling anything.

    Parameters
    ----------
    params : nested dict of array of float32
        Initial weights.
    seed : int
        Of the dropout.

    Returns
    -------
    State
        Of NumPy arrays.

    Examples
    --------
    >>> from mlops_magics.model.network import Shape, initial_weights
    >>> params = initial_weights(Shape(inputs=4, outputs=2), np.random.default_rng(0))
    >>> initial_state(params, 0).best_loss.shape
    (8,)
    """
    shapes = jax.eval_shape(optimiser(0.0).init, params)
    moments = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)
    halves = [(seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF]
    members = len(params["input_scale"])
    worst = np.full(members, np.inf, np.float32)
    key = np.array(halves, np.uint32)
    return State(params, moments, params, np.float32(0), key, params, worst)


def losses(answers: jax.Array, targets: jax.Array, mask: jax.Array | None) -> jax.Array:
    """Return the loss of each row: negative log likelihood, or squared error.

    Parameters
    ----------
    answers : array of float32, shape (members, n, outputs)
        Logits, or standardised values.
    targets : array, shape (members or 1, n)
        Codes of classes, or standardised numbers.
    mask : array of float32, shape (outputs,), or None
        Added to the logits; None for regression.

    Returns
    -------
    array of float32, shape (members, n)
        At least 0.

    Examples
    --------
    >>> losses(jnp.zeros((1, 2, 1)), jnp.array([[1.0, -2.0]]), None).tolist()
    [[1.0, 4.0]]
    """
    if mask is None:
        return jnp.square(answers[..., 0] - targets)
    logs = jax.nn.log_softmax(answers + mask[None, None])
    happened = jnp.broadcast_to(targets, answers.shape[:2])[..., None]
    return -jnp.take_along_axis(logs, happened, axis=2)[..., 0]


class Piece(NamedTuple):
    """What one call is to do.

    Parameters
    ----------
    rows : array of int32, shape (steps, batch)
        Rows of each step of a chunk.
    rates : array of float32, shape (steps,)
        Learning rate of each.
    first, last : array of int32, shape ()
        Which of these steps to run, without the last.
    checks : array of bool, shape ()
        Whether to check the members afterwards.

    Examples
    --------
    >>> Piece._fields
    ('rows', 'rates', 'first', 'last', 'checks')
    """

    rows: Any
    rates: Any
    first: Any
    last: Any
    checks: Any


@partial(jax.jit, static_argnames=("is_regression", "has_dropout"))
def run(
    state: State,
    data: Data,
    piece: Piece,
    settings: Settings,
    is_regression: bool,
    has_dropout: bool,
) -> tuple[State, jax.Array, jax.Array]:
    """Run some steps; after the last of a chunk check the averages and keep the best.

    Parameters
    ----------
    state : State
        After the piece before.
    data : Data
        The padded table.
    piece : Piece
        The steps.
    settings : Settings
        Dropout, decay and the mask of classes.
    is_regression : bool
        Whether the target is a number.
    has_dropout : bool
        Without, no random number is drawn.

    Returns
    -------
    State
        After the piece.
    array of float32, shape ()
        Sum of the losses of its batches.
    array of float32, shape (members,)
        Loss of each member on its checked rows; infinite without a check.

    Examples
    --------
    >>> run.__name__
    'run'
    """
    mask = None if is_regression else settings.class_mask

    def objective(params: Params, rows: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        drawn = key if has_dropout else None
        answers = network.apply(params, data.inputs[rows], settings.dropout, drawn)
        weight = data.learned[:, rows]
        weighted = losses(answers, data.targets[rows][None], mask) * weight
        mean = weighted.sum() / weight.sum()
        # members share nothing, so the sum of their losses trains each on its own
        return mean * len(weight), mean

    def step(place: Any, before: tuple[State, jax.Array]) -> tuple[State, jax.Array]:
        state, total = before
        key, own = jax.random.split(state.key)
        gradient, loss = jax.grad(objective, has_aux=True)(state.params, piece.rows[place], own)
        moved = _move(state, gradient, piece.rates[place], settings.weight_decay)
        return moved._replace(key=key), total + loss

    begin = (state, jnp.zeros((), jnp.float32))
    after, total = jax.lax.fori_loop(piece.first, piece.last, step, begin)
    kept, checked = jax.lax.cond(
        piece.checks,
        lambda ended: _keep(ended, _check(ended.average, data, mask)),
        lambda ended: (ended, jnp.full_like(ended.best_loss, jnp.inf)),
        after,
    )
    return kept, total, checked


def _move(state: State, gradient: Params, rate: jax.Array, weight_decay: jax.Array) -> State:
    """Return the state after one step of the optimiser, and of the average behind it."""
    updates, moments = optimiser(weight_decay).update(gradient, state.moments, state.params)
    scaled = jax.tree_util.tree_map_with_path(
        lambda path, update: -rate * FACTORS.get(_name(path), 1.0) * update, updates
    )
    params = optax.apply_updates(state.params, scaled)
    count = state.step + 1
    # the first steps count little: an average from the start would hold them long
    share = 1 - jnp.minimum(AVERAGE_DECAY, (count + 1) / (count + 10))
    average = optax.incremental_update(params, state.average, share)
    return state._replace(params=params, moments=moments, average=average, step=count)


def _keep(after: State, checked: jax.Array) -> tuple[State, jax.Array]:
    """Return the state with the best average of each member, and what was checked."""
    is_better = checked < after.best_loss
    best = jax.tree.map(
        lambda new, old: jnp.where(is_better.reshape(-1, *[1] * (new.ndim - 1)), new, old),
        after.average,
        after.best,
    )
    return after._replace(best=best, best_loss=jnp.minimum(checked, after.best_loss)), checked


def _check(params: Params, data: Data, mask: jax.Array | None) -> jax.Array:
    """Return each member's mean loss on its own checked rows."""

    def one(own: Params, rows: jax.Array, counted: jax.Array) -> jax.Array:
        alone = jax.tree.map(lambda array: array[None], own)
        answers = network.apply(alone, data.inputs[rows])
        return (losses(answers, data.targets[rows][None], mask)[0] * counted).sum() / counted.sum()

    # one member after the other: the gathered rows of all would not fit the cache
    given = (params, data.checked, data.counted)
    checked: jax.Array = jax.lax.map(lambda member: one(*member), given)
    return checked
