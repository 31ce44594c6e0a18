"""Generated from book/keras/handy.ipynb. Edit the chapter, not this file."""

import difflib
import json

from minikeras.core.errors import ArgumentError


class Config:
    """Named values, as attributes or by key; `freeze` forbids changes.

    >>> config = Config(rate=0.1)
    >>> config.steps = 20
    >>> config["rate"], config.to_json()
    (0.1, '{"rate": 0.1, "steps": 20}')
    """

    def __init__(self, **kwargs):
        vars(self).update(_config=kwargs, _frozen=False)

    def __getattr__(self, name):
        config = vars(self).get("_config", {})
        if name in config:
            return config[name]
        near = difflib.get_close_matches(name, config, n=1, cutoff=0.7)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise AttributeError(f"Unknown attribute: '{name}'.{hint}")

    @property
    def frozen(self):
        """Whether changes are forbidden."""
        return self._frozen

    def freeze(self):
        """Forbid changes from now on."""
        vars(self)["_frozen"] = True

    def unfreeze(self):
        """Allow changes again."""
        vars(self)["_frozen"] = False

    def _changing(self):
        if self._frozen:
            raise ArgumentError("Config", "Cannot mutate: the config is frozen")
        return self._config

    def __setattr__(self, name, value):
        self._changing()[name] = value

    def __setitem__(self, key, item):
        self._changing()[key] = item

    def __delitem__(self, key):
        del self._changing()[key]

    def pop(self, *args):
        """Take an entry out, as `dict.pop`."""
        return self._changing().pop(*args)

    def update(self, *args, **kwargs):
        """Set several entries, as `dict.update`."""
        self._changing().update(*args, **kwargs)

    def __getitem__(self, key):
        return self._config[key]

    def get(self, keyname, value=None):
        """An entry, or `value` if there is none."""
        return self._config.get(keyname, value)

    def __iter__(self):
        return iter(sorted(self._config))

    def __len__(self):
        return len(self._config)

    def __contains__(self, item):
        return item in self._config

    def __repr__(self):
        return f"<Config {self._config}>"

    def as_dict(self):
        """The entries as a dict of their own."""
        return dict(self._config)

    def to_json(self):
        """The entries as a text in JSON."""
        return json.dumps(self._config)

    def keys(self):
        """The names."""
        return self._config.keys()

    def values(self):
        """The values."""
        return self._config.values()

    def items(self):
        """Pairs of name and value."""
        return self._config.items()
