"""Policies by word and by path, and in which dtype layers read and answer."""

import numpy as np
import pytest

from minikeras import dtype_policies, mixed_precision, ops
from minikeras.core.errors import ArgumentError
from minikeras.core.tape import GradientTape
from minikeras.core.variable import autocast
from minikeras.dtype_policies import DTypePolicy, DTypePolicyMap, FloatDTypePolicy
from minikeras.layers.core import Dense
from minikeras.layers.layer import Layer

ONES = np.ones((2, 2))


class Spy(Layer):
    def __init__(self, inner=None, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner
        self.w = self.add_weight(shape=(), initializer="ones")

    def call(self, x):
        self.__dict__["seen"] = (x.dtype, self.w.dtype)
        return x * self.w if self.inner is None else self.inner(x)


@pytest.mark.parametrize(
    "word, compute, variable",
    [
        ("float16", "float16", "float16"),
        ("mixed_float16", "float16", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("int32", "int32", "int32"),
    ],
)
def test_words(word, compute, variable):
    for policy in (dtype_policies.get(word), DTypePolicy(word), FloatDTypePolicy(word)):
        assert (policy.compute_dtype, policy.variable_dtype) == (compute, variable)
        assert policy == DTypePolicy(word) and policy.quantization_mode is None
        again = dtype_policies.deserialize(dtype_policies.serialize(policy))
        assert again == policy and repr(again) == f'<DTypePolicy "{word}">'


@pytest.mark.parametrize(
    "kind, call",
    [
        (TypeError, lambda: DTypePolicy(3)),
        (ValueError, lambda: DTypePolicy("mixed_float32")),
        (ValueError, lambda: dtype_policies.get(3)),
        (ValueError, lambda: mixed_precision.set_global_policy(None)),
        (ValueError, lambda: DTypePolicyMap(DTypePolicyMap())),
        (TypeError, lambda: DTypePolicyMap(policy_map=[1])),
        (ValueError, lambda: Dense(2, dtype="mixed_float8")),
    ],
)
def test_refusals(kind, call):
    with pytest.raises(kind):
        call()


def test_the_global_policy_is_for_layers_to_come():
    before = Dense(2)
    try:
        mixed_precision.set_global_policy("mixed_float16")
        assert mixed_precision.global_policy().name == "mixed_float16"
        assert Dense(2)(ONES).dtype == "float16" and DTypePolicy().name[:5] == "mixed"
    finally:
        mixed_precision.set_global_policy("float32")
    assert before(ONES).dtype == Dense(2)(ONES).dtype == "float32"


def test_inputs_and_weights_come_in_the_compute_dtype():
    inner = Spy(dtype="float32")
    outer = Spy(inner, dtype="mixed_float16")
    assert outer(ONES).dtype == "float32"
    assert outer.seen == ("float16", "float16") and inner.seen == ("float32", "float32")
    apart = Spy(autocast=False, dtype="float32")
    assert Spy(apart, dtype="mixed_float16")(ONES).dtype == "float32"
    assert apart.seen == ("float16", "float32")
    assert outer.w.dtype == "float32" and autocast.dtype is None


def test_the_scope_is_closed_after_an_error():
    class Fails(Layer):
        def call(self, x):
            raise KeyError("mine")

    with pytest.raises(KeyError):
        Fails(dtype="mixed_float16")(ONES)
    assert autocast.dtype is None


def test_gradients_come_back_in_the_dtype_of_the_weights():
    dense = Dense(3, dtype="mixed_bfloat16")
    with GradientTape() as tape:
        loss = ops.sum(ops.cast(dense(ONES), "float32"))
    slopes = tape.gradient(loss, dense.trainable_weights)
    assert [g.dtype for g in slopes] == ["float32", "float32"]
    np.testing.assert_allclose(slopes[0].numpy(), 2.0)


def test_policies_by_path():
    policies = DTypePolicyMap("float32", {"a/.*": DTypePolicy("float16")})
    policies["a/b"] = "bfloat16"
    assert [policies[p].name for p in ("a/b", "a/c", "x")] == [
        "bfloat16",
        "float16",
        "float32",
    ]
    assert policies.compute_dtype == "float32" and policies.name == "map_float32"
    assert list(policies) == ["a/.*", "a/b"] and "a/c" not in policies
    with pytest.raises(ArgumentError, match="already"):
        policies["a/b"] = "float16"
    policies[".*/c"] = "float64"
    with pytest.raises(ArgumentError, match="more than one"):
        policies["a/c"]
    del policies[".*/c"]
    again = dtype_policies.deserialize(dtype_policies.serialize(policies))
    assert again == policies and again["a/c"].name == "float16"


def test_layers_find_their_entry():
    policies = DTypePolicyMap("float32")
    policies["found"] = "mixed_float16"
    found, other = Dense(2, dtype=policies, name="found"), Dense(2, dtype=policies)
    for layer in (found, other):
        layer.build((None, 2))
    assert found(ONES).dtype == "float16" and found.kernel.dtype == "float32"
    assert other(ONES).dtype == "float32"
    found.dtype_policy = "float32"
    assert found(ONES).dtype == "float32" == policies["found"].name
    config = found.get_config()
    assert config["dtype"]["class_name"] == "DTypePolicyMap"
    again = Dense.from_config(config)
    assert again.get_config()["dtype"] == config["dtype"]


def test_without_a_default_a_file_leaves_all_to_the_global_policy():
    policies = DTypePolicyMap(policy_map={"a": DTypePolicy("float16")})
    config = policies.get_config()
    assert config["default_policy"] is None
    assert config["policy_map"]["a"]["config"] == {"name": None}
    assert DTypePolicyMap.from_config(config)["a"].name == "float32"
    assert policies["a"].name == "float16"
