"""Generated from book/keras/holding.ipynb. Edit the chapter, not this file."""

from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.specs import standardize_shape


class InputSpec:
    """What a layer expects of an input: rank, sizes of some axes, or all the shape.

    >>> from minikeras import ops
    >>> InputSpec(min_ndim=2, axes={-1: 4}).problem(ops.ones((2, 3)))
    'expected axis -1 of size 4, found 3'
    """

    def __init__(
        self,
        dtype=None,
        shape=None,
        ndim=None,
        max_ndim=None,
        min_ndim=None,
        axes=None,
        allow_last_axis_squeeze=False,
        name=None,
        optional=False,
    ):
        self.dtype = None if dtype is None else standardize_dtype(dtype)
        self.shape = None if shape is None else standardize_shape(shape)
        self.ndim = ndim if shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional
        self.axes = self._checked_axes(axes or {})

    def _checked_axes(self, axes):
        """The sizes by axis, whole numbers, none beyond the rank."""
        try:
            axes = {int(axis): size for axis, size in dict(axes).items()}
        except (TypeError, ValueError):
            problem, hint = "axes is a dict of whole numbers", "axes={-1: 4}"
            raise DTypeError("InputSpec", problem, f"axes={axes!r}", hint) from None
        limit = self.ndim or self.max_ndim
        if axes and limit is not None and max(axes) >= limit:
            got = f"axes={axes}, {limit} axes at most"
            raise ArgumentError("InputSpec", f"no axis {max(axes)}", got)
        return axes

    def get_config(self):
        """The arguments that make an equal spec."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        told = {**self.get_config(), "optional": None}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in told.items() if v)})"

    def problem(self, x):
        """What is wrong with `x`, in words, or None."""
        shape, ndim = x.shape, len(x.shape)
        if self.min_ndim is not None and ndim < self.min_ndim:
            return f"expected at least {self.min_ndim} axes, found {ndim}"
        if self.max_ndim is not None and ndim > self.max_ndim:
            return f"expected at most {self.max_ndim} axes, found {ndim}"
        if self.dtype is not None and x.dtype != self.dtype:
            return f"expected dtype {self.dtype}, found {x.dtype}"
        for axis, size in self.axes.items():
            if size is not None and not -ndim <= axis < ndim:
                return f"expected axis {axis} of size {size}, found {ndim} axes"
            if size is not None and shape[axis] not in (size, None):
                return f"expected axis {axis} of size {size}, found {shape[axis]}"
        return self._shape_problem(shape)

    def _shape_problem(self, shape):
        wanted, squeezes = self.shape, self.allow_last_axis_squeeze
        if self.ndim is not None and len(shape) != self.ndim and not squeezes:
            return f"expected {self.ndim} axes, found {len(shape)}"
        if wanted is not None and squeezes:
            wanted, shape = (s[:-1] if s and s[-1] == 1 else s for s in (wanted, shape))
        pairs = zip(wanted or (), shape, strict=False)
        if any(n != m and None not in (n, m) for n, m in pairs):
            return f"expected shape {self.shape}, found {tuple(shape)}"
        return None
