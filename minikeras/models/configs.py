"""Generated from book/keras/copies.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError
from minikeras.core.nest import map_structure
from minikeras.layers.operation import Operation
from minikeras.models.functional import Functional
from minikeras.models.symbolic import KerasTensor
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


def own_calls(model):
    """{(id(operation), number of the call): its number among the model's own calls}."""
    inside, numbers = set(map(id, model._nodes)), {}
    for operation in model.operations:
        own = [i for i, n in enumerate(operation._inbound_nodes) if id(n) in inside]
        numbers |= {(id(operation), i): number for number, i in enumerate(own)}
    return numbers


def describe_call(node, numbers):
    """The arguments of one call in plain data."""

    def plain(x):
        if not isinstance(x, KerasTensor):
            return serialize_keras_object(x)
        operation, call, output = x._keras_history
        origin = [operation.name, numbers[id(operation), call], output]
        about = {"shape": x.shape, "dtype": x.dtype, "keras_history": origin}
        return {"class_name": "__keras_tensor__", "config": about}

    args, kwargs = map_structure(plain, (list(node.args), node.kwargs))
    return {"args": tuple(args), "kwargs": kwargs}


def describe_graph(model):
    """All operations of a Functional model with their calls, its inputs and outputs."""
    numbers, inside = own_calls(model), set(map(id, model._nodes))
    entries = []
    for operation in model.operations:
        own = [
            n for n in operation._inbound_nodes if id(n) in inside and not n.is_input
        ]
        entry = serialize_keras_object(operation)
        entry["name"] = operation.name
        entry["inbound_nodes"] = [describe_call(node, numbers) for node in own]
        entries.append(entry)

    def origin(x):
        operation, call, output = x._keras_history
        call = numbers[id(operation), call] + first_call(operation)
        return [operation.name, call, output]

    return {
        "layers": entries,
        "input_layers": map_structure(origin, model._inputs_struct),
        "output_layers": map_structure(origin, model._outputs_struct),
    }


def first_call(operation):
    """The number of an operation's first call among inputs and outputs.

    In Keras 1 a model was called once when it was made, and files still count that.
    """
    return int(isinstance(operation, Functional))


WHO = "Functional.from_config"


def operations_from(entries, custom_objects):
    """{name: operation} from the entries of a description, not connected yet."""
    made = {}
    for entry in entries:
        operation = deserialize_keras_object(entry, custom_objects)
        if not isinstance(operation, Operation):
            problem = "expected a layer or an operation"
            raise ArgumentError(WHO, problem, type(operation).__name__)
        made[entry["name"]] = operation
    return made


def connect(entries, made):
    """Make all calls again that the entries describe."""
    waiting = [
        (entry["name"], call) for entry in entries for call in entry["inbound_nodes"]
    ]
    while waiting:
        later, held_up = [], set()
        for name, call in waiting:  # the calls of one operation stay in order
            if name in held_up or not call_again(made, name, call):
                held_up.add(name)
                later.append((name, call))
        if len(later) == len(waiting):
            problem = "the graph has loops or disconnected nodes"
            raise ArgumentError(WHO, problem, ", ".join(sorted(held_up))[:80])
        waiting = later


def call_again(made, name, call):
    """Make one described call; False if it needs a symbol that is not there yet."""
    args, kwargs = deserialize_keras_object([[*call["args"]], call["kwargs"]])
    ready = True

    def symbol_for(x):
        nonlocal ready
        if not isinstance(x, KerasTensor) or not ready:
            return x
        found = output_of(made, x._pre_serialization_keras_history)
        ready = found is not None
        return found

    args, kwargs = map_structure(symbol_for, (args, kwargs))
    if ready:
        made[name](*args, **kwargs)
    return ready


def output_of(made, origin, first=0):
    """The symbol that [name, call, output] means, or None if it is not there yet."""
    name, call, output = origin
    if name not in made:
        raise ArgumentError(WHO, f"unknown layer {name!r}", hint=", ".join(made)[:80])
    nodes = made[name]._inbound_nodes
    return nodes[call - first].outputs[output] if call - first < len(nodes) else None


def ends(made, nest):
    """The symbols that a nest of triples means, in the same structure."""
    if isinstance(nest, dict):
        return {key: ends(made, value) for key, value in nest.items()}
    if len(nest) == 3 and isinstance(nest[0], str):
        found = output_of(made, nest, first_call(made.get(nest[0])))
        if found is None:
            raise ArgumentError(WHO, "no such call", str(nest))
        return found
    return type(nest)(ends(made, value) for value in nest)


def functional_from_config(cls, config, custom_objects=None):
    """A model of class `cls` from what `describe_graph` wrote."""
    config = dict(config)
    entries = config.pop("layers")
    made = operations_from(entries, custom_objects)
    connect(entries, made)
    inputs = ends(made, config.pop("input_layers"))
    outputs = ends(made, config.pop("output_layers"))
    return cls(inputs=inputs, outputs=outputs, **config)
