"""Generated from book/keras/layers.ipynb. Edit the chapter, not this file."""

from minikeras.core.config import floatx
from minikeras.core.dtypes import FLOATS, standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Value, convert

MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


class DTypePolicy:
    """In which dtype a layer computes, and in which it keeps its variables.

    name: a dtype, for both; "mixed_float16" or "mixed_bfloat16", which keep variables
    in float32; or None for the default policy.
    Errors: a ValueError for another word, a TypeError for what is no word.

    >>> policy = DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    quantization_mode = None
    by_path = False

    def __init__(self, name=None):
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            raise DTypeError("DTypePolicy", "a name is a word", repr(name), "'float32'")
        self._name = name
        self._set_dtypes(name)

    def _set_dtypes(self, name):
        """Both dtypes from the name of the policy."""
        try:
            self.compute_dtype = standardize_dtype(MIXED.get(name, name))
        except (ValueError, TypeError):
            hint = f"a dtype such as 'float32', or one of {', '.join(MIXED)}"
            raise ArgumentError(
                "DTypePolicy", "no such policy", repr(name), hint
            ) from None
        self.variable_dtype = "float32" if name in MIXED else self.compute_dtype
        self.mixed = self.variable_dtype != self.compute_dtype

    @property
    def name(self):
        """The word for both dtypes."""
        return self._name

    def convert_input(self, x, autocast, dtype):
        """`x` as a layer gets it: arrays as tensors; floats, if `autocast`, in `dtype`."""
        spec = isinstance(x, TensorSpec)
        if not spec and not isinstance(x, Value):
            if not hasattr(x, "__array__"):
                return x
            x = convert(x)
        if not (autocast and x.dtype in FLOATS and x.dtype != dtype):
            return x
        return TensorSpec(x.shape, dtype) if spec else convert(x, dtype)

    def __repr__(self):
        return f'<{self._kind()} "{self.name}">'

    def _kind(self):
        """The name of the class; policies of floats are plain policies."""
        return type(self).__name__.replace("FloatDType", "DType")

    def __eq__(self, other):
        same = isinstance(other, DTypePolicy) and self._kind() == other._kind()
        return same and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(self.name)

    def get_config(self):
        """The arguments that make an equal policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


POLICIES = {"DTypePolicy": DTypePolicy}

by_name = [DTypePolicy]  # functions that make a policy of a word; later ones go first


def get_policy(identifier):
    """A policy from a dtype name, a policy, its config, or None for the default."""
    if identifier is None or isinstance(identifier, DTypePolicy):
        return dtype_policy() if identifier is None else identifier
    if isinstance(identifier, dict):
        kind = POLICIES.get(identifier.get("class_name", "DTypePolicy"))
        if kind is not None:
            return kind.from_config(identifier.get("config", identifier))
    try:
        word = isinstance(identifier, str)
        return by_name[-1](identifier if word else standardize_dtype(identifier))
    except (DTypeError, TypeError):
        hint = "'float32', 'mixed_float16', a DTypePolicy or its config"
        raise ArgumentError("dtype", "no policy", repr(identifier), hint) from None


_default = {"policy": None}


def dtype_policy():
    """The policy of layers that are not given a dtype."""
    return _default["policy"] or DTypePolicy(floatx())


def set_dtype_policy(policy):
    """Set the policy of layers to come: a DTypePolicy, or its name."""
    if not isinstance(policy, (str, DTypePolicy)):
        hint = "'mixed_float16', or a DTypePolicy"
        raise ArgumentError("set_dtype_policy", "no policy", repr(policy), hint)
    _default["policy"] = get_policy(policy)
