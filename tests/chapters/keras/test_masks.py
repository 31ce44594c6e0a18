"""Masks travel: who asks is given, who can passes on, and where the trail ends."""

import warnings

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.infer import eval_spec
from minikeras.core.masks import get_keras_mask, masks_of, set_keras_mask
from minikeras.core.specs import TensorSpec
from minikeras.layers.core import Dense
from minikeras.layers.layer import Layer

X = np.arange(1.0, 7.0, dtype="float32").reshape(2, 3)
MASK = np.array([[True, False, True], [True, True, False]])


def tagged(values=X, mask=MASK):
    x = ops.convert_to_tensor(values)
    set_keras_mask(x, ops.convert_to_tensor(mask))
    return x


class Asks(Layer):
    supports_masking = True

    def call(self, x, mask=None):
        self.__dict__["heard"] = mask
        return x * 2


class Tags(Layer):
    def call(self, x):
        return x * 1.0

    def compute_mask(self, inputs, previous_mask=None):
        return ops.not_equal(inputs, 0)


class Pair(Layer):
    supports_masking = True

    def call(self, a, b=None, a_mask=None, b_mask=None):
        self.__dict__["heard"] = (a_mask, b_mask)
        return a + b


def values(mask):
    return None if mask is None else mask.numpy().tolist()


def test_a_mask_is_a_tag_and_no_operation_inherits_it():
    x = tagged()
    assert values(get_keras_mask(x)) == MASK.tolist()
    assert get_keras_mask(x * 1) is None and get_keras_mask(X) is None
    set_keras_mask(x, None)
    assert get_keras_mask(x) is None
    assert masks_of(None) is None and masks_of([x, {"a": x}]) == [None, {"a": None}]


def test_who_asks_is_given_and_what_is_given_by_hand_stays():
    asks, by_hand = Asks(), ops.ones((2, 3), dtype="bool")
    asks(tagged())
    assert values(asks.heard) == MASK.tolist()
    asks(X)
    assert asks.heard is None
    y = asks(tagged(), mask=by_hand)
    assert asks.heard is by_hand and get_keras_mask(y) is by_hand
    asks(x=tagged())
    assert values(asks.heard) == MASK.tolist()


def test_masks_of_several_arguments_go_by_name():
    pair, other = Pair(), ~MASK
    y = pair(tagged(), b=tagged(mask=other))
    assert [values(m) for m in pair.heard] == [MASK.tolist(), other.tolist()]
    assert values(get_keras_mask(y)) == MASK.tolist()
    pair(ops.convert_to_tensor(X), tagged())
    assert pair.heard[0] is None and values(pair.heard[1]) == MASK.tolist()


def test_masks_pass_through_layers_around_and_survive_a_cast():
    class Around(Layer):
        supports_masking = True

        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, x):
            return self.inner(Dense(1, trainable=False)(x) if x.ndim > 2 else x)

    asks = Asks(dtype="float16")
    around = Around(asks, dtype="float64")
    y = around(tagged())
    assert values(asks.heard) == MASK.tolist() and y.dtype == "float16"
    assert values(get_keras_mask(y)) == MASK.tolist()


def test_computed_masks_replace_and_set_ones_stay():
    class Sets(Tags):
        def call(self, x):
            y = x * 1.0
            set_keras_mask(y, ops.zeros((2, 3), dtype="bool"))
            return y

    assert values(get_keras_mask(Tags()(X * MASK))) == MASK.tolist()
    assert values(get_keras_mask(Tags()(tagged()))) == [[True] * 3] * 2
    assert values(get_keras_mask(Sets()(X))) == [[False] * 3] * 2
    assert Tags().supports_masking and not Layer().supports_masking


def test_nests_of_inputs_and_outputs():
    class Swaps(Layer):
        def call(self, xs):
            return {"b": xs["a"] * 2, "a": xs["b"] * 2}

        def compute_mask(self, inputs, previous_mask):
            return {"a": previous_mask["b"], "b": previous_mask["a"]}

    out = Swaps()({"a": tagged(), "b": ops.convert_to_tensor(X)})
    assert get_keras_mask(out["a"]) is None
    assert values(get_keras_mask(out["b"])) == MASK.tolist()
    asks = Asks()
    asks([tagged(), ops.convert_to_tensor(X)])
    assert values(asks.heard[0]) == MASK.tolist() and asks.heard[1] is None


def test_the_trail_ends_with_a_warning():
    class Silent(Layer):
        def call(self, x):
            return x * 2

    with pytest.warns(UserWarning, match="does not support masking"):
        assert get_keras_mask(Silent(name="silent")(tagged())) is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Silent()(X)
        Dense(2)(tagged())


def test_masks_of_symbols_inside_a_layer():
    heard = []

    class Inside(Layer):
        def __init__(self):
            super().__init__()
            self.tags, self.asks = Tags(), Asks()

        def call(self, x):
            y = self.asks(self.tags(x))
            heard.append(self.asks.heard)
            return y

    layer = Inside()
    assert layer.compute_output_spec(TensorSpec((None, 3))).shape == (None, 3)
    assert heard[-1].shape == (None, 3) and heard[-1].dtype == "bool"
    assert eval_spec(layer, TensorSpec((2, 3))).shape == (2, 3)


def test_an_error_in_the_call_leaves_no_masks_behind():
    asks = Asks()
    with pytest.raises(ValueError):
        Asks()(tagged(), mask=[ops.ones(1), "text"])
    asks(X)
    assert asks.heard is None
