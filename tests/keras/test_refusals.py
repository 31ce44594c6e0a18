"""Every argument of every public class, given things that it was not made for.

Either the class takes the thing, or it refuses it with an error of ours that is a
ValueError or a TypeError. The arguments are found by `inspect`, so that a new class is
tested without a line here, unless it has a required argument that MEANT does not know.
"""

import inspect
import warnings

import pytest

import minikeras as k
from minikeras.core.errors import Report

ROOMS = {
    "layers": k.layers,
    "losses": k.losses,
    "metrics": k.metrics,
    "optimizers": k.optimizers,
    "schedules": k.optimizers.schedules,
    "regularizers": k.regularizers,
    "constraints": k.constraints,
    "initializers": k.initializers,
}
STRANGE = [None, "text", [1, "a"], object(), -1, 0.5, 2, {}, float("nan"), True]
MEANT = {  # what required arguments are given while another one is spoiled
    "rate": 0.4,
    "stddev": 0.4,
    "dims": (2, 1),
    "target_shape": (3, 2),
    "equation": "ab,bc->ac",
    "target_class_ids": [0],
    "sensitivity": 0.5,
    "specificity": 0.5,
    "recall": 0.5,
    "precision": 0.5,
    "boundaries": [1, 2],
    "values": [1.0, 0.5, 0.1],
    "function": abs,
    "fn": abs,
    "layer": k.layers.Dense(3),
    "inner_optimizer": k.optimizers.SGD(),
    "activation": "relu",
}
WRITTEN_BY_USERS = {"Layer", "Wrapper"}  # nothing to make without a subclass


def kinds():
    for room, module in ROOMS.items():
        for name in sorted(module.__all__):
            if inspect.isclass(getattr(module, name)) and name not in WRITTEN_BY_USERS:
                yield pytest.param(getattr(module, name), id=f"{room}.{name}")


def arguments_of(kind):
    "Names of all arguments, and values for those that are required."
    parameters = list(inspect.signature(kind).parameters.values())
    plain = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    needed = {p.name: MEANT.get(p.name, 3) for p in plain if p.default is p.empty}
    return [p.name for p in plain], needed


@pytest.mark.parametrize("kind", kinds())
def test_strange_arguments(kind):
    names, needed = arguments_of(kind)
    for name in names:
        for thing in STRANGE:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    kind(**{**needed, name: thing})
            except (ValueError, TypeError) as error:
                assert isinstance(error, Report), f"{name}={thing!r}: {error!r}"
                assert len(str(error).splitlines()) >= 2, f"{name}={thing!r}: {error}"
