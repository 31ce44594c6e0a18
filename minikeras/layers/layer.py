"""Generated from
book/keras/layers.ipynb
book/keras/shelf.ipynb

Edit the chapter, not this file.
"""

import functools
import inspect
import threading
from contextlib import contextmanager

import numpy as np

from minikeras import initializers, ops
from minikeras.core.door import Level, here
from minikeras.core.dtypes import FLOATS, standardize_dtype
from minikeras.core.eager import compute
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.names import current_path, name_scope
from minikeras.core.nest import flatten, map_structure, pack
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Tensor, Value, convert
from minikeras.core.variable import Variable
from minikeras.layers.dtype_policy import get_policy
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.operation import Operation
from minikeras.ops.public import recorder_in
from minikeras.utils.tracking import STORES, Tracker


class Layer(Operation):
    """A function that owns its weights, and finds those of the layers inside it.

    Subclasses say what to do in `call`, and make weights in `build`, which runs once,
    when the shape of the first input is known.

    activity_regularizer: function of the output whose result is added to the losses.
    trainable: whether optimizers may change the weights.
    dtype: a dtype or DTypePolicy; `autocast`: convert float inputs to it.
    """

    built = False
    supports_jit = True
    supports_masking = False
    input_spec = None
    _super_called = False
    _build_shapes = None

    def __new__(cls, *args, **kwargs):
        finish_builds(cls)
        layer = super().__new__(cls, *args, **kwargs)
        vars(layer).update(_tracker=Tracker(), _path=None, _opened=False, _losses=[])
        return layer

    def __init__(
        self,
        *,
        activity_regularizer=None,
        trainable=True,
        dtype=None,
        autocast=True,
        name=None,
        **kwargs,
    ):
        super().__init__(name=name)
        if kwargs:
            raise ArgumentError(
                type(self).__name__, "unknown arguments", ", ".join(kwargs)
            )
        if not isinstance(trainable, bool):
            got = f"trainable={trainable!r}"
            raise ArgumentError(self.name, "bad argument", got, "a bool")
        self._super_called = True
        self._dtype_policy = get_policy(dtype)
        self.activity_regularizer = activity_regularizer
        self.autocast = autocast
        self._trainable = trainable
        self._takes_training, self._training_default = _training_argument(
            type(self).call
        )

    def __setattr__(self, name, value):
        object.__setattr__(self, name, self._tracker.track(value))

    def __delattr__(self, name):
        self._tracker.untrack(vars(self).get(name))
        object.__delattr__(self, name)

    @property
    def _layers(self):
        """The layers directly inside this one, in the order of assignment."""
        return self._tracker.store("layers")

    @property
    def dtype_policy(self):
        """The policy; set, it holds for the calls to come."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value):
        self._dtype_policy = get_policy(value)

    @property
    def compute_dtype(self):
        """The dtype of the computations."""
        return self._dtype_policy.compute_dtype

    @property
    def variable_dtype(self):
        """The dtype of the weights."""
        return self._dtype_policy.variable_dtype

    @property
    def input_dtype(self):
        """The dtype that float inputs are converted to."""
        return self._dtype_policy.compute_dtype

    @property
    def dtype(self):
        """The same as `variable_dtype`."""
        return self._dtype_policy.variable_dtype

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    @property
    def path(self):
        """Where the layer is: its name after those of the layers around it."""
        return self._path

    def _flatten_layers(self, include_self=True, recursive=True):
        """This layer and all layers inside it, each once."""
        found = [self] if include_self else []
        waiting = list(self._layers)
        while waiting:
            layer = waiting.pop(0)
            if not any(layer is known for known in found):
                found.append(layer)
                waiting = (list(layer._layers) if recursive else []) + waiting
        return found

    @contextmanager
    def _scope(self):
        """Inside, the paths of new variables begin with the path of this layer."""
        if self._opened:
            yield
            return
        with name_scope(self.name, caller=self):
            vars(self).update(_opened=True, _path=self._path or current_path())
            try:
                yield
            finally:
                vars(self)["_opened"] = False

    def add_weight(
        self,
        shape=None,
        initializer=None,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        aggregation="none",
        overwrite_with_gradient=False,
        name=None,
    ):
        """A new weight, filled by `initializer`; its path is the layer's plus its name.

        initializer: a name, an Initializer or a function of (shape, dtype).
        """
        if isinstance(shape, str):
            got, hint = (
                f"add_weight({shape!r}, ...)",
                f"add_weight(..., name={shape!r})",
            )
            raise ArgumentError(
                self.name, "the name of a weight is a keyword", got, hint
            )
        dtype = self.variable_dtype if dtype is None else standardize_dtype(dtype)
        if initializer is None:
            initializer = "glorot_uniform" if "float" in dtype else "zeros"
        fill, options = (
            initializers.get(initializer),
            {"trainable": trainable, "name": name},
        )
        with eagerly(), self._scope():
            variable = Variable(fill, shape or (), dtype, autocast=autocast, **options)
        variable.regularizer, variable.constraint = regularizer, constraint
        self._track_variable(variable)
        return variable

    def add_variable(self, shape, initializer, **options):
        """Another name of `add_weight`."""
        return self.add_weight(shape, initializer, **options)

    def _track_variable(self, variable):
        """Note a variable as ours; in a frozen layer it is frozen."""
        self._tracker.track(variable)
        del self._tracker.held[id(variable)]
        if not self.trainable:
            variable.trainable = False

    @property
    def weights(self):
        """All weights of this layer and those inside it."""
        store = self._tracker.store
        own = store("trainable_variables") + store("non_trainable_variables")
        return unique(own + [w for layer in self._layers for w in layer.weights])

    @property
    def trainable_weights(self):
        """The weights that optimizers may change."""
        return [w for w in self.weights if w.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self):
        """The weights that optimizers leave alone."""
        weights = self.weights
        return [w for w in weights if not w.trainable] if self.trainable else weights

    @property
    def variables(self):
        """All state: the weights, and the states of seed generators."""
        store = self._tracker.store
        own = store("trainable_variables") + store("non_trainable_variables")
        own += [seed.state for seed in store("seed_generators")]
        return unique(own + [v for layer in self._layers for v in layer.variables])

    @property
    def trainable_variables(self):
        """The same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self):
        """The variables that optimizers leave alone, seeds included."""
        return [v for v in self.variables if not (self.trainable and v.trainable)]

    @property
    def trainable(self):
        """Whether optimizers may change the weights; set, it reaches all layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        self._trainable = bool(value)
        for variable in self._tracker.store("trainable_variables"):
            variable.trainable = self._trainable
        for layer in self._layers:
            layer.trainable = self._trainable

    def get_weights(self):
        """The values of all weights, as NumPy arrays."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights):
        """Set all weights from arrays; nothing changes when one does not fit."""
        own = self.weights
        arrays = [np.asarray(array) for array in weights]
        shapes = [tuple(w.shape) for w in own]
        if shapes != [array.shape for array in arrays]:
            got = f"{len(arrays)} arrays, shapes {[a.shape for a in arrays]}"
            hint = f"{len(own)} arrays, shapes {shapes}"
            raise ArgumentError(self.name, "set_weights: arrays do not fit", got, hint)
        for weight, array in zip(own, arrays, strict=True):
            weight.assign(array)

    def count_params(self):
        """How many numbers the weights hold."""
        if not self.built:
            hint = "build it, or call it once"
            raise ArgumentError(self.name, "count_params: no weights yet", hint=hint)
        return sum(int(np.prod(weight.shape)) for weight in self.weights)

    def build(self, input_shape):
        """Make the weights for inputs of this shape; subclasses override it."""

    def _finish_build(self):
        self.built = True
        self._lock_state()

    def _lock_state(self):
        self._tracker.lock(
            f"layer {self.name!r} is built: you cannot add new elements of state to it\n"
            "  try   make variables and layers in __init__ or in build"
        )

    def _shapes(self, args, kwargs):
        """The shapes of the tensors in a call, as {argument name + "_shape": shape}."""
        bound = inspect.signature(self.call).bind(*args, **kwargs).arguments
        bound.update(bound.pop("kwargs", {}))
        shapes = {}
        for name, value in bound.items():
            leaves = flatten(value)
            if name != "mask" and leaves and all(_is_tensor(x) for x in leaves):
                shapes[f"{name}_shape"] = map_structure(lambda x: tuple(x.shape), value)
        return shapes

    def _fit_shapes(self, method, shapes):
        """The arguments for `build` or `compute_output_shape`, picked from `shapes`."""
        parameters = inspect.signature(method).parameters.values()
        variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        wanted = [one.name for one in parameters if one.kind not in variadic]
        if len(wanted) == 1:
            return {wanted[0]: next(iter(shapes.values()), None)}
        call = inspect.signature(self.call)
        for name in wanted:
            if (
                not name.endswith("_shape")
                or name.removesuffix("_shape") not in call.parameters
            ):
                problem = (
                    f"{method.__name__}: argument {name!r} matches no argument of call"
                )
                hint = "<argument of call>_shape"
                raise ArgumentError(self.name, problem, f"call{call}", hint)
        return {name: shapes[name] for name in wanted if name in shapes}

    def _maybe_build(self, args, kwargs):
        """Build before the first call, if the class says how."""
        if type(self).build is not Layer.build:
            with eagerly():
                self.build(**self._fit_shapes(self.build, self._shapes(args, kwargs)))
            self._check_input(args)

    def get_build_config(self):
        """The shapes the layer was built with, for a file."""
        shapes = self._build_shapes
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": shapes}

    def build_from_config(self, config):
        """Build as `get_build_config` noted."""
        if config and "shapes_dict" in config:
            self.build(**config["shapes_dict"])
        elif config:
            self.build(config["input_shape"])

    def __call__(self, *args, **kwargs):
        if not self._super_called:
            self._refuse_half_made()
        recorder = recorder_in(args) if not kwargs else recorder_in((args, kwargs))
        if recorder is not None:
            return recorder.record(self, args, kwargs)
        x = args[0] if len(args) == 1 else None
        if kwargs or x.__class__ is not Tensor or x.dtype != self.input_dtype:
            args, kwargs = self._convert(args, kwargs)
        if self.input_spec is not None:
            self._check_input(args or tuple(kwargs.values()))
        if not self.built:
            return self._first_call(args, kwargs)
        return self._run(self.call, args, kwargs)

    def _first_call(self, args, kwargs):
        """Build, run with the name scope open (layers inside may build), mark as built."""
        self._maybe_build(args, kwargs)
        with self._scope():
            outputs = self._run(self.call, args, kwargs)
        if not self.built:
            self._finish_build()
        return outputs

    def _refuse_half_made(self):
        raise RuntimeError(
            f"{type(self).__name__}: __init__ did not call super().__init__()\n"
            "  try   super().__init__() as its first line"
        )

    def _as_input(self, x):
        """`x` as `call` gets it: arrays as tensors, floats in the compute dtype."""
        if isinstance(x, TensorSpec):
            cast = self.autocast and x.dtype in FLOATS
            return TensorSpec(x.shape, self.input_dtype) if cast else x
        if not isinstance(x, Value):
            if not hasattr(x, "__array__"):
                return x
            x = convert(x)
        cast = self.autocast and x.dtype in FLOATS and x.dtype != self.input_dtype
        return convert(x, self.input_dtype) if cast else x

    def _convert(self, args, kwargs):
        nest = (args, kwargs)
        args, kwargs = pack(nest, [self._as_input(x) for x in flatten(nest)])
        for x in flatten(args):
            if x is not None and not _is_tensor(x):
                problem, hint = (
                    "only tensors can be passed by position",
                    "pass it by keyword",
                )
                raise ArgumentError(self._title(), problem, repr(x)[:60], hint)
        return args, kwargs

    def _title(self):
        return f"layer {self.name!r} ({type(self).__name__})"

    def _check_input(self, args):
        """ShapeError, in the layer's name, if the input does not look as it must."""
        specs = self.input_spec
        if specs is None or not args:
            return
        single = specs.__class__ is InputSpec and isinstance(args[0], Value)
        pair = ([args[0]], [specs]) if single else (flatten(args[0]), flatten(specs))
        inputs, specs = pair
        if len(inputs) != len(specs):
            got, wanted = f"{len(inputs)}", f"{len(specs)}"
            raise ShapeError(self._title(), "wrong number of inputs", got, wanted)
        for x, spec in zip(inputs, specs, strict=True):
            problem = None if x is None and spec.optional else spec.problem(x)
            if problem:
                rule = f"the input does not fit: {problem}"
                raise ShapeError(self._title(), rule, _spec_text(x))

    def _decide_training(self, kwargs):
        """What the caller says, else the layer around, else the signature's default."""
        training = kwargs.pop("training", None) if kwargs else None
        if training is None:
            training = calls.training
        if training is None:
            training = self._training_default
        if self._takes_training and training is not None:
            kwargs["training"] = training
        return training

    def _run(self, call, args, kwargs):
        """call(*args, **kwargs) with `training` decided, and this layer named in errors."""
        outer, training = calls.training, self._decide_training(kwargs)
        if not calls.depth:
            self._clear_losses()
        calls.depth += 1
        calls.training = training
        try:
            outputs = call(*args, **kwargs)
        except Exception as error:
            self._name_in(error, args)
            raise
        finally:
            calls.depth -= 1
            calls.training = outer
        if self.activity_regularizer is not None:
            self._add_activity_loss(outputs)
        return outputs

    def _name_in(self, error, args):
        """Note on the error which layer it passed through, and with what input."""
        inputs = ", ".join(_spec_text(x) for x in flatten(args) if _is_tensor(x))
        error.add_note(f"  in    {self._title()}, called with {inputs or 'no tensor'}")

    def symbolic_call(self, *args, **kwargs):
        """The specs of the result for symbolic arguments; builds the layer if needed."""

        def spec_of(x):
            return x.spec if isinstance(x, Value) and not isinstance(x, Tensor) else x

        args, kwargs = self._convert(*map_structure(spec_of, (args, kwargs)))
        self._check_input(args or tuple(kwargs.values()))
        if self.built:
            return self._run(self.compute_output_spec, args, kwargs)
        self._maybe_build(args, kwargs)
        with self._scope():
            outputs = self._run(self.compute_output_spec, args, kwargs)
        if not self.built:
            self._finish_build()
        return outputs

    def compute_output_spec(self, *args, **kwargs):
        """The spec of the output: from `compute_output_shape` if the class has its own."""
        if type(self).compute_output_shape is Layer.compute_output_shape:
            return eval_spec(self.call, *args, **kwargs)
        shapes = self._fit_shapes(self.compute_output_shape, self._shapes(args, kwargs))
        shape = self.compute_output_shape(**shapes)
        return map_shapes(lambda sizes: TensorSpec(sizes, self.compute_dtype), shape)

    def compute_output_shape(self, *args, **kwargs):
        """The shape of the output for inputs of these shapes."""
        as_spec = functools.partial(TensorSpec, dtype=self.input_dtype)
        args, kwargs = map_shapes(as_spec, list(args)), map_shapes(as_spec, kwargs)
        kwargs = {name.removesuffix("_shape"): spec for name, spec in kwargs.items()}
        spec = self.compute_output_spec(*args, **kwargs)
        return map_structure(lambda spec: spec.shape, spec)

    def add_loss(self, loss):
        """Add a scalar (or several) to the losses of the model, from inside `call`."""
        for x in flatten(loss):
            if not isinstance(x, Value):
                raise ArgumentError(self.name, "add_loss: not a tensor", repr(x)[:60])
            self._losses.append(x)

    @property
    def losses(self):
        """The terms added during the last call, then the weights' regularization terms."""
        added = [loss for layer in self._flatten_layers() for loss in layer._losses]
        weights = [w for w in self.trainable_weights if w.regularizer is not None]
        return added + [w.regularizer(w) for w in weights]

    def _clear_losses(self):
        if self._losses:
            self._losses.clear()
        for layer in self._layers:
            layer._clear_losses()

    def _add_activity_loss(self, outputs):
        for output in flatten(outputs):
            loss = self.activity_regularizer(output)
            if output.ndim:
                loss = loss / ops.cast(ops.shape(output)[0], loss.dtype)
            self.add_loss(loss)

    @property
    def metrics(self):
        """All metrics of this layer and those inside it."""
        own = list(self._tracker.store("metrics"))
        return own + [metric for layer in self._layers for metric in layer.metrics]

    @property
    def metrics_variables(self):
        """The state of all metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def compute_mask(self, inputs, previous_mask):
        """The mask of the output; by default, that of the input."""
        return previous_mask

    def get_config(self):
        """The arguments that make an equal layer."""
        policy = {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": self._dtype_policy.get_config(),
            "registered_name": None,
        }
        config = {"name": self.name, "trainable": self.trainable, "dtype": policy}
        kind = type(self)
        if kind.get_config is Layer.get_config and kind.__init__ is not Layer.__init__:
            return {**self._constructor_arguments(), **config}
        return config

    @classmethod
    def from_config(cls, config):
        """A layer from what `get_config` wrote."""
        return cls(**config)

    def _build_at_init(self):
        """Count as built from the start: for layers whose class has nothing to build."""
        if type(self).build is Layer.build:
            self._finish_build()


@functools.cache
def _training_argument(call):
    """Whether `call` has an argument `training`, and its default."""
    argument = inspect.signature(call).parameters.get("training")
    if argument is None:
        return False, None
    return True, None if argument.default is argument.empty else argument.default


STORES[Layer] = "layers"


def finish_builds(cls):
    """Wrap the `build` of `cls` and of its parents below Layer, once."""
    for kind in cls.__mro__:
        build = vars(kind).get("build")
        if build is not None and not hasattr(build, "finishes"):
            kind.build = finishing(build)


def finishing(build):
    """`build`, followed by what every layer needs done after it."""

    @functools.wraps(build)
    def finished(self, *args, **kwargs):
        if vars(self).get("_building"):
            return build(self, *args, **kwargs)
        vars(self)["_building"] = True
        try:
            with self._scope():
                build(self, *args, **kwargs)
        finally:
            vars(self)["_building"] = False
        shapes = inspect.signature(build).bind(self, *args, **kwargs).arguments
        vars(self)["_build_shapes"] = dict(list(shapes.items())[1:])
        self._finish_build()

    finished.finishes = True
    return finished


@contextmanager
def eagerly():
    """Inside, operations are computed now and variables keep what they are given."""
    above, here.level = here.level, Level(compute, explicit=False)
    try:
        yield
    finally:
        here.level = above


def unique(things):
    """The things, each once, in order; compared by identity."""
    return list({id(thing): thing for thing in things}.values())


def _is_tensor(x):
    return isinstance(x, (Value, TensorSpec))


def _spec_text(x):
    return str(x.spec if isinstance(x, Value) else x)


class _Calls(threading.local):
    """Per thread: is a layer being called, and is it training?"""

    depth, training = 0, None


calls = _Calls()


def is_shape(x):
    """Whether `x` is one shape: a tuple or list of sizes and Nones."""
    return isinstance(x, (tuple, list)) and all(
        n is None or isinstance(n, int) for n in x
    )


def map_shapes(function, nest):
    """Apply `function` to each shape in a nest of shapes."""
    if is_shape(nest) and not (isinstance(nest, list) and not nest):
        return function(tuple(nest))
    if isinstance(nest, dict):
        return {key: map_shapes(function, value) for key, value in nest.items()}
    return type(nest)(map_shapes(function, value) for value in nest)
