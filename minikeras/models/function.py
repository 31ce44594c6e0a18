"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.tensor import Value
from minikeras.layers.operation import Operation
from minikeras.models.symbolic import KerasTensor, made_by


def nodes_between(inputs, outputs):
    """The nodes from inputs to outputs, each after those it needs; and first visits."""
    known, order, visits = {id(x) for x in inputs}, [], {}
    finished = set()

    def visit(tensor):
        node = made_by(tensor)
        if id(node) in finished:
            return
        finished.add(id(node))
        visits.setdefault(id(node.operation), len(visits))
        if id(tensor) not in known:
            for parent in node.input_tensors:
                _require_history(parent, node)
                visit(parent)
        if id(tensor) not in known or node.is_input:
            order.append(node)

    for tensor in [*outputs, *inputs]:
        _require_history(tensor)
        visit(tensor)
    return order, visits


def _require_history(tensor, node=None):
    if tensor._keras_history is None:
        place = f" at operation {node.operation.name!r}" if node else ""
        raise ArgumentError(
            "model",
            f"Graph disconnected: {tensor.name!r} comes from nowhere{place}",
            str(tensor.spec),
            "start from Input(...)",
        )


def check_connected(nodes, inputs):
    """ArgumentError if a node needs a symbol that the inputs do not lead to."""
    known = {id(x) for x in inputs}
    for node in nodes:
        for x in node.input_tensors:
            if id(x) not in known:
                raise ArgumentError(
                    "model",
                    f"Graph disconnected: operation {node.operation.name!r} needs "
                    f"{x.name!r}, which the inputs do not lead to",
                    str(x.spec),
                    "add the Input it comes from to the model's inputs",
                )
        if not node.is_input:
            known.update(map(id, node.outputs))


def depths_of(nodes):
    """{id(node): depth}: the longest way, in calls, from a node to an output."""
    depths, operations = {}, {}
    inside = set(map(id, nodes))
    for node in reversed(nodes):
        depth = max(depths.get(id(node), 0), operations.get(id(node.operation), 0))
        depths[id(node)] = operations[id(node.operation)] = depth
        for parent in node.parent_nodes:
            if id(parent) in inside:
                depths[id(parent)] = max(depths.get(id(parent), 0), depth + 1)
    return depths


def operations_of(nodes, depths, visits):
    """The operations of the nodes, deepest first, each once; names must differ."""
    deepest = {}
    for node in nodes:
        operation = node.operation
        depth = max(depths[id(node)], deepest.get(id(operation), (0,))[0])
        deepest[id(operation)] = (depth, operation)
    order = sorted(deepest.values(), key=lambda pair: (-pair[0], visits[id(pair[1])]))
    operations = [operation for _, operation in order]
    names = [operation.name for operation in operations]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(
                "model",
                f"the name {name!r} is used {names.count(name)} times",
                None,
                "All operation names should be unique: pass name=... to the layers",
            )
    return operations


class Function(Operation):
    """A graph of recorded calls as one operation: nests of symbols in, nests out."""

    def __init__(self, inputs, outputs, name=None):
        super().__init__(name=name)
        self._cut(inputs, outputs)

    def call(self, inputs):
        return self._run_through_graph(flatten(inputs))

    def _cut(self, inputs, outputs):
        """Find the nodes from inputs to outputs, and put them in order."""
        flat_inputs, flat_outputs = flatten(inputs), flatten(outputs)
        for x in [*flat_inputs, *flat_outputs]:
            if not isinstance(x, KerasTensor):
                raise ArgumentError(
                    "model",
                    "inputs and outputs must be KerasTensors",
                    repr(x)[:60],
                    "Input(...)",
                )
        if not flat_inputs or not flat_outputs:
            raise ArgumentError(
                "model", "a model needs inputs and outputs", f"{inputs}, {outputs}"
            )
        nodes, visits = nodes_between(flat_inputs, flat_outputs)
        check_connected(nodes, flat_inputs)
        depths = depths_of(nodes)
        vars(self).update(
            _inputs_struct=inputs,
            _outputs_struct=outputs,
            _inputs=flat_inputs,
            _outputs=flat_outputs,
            _nodes=nodes,
            _depths=depths,
            _operations=operations_of(nodes, depths, visits),
            _plan=[node for node in nodes if not node.is_input],
        )

    def _run_through_graph(self, inputs, **overrides):
        """Replay every call with values in place of symbols."""
        values = {id(x): value for x, value in zip(self._inputs, inputs, strict=True)}
        for node in self._plan:
            args, kwargs = node.fill_in(values)
            if overrides and kwargs:
                kwargs.update({k: v for k, v in overrides.items() if k in kwargs})
            outputs = node.operation(*args, **kwargs)
            if len(node.outputs) == 1 and isinstance(outputs, Value):
                values[id(node.outputs[0])] = outputs
            else:
                values.update(zip(map(id, node.outputs), flatten(outputs), strict=True))
        if self._outputs_struct.__class__ is KerasTensor:
            return values[id(self._outputs_struct)]
        return map_structure(lambda x: values[id(x)], self._outputs_struct)

    @property
    def inputs(self):
        """The input symbols, flat."""
        return list(self._inputs)

    @property
    def outputs(self):
        """The output symbols, flat."""
        return list(self._outputs)

    @property
    def operations(self):
        """All operations of the graph, deepest first."""
        return list(self._operations)
