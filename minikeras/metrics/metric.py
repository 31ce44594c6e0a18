"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import initializers, ops
from minikeras.core.config import floatx
from minikeras.core.names import auto_name, name_scope, to_snake_case
from minikeras.core.variable import Variable
from minikeras.layers.dtype_policy import get_policy
from minikeras.layers.layer import eagerly
from minikeras.utils.tracking import STORES, Tracker


class Metric:
    """A number that is gathered over many batches.

    Subclasses make variables with `add_variable` and write `update_state` and `result`.
    dtype: of the state, by default `floatx()`.
    """

    def __init__(self, dtype=None, name=None):
        vars(self)["_tracker"] = Tracker()
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.dtype = get_policy(dtype or floatx()).compute_dtype

    def __setattr__(self, name, value):
        if "_tracker" in vars(self):
            value = self._tracker.track(value)
        object.__setattr__(self, name, value)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"

    def add_variable(
        self, shape, initializer, dtype=None, aggregation="sum", name=None
    ):
        """A new variable for this metric's state."""
        if "_tracker" not in vars(self):
            raise RuntimeError(
                f"{type(self).__name__}: __init__ did not call super().__init__()\n"
                "  try   super().__init__() as its first line"
            )
        with eagerly(), name_scope(self.name.replace("/", ">"), caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape,
                dtype or self.dtype,
                trainable=False,
                name=name,
            )
        self._tracker.track(variable)
        return variable

    def add_weight(self, shape=(), initializer=None, dtype=None, name=None):
        """Another name of `add_variable`."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    @property
    def variables(self):
        """The state: own variables, then those of metrics inside."""
        store = self._tracker.store
        own = store("trainable_variables") + store("non_trainable_variables")
        return own + [v for metric in store("metrics") for v in metric.variables]

    def reset_state(self):
        """Forget everything: all variables become zero."""
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, dtype=variable.dtype))

    def update_state(self, *args, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} has no update_state(...)")

    def result(self):
        raise NotImplementedError(f"{type(self).__name__} has no result()")

    def __call__(self, *args, **kwargs):
        """Update, and give the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


STORES[Metric] = "metrics"
