"""Generated from book/keras/schedules.ipynb. Edit the chapter, not this file."""

import math

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.optimizers.schedules.schedule import SCHEDULES, LearningRateSchedule

NO_NUMBERS = {"boundaries", "values", "staircase", "cycle"}


class Decay(LearningRateSchedule):
    """A schedule that is described by the arguments listed in `_own`, and a name."""

    _own = ()

    def __init__(self, arguments):
        vars(self).update({name: arguments[name] for name in (*self._own, "name")})
        if not isinstance(self.name, str):
            kind, got = type(self).__name__, f"name={self.name!r}"[:60]
            raise ArgumentError(kind, "a name is text", got, "name='mine'")
        for name in set(self._own) - NO_NUMBERS:
            value = vars(self)[name]
            if value is not None or name != "warmup_target":
                checked_number(type(self).__name__, name, value)

    def _check_duration(self, name):
        checked_number(type(self).__name__, name, getattr(self, name))
        if getattr(self, name) <= 0:
            got = f"{name}={getattr(self, name)!r}"
            raise ArgumentError(type(self).__name__, "bad argument", got, "above 0")

    def get_config(self):
        return {name: getattr(self, name) for name in (*self._own, "name")}


def as_rate(x):
    """A rate as a tensor of floats."""
    x = ops.convert_to_tensor(x)
    return x if "float" in x.dtype else ops.cast(x, floatx())


@SCHEDULES.add
class ExponentialDecay(Decay):
    """rate = initial_learning_rate * decay_rate ** (step / decay_steps).

    staircase: round step / decay_steps down. Errors: a ValueError if decay_steps <= 0.

    >>> schedule = ExponentialDecay(0.5, decay_steps=10, decay_rate=0.5)
    >>> [float(schedule(step)) for step in (0, 10, 20)]
    [0.5, 0.25, 0.125]
    """

    _own = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase")

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        decay_rate,
        staircase=False,
        name="ExponentialDecay",
    ):
        super().__init__(locals())
        self._check_duration("decay_steps")

    def __call__(self, step):
        first = as_rate(self.initial_learning_rate)
        stretches = ops.cast(step, first.dtype) / self.decay_steps
        if self.staircase:
            stretches = ops.floor(stretches)
        return first * ops.power(self.decay_rate, stretches)


@SCHEDULES.add
class PiecewiseConstantDecay(Decay):
    """values[0] up to boundaries[0], then values[1] up to boundaries[1], and so on.

    Errors: a ValueError unless there is one value more than boundaries.

    >>> schedule = PiecewiseConstantDecay([100], [0.5, 0.25])
    >>> float(schedule(100)), float(schedule(101))
    (0.5, 0.25)
    """

    _own = ("boundaries", "values")

    def __init__(self, boundaries, values, name="PiecewiseConstant"):
        super().__init__(locals())
        for name, given in (("boundaries", boundaries), ("values", values)):
            if isinstance(given, (str, bytes, dict)) or not hasattr(given, "__len__"):
                got, hint = f"{name}={given!r}"[:60], f"{name}=[...]"
                raise DTypeError(type(self).__name__, f"{name} is no list", got, hint)
            for one in given:
                checked_number(type(self).__name__, name, one)
        if len(boundaries) != len(values) - 1:
            got = f"{len(boundaries)} boundaries and {len(values)} values"
            raise ArgumentError("PiecewiseConstantDecay", "one value more", got)

    def __call__(self, step):
        step, rate = ops.convert_to_tensor(step), as_rate(self.values[0])
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            later = step > ops.cast(boundary, step.dtype)
            rate = ops.where(later, ops.cast(value, rate.dtype), rate)
        return rate


@SCHEDULES.add
class PolynomialDecay(Decay):
    """From the first rate to end_learning_rate: (first - end) * (1 - t / T)**power + end.

    cycle: never arrive; T grows to the next multiple of decay_steps.
    Errors: a ValueError if decay_steps <= 0.

    >>> schedule = PolynomialDecay(0.5, decay_steps=10, end_learning_rate=0.0)
    >>> [float(schedule(step)) for step in (0, 5, 10, 15)]
    [0.5, 0.25, 0.0, 0.0]
    """

    _own = (
        "initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle",
    )  # fmt: skip

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        end_learning_rate=0.0001,
        power=1.0,
        cycle=False,
        name="PolynomialDecay",
    ):
        super().__init__(locals())
        self._check_duration("decay_steps")

    def __call__(self, step):
        first = as_rate(self.initial_learning_rate)
        end, step = self.end_learning_rate, ops.cast(step, first.dtype)
        duration = ops.cast(self.decay_steps, first.dtype)
        if self.cycle:
            rounds = ops.ceil(step / duration)
            duration = duration * ops.where(step == 0, ops.ones_like(rounds), rounds)
        left = 1 - ops.minimum(step, duration) / duration
        return (first - end) * ops.power(left, self.power) + end


@SCHEDULES.add
class InverseTimeDecay(Decay):
    """rate = initial_learning_rate / (1 + decay_rate * step / decay_steps).

    staircase: round step / decay_steps down. Errors: a ValueError if decay_steps <= 0.

    >>> schedule = InverseTimeDecay(0.5, decay_steps=1, decay_rate=1.0)
    >>> [float(schedule(step)) for step in (0, 1, 3)]
    [0.5, 0.25, 0.125]
    """

    _own = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase")

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        decay_rate,
        staircase=False,
        name="InverseTimeDecay",
    ):
        super().__init__(locals())
        self._check_duration("decay_steps")

    def __call__(self, step):
        first = as_rate(self.initial_learning_rate)
        stretches = ops.cast(step, first.dtype) / self.decay_steps
        if self.staircase:
            stretches = ops.floor(stretches)
        return first / (1 + self.decay_rate * stretches)


@SCHEDULES.add
class CosineDecay(Decay):
    """Half a cosine wave: first * ((1 - alpha) * (1 + cos(pi * t / T)) / 2 + alpha).

    warmup_target, warmup_steps: first a straight line up to this rate, from where the
    wave begins then. Errors: a ValueError if decay_steps <= 0.
    Source: Loshchilov & Hutter 2017.

    >>> schedule = CosineDecay(0.0, 10, warmup_target=0.5, warmup_steps=2)
    >>> [round(float(schedule(step)), 3) for step in (0, 1, 2, 7, 12)]
    [0.0, 0.25, 0.5, 0.25, 0.0]
    """

    _own = (
        "initial_learning_rate", "decay_steps", "alpha", "warmup_target",
        "warmup_steps",
    )  # fmt: skip

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        alpha=0.0,
        name="CosineDecay",
        warmup_target=None,
        warmup_steps=0,
    ):
        super().__init__(locals())
        self._check_duration("decay_steps")

    def __call__(self, step):
        first = as_rate(self.initial_learning_rate)
        step = ops.cast(step, first.dtype)
        warm, peak = 0, first
        if self.warmup_target is not None:
            warm, peak = self.warmup_steps, ops.cast(self.warmup_target, first.dtype)
        share = ops.clip((step - warm) / self.decay_steps, 0.0, 1.0)
        rate = peak * ((1 - self.alpha) * half_wave(share) + self.alpha)
        if not warm:
            return rate
        return ops.where(step < warm, first + (peak - first) * (step / warm), rate)


def half_wave(share):
    """From 1 to 0 along a cosine, while `share` goes from 0 to 1."""
    return 0.5 * (1.0 + ops.cos(share * math.pi))


@SCHEDULES.add
class CosineDecayRestarts(Decay):
    """Cosine waves one after the other: each t_mul as long, m_mul as high as the last.

    alpha: the share of the first rate below which no wave goes.
    Errors: a ValueError if first_decay_steps <= 0. Source: Loshchilov & Hutter 2017.

    >>> schedule = CosineDecayRestarts(0.5, first_decay_steps=10)
    >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 20, 30)]
    [0.5, 0.25, 0.5, 0.25, 0.5]
    """

    _own = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha")

    def __init__(
        self,
        initial_learning_rate,
        first_decay_steps,
        t_mul=2.0,
        m_mul=1.0,
        alpha=0.0,
        name="SGDRDecay",
    ):
        super().__init__(locals())
        self._check_duration("first_decay_steps")

    def _wave(self, stretches):
        """Which wave it is, and which share of it is over, after so many first waves."""
        growth = self.t_mul
        if growth == 1:
            wave = ops.floor(stretches)
            return wave, stretches - wave
        length = 1.0 - stretches * (
            1.0 - growth
        )  # of the wave there, if waves were smooth
        growth = ops.cast(growth, stretches.dtype)
        wave = ops.floor(ops.log(length) / ops.log(growth))
        length = ops.power(growth, wave)
        return wave, (stretches - (1.0 - length) / (1.0 - growth)) / length

    def __call__(self, step):
        first = as_rate(self.initial_learning_rate)
        wave, share = self._wave(ops.cast(step, first.dtype) / self.first_decay_steps)
        height = ops.power(ops.cast(self.m_mul, first.dtype), wave) * half_wave(share)
        return first * ((1 - self.alpha) * height + self.alpha)
