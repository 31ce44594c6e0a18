"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import importlib
import threading
from contextlib import contextmanager, suppress

from minikeras import ops
from minikeras.core.door import Level, here
from minikeras.core.dtypes import FLOATS, standardize_dtype
from minikeras.core.eager import compute
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.names import auto_name, check_name, current_path, to_snake_case
from minikeras.core.specs import known_spec, standardize_shape
from minikeras.core.tape import fresh
from minikeras.core.tensor import Tensor, Value, convert


class Variable(Value):
    """A named place that holds a tensor, which training may replace.

    initializer: the first value (array, tensor, number), or a function of
    (shape, dtype), or the name of an initializer; the last two need `shape`.
    trainable: whether tapes follow it when it is read.
    autocast: whether a layer may read it in the dtype it computes in.
    Errors: ShapeError (a ValueError) if value and shape do not fit.

    >>> v = Variable([1.0, 2.0], name="v")
    >>> _ = v.assign_add([1.0, 1.0])
    >>> v.numpy()
    array([2., 3.], dtype=float32)
    """

    def __init__(
        self,
        initializer,
        shape=None,
        dtype=None,
        trainable=True,
        autocast=True,
        aggregation="none",
        synchronization="auto",
        name=None,
        layout=None,
        **kwargs,
    ):
        self._set_name(name)
        self._set_replicas(aggregation, synchronization)
        self._trainable, self._autocast = bool(trainable), bool(autocast)
        self._regularizer = self._constraint = self._initializer = None
        self._overwrite_with_gradient, self._layout = False, layout
        self._start(initializer, shape, dtype)

    def _set_replicas(self, aggregation, synchronization):
        """Check and keep how many machines would share the value."""
        self._aggregation = one_of("aggregation", aggregation, AGGREGATIONS)
        self._synchronization = one_of(
            "synchronization", synchronization, SYNCHRONIZATIONS
        )

    def _set_name(self, name):
        """A name without '/', and the path that puts the open scopes before it."""
        name = name or auto_name(to_snake_case(type(self).__name__))
        check_name("Variable", name)
        self._name = name
        self._path = "/".join(filter(None, (current_path(), name)))

    def _start(self, initializer, shape, dtype):
        """Take or make the first value; in a StatelessScope, only remember how."""
        if isinstance(initializer, str):
            initializer = initializer_by_name(initializer)
        written = registers(here.level.state)
        if written is not None:
            written.made(self)
        if not fills(initializer):
            refuse_in_scope(self)
            self._value = first_value(initializer, shape, dtype)
            self._spec = self._value.spec
            return
        self._spec = known_spec(
            full_shape(initializer, shape), standardize_dtype(dtype)
        )
        self._initializer, self._value = initializer, None
        if current_scope() is None:
            self._deferred_initialize()
        else:
            waiting.append(self)

    def _deferred_initialize(self):
        """Fill the variable, which has no value yet."""
        if self._value is not None:
            raise ArgumentError(f"Variable {self.path!r}", "it is already initialized")
        refuse_in_scope(self)
        shape, dtype = self._spec.shape, self._spec.dtype
        with eagerly():
            value = convert(self._initializer(shape, dtype=dtype), dtype)
            value = fresh(value)
        if value.shape != shape:
            got = f"{value.spec} for shape={shape}"
            raise ShapeError("Variable", "the first value has another shape", got)
        self._value, self._initializer = value, None

    def _as_value(self):
        """Reading: the value as of now on this level; the tapes are told."""
        level, value = here.level, self._value
        if level.state is not None or value is None:
            value, lent = self._elsewhere(level.state)
            if lent:
                return convert(value, self.dtype)
        if level.watchers:
            value = Tensor(value._data) if value.__class__ is Tensor else value
            for watcher in level.watchers:
                watcher.read(self, value)
        if autocast.dtype:
            return convert(value, self.dtype)
        return value

    def _elsewhere(self, state):
        """The value that this level has for the variable, and whether it is lent."""
        if state.__class__ is Lent and id(self) in state:
            return state[id(self)], True
        written = registers(state)
        if written is not None:
            return written.read(self), False
        if state is not None and state.__class__ is not Lent and id(self) in state:
            return state[id(self)][1], False
        if self._value is None:  # not filled yet: something of the right shape
            return self._initializer(self._spec.shape, dtype=self._spec.dtype), True
        return self._value, False

    def assign(self, value):
        """Replace the value by one of the same shape, cast to our dtype; returns it.

        Errors: ShapeError (a ValueError) if the shape differs; nothing is replaced then.
        """
        spec = self._spec
        value = convert(value, spec.dtype)
        if value.shape != spec.shape and not fit(value.shape, spec.shape):
            raise ShapeError(
                f"Variable {self.path!r}",
                "a value of another shape cannot be assigned",
                f"{value.spec} for {spec}",
                f"a value of shape {list(spec.shape)}",
            )
        self._replace(value)
        return value

    def _replace(self, value):
        """Make `value` the content, on this level."""
        state = here.level.state
        if state is None:
            self._value = fresh(value)
        elif state.__class__ is Lent:
            state[id(self)] = value
        else:
            state[id(self)] = (self, fresh(value))

    def assign_add(self, value):
        """Add to the value: v.assign(v + value)."""
        return self.assign(self + value)

    def assign_sub(self, value):
        """Subtract from the value: v.assign(v - value)."""
        return self.assign(self - value)

    @property
    def value(self):
        """The tensor this variable holds now; tapes take it for a read."""
        return self._as_value()

    def numpy(self):
        """A copy of the values as a NumPy array."""
        return self._as_value().numpy()

    @property
    def shape(self):
        return self._spec.shape

    @property
    def dtype(self):
        """The dtype of what is read: that of the content, or of the AutocastScope."""
        dtype = self._spec.dtype
        cast = autocast.dtype and self._autocast and dtype in FLOATS
        return autocast.dtype if cast else dtype

    @property
    def spec(self):
        return known_spec(self._spec.shape, self.dtype)

    @property
    def name(self):
        """The name, without the scopes around it."""
        return self._name

    @property
    def path(self):
        """The names of the scopes it was made in, and its own, joined by '/'."""
        return self._path

    @property
    def trainable(self):
        """Whether tapes follow it when it is read, and optimizers may change it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        self._trainable = bool(value)

    @property
    def aggregation(self):
        """How copies on several machines would be made one; here there is one."""
        return self._aggregation

    @property
    def synchronization(self):
        """When copies on several machines would be made one."""
        return self._synchronization

    @property
    def autocast(self):
        """Whether an AutocastScope changes the dtype in which it is read."""
        return self._autocast

    @property
    def regularizer(self):
        """A function of this variable whose value is added to the loss, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value):
        self._regularizer = function_or_none("regularizer", value)

    @property
    def constraint(self):
        """A function that an optimizer applies after each step, or None."""
        return self._constraint

    @constraint.setter
    def constraint(self, value):
        self._constraint = function_or_none("constraint", value)

    @property
    def overwrite_with_gradient(self):
        """Whether optimizers put the gradient in its place instead of stepping along it."""
        return self._overwrite_with_gradient

    @overwrite_with_gradient.setter
    def overwrite_with_gradient(self, value):
        if not isinstance(value, bool):
            got = f"overwrite_with_gradient={value!r}"
            raise DTypeError("Variable", "not a bool", got, "True or False")
        self._overwrite_with_gradient = value

    def __array__(self, dtype=None, copy=None):
        return self._as_value().__array__(dtype, copy)

    def _number(self, what):
        """The value, if it is one number without axes."""
        if self.ndim:
            problem = f"only a variable without axes becomes {what}"
            raise DTypeError(f"Variable {self.path!r}", problem, str(self.spec))
        return self._as_value()

    def __float__(self):
        return float(self._number("a float"))

    def __int__(self):
        return int(self._number("an int"))

    def __index__(self):
        return self._number("an index").__index__()

    def __bool__(self):
        problem, hint = (
            "a variable is never a condition",
            "bool(v.value), or v is not None",
        )
        raise DTypeError(f"Variable {self.path!r}", problem, str(self.spec), hint)

    def __round__(self, ndigits=None):
        return ops.round(self._as_value(), decimals=ndigits or 0)

    def __repr__(self):
        about = f"path={self.path}, shape={self.shape}, dtype={self.dtype}"
        value = "" if self._value is None else f", value={self._value.numpy()}"
        return f"<Variable {about}{value}>"

    def _watched_by(self, tape):
        """A variable asks the tape to follow what will be read from it."""
        tape.watch_variable(self)


AGGREGATIONS = ("none", "mean", "sum", "only_first_replica")

SYNCHRONIZATIONS = ("none", "on_read", "on_write", "auto")


def one_of(name, value, choices):
    """`value` if it is one of the choices; None stands for "none"."""
    value = "none" if value is None else value
    if value not in choices:
        raise ArgumentError(
            "Variable", "bad argument", f"{name}={value!r}", f"one of {choices}"
        )
    return value


class Lent(dict):
    """The values lent to variables, by their ids, and the scope that lends them."""

    scope = None


def current_scope():
    """The innermost open StatelessScope, or None."""
    state = here.level.state
    return state.scope if state.__class__ is Lent else None


waiting = []  # variables made inside a scope, to be filled when it is closed


class Registers(dict):
    """What variables hold on a level that only writes down: {id: (variable, value)}."""

    def read(self, variable):
        """The value of a variable here, now."""
        return self[id(variable)][1]

    def made(self, variable):
        """Called when a variable is made on this level."""


def registers(state):
    """The registers of a level, also if scopes are open on top of them; or None."""
    while state.__class__ is Lent:
        state = state.scope._outer
    return state if isinstance(state, Registers) else None


class _Autocast(threading.local):
    """Per thread: the dtype in which float variables are read, if not their own."""

    dtype = None


autocast = _Autocast()


def refuse_in_scope(variable):
    """An error, if a variable would have to take a value inside a StatelessScope."""
    if current_scope() is not None:
        raise ArgumentError(
            f"Variable {variable.path!r}",
            "it cannot be given its value while in a stateless scope",
            hint="make it before, or from a shape and an initializer",
        )


def fills(initializer):
    """Whether an initializer makes values from a shape and a dtype."""
    return callable(initializer) and not isinstance(initializer, Value)


def first_value(initializer, shape, dtype):
    """The first value of a variable that is given, copied and checked."""
    value = convert(initializer, dtype and standardize_dtype(dtype))
    if value.__class__ is not Tensor:
        problem = "its first value is not known before the function runs"
        hint = "a number, an array, or a function of (shape, dtype)"
        raise ArgumentError("Variable", problem, str(value.spec), hint)
    with eagerly():
        value = fresh(value)
    if shape is not None and value.shape != standardize_shape(shape):
        got = f"{value.spec} for shape={tuple(shape)}"
        raise ShapeError("Variable", "the first value has another shape", got)
    return value


def full_shape(initializer, shape):
    """The shape that an initializer fills: it must be given, and known in full."""
    if shape is None:
        raise ArgumentError(
            "Variable",
            "an initializer that is a function needs a shape",
            f"initializer={getattr(initializer, '__name__', initializer)}, shape=None",
            "Variable(initializer, shape=(...))",
        )
    shape = standardize_shape(shape)
    if None in shape:
        problem = "a variable has a shape without unknown sizes"
        raise ShapeError("Variable", problem, f"shape={shape}")
    return shape


@contextmanager
def eagerly():
    """Inside, operations are computed now and variables keep what they are given."""
    above, here.level = here.level, Level(compute, explicit=False)
    try:
        yield
    finally:
        here.level = above


named_initializers = {}


def initializer_by_name(name):
    """The initializer called `name`, once the chapter on initializers has listed it."""
    if name not in named_initializers:
        with suppress(ImportError):  # that chapter is not built yet
            importlib.import_module("minikeras.initializers.initializer")
    if name not in named_initializers:
        known = ", ".join(sorted(named_initializers)) or "a function or an array"
        raise ArgumentError(
            "Variable", f"no initializer is called {name!r}", hint=known
        )
    return named_initializers[name]


def fit(shape, other):
    """Whether two shapes are equal, as far as their sizes are known."""
    pairs = zip(shape, other, strict=False)
    return len(shape) == len(other) and all(n == m or n is None for n, m in pairs)


def function_or_none(name, value):
    """`value`, if it is None or can be called."""
    if value is not None and not callable(value):
        got = f"{name}={value!r}"
        raise ArgumentError("Variable", f"a {name} is a function or None", got)
    return value


def _logical(name, swapped=False):
    """A method for `ops.<name>` of a variable and another value."""

    def method(self, other):
        return getattr(ops, name)(*((other, self) if swapped else (self, other)))

    return method


for _word in ("and", "or", "xor"):
    setattr(Variable, f"__{_word}__", _logical(f"logical_{_word}"))
    setattr(Variable, f"__r{_word}__", _logical(f"logical_{_word}", swapped=True))


class AutocastScope:
    """Inside, float variables are read in `dtype`; with None, in their own again.

    Errors: a ValueError if `dtype` is not a float dtype.

    >>> v = Variable([1.0, 2.0])
    >>> with AutocastScope("float16"):
    ...     (v * v).dtype
    'float16'
    """

    def __init__(self, dtype):
        self.dtype = None if dtype is None else standardize_dtype(dtype)
        if self.dtype is not None and self.dtype not in FLOATS:
            raise ArgumentError("AutocastScope", "not a float dtype", repr(dtype))

    def maybe_cast(self, value):
        """`value` in the dtype of the scope, if it is a float."""
        cast = self.dtype is not None and value.dtype in FLOATS
        return convert(value, self.dtype) if cast else value

    def __enter__(self):
        self._outer, autocast.dtype = autocast.dtype, self.dtype or ""
        return self

    def __exit__(self, *exception):
        autocast.dtype = self._outer


class StatelessScope:
    """Inside, no variable changes: they read and keep the values they are lent.

    state_mapping: pairs of a variable and the value lent to it.
    collect_losses: whether `add_loss` of layers is kept, in `losses`.

    >>> v = Variable(1.0)
    >>> with StatelessScope([(v, 5.0)]) as scope:
    ...     _ = v.assign_add(1.0)
    >>> float(v), float(scope.get_current_value(v))
    (1.0, 6.0)
    """

    def __init__(
        self, state_mapping=None, collect_losses=False, initialize_variables=True
    ):
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self.losses, self.state_mapping = [], Lent()
        self.state_mapping.scope = self
        for variable, value in state_mapping or ():
            self.state_mapping[id(variable)] = loan(variable, value)

    def __enter__(self):
        self._level, self._outer = here.level, here.level.state
        self._level.state = self.state_mapping
        return self

    def __exit__(self, *exception):
        self._level.state = self._outer
        if self._outer.__class__ is not Lent and self.initialize_variables:
            while waiting:
                variable = waiting.pop(0)
                if variable._value is None:  # else somebody was faster
                    variable._deferred_initialize()

    def get_current_value(self, variable):
        """The value lent or assigned to a variable in this scope, or None."""
        return self.state_mapping.get(id(variable))

    def add_loss(self, loss):
        """Keep a term of the loss."""
        self.losses.append(loss)

    def add_update(self, update):
        """Note the pair of a variable and its next value."""
        variable, value = update
        self.state_mapping[id(variable)] = value


def loan(variable, value):
    """`value` as it is lent to `variable`: in its dtype, and of its shape."""
    if not isinstance(variable, Variable):
        problem = "only variables can be lent a value"
        raise ArgumentError("StatelessScope", problem, repr(variable)[:60])
    spec = variable._spec
    value = convert(value, spec.dtype)
    if value.shape != spec.shape:
        got = f"{value.spec} for {variable.path!r}, {spec}"
        raise ShapeError("StatelessScope", "a loan has the variable's shape", got)
    return value
