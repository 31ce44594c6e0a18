"""Generated from book/keras/copies.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.layers.input_layer import Input, InputLayer
from minikeras.models.function import skeleton
from minikeras.models.functional import Functional, made_like_functional
from minikeras.models.sequential import Sequential
from minikeras.models.symbolic import KerasTensor


def copier(clone_function, call_function, recursive, copies):
    """A function that copies an operation, each only once."""

    def from_config(layer):
        return type(layer).from_config(layer.get_config())

    make = clone_function or from_config

    def copy(layer):
        if id(layer) not in copies:
            inner = recursive and isinstance(layer, (Sequential, Functional))
            copies[id(layer)] = clone_inside(layer) if inner else make(layer)
        return copies[id(layer)]

    def clone_inside(model):
        calls = None if isinstance(model, Sequential) else call_function
        options = {"clone_function": make, "recursive": True, "cache": copies}
        return clone_model(model, call_function=calls, **options)

    return copy


def clone_functional(model, copy, input_tensors, call_function):
    """The trace of a Functional again, with a copy in place of each operation."""
    if input_tensors is None:
        input_tensors = map_structure(
            lambda x: Input(batch_shape=x.shape, dtype=x.dtype, name=x.name),
            model.input,
        )
    check_inputs(input_tensors, model.input)

    def run(operation, args, kwargs):
        new = copy(operation)
        if call_function is None:
            return new(*args, **kwargs)
        return call_function(new, *args, **kwargs)

    outputs = model._run_through_graph(flatten(input_tensors), run)
    cls = type(model) if made_like_functional(type(model)) else Functional
    return cls(input_tensors, outputs, name=model.name)


def check_inputs(given, own):
    """ArgumentError unless `given` are symbols in the structure of `own`."""
    if not all(isinstance(x, KerasTensor) for x in flatten(given)):
        rule = "All entries in `input_tensors` must be KerasTensors"
        raise ArgumentError("clone_model", rule, repr(given)[:60], "Input(...)")
    if skeleton(given) != skeleton(own):
        rule = "`input_tensors` must have the same structure as model.input"
        raise ArgumentError("clone_model", rule, repr(given)[:60])


def clone_sequential(model, copy, input_tensors):
    """The list of a Sequential again, with a copy of each layer."""
    steps = [copy(layer) for layer in model.layers]
    first = model._layers[0] if model._layers else None
    if input_tensors is not None:
        tensors = flatten(input_tensors)
        if len(tensors) != 1 or not isinstance(tensors[0], KerasTensor):
            rule = "`input_tensors` must be a single KerasTensor"
            raise ArgumentError("clone_model", rule, repr(input_tensors)[:60])
        steps.insert(0, Input(tensor=tensors[0], name=getattr(first, "name", None)))
    elif isinstance(first, InputLayer):
        steps.insert(0, InputLayer.from_config(first.get_config()))
    return Sequential(steps, name=model.name, trainable=model.trainable)


def clone_model(
    model,
    input_tensors=None,
    clone_function=None,
    call_function=None,
    recursive=False,
    **kwargs,
):
    """A model like `model` with new layers, and so with new weights.

    input_tensors: symbols to begin with, in the structure of `model.input`.
    clone_function: layer -> new layer; by default through its config.
    call_function: (new layer, *args, **kwargs) -> outputs; may insert more layers.
    recursive: whether to clone models inside the model too.
    Errors: a ValueError for functions or inputs that the kind of model cannot use.

    >>> line = Sequential([Input((2,)), layers.Dense(3)])
    >>> clone_model(line).output_shape
    (None, 3)
    """
    copies = kwargs.pop("cache", None)
    if kwargs:
        raise ArgumentError("clone_model", "unknown arguments", ", ".join(kwargs))
    copies = {} if copies is None else copies
    copy = copier(clone_function, call_function, recursive, copies)
    if isinstance(model, Sequential):
        _refuse(model, call_function=call_function)
        clone = clone_sequential(model, copy, input_tensors)
    elif isinstance(model, Functional):
        clone = clone_functional(model, copy, input_tensors, call_function)
    else:
        _refuse(
            model, clone_function=clone_function, input_tensors=input_tensors,
            call_function=call_function,
        )  # fmt: skip
        return type(model).from_config(model.get_config())
    compile_alike(clone, model)
    return clone


def _refuse(model, **arguments):
    """ArgumentError if an argument was given that this kind of model cannot use."""
    for name, value in arguments.items():
        if value is not None:
            kinds = "Functional models"
            kinds += "" if name == "call_function" else " and Sequential models"
            rule = f"`{name}` is only supported for {kinds}"
            raise ArgumentError("clone_model", rule, f"a {type(model).__name__}")


def compile_alike(clone, model):
    """Compile the clone as the model was, if it was."""
    if model.compiled and hasattr(model, "get_compile_config"):
        clone.compile_from_config(model.get_compile_config())
