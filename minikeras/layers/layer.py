"""Generated from
book/keras/holding.ipynb
book/keras/layers.ipynb
book/keras/shelf.ipynb
book/keras/copies.ipynb
book/keras/masks.ipynb

Edit the chapter, not this file.
"""

import functools
import inspect
import threading
import warnings

import numpy as np

from minikeras import constraints, initializers, ops, regularizers
from minikeras.core.arguments import naming
from minikeras.core.door import here
from minikeras.core.dtypes import FLOATS, standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError, own_up
from minikeras.core.infer import eval_spec, infer
from minikeras.core.names import current_path, name_scope, open_scopes
from minikeras.core.nest import flatten, map_shapes, map_structure, pack
from minikeras.core.specs import TensorSpec, in_words, in_words_several
from minikeras.core.tensor import Tensor, Value
from minikeras.core.variable import (
    StatelessScope,
    Variable,
    autocast,
    current_scope,
    eagerly,
)
from minikeras.dtype_policies.dtype_policy import get_policy
from minikeras.graph.graph import whereabouts
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.mask_passing import masks_after, masks_before
from minikeras.layers.operation import Operation, as_asked, default, is_default
from minikeras.layers.signature import call_signature
from minikeras.ops.public import recorder_in
from minikeras.saving.registration import CustomObjectScope
from minikeras.saving.serialization import serialize_keras_object
from minikeras.utils.tracking import STORES, Tracker


class Layer(Operation):
    """A function that owns its weights, and finds those of the layers inside it.

    Subclasses say what to do in `call`, and make weights in `build`, which runs once.

    activity_regularizer: function of the output whose result is added to the losses.
    trainable: whether optimizers may change the weights.
    dtype: a dtype or DTypePolicy; `autocast`: convert float inputs to it.

    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
    ...
    ...     def call(self, x):
    ...         return x * self.factor
    >>> Scale()(np.ones((2, 3))).shape
    (2, 3)
    """

    built = False
    supports_jit = True
    supports_masking = False
    input_spec = None
    _super_called = False
    _build_shapes_dict = None
    _parent_path = None
    _convert_input_args = True
    _allow_non_tensor_positional_args = False
    _context_names = ()

    def __new__(cls, *args, **kwargs):
        finish_builds(cls)
        layer = super().__new__(cls, *args, **kwargs)
        vars(layer).update(_tracker=Tracker(), _path=None, _losses=[])
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
        self._take_input_shape(kwargs)
        if kwargs:
            raise ArgumentError(
                type(self).__name__, "unknown arguments", ", ".join(kwargs)
            )
        if not isinstance(trainable, bool):
            got = f"trainable={trainable!r}"
            raise ArgumentError(self.name, "bad argument", got, "a bool")
        self._super_called = True
        self._dtype_policy = get_policy(dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = autocast
        self._trainable = trainable
        self._signature = call_signature(type(self).call)
        self._makes_masks = not is_default(self.compute_mask)
        if self._makes_masks:
            self.supports_masking = True

    def _check_super_called(self):
        if not self._super_called:
            raise RuntimeError(
                f"{type(self).__name__}: __init__ did not call super().__init__()\n"
                "  try   super().__init__() as its first line"
            )

    def _take_input_shape(self, kwargs):
        """Take `input_shape` or `input_dim` out of the keywords, with a warning."""
        dim, shape = kwargs.pop("input_dim", None), kwargs.pop("input_shape", None)
        shape = shape if dim is None else (dim,)
        if shape is not None:
            warnings.warn(
                "Do not pass an `input_shape`/`input_dim` argument to a layer: "
                "put an Input(shape) first in a Sequential model.",
                stacklevel=4,
            )
            self._input_shape_arg = shape

    @default
    def compute_mask(self, inputs, previous_mask):
        """The mask of the output; by default, that of the input."""
        return previous_mask

    def __setattr__(self, name, value):
        if vars(self).get(name) is not value:
            value = self._tracker.track(value)
        object.__setattr__(self, name, value)

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
        policy, known = get_policy(value), self._dtype_policy
        if known.by_path and self.path:
            if self.path in known:
                del known[self.path]
            known[self.path] = policy
        else:
            self._dtype_policy = policy

    def _policy(self):
        """The policy of this very layer: a map of policies is asked with its path."""
        policy = self._dtype_policy
        return policy[self._path] if policy.by_path and self._path else policy

    @property
    def compute_dtype(self):
        """The dtype of the computations."""
        policy = self._dtype_policy
        return self._policy().compute_dtype if policy.by_path else policy.compute_dtype

    @property
    def variable_dtype(self):
        """The dtype of the weights."""
        return self._policy().variable_dtype

    @property
    def quantization_mode(self):
        """How the weights are quantized; None, since these layers never are."""
        return self._policy().quantization_mode

    @property
    def input_dtype(self):
        """The dtype that float inputs are converted to."""
        return self.compute_dtype

    @property
    def dtype(self):
        """The same as `variable_dtype`."""
        return self.variable_dtype

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    @property
    def path(self):
        """Its name after those of the layers around it; None before it is built."""
        return self._path

    def _flatten_layers(self, include_self=True, recursive=True):
        """This layer and all layers inside it, each once."""
        found, waiting = {}, [self]
        while waiting:
            layer = waiting.pop()
            if id(layer) not in found:
                found[id(layer)] = layer
                if recursive or layer is self:
                    waiting.extend(reversed(layer._layers))
        return list(found.values())[0 if include_self else 1 :]

    def _scope(self):
        """Inside, the paths of new variables begin with the path of this layer."""
        if self._parent_path is None:
            vars(self)["_parent_path"] = path_of_the_running_layer()
        return name_scope(self.name, caller=self)

    def add_weight(
        self,
        *args,
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
        regularizer: a function whose value is added to the losses of the layer.
        constraint: a function that an optimizer applies to it after each step.
        Errors: a ValueError for an argument given twice, TypeError for too many.
        """
        self._check_super_called()
        given = {"shape": shape, "initializer": initializer, "dtype": dtype}
        options = {"trainable": trainable, "autocast": autocast, "name": name}
        with name_scope(self.name, caller=self):
            filling = self._filling(**self._by_position(args, given))
            variable = Variable(**filling, **options, aggregation=aggregation)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._track_variable(variable)
        return variable

    def _by_position(self, args, given):
        """Shape, initializer and dtype, from a few positions and keywords."""
        if len(args) > 3:
            raise DTypeError(
                self.name, "add_weight: three arguments at most by position"
            )
        if args and isinstance(args[0], str):
            got, hint = f"add_weight({args[0]!r}, ...)", f"add_weight(name={args[0]!r})"
            raise ArgumentError(
                self.name, "the name of a weight is a keyword", got, hint
            )
        for name, value in zip(given, args, strict=False):
            if given[name] is not None:
                raise ArgumentError(self.name, f"add_weight: {name} was given twice")
            given[name] = value
        return given

    def _filling(self, shape, initializer, dtype):
        """What a weight is filled with: by default Glorot's numbers, or zeros."""
        dtype = self.variable_dtype if dtype is None else standardize_dtype(dtype)
        if initializer is None:
            initializer = "glorot_uniform" if "float" in dtype else "zeros"
        fill = initializers.get(initializer)
        return {
            "initializer": fill,
            "shape": () if shape is None else shape,
            "dtype": dtype,
        }

    def add_variable(
        self,
        shape,
        initializer,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        name=None,
    ):
        """Another name of `add_weight`."""
        options = {"trainable": trainable, "autocast": autocast, "name": name}
        options |= {"regularizer": regularizer, "constraint": constraint}
        return self.add_weight(shape, initializer, dtype, **options)

    def _track_variable(self, variable):
        """Note a variable as ours; in a frozen layer it is frozen."""
        self._tracker.track(variable)
        del self._tracker.held[id(variable)]
        if not self.trainable:
            variable.trainable = False

    def _untrack_variable(self, variable):
        """Forget a variable, wherever it was put."""
        del self._tracker.held[id(variable)]
        self._tracker.untrack(variable)

    def _own_variables(self):
        """The variables of this layer, without those inside; seeds do not count."""
        store = self._tracker.store
        return store("trainable_variables") + store("non_trainable_variables")

    @property
    def weights(self):
        """All weights of this layer and those inside it."""
        own = self._own_variables()
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
        own = self._own_variables()
        own += [seed.state for seed in self._tracker.store("seed_generators")]
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

    @default
    def build(self, input_shape):
        """Make the weights for inputs of this shape; subclasses override it."""
        self._check_super_called()
        if is_default(self.build) and self._has_unbuilt_layers():
            warnings.warn(
                f"`build()` was called on layer {self.name!r}, which has no `build()` of "
                "its own, and layers inside that are not built; they stay as they are.",
                stacklevel=3,
            )

    def _has_unbuilt_layers(self):
        return any(not layer.built for layer in self._layers)

    def _finish_build(self):
        self.built = True
        self._lock_state()

    def _lock_state(self):
        self._tracker.lock(
            f"layer {self.name!r} is built: you cannot add new elements of state to it\n"
            "  try   make variables and layers in __init__ or in build"
        )

    def _bound(self, args, kwargs):
        """{name: value} of the arguments of a call."""
        try:
            return self._signature.whole.bind(*args, **kwargs).arguments
        except TypeError as error:
            hint = f"call{self._signature.whole}"
            raise DTypeError(self._title(), f"call: {error}", hint=hint) from None

    def _tensor_arguments(self, args, kwargs):
        """The arguments of a call that are tensors or nests of them, by name."""
        if "training" in kwargs and not self._signature.training:
            kwargs = {name: x for name, x in kwargs.items() if name != "training"}
        bound, found = self._bound(args, kwargs), {}
        for name, value in bound.items():
            leaves = [x for x in flatten(value) if x is not None]
            tensors = [x for x in leaves if _is_tensor(x)]
            if tensors and len(tensors) < len(leaves):
                problem = f"argument {name!r} mixes tensors with other things"
                raise ArgumentError(self._title(), problem, repr(value)[:60])
            if tensors:
                found[name] = value
        return found

    def _shapes(self, args, kwargs):
        """The shapes of the tensors in a call, as {argument name + "_shape": shape}."""
        return {
            f"{name}_shape": map_structure(_shape_of, value)
            for name, value in self._tensor_arguments(args, kwargs).items()
            if name not in ("mask", "args", "kwargs")
        }

    def _fit_shapes(self, method, shapes):
        """The arguments for `build` or `compute_output_shape`, picked from `shapes`."""
        parameters = inspect.signature(method).parameters.values()
        variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        wanted = [one.name for one in parameters if one.kind not in variadic]
        if len(wanted) == 1:
            return {wanted[0]: next(iter(shapes.values()), None)}
        for name in wanted:
            known = name.removesuffix("_shape") in self._signature.names
            if not (known and name.endswith("_shape")):
                problem = (
                    f"{method.__name__}: argument {name!r} matches no argument of call"
                )
                got = f"call{self._signature.whole}"
                raise ArgumentError(
                    self._title(), problem, got, "<argument of call>_shape"
                )
        return {name: shapes[name] for name in wanted if name in shapes}

    def _maybe_build(self, args, kwargs):
        """Build before the first call, unless the call itself builds the layers inside."""
        if not is_default(self.build):
            self.build(**self._fit_shapes(self.build, self._shapes(args, kwargs)))
            self._check_input(args)
        elif not self._has_unbuilt_layers():
            self._build_with_call(args, kwargs)

    def _build_with_call(self, args, kwargs):
        """Count as built, for inputs of these shapes."""
        shapes = self._shapes(args, kwargs)
        self.build(next(iter(shapes.values()), None))

    def get_build_config(self):
        """The shapes the layer was built with, for a file."""
        shapes = self._build_shapes_dict
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": shapes}

    def build_from_config(self, config):
        """Build as `get_build_config` noted."""
        if config and "input_shape" in config:
            self.build(config["input_shape"])
        elif config and "shapes_dict" in config:
            self.build(**config["shapes_dict"])

    def save_own_variables(self, store):
        """Put the variables of this layer, without those inside, into `store`."""
        for i, variable in enumerate(self._own_variables()):
            store[f"{i}"] = variable

    def load_own_variables(self, store):
        """Take the variables of this layer from what `save_own_variables` stored."""
        own = self._own_variables()
        if len(store.keys()) != len(own):
            hint = "build the layer first, as it was when it was saved"
            got = f"{len(store.keys())} for {[variable.name for variable in own]}"
            problem = f"it has {len(own)} variables, the store another number"
            raise ArgumentError(self._title(), problem, got, hint)
        for i, variable in enumerate(own):
            variable.assign(store[f"{i}"])

    def __call__(self, *args, **kwargs):
        if not self._super_called:
            self._check_super_called()
        recorder = recorder_in(args) if not kwargs else recorder_in((args, kwargs))
        if recorder is not None:
            return self._recorded(recorder, args, kwargs)
        x = args[0] if len(args) == 1 else None
        try:
            if kwargs or x.__class__ is not Tensor or x.dtype != self.input_dtype:
                args, kwargs = self._convert(args, kwargs)
            if self.input_spec is not None:
                self._check_input(args or tuple(kwargs.values()))
            if not self.built:
                return self._first_call(args, kwargs)
            return self._run(self.call, args, kwargs)
        except Exception as error:
            self._name_in(error, args, kwargs)
            raise

    def _first_call(self, args, kwargs, call=None):
        """Build, run with the name scope open (layers inside may build), mark as built."""
        before = [
            (layer, dict(vars(layer)), layer._tracker.noted())
            for layer in self._flatten_layers()
        ]
        try:
            with self._scope():
                self._maybe_build(args, kwargs)
                outputs = self._run(call or self.call, args, kwargs)
            if not self.built:
                self._build_with_call(args, kwargs)
        except BaseException:
            for layer, attributes, noted in before:
                vars(layer).clear()
                vars(layer).update(attributes)
                layer._tracker.note_again(noted)
            raise
        return outputs

    def _as_input(self, x):
        """`x` as `call` gets it: arrays as tensors, floats in the compute dtype."""
        y = self._dtype_policy.convert_input(x, self.autocast, self.input_dtype)
        mask = None if y is x else getattr(x, "_keras_mask", None)
        if mask is not None:
            y._keras_mask = mask
        return y

    def _convert(self, args, kwargs):
        if self._convert_input_args:
            nest = (args, kwargs)
            args, kwargs = pack(nest, [self._as_input(x) for x in flatten(nest)])
        for x in () if self._allow_non_tensor_positional_args else flatten(args):
            if x is not None and not _is_tensor(x):
                problem = "only tensors can be passed by position"
                hint = "pass it by keyword"
                raise ArgumentError(self._title(), problem, repr(x)[:60], hint)
        return args, kwargs

    def _title(self):
        return f"layer {self.name!r} ({type(self).__name__})"

    def _check_input(self, args):
        """ShapeError, in the layer's name, if the input does not look as it must."""
        specs = self.input_spec
        if not specs or not args:
            return
        if specs.__class__ is InputSpec and args[0].__class__ is Tensor:
            pairs = ((args[0], specs),)
        else:
            pairs = zip(*self._pairs(args[0], flatten(specs)), strict=True)
        for x, spec in pairs:
            if spec is None or (x is None and spec.optional):
                continue
            problem = spec.problem(x) if _is_tensor(x) else "expected a tensor"
            if problem:
                rule = f"the input does not fit: {problem}"
                raise ShapeError(self._title(), rule, _spec_text(x))

    def _pairs(self, inputs, specs):
        """Inputs and their specs, as two lists of one length; a dict goes by names."""
        names = [spec and spec.name for spec in specs]
        if isinstance(inputs, dict) and all(names):
            missing = [name for name in names if name not in inputs]
            if missing:
                problem, got = f"no input {missing[0]!r}", f"keys {sorted(inputs)}"
                raise ShapeError(self._title(), problem, got, f"keys {names}")
            inputs = [inputs[name] for name in names]
        inputs = flatten(inputs)
        if len(inputs) != len(specs):
            got, wanted = f"{len(inputs)}", f"{len(specs)}"
            raise ShapeError(self._title(), "wrong number of inputs", got, wanted)
        return inputs, specs

    def _decide_training(self, kwargs, around):
        """What the caller says, else the layer around, else the signature's default."""
        training = kwargs.pop("training", None) if kwargs else None
        if training is None:
            training = around[0]
        if training is None:
            training = self._signature.default
        if self._signature.training and training is not None:
            kwargs["training"] = training
        return training

    def _register_call_context_args(self, *names):
        """Let arguments of these names travel to the layers inside, as `training` does."""
        self._context_names = (*self._context_names, *names)

    def _hear(self, kwargs, around):
        """The words of this call: those around, and those registered here."""
        words, takes = dict(around[1]), self._signature.names
        for name in self._context_names:
            if name in kwargs:
                words[name] = kwargs[name]
        for name, word in words.items():
            if name in takes and word is not None:
                kwargs[name] = word
            elif name not in takes:
                kwargs.pop(name, None)
        return words

    def _held_values(self):
        """[(variable, value)] of all variables that a call may change, also inside."""
        store = self._tracker.stores.get
        own = [*store("trainable_variables", ()), *store("non_trainable_variables", ())]
        own += [seed.state for seed in store("seed_generators", ())]
        own += [v for metric in store("metrics", ()) for v in metric.variables]
        held = [(variable, variable._value) for variable in own]
        for layer in store("layers", ()):
            held += layer._held_values()
        return held

    def _run(self, call, args, kwargs):
        """call(*args, **kwargs) with `training` decided, and this layer named in errors."""
        outer, reading = calls.told, autocast.dtype
        around = outer or SILENCE
        training, words = self._decide_training(kwargs, around), around[1]
        if words or self._context_names:
            words = self._hear(kwargs, around)
        carried = carry.before and carry.before(self, args, kwargs)
        kept = self._clear_losses() if outer is None else ()
        held = self._held_values() if outer is None else ()
        calls.told = training, words, self
        casts = reading is not None or self._dtype_policy.mixed
        if casts:
            autocast.dtype = self._reading(reading)
        try:
            outputs = call(*args, **kwargs)
        except BaseException:
            put_back(kept, held)
            raise
        finally:
            calls.told = outer
            if casts:
                autocast.dtype = reading
        if self.activity_regularizer is not None:
            self._add_activity_loss(outputs)
        if carry.after and (carried is not None or self._makes_masks):
            carry.after(self, args, kwargs, outputs, carried)
        return outputs

    def _reading(self, outer):
        """In which dtype this layer's call reads variables; None and "" as they are."""
        compute = self.compute_dtype
        if outer is None:
            return compute if compute != self.variable_dtype else None
        return compute if self.autocast and compute in FLOATS else ""

    def _name_in(self, error, args, kwargs):
        """Say on the error which layer it passed through, and with what input."""
        said = [in_words(x) for x in args]
        said += [f"{name}={in_words(x)}" for name, x in kwargs.items()]
        got = in_words_several(said) or "nothing"
        own_up(error, self._title(), got, f"call{self._signature.whole}")

    def symbolic_call(self, *args, **kwargs):
        """The result without numbers, symbols for symbols; builds the layer if needed."""
        asked = args, kwargs

        def spec_of(x):
            return x.spec if isinstance(x, Value) and not isinstance(x, Tensor) else x

        if carry.before:
            carry.before(self, args, kwargs)
        try:
            args, kwargs = self._convert(*map_structure(spec_of, (args, kwargs)))
            self._check_input(args or tuple(kwargs.values()))
            if not self.built and not is_default(self.compute_output_shape):
                self._build_on_symbols(args, kwargs)
            if self.built:
                outputs = self._run(self.compute_output_spec, args, kwargs)
            else:
                outputs = self._first_call(args, kwargs, self.compute_output_spec)
            return as_asked(outputs, *asked)
        except Exception as error:
            self._name_in(error, args, kwargs)
            raise

    def _build_on_symbols(self, args, kwargs):
        """Build the layers inside, if only `call` can, though nobody needs its result."""
        if not (is_default(self.build) and self._has_unbuilt_layers()):
            return
        try:
            with self._scope():
                self._run(functools.partial(eval_spec, self.call), args, kwargs)
        except Exception as error:
            warnings.warn(
                f"Layer {self.name!r} has layers inside that are not built, and its `call` "
                f"cannot be run on symbols to build them: {error}",
                stacklevel=4,
            )

    def _recorded(self, recorder, args, kwargs):
        """Let a recorder note the call; its answers carry what the arguments carried."""
        try:
            outputs = recorder.record(self, args, kwargs)
            carried = carry.before and carry.before(self, args, dict(kwargs))
            if carry.after and (carried is not None or self._makes_masks):
                carry.after(self, args, kwargs, outputs, carried)
        except Exception as error:
            self._name_in(error, args, kwargs)
            raise
        return outputs

    def compute_output_spec(self, *args, **kwargs):
        """The spec of the output: from `compute_output_shape` if the class has its own."""
        if is_default(self.compute_output_shape):
            return as_asked(eval_spec(self.call, *args, **kwargs), args, kwargs)
        shapes = self._fit_shapes(self.compute_output_shape, self._shapes(args, kwargs))
        shape = self.compute_output_shape(**shapes)
        if not isinstance(shape, (list, tuple, dict)):
            problem = "compute_output_shape returns what is no shape"
            raise ArgumentError(self._title(), problem, repr(shape)[:60], "a tuple")
        specs = map_shapes(lambda sizes: TensorSpec(sizes, self.compute_dtype), shape)
        return as_asked(specs, args, kwargs)

    @default
    def compute_output_shape(self, *args, **kwargs):
        """The shape of the output for inputs of these shapes.

        By name they are `<argument of call>_shape`, or `input_shape` for the first one.
        """
        as_spec = functools.partial(TensorSpec, dtype=self.input_dtype)
        args, kwargs = map_shapes(as_spec, list(args)), map_shapes(as_spec, kwargs)
        kwargs = {name.removesuffix("_shape"): spec for name, spec in kwargs.items()}
        if "input" in kwargs and "input" not in self._signature.names:
            args.insert(0, kwargs.pop("input"))
        spec = self.compute_output_spec(*args, **kwargs)
        return map_structure(lambda spec: spec.shape, spec)

    def add_loss(self, loss):
        """Add a scalar (or several) to the losses of the model, from inside `call`."""
        terms, scope = flatten(loss), current_scope()
        for x in terms:
            if not isinstance(x, Value):
                raise ArgumentError(self.name, "add_loss: not a tensor", repr(x)[:60])
        if scope is None:
            self._losses.extend(terms if here.level.reader is not infer else ())
        elif scope.collect_losses:
            scope.losses.extend(terms)

    @property
    def losses(self):
        """The terms added during the last call, then the weights' regularization terms."""
        scope = current_scope()
        if scope is None:
            added = [loss for layer in self._flatten_layers() for loss in layer._losses]
        else:
            added = list(scope.losses)
        weights = [w for w in self.trainable_weights if w.regularizer is not None]
        return added + [w.regularizer(w) for w in weights]

    def _clear_losses(self):
        """Forget the terms of the last call; gives them, by layer."""
        kept = []
        if self._losses:
            kept.append((self, self._losses[:]))
            self._losses.clear()
        for layer in self._tracker.stores.get("layers", ()):
            kept += layer._clear_losses()
        return kept

    def _add_activity_loss(self, outputs):
        for output in flatten(outputs):
            if isinstance(output, Value):
                loss = self.activity_regularizer(output)
                if output.ndim:
                    batch = ops.cast(ops.shape(output)[0], loss.dtype)
                    loss = ops.divide_no_nan(loss, batch)
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

    def add_metric(self, *args, **kwargs):
        """Gone from Keras: make a metric in __init__, and update it in `call`."""
        raise NotImplementedError(
            f"{self._title()}: add_metric() does not exist any more\n"
            "  try   self.m = metrics.Mean() in __init__, self.m.update_state(x) in call"
        )

    def stateless_call(
        self,
        trainable_variables,
        non_trainable_variables,
        *args,
        return_losses=False,
        **kwargs,
    ):
        """The output for these values of the variables, which stay as they are.

        Gives (outputs, non_trainable_variables), and the losses if `return_losses`.
        Errors: a ValueError if the layer is not built, or for a wrong number of values.
        """
        self._check_super_called()
        lent = self._loans(trainable_variables, non_trainable_variables)
        outer, calls.told = calls.told, calls.told or SILENCE
        try:
            with StatelessScope(lent, collect_losses=return_losses) as scope:
                outputs = self.call(*args, **kwargs)
                losses = self.losses if return_losses else None
        finally:
            calls.told = outer
        after = [scope.get_current_value(v) for v in self.non_trainable_variables]
        return (outputs, after, losses) if return_losses else (outputs, after)

    def _loans(self, *values):
        """Pairs of our variables, first those that train, and the values for them."""
        if not self.built:
            hint = "build it, or call it once"
            raise ArgumentError(
                self._title(), "stateless_call: not built yet", hint=hint
            )
        pairs = []
        for name, given in zip(("trainable", "non_trainable"), values, strict=True):
            own = getattr(self, f"{name}_variables")
            if len(own) != len(given):
                problem = f"stateless_call: not one value per {name} variable"
                raise ArgumentError(
                    self._title(), problem, f"{len(given)}", f"{len(own)}"
                )
            pairs += zip(own, given, strict=True)
        return pairs

    @default
    def get_config(self):
        """The arguments that make an equal layer.

        Errors: NotImplementedError if the constructor was given something that is no plain
        value, and the class has no `get_config` of its own.
        """
        self._check_super_called()
        config = super().get_config()
        config["trainable"] = self.trainable
        config["dtype"] = serialize_keras_object(self._dtype_policy)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(
                self.activity_regularizer
            )
        return config

    def quantize(self, mode=None, type_check=True, config=None):
        """Refused: the layers of minikeras keep their weights as floats."""
        if not self.built:
            raise ArgumentError(
                self._title(), "cannot quantize a layer that isn't built"
            )
        if mode not in QUANTIZATION_MODES:
            hint = f"one of {', '.join(QUANTIZATION_MODES)}"
            raise ArgumentError(self._title(), "bad argument", f"mode={mode!r}", hint)
        raise NotImplementedError(f"{self._title()} does not have a `quantize` method")

    def _build_at_init(self):
        """Count as built from the start: for layers whose class has nothing to build."""
        if type(self).build is Layer.build:
            self._finish_build()

    def __reduce__(self):
        """For `pickle` and `copy.deepcopy`: a description, and all numbers."""
        classes = map(type, self._flatten_layers())
        own = {
            c.__name__: c for c in classes if not c.__module__.startswith("minikeras")
        }
        compiled = getattr(self, "compiled", False) and hasattr(
            self, "get_compile_config"
        )
        ready = compiled and self.optimizer and self.optimizer.built
        parts = {
            "config": self.get_config(),
            "own": own,
            "build": self.get_build_config(),
            "weights": self.get_weights(),
            "compile": self.get_compile_config() if compiled else None,
            "optimizer": [v.numpy() for v in self.optimizer.variables] if ready else [],
        }
        return revived, (type(self), parts)


STORES[Layer] = "layers"


def tracked(name):
    """A property: the list that the tracker keeps under this name."""
    return property(lambda self: self._tracker.store(name))


_OWN = ("trainable_variables", "non_trainable_variables", "seed_generators", "metrics")

for _kind in _OWN:
    setattr(Layer, f"_{_kind}", tracked(_kind))


def finish_builds(cls):
    """Wrap `build` and the constructor of `cls` and of its parents below Layer, once."""
    for kind in cls.__mro__:
        if issubclass(kind, Layer):
            naming(kind)
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
            with self._scope(), eagerly():
                vars(self)["_path"] = current_path()
                build(self, *args, **kwargs)
        except Exception as error:
            title, got = f"{type(self).__name__}.build", f"{args}"[1:-1].rstrip(",")
            own_up(error, title, got, "build((None, 3)), say")
            raise
        finally:
            vars(self)["_building"] = False
        shapes = inspect.signature(build).bind(self, *args, **kwargs).arguments
        vars(self)["_build_shapes_dict"] = dict(list(shapes.items())[1:])
        self._finish_build()

    finished.finishes = True
    return finished


SILENCE = (None, {}, None)  # nothing said on training, no other words, nobody running


class _Calls(threading.local):
    """Per thread: what the innermost running layer was told, and which it is, or None."""

    told = None


calls = _Calls()


def path_of_the_running_layer():
    """The path at which a layer that is called now for the first time belongs."""
    running = calls.told and calls.told[2]
    if running is None or any(scope.caller is running for scope in open_scopes()):
        return current_path()
    return "/".join(filter(None, (running._parent_path, running.name)))


whereabouts.append(path_of_the_running_layer)


def unique(things):
    """The things, each once, in order; compared by identity."""
    return list({id(thing): thing for thing in things}.values())


def _is_tensor(x):
    return isinstance(x, (Value, TensorSpec))


def _shape_of(x):
    return None if x is None else tuple(x.shape)


def _spec_text(x):
    return str(x.spec if isinstance(x, Value) else x)


def put_back(losses, held):
    """Undo what a call did before it failed."""
    for layer, terms in losses:
        layer._losses[:] = terms
    for variable, value in held:
        variable._value = value


class _Carry:
    """What is done before and after each call about the things tensors carry."""

    before = after = None


carry = _Carry()


def same_shape(self, input_shape):
    """The shape of the output: that of the input."""
    return input_shape


QUANTIZATION_MODES = ("int8", "float8", "int4", "gptq", "awq")


carry.before, carry.after = masks_before, masks_after


def revived(cls, parts):
    """The layer or model that was reduced to these parts."""
    with CustomObjectScope(parts["own"]):
        layer = cls.from_config(parts["config"])
        if not layer.built and parts["build"]:
            layer.build_from_config(parts["build"])
        layer.set_weights(parts["weights"])
        if parts["compile"]:
            layer.compile_from_config(parts["compile"])
    if parts["optimizer"]:
        for variable, value in zip(layer.optimizer.variables, parts["optimizer"]):
            variable.assign(value)
    return layer
