"""Generated from book/keras/handy.ipynb. Edit the chapter, not this file."""

from minikeras.models.symbolic import is_keras_tensor, made_by


def get_source_inputs(tensor):
    """The inputs from which a symbol is computed, each once, in order.

    Anything that is not a recorded symbol is given back as it is.

    >>> from minikeras import Input
    >>> a, b = Input((2,), name="a"), Input((2,), name="b")
    >>> [x.name for x in get_source_inputs(a + b * a)]
    ['a', 'b']
    """
    if not is_keras_tensor(tensor) or tensor._keras_history is None:
        return tensor
    node = made_by(tensor)
    if node.is_input:
        return [tensor]
    found = {}
    for x in node.input_tensors:
        for source in get_source_inputs(x) if x._keras_history else []:
            found.setdefault(id(source), source)
    return list(found.values())
