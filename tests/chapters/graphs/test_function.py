"""function on the package as of the end of its chapter."""

import numpy as np
import pytest

from minikeras import function, ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable


def test_one_trace_for_many_calls_and_one_more_for_another_shape():
    said = []

    @function
    def f(x):
        said.append(x.shape)
        return {"double": x * 2.0, "none": None}

    for n in (2, 2, 3, 2, 3):
        out = f(convert(np.ones(n, "float32")))
        assert float(ops.sum(out["double"])) == 2 * n and out["none"] is None
    assert said == [(2,), (3,)] and f.experimental_get_tracing_count() == 2


def test_a_step_of_training_and_its_gradient_from_outside():
    w = Variable([1.0, 2.0])
    x = convert([3.0, 4.0])

    @function
    def loss():
        return ops.sum(ops.square(w * x))

    @function
    def step():
        with GradientTape() as tape:
            y = loss()
        w.assign_sub(0.01 * tape.gradient(y, w))
        return y

    with GradientTape() as tape:
        y = loss()
    np.testing.assert_allclose(tape.gradient(y, w).numpy(), [18.0, 64.0])
    losses = [float(step()) for _ in range(5)]
    assert losses == sorted(losses, reverse=True) and losses[0] == 73.0
    assert loss.experimental_get_tracing_count() == 1


def test_concrete_functions_and_errors():
    f = function(lambda x: x + 1.0, input_signature=[TensorSpec((None,))])
    assert f.get_concrete_function()(convert([1.0])).numpy().tolist() == [2.0]
    with pytest.raises(TypeError, match="Can not cast"):
        f(convert([[1.0]]))
