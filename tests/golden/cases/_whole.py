"""All that one layer does with its inputs, as one scenario's outcome."""

import numpy as np

from tests.golden.player import encode_shape, floating, gradients, outcome, weighted_sum


def whole(k, name, config, inputs, weights=None, masks=None, spread=False, **options):
    """Output, mask, gradients, weights, config and foretold shapes of one layer.

    inputs: arrays; several are passed as a list, or (spread) one by one.
    weights: set after build; masks: attached to the inputs. options: of the call.
    """
    k.utils.clear_session()
    layer = getattr(k.layers, name)(**{"name": "it", **config})
    tensors = [k.ops.convert_to_tensor(x, dtype=x.dtype.name) for x in inputs]
    for tensor, mask in zip(tensors, masks or []):
        if mask is not None:
            tensor._keras_mask = k.ops.convert_to_tensor(np.array(mask))
    args = tensors if spread or len(tensors) == 1 else [tensors]
    if weights is not None:
        layer.build(tensors[0].shape)
        layer.set_weights(weights)
    sources = floating(tensors, k)
    with k.GradientTape() as tape:
        for source in sources:
            tape.watch(source)
        out = layer(*args, **options)
        total = weighted_sum(out, k)
    sources = sources + list(layer.trainable_weights)
    shapes = [(None, *x.shape[1:]) for x in inputs]
    shapes = shapes[0] if len(shapes) == 1 or spread else shapes
    return {
        "out": out,
        "grads": gradients(tape, total, sources, k),
        "mask": getattr(out, "_keras_mask", None),
        "weights": [
            [w.path, w.trainable, k.ops.convert_to_numpy(w)] for w in layer.weights
        ],
        "config": layer.get_config(),
        "shape": encode_shape(layer.compute_output_shape(shapes)),
        "symbol": symbol(k, name, config, inputs, spread),
    }


def symbol(k, name, config, inputs, spread):
    "What a symbolic call foretells, with an unknown batch size."
    inputs = [k.Input(x.shape[1:], dtype=x.dtype.name) for x in inputs]
    layer = getattr(k.layers, name)(**config)
    args = inputs if spread or len(inputs) == 1 else [inputs]
    return outcome(layer, *args)
