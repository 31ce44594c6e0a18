"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.nest import flatten, map_shapes, map_structure, pack
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Value
from minikeras.layers.operation import Operation
from minikeras.models.symbolic import KerasTensor, made_by


def nodes_between(inputs, outputs):
    """The nodes from inputs to outputs, each after those it needs; and first visits."""
    known, order, visits = {id(x) for x in inputs}, [], {}
    finished = set()

    def visit(tensor, reader=None):
        if tensor._keras_history is None:
            return None if id(tensor) in known else _comes_from_nowhere(tensor, reader)
        node = made_by(tensor)
        if id(node) in finished or (id(tensor) in known and not node.is_input):
            return
        finished.add(id(node))
        visits.setdefault(id(node.operation), len(visits))
        for parent in node.input_tensors:
            visit(parent, node)
        order.append(node)

    for tensor in outputs:
        visit(tensor)
    connected = len(order)
    for tensor in inputs:
        visit(tensor)
    for node in order[connected:]:  # an input that nothing uses is listed first
        visits[id(node.operation)] = -1
    return order, visits


def _comes_from_nowhere(tensor, node=None):
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
    """A graph of recorded calls as one operation: nests of symbols in, nests out.

    >>> x = KerasTensor((None, 3))
    >>> Function(x, ops.sum(x, axis=-1))(ops.ones((2, 3))).numpy()
    array([3., 3.], dtype=float32)
    """

    def __init__(self, inputs, outputs, name=None):
        super().__init__(name=name)
        self._cut(inputs, outputs)

    def call(self, inputs):
        """The outputs for these values: a nest like the inputs."""
        self._check_like_inputs(inputs)
        return self._run_through_graph(flatten(inputs))

    def _cut(self, inputs, outputs):
        """Find the nodes from inputs to outputs, and put them in order."""
        check_symbols(inputs, outputs)
        flat_inputs, flat_outputs = flatten(inputs), flatten(outputs)
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

    def _run_through_graph(self, inputs, run=None):
        """Replay every call with values in place of symbols.

        run: function(operation, args, kwargs) that does a call; by default just that.
        """
        values = {id(x): value for x, value in zip(self._inputs, inputs, strict=True)}
        for node in self._plan:
            args, kwargs = node.fill_in(values)
            if run is None:
                outputs = node.operation(*args, **kwargs)
            else:
                outputs = run(node.operation, args, kwargs)
            if len(node.outputs) == 1 and isinstance(outputs, Value):
                values[id(node.outputs[0])] = outputs
            else:
                values.update(zip(map(id, node.outputs), flatten(outputs), strict=True))
        if self._outputs_struct.__class__ is KerasTensor:
            return values[id(self._outputs_struct)]
        return map_structure(lambda x: values[id(x)], self._outputs_struct)

    def _check_like_inputs(self, inputs):
        """ShapeError if values differ from the inputs in structure, rank or a size."""
        title = f"{type(self).__name__} {self.name!r}"
        if skeleton(inputs) != skeleton(self._inputs_struct):
            names = map_structure(lambda x: x.name, self._inputs_struct)
            raise ShapeError(
                title, "inputs of another structure", hint=f"a nest like {names}"
            )
        for x, symbol in zip(flatten(inputs), self._inputs):
            shape = getattr(x, "shape", ())
            sizes = zip(shape, symbol.shape, strict=False)
            known = any(n != m and None not in (n, m) for n, m in sizes)
            if len(shape) != symbol.ndim or known:
                rule = f"incompatible input {symbol.name!r}"
                raise ShapeError(title, rule, str(tuple(shape)), str(symbol.spec))

    def compute_output_spec(self, inputs):
        """The specs of the outputs for specs (or values) of the inputs."""
        return eval_spec(self.call, inputs)

    def compute_output_shape(self, input_shape):
        """The shapes of the outputs for shapes of the inputs, nested like them."""
        shapes = iter(flat_shapes(input_shape))
        specs = [TensorSpec(next(shapes), x.dtype) for x in self._inputs]
        found = self.compute_output_spec(pack(self._inputs_struct, specs))
        return map_structure(lambda spec: spec.shape, found)

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


def check_symbols(inputs, outputs):
    """ArgumentError unless both are nests of symbols, and not empty."""
    found = flatten(inputs), flatten(outputs)
    for x in [*found[0], *found[1]]:
        if not isinstance(x, KerasTensor):
            rule = "inputs and outputs must be KerasTensors"
            raise ArgumentError("model", rule, repr(x)[:60], "Input(...)")
    if not all(found):
        got = f"{len(found[0])} inputs, {len(found[1])} outputs"
        raise ArgumentError("model", "a model needs inputs and outputs", got)


def skeleton(nest):
    """The structure of a nest alone; lists and tuples count as the same."""
    if isinstance(nest, dict):
        return {key: skeleton(value) for key, value in nest.items()}
    return tuple(map(skeleton, nest)) if isinstance(nest, (list, tuple)) else None


def flat_shapes(nest):
    """The shapes in a nest of shapes, in order."""
    found = []
    map_shapes(found.append, nest)
    return found
