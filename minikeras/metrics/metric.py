"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

import functools

from minikeras import initializers, ops
from minikeras.core.arguments import naming
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError, own_up
from minikeras.core.names import auto_name, name_scope, to_snake_case
from minikeras.core.specs import in_words, in_words_several
from minikeras.core.variable import StatelessScope, Variable, eagerly
from minikeras.dtype_policies.dtype_policy import get_policy
from minikeras.utils.tracking import STORES, Tracker


class Metric:
    """A number that is gathered over many batches.

    Subclasses make variables with `add_variable` and write `update_state` and `result`.
    dtype: of the computation, a name or a policy; by default `floatx()`.

    >>> Mean().name, Mean(name="loss").dtype
    ('mean', 'float32')
    """

    _settings = ()  # the arguments, beside name and dtype, that get_config repeats

    def __init__(self, dtype=None, name=None):
        if not isinstance(name, str | None):
            kind, got = type(self).__name__, f"name={name!r}"
            raise ArgumentError(kind, "a name is text", got, "name='mine'")
        vars(self)["_tracker"] = Tracker()
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self._dtype_policy = get_policy(dtype or floatx())
        self._dtype = self._dtype_policy.compute_dtype

    @property
    def dtype(self):
        """The name of the dtype in which the metric computes."""
        return self._dtype

    def __setattr__(self, name, value):
        if "_tracker" in vars(self):
            value = self._tracker.track(value)
        object.__setattr__(self, name, value)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"

    @classmethod
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        naming(cls)
        if "update_state" in vars(cls):
            cls.update_state = all_or_nothing(cls.update_state)

    def add_variable(
        self, shape, initializer, dtype=None, aggregation="sum", name=None
    ):
        """A new variable for this metric's state, of dtype `floatx()` unless given."""
        self._check_super_called()
        with eagerly(), name_scope(self.name.replace("/", ">"), caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape,
                dtype,
                trainable=False,
                aggregation=aggregation,
                synchronization="on_read",
                name=name,
            )
        self._tracker.track(variable)
        return variable

    def _check_super_called(self):
        if "_tracker" not in vars(self):
            raise RuntimeError(
                f"{type(self).__name__}: You forgot to call `super().__init__()`\n"
                "  try   super().__init__() as the first line of its __init__"
            )

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
        self._check_super_called()
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self):
        """The arguments that make an equal metric (without its state)."""
        settings = {name: getattr(self, name) for name in self._settings}
        return {"name": self.name, "dtype": self.dtype, **settings}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def stateless_update_state(self, metric_variables, *args, **kwargs):
        """The state after an update that begins with `metric_variables`; ours stays.

        Errors: a ValueError unless there is one value for each of `variables`.
        """
        with self._lending(metric_variables) as scope:
            self.update_state(*args, **kwargs)
        return self._collected(scope)

    def stateless_result(self, metric_variables):
        """The result that the state `metric_variables` would give."""
        with self._lending(metric_variables):
            return self.result()

    def stateless_reset_state(self):
        """The state of a metric that has forgotten everything; ours stays."""
        with StatelessScope() as scope:
            self.reset_state()
        return self._collected(scope)

    def _lending(self, values):
        """A scope in which our variables have these values."""
        if len(values) != len(self.variables):
            problem = (
                "Argument `metric_variables` must be a list of tensors, one for each"
            )
            got = f"{len(values)} for {len(self.variables)} variables"
            raise ArgumentError(self.name, problem, got)
        return StatelessScope(zip(self.variables, values, strict=True))

    def _collected(self, scope):
        """What our variables hold in the scope."""
        found = [(v, scope.get_current_value(v)) for v in self.variables]
        return [v if value is None else value for v, value in found]


STORES[Metric] = "metrics"


def all_or_nothing(update_state):
    """`update_state`, but if it raises, the metric is as before and named in the error."""

    @functools.wraps(update_state)
    def update(self, *args, **kwargs):
        if type(self).update_state is not update:  # called by super(): guarded already
            return update_state(self, *args, **kwargs)
        self._check_super_called()
        before = [(variable, variable._value) for variable in self.variables]
        attributes, noted = dict(vars(self)), self._tracker.noted()
        try:
            return update_state(self, *args, **kwargs)
        except BaseException as error:
            vars(self).clear()
            vars(self).update(attributes)
            self._tracker.note_again(noted)
            for variable, value in before:
                variable._value = value
            if isinstance(error, Exception):
                got = in_words_several(map(in_words, (*args, *kwargs.values())))
                own_up(error, f"metric {self.name!r} ({type(self).__name__})", got)
            raise

    return update
