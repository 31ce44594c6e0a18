"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras import ops
from minikeras.callbacks.callback import Callback
from minikeras.core.errors import ArgumentError
from minikeras.models.compiling import CompileMetrics


class MonitorCallback(Callback):
    """What callbacks share that watch whether one of the logs becomes better.

    mode: "min", "max", or "auto", which asks the metric; baseline: the best so far.
    """

    def __init__(self, monitor="val_loss", mode="auto", baseline=None, min_delta=0):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            message = (
                f"{type(self).__name__}: mode {mode!r} is unknown, taken as 'auto'"
            )
            warnings.warn(message, stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.best = monitor, mode, baseline
        self.min_delta, self.monitor_op = abs(min_delta), None

    def _set_monitor_op(self):
        """Decide whether less or more is better; ValueError if nobody can say."""
        name = self.monitor.removeprefix("val_")
        direction = {"min": "down", "max": "up"}.get(self.mode)
        if direction is None:
            direction = "down" if name == "loss" else self._direction_of(name)
        if direction is None:
            problem = f"is monitor={self.monitor!r} better when it is large or small?"
            hint = "mode='max' or mode='min'"
            raise ArgumentError(type(self).__name__, problem, hint=hint)
        self.monitor_op = ops.greater if direction == "up" else ops.less
        if direction == "down":
            self.min_delta *= -1

    def _direction_of(self, name):
        """ "up", "down", or None for a metric that does not say."""
        for outer in getattr(self.model, "metrics", ()):
            for metric in outer.metrics if isinstance(outer, CompileMetrics) else ():
                if metric.name == name and hasattr(metric, "_direction"):
                    return "up" if metric._direction == "up" else "down"
        return None

    def _is_improvement(self, value, reference):
        """Whether `value` is better than `reference` by more than `min_delta`."""
        if reference is None:
            return True
        return bool(self.monitor_op(value - self.min_delta, reference))

    def _watched(self, logs, purpose):
        """The number that is watched, or None and a warning if it is not in the logs."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            names = ",".join(logs or {})
            warnings.warn(
                f"{purpose} conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {names}",
                stacklevel=4,
            )
        return value
