"""Generated from
book/keras/functional.ipynb
book/keras/copies.ipynb

Edit the chapter, not this file.
"""

import inspect
import warnings

from minikeras import ops
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.nest import flatten, map_structure, pack
from minikeras.core.tensor import Value, convert
from minikeras.layers.input_layer import Input
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.models.function import Function, check_symbols, nodes_between, skeleton
from minikeras.models.model import Model
from minikeras.models.symbolic import KerasTensor, Node, made_by


class Functional(Function, Model):
    """A model cut out of recorded calls: Model(inputs, outputs).

    inputs, outputs: symbols, or nests of symbols, of any structure.
    """

    def __init__(self, inputs, outputs, name=None, **kwargs):
        check_keys(inputs)
        trainable = kwargs.pop("trainable", None)
        Layer.__init__(self, name=name, **kwargs)
        check_symbols(inputs, outputs)
        if not all(made_by(x).is_input for x in flatten(inputs) if x._keras_history):
            inputs, outputs = on_new_inputs(inputs, outputs)
        self._cut(inputs, outputs)
        for layer in self.layers:
            self._tracker.track(layer)
        makers = [x._keras_history.operation for x in self._outputs]
        vars(self)["output_names"] = [maker.name for maker in makers]
        self.built = True
        if trainable is not None:
            self._trainable = trainable

    @property
    def _name_in_file(self):
        """module, class_name and registered_name, as Keras writes them."""
        if type(self) is not Functional:
            raise AttributeError("a subclass goes by its own name")
        return "keras.src.models.functional", "Functional", "Functional"

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
        """The specs of the outputs, in their structure, for specs of the inputs."""
        return pack(self._outputs_struct, flatten(eval_spec(self.call, inputs)))

    def call(self, inputs, training=None, mask=None, **kwargs):
        """Run the graph on a nest of values like the inputs."""
        values = self._standardize(inputs)
        if mask is not None:
            for x, m in zip(values, flatten(mask)):
                if x is not None and m is not None:
                    x._keras_mask = m
        context = {"training": training, **kwargs}
        context = {name: value for name, value in context.items() if value is not None}
        replaced = any(context.keys() & node.kwargs.keys() for node in self._plan)

        def run(operation, args, kwargs):
            known = {name: context[name] for name in context.keys() & kwargs.keys()}
            return operation(*args, **{**kwargs, **known})

        outputs = self._run_through_graph(values, run if replaced else None)
        alone = isinstance(outputs, (list, tuple)) and len(outputs) == 1
        return outputs[0] if alone else outputs

    def _standardize(self, inputs):
        """The inputs as a flat list in the order of the graph's, converted and checked."""
        own = self._inputs_struct
        if isinstance(inputs, dict) and not isinstance(own, dict):
            inputs = self._by_name(inputs)
        values = [inputs] if isinstance(inputs, Value) else self._flat(inputs)
        if len(values) != len(self._inputs):
            title, names = self._title(), ", ".join(self.input_names)
            rule = f"expects {len(self._inputs)} inputs: {names}"
            raise ArgumentError(title, rule, f"{len(values)} inputs")
        if not (isinstance(inputs, Value) and isinstance(own, KerasTensor)):
            self._compare(inputs)
        return [self._fit(x, symbol) for x, symbol in zip(values, self._inputs)]

    def _flat(self, inputs):
        """The values in the order of the inputs; a dict may have keys of other things."""
        own = self._inputs_struct
        if isinstance(inputs, dict) and isinstance(own, dict):
            inputs = {key: inputs[key] for key in own if key in inputs}
        return flatten(inputs)

    def _by_name(self, inputs):
        """Values from a dict for a model whose inputs are a list, or one."""
        missing = [name for name in self.input_names if name not in inputs]
        if missing:
            rule = f"no value for input {missing[0]!r}"
            keys = ", ".join(map(str, inputs))
            hint = f"the keys {', '.join(self.input_names)}"
            raise ArgumentError(self._title(), rule, f"keys {keys}", hint)
        return [inputs[name] for name in self.input_names]

    def _compare(self, inputs):
        """Warn if the nest is not like the inputs'; ArgumentError if it cannot be used."""
        own = self._inputs_struct
        if isinstance(own, dict) and isinstance(inputs, dict):
            missing = [key for key in own if key not in inputs]
        else:
            missing = isinstance(own, dict) and list(own) != sorted(own)
        if skeleton(inputs) == skeleton(own):
            return
        names = map_structure(lambda x: x.name, own)
        if missing:
            rule = "the structure of `inputs` does not match"
            raise ArgumentError(
                self._title(), rule, skeleton(inputs), f"a nest like {names}"
            )
        warnings.warn(
            f"The structure of `inputs` doesn't match the expected structure.\n"
            f"Expected: {names}\nReceived: inputs={map_structure(shown, inputs)}",
            stacklevel=2,
        )

    def _fit(self, x, symbol):
        """`x` with dtype and rank of the input `symbol`; ShapeError if it cannot be."""
        if x is None:
            if getattr(symbol._keras_history.operation, "optional", False):
                return None
            rule = f"the input {symbol.name!r} is not optional"
            raise ArgumentError(self._title(), rule, "None", "a tensor")
        x = convert(x, symbol.dtype)
        if x.ndim == symbol.ndim + 1 and x.shape[-1] == 1:
            x = ops.squeeze(x, -1)
        elif x.ndim == symbol.ndim - 1 and symbol.shape[-1] == 1:
            x = ops.expand_dims(x, -1)
        sizes = zip(x.shape[1:], symbol.shape[1:], strict=False)
        if x.ndim != symbol.ndim or any(
            n != m and None not in (n, m) for n, m in sizes
        ):
            rule = f"input {symbol.name!r}: expected shape {symbol.shape}, "
            rule += f"found shape {tuple(x.shape)}"
            raise ShapeError(self._title(), rule, str(x.spec), f"{symbol.spec}")
        return x

    def add_loss(self, loss):
        """Not for Functional models: put a layer that calls `add_loss` into the graph."""
        raise NotImplementedError(
            f"{self._title()}: a Functional model has no call of its own to add a loss in\n"
            "  try   a layer whose call does it, or a subclass of Model"
        )

    @property
    def input_spec(self):
        """An InputSpec for each input; None for dicts that hold more than symbols."""
        if "_manual_input_spec" in vars(self):
            return self._manual_input_spec
        own = self._inputs_struct
        if isinstance(own, dict):
            flat = all(isinstance(x, KerasTensor) for x in own.values())
            return [spec_of(own[key], key) for key in sorted(own)] if flat else None
        return [spec_of(x) for x in self._inputs]

    @input_spec.setter
    def input_spec(self, value):
        vars(self)["_manual_input_spec"] = value

    def _check_input(self, args):
        """The values were checked one by one, unless somebody set `input_spec`."""
        if vars(self).get("_manual_input_spec") is not None:
            super()._check_input(args)

    def get_config(self):
        """What it takes to make this model again: its operations and their calls."""
        from minikeras.models.configs import describe_graph

        if not made_like_functional(type(self)):
            return super().get_config()
        return {"name": self.name, "trainable": self.trainable, **describe_graph(self)}

    def get_build_config(self):
        """There is no shape to build for: the layers were built by their calls."""
        return {"input_shape": None}


def check_keys(inputs):
    """Warn if the keys of a dict of inputs are not the names of its symbols."""
    for key, x in inputs.items() if isinstance(inputs, dict) else ():
        if isinstance(x, KerasTensor) and key != x.name:
            warnings.warn(
                "When providing `inputs` as a dict, all keys must match the names of the "
                f"tensors: key {key!r} has {x}. Use Input(..., name={key!r})",
                stacklevel=4,
            )


def on_new_inputs(inputs, outputs):
    """The trace from inputs to outputs again, with an Input for each made symbol."""
    new = {id(x): entrance(x) for x in flatten(inputs)}

    def twin(x):
        if not isinstance(x, KerasTensor):
            return x
        if id(x) not in new:
            new[id(x)] = KerasTensor(x.shape, x.dtype, name=f"{x.name}_clone")
        return new[id(x)]

    for node in nodes_between(flatten(inputs), flatten(outputs))[0]:
        if not node.is_input:
            args, kwargs = map_structure(twin, (node.args, node.kwargs))
            Node(node.operation, args, kwargs, [twin(x) for x in node.outputs])
    return map_structure(twin, inputs), map_structure(twin, outputs)


def entrance(x):
    """An Input like the symbol, or the symbol itself if it is one."""
    if made_by(x).is_input:
        return x
    return Input(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}CLONE")


def class_in_file(module, name):
    """The class that a file means by a name in keras.src.models, or None."""
    return Functional if name == "Functional" else None


def shown(x):
    """A value as a warning shows it: by its shape."""
    return f"Tensor(shape={x.shape})" if hasattr(x, "shape") else repr(x)


def spec_of(symbol, name=None):
    """What data for an input must look like; the size of the batch is free."""
    maker = symbol._keras_history.operation
    return InputSpec(
        shape=(None, *symbol.shape[1:]) if symbol.shape else (),
        allow_last_axis_squeeze=True,
        name=name or maker.name,
        optional=getattr(maker, "optional", False),
    )


def made_like_functional(cls):
    """Whether the constructor of a class takes what Functional's takes."""
    spec = inspect.getfullargspec(cls.__init__)
    own = inspect.getfullargspec(Functional.__init__)
    return spec.args[1:] == own.args[1:] or bool(spec.varargs and spec.varkw)
