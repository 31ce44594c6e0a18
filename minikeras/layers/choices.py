"""Generated from book/keras/layers.ipynb. Edit the chapter, not this file."""

from minikeras import constraints, initializers, regularizers

ROOMS = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}


def keep_choices(layer, arguments, *weights):
    """Set `kernel_initializer` and the like, for these weights, from a constructor's
    arguments: names, configs or objects."""
    for name in (f"{weight}_{kind}" for kind in ROOMS for weight in weights):
        room = ROOMS[name.rpartition("_")[2]]
        setattr(layer, name, room.get(arguments[name]))


def chosen_weight(layer, name, shape, **options):
    """A new weight of this name, made as was chosen; `options` go before."""
    chosen = {kind: getattr(layer, f"{name}_{kind}") for kind in ROOMS}
    return layer.add_weight(shape, name=name, **{**chosen, **options})


def written_choices(layer, *weights):
    """What a config keeps of the choices for these weights."""
    return {
        f"{weight}_{kind}": room.serialize(getattr(layer, f"{weight}_{kind}"))
        for kind, room in ROOMS.items()
        for weight in weights
    }
