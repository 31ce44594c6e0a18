"""Generated from book/keras/layers.ipynb. Edit the chapter, not this file."""

from minikeras.core.config import floatx
from minikeras.core.dtypes import standardize_dtype


class DTypePolicy:
    """In which dtype a layer computes, and in which it keeps its variables.

    >>> policy = DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name=None):
        self.name = floatx() if name is None else name
        if not isinstance(self.name, str):
            self.name = standardize_dtype(name)
        mixed = self.name.startswith("mixed_")
        self.compute_dtype = standardize_dtype(self.name.removeprefix("mixed_"))
        self.variable_dtype = "float32" if mixed else self.compute_dtype

    def __repr__(self):
        return f'<DTypePolicy "{self.name}">'

    def __eq__(self, other):
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def get_config(self):
        """The arguments that make an equal policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def get_policy(identifier):
    """A policy from a dtype name, a policy, its config, or None for the default."""
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        identifier = identifier.get("config", identifier)["name"]
    return dtype_policy() if identifier is None else DTypePolicy(identifier)


_default = {"policy": None}


def dtype_policy():
    """The policy of layers that are not given a dtype."""
    return _default["policy"] or DTypePolicy(floatx())


def set_dtype_policy(policy):
    """Set the policy of layers to come; None goes back to `floatx`."""
    _default["policy"] = None if policy is None else get_policy(policy)
