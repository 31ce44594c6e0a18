"""Generated from
book/keras/holding.ipynb
book/keras/precision.ipynb

Edit the chapter, not this file.
"""

import re
from collections.abc import MutableMapping

from minikeras import ops
from minikeras.core.config import floatx
from minikeras.core.dtypes import FLOATS, standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Value, convert
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


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
        return TensorSpec(x.shape, dtype) if spec else ops.cast(x, dtype)

    def _kind(self):
        """The name of the class; policies of floats are plain policies."""
        return type(self).__name__.replace("FloatDType", "DType")

    def __eq__(self, other):
        same = isinstance(other, DTypePolicy) and self._kind() == other._kind()
        return same and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return f'<{self._kind()} "{self.name}">'

    def get_config(self):
        """The arguments that make an equal policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}

POLICIES = {"DTypePolicy": DTypePolicy}

by_name = [DTypePolicy]  # functions that make a policy of a word; later ones go first


def get_policy(identifier):
    """A policy from a dtype name, a policy, its config, or None for the default."""
    if identifier is None or isinstance(identifier, DTypePolicy):
        return dtype_policy() if identifier is None else identifier
    try:
        if isinstance(identifier, dict) and identifier:
            kind = POLICIES[identifier.get("class_name", "DTypePolicy")]
            return kind.from_config(identifier.get("config", identifier))
        word = isinstance(identifier, str)
        return by_name[-1](identifier if word else standardize_dtype(identifier))
    except (KeyError, TypeError):
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


class FloatDTypePolicy(DTypePolicy):
    """Another name of DTypePolicy.

    >>> FloatDTypePolicy("float32") == DTypePolicy("float32")
    True
    """


POLICIES["FloatDTypePolicy"] = FloatDTypePolicy


Policy = DTypePolicy

global_policy = dtype_policy

set_global_policy = set_dtype_policy


def get(identifier):
    """A policy from a dtype or its name, a policy, its config, or None for the default.

    >>> get("mixed_bfloat16").compute_dtype
    'bfloat16'
    """
    return get_policy(identifier)


def serialize(dtype_policy):
    """What a file keeps of a policy."""
    return serialize_keras_object(dtype_policy)


def deserialize(config, custom_objects=None):
    """The policy that `serialize` wrote down."""
    known = isinstance(config, dict) and config.get("class_name") in POLICIES
    if known or not isinstance(config, dict):
        return get_policy(config)
    return deserialize_keras_object(config, custom_objects)


class _ByPath(MutableMapping):
    """The dictionary in a map of policies: five methods, and Python adds the rest."""

    def __getitem__(self, key):
        if key in self._policy_map:
            return self._policy_map[key]
        found = [pattern for pattern in self._policy_map if re.fullmatch(pattern, key)]
        if len(found) > 1:
            problem = f"path {key!r} fits more than one pattern"
            raise ArgumentError("DTypePolicyMap", problem, ", ".join(found))
        return self._policy_map[found[0]] if found else self.default_policy

    def __delitem__(self, key):
        del self._policy_map[key]

    def __contains__(self, key):
        return key in self._policy_map

    def __len__(self):
        return len(self._policy_map)

    def __iter__(self):
        return iter(self._policy_map)

    def __setitem__(self, key, policy):
        if key in self._policy_map:
            got, hint = f"{self._policy_map[key]}", f"del policies[{key!r}] first"
            raise ArgumentError(
                "DTypePolicyMap", f"{key!r} is there already", got, hint
            )
        self._policy_map[key] = get_policy(policy)


class DTypePolicyMap(DTypePolicy, _ByPath):
    """Policies by the paths of layers: `policy_map[path]`, a default elsewhere.

    default_policy: a policy or its name, None for the global one; policy_map: a dict of
    paths, or regular expressions for whole paths, and policies.
    Errors: a ValueError for a key that is there already, or two patterns for a path.

    >>> policies = DTypePolicyMap("float32")
    >>> policies["encoder/.*"] = "mixed_float16"
    >>> policies["encoder/dense"].name, policies["decoder"].name
    ('mixed_float16', 'float32')
    """

    by_path = mixed = True

    def __init__(self, default_policy=None, policy_map=None):
        if isinstance(default_policy, DTypePolicyMap):
            raise ArgumentError("DTypePolicyMap", "the default is a map itself")
        if policy_map is not None and not isinstance(policy_map, dict):
            got = f"policy_map={policy_map!r}"[:60]
            raise DTypeError("DTypePolicyMap", "policy_map is a dict", got)
        self._default_policy_arg = default_policy
        self._policy_map = policy_map or {}

    @property
    def default_policy(self):
        """The policy of paths that have no entry."""
        return get_policy(self._default_policy_arg)

    @property
    def name(self):
        """The name of the default, marked as a map."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self):
        """The compute dtype of the default."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self):
        """The variable dtype of the default."""
        return self.default_policy.variable_dtype

    def __repr__(self):
        mapping = [(key, policy.name) for key, policy in self._policy_map.items()]
        about = f"default_policy={self.default_policy.name}, mapping={mapping}"
        return f"<DTypePolicyMap at {hex(id(self))} {about}>"

    def get_config(self):
        """The arguments that make an equal map.

        Without a default of its own, the policies are left to the global one as well.
        """
        policies = serialize_keras_object(self._policy_map)
        if self._default_policy_arg is None:
            for entry in policies.values():
                entry["config"]["name"] = None
        return {"default_policy": self._default_policy_arg, "policy_map": policies}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        entries = config["policy_map"].items()
        policies = {key: deserialize(entry, custom_objects) for key, entry in entries}
        return cls(**{**config, "policy_map": policies})


POLICIES["DTypePolicyMap"] = DTypePolicyMap
