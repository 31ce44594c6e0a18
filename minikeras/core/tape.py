"""Generated from
book/gradients/tape.ipynb
book/gradients/orders.ipynb
book/gradients/variables.ipynb

Edit the chapter, not this file.
"""

import functools
import importlib
import inspect
import math
import operator
from contextlib import contextmanager, suppress

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import Level, apply, here
from minikeras.core.dtypes import FLOATS
from minikeras.core.eager import compute
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.gradients import constant, vjp, zeros_like
from minikeras.core.nest import flatten, pack
from minikeras.core.specs import joint_shape
from minikeras.core.table import (
    Op,
    broadcast_like,
    cast,
    concatenate,
    iota,
    reshape,
    transpose,
)
from minikeras.core.tensor import Tensor, Value, convert, size_of


class GradientTape:
    """Records the operations on what it follows, to play them backwards.

    persistent: keep the record, so that several gradients can be asked for.
    watch_accessed_variables: follow each trainable variable as it is read.
    Source: chapter "The tape that watches".

    >>> x = convert(3.0)
    >>> with GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0
    """

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent = persistent
        self._watch_accessed = watch_accessed_variables
        self._level, self._opened, self._used = None, False, False
        self._clear()

    def _clear(self):
        """Forget everything: the log, what is followed, which variables were read."""
        self._log, self._followed, self._sources = [], {}, []
        self._reads = {}

    def _start(self, level):
        self._level = level
        level.watchers.append(self)

    def _stop(self):
        self._level.watchers.remove(self)
        self._level = None

    def __enter__(self):
        if self._level is not None:
            raise ValueError("GradientTape: this tape is recording already")
        if self._used:
            self._clear()
        self._opened, self._used = True, False
        self._start(here.level)
        return self

    def __exit__(self, *exception):
        if self._level is not None:
            self._stop()

    def follow(self, x):
        """Follow a tensor of floats; whole numbers have no gradient."""
        if x.dtype in FLOATS and id(x) not in self._followed:
            self._followed[id(x)] = len(self._log)
            self._sources.append(x)

    def follows(self, x):
        """Whether operations on `x` are recorded; the door asks before it stretches."""
        return id(x) in self._followed

    def watch(self, tensor):
        """Follow a tensor, a variable or a nest of them from here on.

        Errors: ArgumentError (a ValueError) for anything that is not a tensor.
        """
        for x in flatten(tensor):
            if not isinstance(x, Value):
                raise ArgumentError(
                    "GradientTape.watch",
                    "only tensors and variables can be watched",
                    repr(x),
                    "convert_to_tensor",
                )
            x._watched_by(self)

    def saw(self, op, inputs, attributes, output):
        """Called by the door for every operation while this tape is recording."""
        followed = self._followed
        for x in inputs:
            if id(x) in followed:
                break
        else:
            return
        if vjp[op] is None:
            return
        log = self._log
        log.append((op, inputs, attributes, output))
        if output.__class__ is tuple:
            followed.update(dict.fromkeys(map(id, output), len(log)))
        else:
            followed[id(output)] = len(log)

    def _shares(self, record, position, g):
        """What the rules of a record give: (input, share) for each followed input."""
        (op, inputs, attributes, z), followed, shares = record, self._followed, []
        answers = vjp[op]
        together = answers.__class__ is not tuple
        if together:
            answers = answers(g, z, *inputs, **attributes)
        for x, answer in zip(inputs, answers):
            if answer is not None and followed.get(id(x), _NEVER) <= position:
                share = answer if together else answer(g, z, *inputs, **attributes)
                if share is not None:
                    shares.append((x, share))
        return shares

    def _sweep(self, gradients, asked):
        """From the last record to the first: hand each gradient on to the inputs.

        asked: the ids of tensors whose gradients are wanted afterwards.
        """
        followed, position, get = self._followed, len(self._log), gradients.get
        take = gradients.pop if asked <= {id(x) for x in self._sources} else get
        bare = nobody_asks()
        arithmetic, add = ARITHMETIC if bare else {}, gradients.add
        if bare:
            gradients.undress()
        for record in reversed(self._log):
            op, inputs, _, z = record
            position -= 1
            g = take(id(z), None)
            if g is None:
                g = gradients.of_all(z) if z.__class__ is tuple else None
                if g is None:
                    continue
            rules = arithmetic.get(op)
            if rules is None:
                g = dressed(g) if bare else g
                for x, share in self._shares(record, position, g):
                    add(x, share._data if bare else share)
            elif len(rules) == 1:
                add(inputs[0], rules[0](g, z._data, inputs[0]._data))
            else:  # the everyday case, with `add` written out
                (x, y), (first, second), z = inputs, rules, z._data
                a, b, x, y = x._data, y._data, id(x), id(y)
                if followed.get(x, _NEVER) <= position:
                    known, share = get(x), first(g, z, a, b)
                    gradients[x] = share if known is None else known + share
                if followed.get(y, _NEVER) <= position:
                    known, share = get(y), second(g, z, a, b)
                    gradients[y] = share if known is None else known + share
        if bare:
            gradients.dress()

    def gradient(
        self, target, sources, output_gradients=None, unconnected_gradients="none"
    ):
        """d target / d sources, in the structure of `sources`.

        target: a tensor or nest; the gradients of several add up.
        output_gradients: what to multiply from the left with, by default ones.
        unconnected_gradients: "none" gives None, "zero" zeros, where there is no path.
        Errors: RuntimeError on the second call, unless the tape is persistent;
        DTypeError (a TypeError) for what is no tensor; ShapeError for a wrong seed.

        >>> x = convert([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.gradient(y, {"x": x})["x"].numpy()
        array([2., 4.], dtype=float32)
        """
        connect = _check_unconnected(unconnected_gradients)
        targets = flatten(target)
        seeds = _seeds_for(target, targets, output_gradients)
        with self._playing_back():
            found = self._gradients(targets, seeds, flatten(sources), connect)
        return pack(sources, found)

    def _seed(self, gradients, target, seed):
        """Start the sweep at a target: with ones, or with the caller's gradient."""
        values = self._values_of(target, "a target")
        if target.dtype not in FLOATS:
            return
        one = constant(1, target.dtype) if seed is None else convert(seed, target.dtype)
        if joint_shape("output_gradients", one.shape, target.shape) != target.shape:
            raise ShapeError(
                "output_gradients",
                "a seed must have the shape of its target",
                f"{one.spec} for {target.spec}",
            )
        for value in values:
            same = one.shape == value.shape
            gradients.add(value, one if same else broadcast_like(one, value))

    def _values_of(self, source, role="a source"):
        """The tensors a source stands for: itself, or all values of a variable."""
        if id(source) in self._reads:
            return self._reads[id(source)][1]
        if not isinstance(source, Value):
            raise DTypeError(
                "GradientTape.gradient", f"{role} is a tensor or variable", repr(source)
            )
        return [source._as_value()]

    def _gradients(self, targets, seeds, sources, connect=False):
        """The gradient of each source, from a seed for each target."""
        gradients = Gradients()
        for target, seed in zip(targets, seeds, strict=True):
            self._seed(gradients, target, seed)
        values = [self._values_of(source) for source in sources]
        with np.errstate(all="ignore"):  # bare arrays pass no quiet context
            self._sweep(gradients, asked={id(x) for several in values for x in several})
        return [self._total(gradients, several, connect) for several in values]

    def _total(self, gradients, values, connect):
        """What arrived at a source, over all its values; None or zeros if nothing."""
        shares = [
            gradients[id(x)] for x in values if id(x) in gradients and self.follows(x)
        ]
        if shares:
            return functools.reduce(operator.add, shares)
        return zeros_like(values[0]) if connect else None

    @contextmanager
    def _playing_back(self):
        """Play back; then a tape that is not persistent is spent, unless it failed."""
        if not self._opened:
            raise RuntimeError("GradientTape: this tape was never opened by `with`")
        if self._used:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of "
                "gradients (or jacobians). Use GradientTape(persistent=True) for more."
            )
        level = self._level
        stops = level is not None and not self._persistent
        if stops:
            self._stop()
        try:
            yield
        except BaseException:
            if stops:
                self._start(level)
            raise
        if not self._persistent:
            self._used = True
            self._log, self._followed, self._sources = [], {}, []

    def _check_recording(self):
        if self._level is None:
            raise ValueError("GradientTape: this tape is not recording")

    @contextmanager
    def stop_recording(self):
        """Operations inside this `with` block are not recorded."""
        self._check_recording()
        level = self._level
        self._stop()
        try:
            yield
        finally:
            self._start(level)

    def reset(self):
        """Forget what was recorded and watched, and go on recording."""
        self._check_recording()
        self._clear()

    def jacobian(
        self,
        target,
        sources,
        unconnected_gradients="none",
        parallel_iterations=None,
        experimental_use_pfor=True,
    ):
        """All partial derivatives: shape target.shape + source.shape for each source.

        parallel_iterations: how many rows may be worked on at once; None means all, and so
        does a target whose sizes only a run knows.
        experimental_use_pfor: whether rows may be worked on at once.

        >>> x = convert([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
        """
        connect = _check_unconnected(unconnected_gradients)
        target = _value_of(target, "GradientTape.jacobian")
        leaves, way = flatten(sources), way_to_sweep(experimental_use_pfor)
        with self._playing_back():

            def sweep(seed):
                return self._gradients([target], [seed], leaves, connect)

            found = way(sweep, sizes_from(target), target.dtype, parallel_iterations)
        return pack(sources, found)

    def batch_jacobian(
        self,
        target,
        source,
        unconnected_gradients="none",
        parallel_iterations=None,
        experimental_use_pfor=True,
    ):
        """Each example's jacobian: target [b, ...], source [b, ...] -> [b, ..., ...].

        Right only if example i of the target depends on example i of the source alone.
        """
        y, x = (_value_of(v, "GradientTape.batch_jacobian") for v in (target, source))
        if min(y.ndim, x.ndim) < 2 or y.shape[0] != x.shape[0]:
            raise ShapeError(
                "GradientTape.batch_jacobian",
                "target and source need at least two axes, and the first in common",
                f"{y.spec} by {x.spec}",
                "jacobian",
            )
        connect = _check_unconnected(unconnected_gradients)
        way = way_to_sweep(experimental_use_pfor)
        with self._playing_back():

            def sweep(seed):
                return self._gradients([target], [seed], [source], connect)

            (rows,) = way(sweep, sizes_from(y, 1), y.dtype, parallel_iterations)
        return batch_first(rows, y.ndim - 1)

    def read(self, variable, value):
        """Called by a variable when it is read: trainable ones are followed."""
        if variable._trainable and self._watch_accessed:
            self.watch_variable(variable)
        if id(variable) in self._reads:
            self._reads[id(variable)][1].append(value)
            self.follow(value)

    def watch_variable(self, variable):
        """Follow what is read from a variable from here on."""
        self._reads.setdefault(id(variable), (variable, []))

    def watched_variables(self):
        """The variables read or watched so far, in order."""
        return tuple(variable for variable, _ in self._reads.values())


class Gradients(dict):
    """Gradients by tensor: shares of the same tensor add up."""

    def add(self, x, share):
        """Give `x` one more share."""
        known = self.get(id(x))
        self[id(x)] = share if known is None else known + share

    def of_all(self, outputs):
        """A gradient, or None, for each of several outputs; or None if none came."""
        found = [self.get(id(z)) for z in outputs]
        return None if all(g is None for g in found) else found

    def undress(self):
        """Keep bare arrays in place of tensors, for a sweep that nobody sees."""
        self.update({key: g._data for key, g in self.items()})

    def dress(self):
        """Keep tensors again."""
        self.update({key: dressed(g) for key, g in self.items()})


def filled(gradients, outputs):
    """Gradients of several outputs, with zeros in place of those that are None."""
    pairs = zip(gradients, outputs, strict=True)
    return [zeros_like(z) if g is None else g for g, z in pairs]


def is_arithmetic(rules):
    """Whether rules of one or two inputs are signs between them: no names, no numbers.

    (Numbers are excluded for bfloat16, which NumPy alone would widen beside them.)
    """
    if rules.__class__ is not tuple or None in rules or len(rules) > 2:
        return False
    codes = [rule.__code__ for rule in rules]
    return all(
        code.co_argcount == 2 + len(rules)  # g, z and the inputs, but no attributes
        and not (code.co_names or code.co_freevars or set(code.co_consts) - {None})
        for code in codes
    )


ARITHMETIC = {op: rules for op, rules in vjp.items() if is_arithmetic(rules)}


def nobody_asks():
    """Whether NumPy computes on this level, and no tape looks on."""
    return here.level.reader is compute and not here.level.watchers


def dressed(g):
    """A bare array (or a list with some) as tensors."""
    if g.__class__ is list:
        return [dressed(one) for one in g]
    return g if g is None or isinstance(g, Value) else Tensor(np.asarray(g))


_NEVER = 2**62


def _check_unconnected(choice):
    """Whether unconnected sources get zeros."""
    name = getattr(choice, "value", choice)
    if name not in ("none", "zero"):
        raise ArgumentError(
            "GradientTape.gradient",
            "unconnected_gradients is 'none' or 'zero'",
            repr(choice),
        )
    return name == "zero"


def _seeds_for(target, targets, output_gradients):
    """One seed for each target: what the caller gave, or None for ones."""
    if output_gradients is None:
        return [None] * len(targets)
    seeds = flatten(output_gradients)
    if len(seeds) == len(targets):
        return seeds
    if isinstance(target, Value):
        return [output_gradients]
    raise ArgumentError(
        "output_gradients",
        "one is needed for each target",
        f"{len(seeds)} for {len(targets)} targets",
    )


def unit_seeds(shape, dtype):
    """For each place of a shape, a tensor that is 1 there and 0 elsewhere.

    For an empty shape one empty tensor, by which one may still see what is connected.
    """
    size = math.prod(shape)
    places = iota(size=size, dtype="int32")
    for i in range(max(size, 1)):
        yield reshape(cast(places == i, dtype=dtype), shape=shape)


def stack_rows(rows, shape):
    """One gradient for each place of `shape`, as one tensor: shape + row shape."""
    if any(row is None for row in rows):
        return None
    stack = concatenate(*(reshape(row, shape=(1, *row.shape)) for row in rows), axis=0)
    stack = stack[:0] if 0 in shape else stack
    return reshape(stack, shape=(*shape, *rows[0].shape))


def row_by_row(sweep, shape, dtype, at_once=None):
    """What sweep(seed), a list of gradients, gives for each unit seed; stacked."""
    if not all(isinstance(size, int) for size in shape):
        problem = "row by row, the sizes of the target must be known"
        hint = "experimental_use_pfor=True, in TensorFlow's words: all rows at once"
        raise ShapeError("GradientTape.jacobian", problem, hint=hint)
    rows = [sweep(seed) for seed in unit_seeds(shape, dtype)]
    return [stack_rows(column, shape) for column in zip(*rows, strict=True)]


sweeps = [row_by_row]  # ways to sweep all seeds


def way_to_sweep(at_once):
    """The way in the list that a later chapter has put there, once it is built."""
    if at_once:
        with suppress(ImportError):
            importlib.import_module("minikeras.ops.mapping")
    return sweeps[-1 if at_once else 0]


def _value_of(x, asker):
    """The tensor behind a target or source; anything else is a DTypeError."""
    if not isinstance(x, Value):
        raise DTypeError(asker, "target and source are single tensors", repr(x))
    return x._as_value()


def sizes_from(x, first=0):
    """The sizes of the axes of `x`, from the `first`; tensors, where only a run knows."""
    return tuple([size_of(x, axis) for axis in range(first, x.ndim)])


def batch_first(z, ndim):
    """[out..., b, in...] -> [b, out..., in...], where out has `ndim` axes."""
    if z is None:
        return None
    return transpose(z, axes=(ndim, *range(ndim), *range(ndim + 1, z.ndim)))


custom_call = Op("custom_call", listed=False)


def _custom_call(g, z, *inputs, gradient, variables):
    """The user's own rule, asked once for all inputs and variables."""
    g = filled(g, z) if isinstance(g, list) else [g]
    if variables:
        shares, others = gradient(*g, variables=list(variables))
        shares = [*as_list(shares), *as_list(others)]
    else:
        shares = as_list(gradient(*g))
    if len(shares) != len(inputs):
        raise ArgumentError(
            "custom_gradient",
            "one gradient is needed for each input",
            f"{len(shares)} gradients for {len(inputs)} inputs",
        )
    return [_share_for(x, share) for x, share in zip(inputs, shares, strict=True)]


vjp[custom_call] = _custom_call


def as_list(shares):
    """One gradient, or a list or tuple of them, as a list."""
    return list(shares) if isinstance(shares, (list, tuple)) else [shares]


def _share_for(x, share):
    """A gradient from the user, in its input's shape and dtype; None stays None."""
    if share is None or x.dtype not in FLOATS:
        return None
    share = convert(share, x.dtype)
    if joint_shape("custom_gradient", share.shape, x.shape) != x.shape:
        raise ShapeError(
            "custom_gradient",
            "a gradient must have the shape of its input",
            f"{share.spec} for {x.spec}",
        )
    return share if share.shape == x.shape else broadcast_like(share, x)


def fresh(x):
    """A new tensor with the values of `x`, which no tape follows yet."""
    return apply(table.stop_gradient, convert(x))


class Reads:
    """A watcher that notes which trainable variables are read, and what they held."""

    def __init__(self):
        self.found = {}

    def read(self, variable, value):
        """Called by a variable when it is read."""
        if variable.trainable:
            self.found.setdefault(id(variable), (variable, value))

    def saw(self, op, inputs, attributes, output):
        """Operations are not its business."""

    def follows(self, x):
        """It follows nothing."""
        return False


def noting_reads(function, inputs, kwargs):
    """function(*inputs) -> its result, and the (variable, value) pairs that it read."""
    reads, watchers = Reads(), here.level.watchers
    watchers.append(reads)
    try:
        result = function(*inputs, **kwargs)
    finally:
        watchers.remove(reads)
    return result, list(reads.found.values())


def takes_variables(function):
    """Whether a function can be called with the keyword `variables`."""
    parameters = inspect.signature(function).parameters
    return "variables" in parameters or any(
        p.kind is p.VAR_KEYWORD for p in parameters.values()
    )


def _check_custom(result, reads):
    """The result and the gradient function, if that is what the user returned."""
    if not (
        isinstance(result, (tuple, list)) and len(result) == 2 and callable(result[1])
    ):
        raise DTypeError(
            "custom_gradient",
            "the function must return a result and a gradient function",
            type(result).__name__,
            "return y, gradient",
        )
    if reads and not takes_variables(result[1]):
        raise DTypeError(
            "custom_gradient",
            "the function reads variables, so its gradient needs them",
            f"{len(reads)} variables",
            "def gradient(*g, variables=None): return gx, gvariables",
        )
    return result


def custom_gradient(f):
    """Give a function a gradient rule of its own: f(*x) -> (y, grad_fn).

    `grad_fn(g)` gets the gradient of y (one for each output) and returns the gradient
    of each x. If `f` reads variables, it is called as `grad_fn(g, variables=[...])`
    and returns a pair, the gradients of the inputs and those of the variables.
    Errors: DTypeError (a TypeError) if `f` returns something else.

    >>> @custom_gradient
    ... def halved(x):
    ...     return x, lambda g: g * 0.5
    >>> x = convert(3.0)
    >>> with GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = halved(x)
    >>> float(tape.gradient(y, x))
    0.5
    """

    @functools.wraps(f)
    def call(*args, **kwargs):
        inputs = tuple(convert(x) for x in args)
        result, reads = noting_reads(f, inputs, kwargs)
        result, gradient = _check_custom(result, reads)
        outputs = tuple(fresh(z) for z in flatten(result))
        seen = outputs[0] if isinstance(result, Value) else outputs
        inputs += tuple(value for _, value in reads)
        attributes = {"gradient": gradient, "variables": tuple(v for v, _ in reads)}
        for watcher in here.level.watchers:
            watcher.saw(custom_call, inputs, attributes, seen)
        return pack(result, outputs)

    return call


@contextmanager
def unwatched():
    """Nobody looks on inside this block, and everyone is back after it."""
    below = here.level
    here.level = Level(below.reader, below.explicit)
    here.level.state = below.state
    try:
        yield
    finally:
        here.level = below
