"""Generated from book/arrays/dtypes.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError

_settings = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def _choose(name, value, choices):
    """Change a setting to one of a few values."""
    if value not in choices:
        message = f"{value!r} is not a value that it can have"
        raise ArgumentError(f"set_{name}", message, hint=f"one of {', '.join(choices)}")
    _settings[name] = value


def floatx():
    """The default float dtype, as a string.

    >>> floatx()
    'float32'
    """
    return _settings["floatx"]


def set_floatx(value):
    """Set the default float dtype: 'bfloat16', 'float16', 'float32' or 'float64'."""
    _choose("floatx", value, ("bfloat16", "float16", "float32", "float64"))


def epsilon():
    """The small number that keeps divisions and logarithms finite.

    >>> epsilon()
    1e-07
    """
    return _settings["epsilon"]


def set_epsilon(value):
    """Set the value that `epsilon` returns."""
    _settings["epsilon"] = float(value)


def image_data_format():
    """Where images keep their channels: 'channels_last' or 'channels_first'."""
    return _settings["image_data_format"]


def set_image_data_format(data_format):
    """Set the value that `image_data_format` returns, in capitals or not."""
    name = data_format.lower() if isinstance(data_format, str) else data_format
    _choose("image_data_format", name, ("channels_last", "channels_first"))
