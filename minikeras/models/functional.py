"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.nest import flatten
from minikeras.core.tensor import Value, convert
from minikeras.layers.layer import Layer
from minikeras.models.function import Function
from minikeras.models.model import Model


class Functional(Function, Model):
    """A model cut out of recorded calls: Model(inputs, outputs)."""

    def __init__(self, inputs, outputs, name=None, trainable=True, **kwargs):
        Layer.__init__(self, name=name, **kwargs)
        self._cut(inputs, outputs)
        for layer in self.layers:
            self._tracker.track(layer)
        vars(self)["output_names"] = [
            x._keras_history.operation.name for x in self._outputs
        ]
        self.built = True
        if not trainable:
            self.trainable = False

    @property
    def layers(self):
        """The layers of the graph, inputs first."""
        return [
            operation for operation in self._operations if isinstance(operation, Layer)
        ]

    @property
    def input(self):
        return self._inputs_struct

    @property
    def output(self):
        return self._outputs_struct

    @property
    def input_shape(self):
        shapes = [x.shape for x in self._inputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def output_shape(self):
        shapes = [x.shape for x in self._outputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def input_names(self):
        return [x.name for x in self._inputs]

    def build(self, input_shape):
        """Nothing to do: the layers were built while the calls were recorded."""

    def _lock_state(self):
        """A Functional may be given more layers after it is built."""

    def _as_input(self, x):
        """Arrays as tensors; dtypes are seen to per input."""
        return convert(x) if hasattr(x, "__array__") and not isinstance(x, Value) else x

    def compute_output_spec(self, inputs, training=None, mask=None):
        return eval_spec(self.call, inputs)

    def call(self, inputs, training=None, mask=None):
        overrides = {} if training is None else {"training": training}
        return self._run_through_graph(self._standardize(inputs), **overrides)

    def _standardize(self, inputs):
        """The inputs as a flat list in the order of the graph's, converted and checked."""
        if isinstance(inputs, dict):
            inputs = self._from_dict(inputs)
        values = [inputs] if isinstance(inputs, Value) else flatten(inputs)
        if len(values) != len(self._inputs):
            raise ArgumentError(
                self._title(),
                "wrong number of inputs",
                f"{len(values)}",
                f"{len(self._inputs)}: {', '.join(self.input_names)}",
            )
        return [
            self._fit(x, symbol) for x, symbol in zip(values, self._inputs, strict=True)
        ]

    def _from_dict(self, inputs):
        """Values from a dict, by the keys of the inputs' own dict or by their names."""
        own = self._inputs_struct
        keys = sorted(own) if isinstance(own, dict) else self.input_names
        missing = [key for key in keys if key not in inputs]
        if missing:
            raise ArgumentError(
                self._title(),
                f"no value for input {missing[0]!r}",
                f"keys {sorted(inputs)}",
                f"keys {keys}",
            )
        return [inputs[key] for key in keys]

    def _fit(self, x, symbol):
        """`x` with dtype and rank of the input `symbol`; ShapeError if it cannot be."""
        if x is None:
            if getattr(symbol._keras_history.operation, "optional", False):
                return None
            raise ArgumentError(
                self._title(), f"the input {symbol.name!r} is not optional", "None"
            )
        x = convert(x, symbol.dtype)
        if x.ndim == symbol.ndim + 1 and x.shape[-1] == 1:
            x = ops.squeeze(x, -1)
        elif x.ndim == symbol.ndim - 1 and symbol.shape[-1] == 1:
            x = ops.expand_dims(x, -1)
        sizes = zip(x.shape[1:], symbol.shape[1:], strict=False)
        if x.ndim != symbol.ndim or any(
            n != m and None not in (n, m) for n, m in sizes
        ):
            raise ShapeError(
                self._title(),
                f"input {symbol.name!r}: expected shape {symbol.shape}, "
                f"found shape {tuple(x.shape)}",
                str(x.spec),
                f"{symbol.spec}",
            )
        return x
