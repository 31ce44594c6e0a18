"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import importlib
from contextlib import suppress

from minikeras.core.door import here
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.names import auto_name, current_path, to_snake_case
from minikeras.core.specs import standardize_shape
from minikeras.core.tape import fresh
from minikeras.core.tensor import Tensor, Value, convert


class Variable(Value):
    """A named place that holds a tensor, which training may replace.

    initializer: the first value (array, tensor, number), or a function of
    (shape, dtype), or the name of an initializer; the last two need `shape`.
    trainable: whether tapes follow it when it is read.
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
        regularizer=None,
        constraint=None,
    ):
        self._set_name(name)
        self.trainable, self.autocast = bool(trainable), bool(autocast)
        self.aggregation, self.synchronization = aggregation, synchronization
        self.regularizer, self.constraint = regularizer, constraint
        self._value = first_value(initializer, shape, dtype)

    def _set_name(self, name):
        """A name without '/', and the path that puts the open scopes before it."""
        name = auto_name(to_snake_case(type(self).__name__)) if name is None else name
        if not isinstance(name, str) or "/" in name:
            raise ArgumentError(
                "Variable", "a name is a string without '/'", repr(name)
            )
        self.name = name
        self.path = "/".join(filter(None, (current_path(), name)))

    def _as_value(self):
        """Reading: the value as of now on this level; the tapes are told."""
        level, value = here.level, self._value
        if level.state is not None:
            _, value = level.state.get(id(self), (self, value))
        if level.watchers:
            value = Tensor(value._data) if value.__class__ is Tensor else value
            for watcher in level.watchers:
                watcher.read(self, value)
        return value

    def assign(self, value):
        """Replace the value by one of the same shape, cast to our dtype; returns it.

        Errors: ShapeError (a ValueError) if the shape differs; nothing is replaced then.
        """
        value = convert(value, self.dtype)
        if value.shape != self.shape:
            raise ShapeError(
                f"Variable {self.path!r}",
                "a value of another shape cannot be assigned",
                f"{value.spec} for {self.spec}",
                f"a value of shape {list(self.shape)}",
            )
        value = fresh(value)
        self._replace(value)
        return value

    def _replace(self, value):
        """Make `value` the content, on this level."""
        level = here.level
        if level.state is None:
            self._value = value
        else:
            level.state[id(self)] = (self, value)

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
    def spec(self):
        return self._value.spec

    @property
    def shape(self):
        return self._value.shape

    @property
    def dtype(self):
        return self._value.dtype

    def __array__(self, dtype=None, copy=None):
        return self._as_value().__array__(dtype, copy)

    def __float__(self):
        return float(self._as_value())

    def __int__(self):
        return int(self._as_value())

    def __index__(self):
        return self._as_value().__index__()

    def __bool__(self):
        return bool(self._as_value())

    def __repr__(self):
        about = f"path={self.path}, shape={self.shape}, dtype={self.dtype}"
        return f"<Variable {about}, value={self._value.numpy()}>"

    def _watched_by(self, tape):
        """A variable asks the tape to follow what will be read from it."""
        tape.watch_variable(self)


def first_value(initializer, shape, dtype):
    """The first value of a variable: given, or made from shape and dtype."""
    if isinstance(initializer, str):
        initializer = initializer_by_name(initializer)
    if callable(initializer) and not isinstance(initializer, Value):
        return made_value(initializer, shape, standardize_dtype(dtype))
    value = fresh(convert(initializer, dtype and standardize_dtype(dtype)))
    if shape is not None and value.shape != standardize_shape(shape):
        got = f"{value.spec} for shape={tuple(shape)}"
        raise ShapeError("Variable", "the first value has another shape", got)
    return value


def made_value(initializer, shape, dtype):
    """What an initializer makes of a shape and a dtype."""
    if shape is None:
        raise ArgumentError(
            "Variable",
            "an initializer that is a function needs a shape",
            f"initializer={getattr(initializer, '__name__', initializer)}, shape=None",
            "Variable(initializer, shape=(...))",
        )
    return fresh(convert(initializer(standardize_shape(shape), dtype=dtype), dtype))


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
