"""Schedules against formulas in NumPy, kinds of steps, configurations, errors."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.variable import Variable
from minikeras.optimizers import SGD, Adam, schedules

STEPS = np.arange(0, 40)
CASES = [
    (schedules.ExponentialDecay(0.4, 5, 0.5), 0.4 * 0.5 ** (STEPS / 5)),
    (
        schedules.ExponentialDecay(0.4, 5, 0.5, staircase=True),
        0.4 * 0.5 ** (STEPS // 5),
    ),
    (schedules.InverseTimeDecay(0.4, 5, 2.0), 0.4 / (1 + 2 * STEPS / 5)),
    (
        schedules.PiecewiseConstantDecay([5, 10], [1.0, 0.5, 0.1]),
        np.select([STEPS <= 5, STEPS <= 10], [1.0, 0.5], 0.1),
    ),
    (
        schedules.PolynomialDecay(0.4, 20, 0.1, power=2.0),
        0.3 * (1 - np.minimum(STEPS, 20) / 20) ** 2 + 0.1,
    ),
    (
        schedules.CosineDecay(0.4, 20, alpha=0.25),
        0.4 * (0.75 * (1 + np.cos(np.pi * np.minimum(STEPS, 20) / 20)) / 2 + 0.25),
    ),
    (
        schedules.CosineDecayRestarts(0.4, 10, t_mul=1.0),
        0.2 * (1 + np.cos(np.pi * (STEPS % 10) / 10)),
    ),
]


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_rates_are_the_formulas(schedule, rates):
    assert np.allclose(schedule(STEPS), rates, atol=1e-6)
    assert [float(schedule(step)) for step in range(40)] == pytest.approx(rates, 1e-5)


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_any_kind_of_step_will_do(schedule, rates):
    counter = Variable(7, dtype="int64", trainable=False)
    for step in (7, np.int32(7), ops.convert_to_tensor(7), counter):
        rate = schedule(step)
        assert rate.dtype == "float32" and np.isclose(float(rate), rates[7], atol=1e-6)


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_there_and_back(schedule, rates):
    again = schedules.deserialize(schedules.serialize(schedule))
    assert again.get_config() == schedule.get_config()
    assert type(again) is type(schedule)
    assert np.allclose(again(STEPS), rates, atol=1e-6)
    optimizer = Adam.from_config(Adam(schedule).get_config())
    assert np.isclose(float(optimizer.learning_rate), rates[0])


def test_warmup_is_a_straight_line_and_then_the_wave():
    schedule = schedules.CosineDecay(0.1, 10, warmup_target=0.5, warmup_steps=4)
    assert np.allclose(schedule(np.arange(5)), [0.1, 0.2, 0.3, 0.4, 0.5])
    wave = schedules.CosineDecay(0.5, 10)
    assert np.allclose(schedule(np.arange(4, 20)), wave(np.arange(16)), atol=1e-6)


def test_a_cycle_never_arrives():
    schedule = schedules.PolynomialDecay(0.4, 5, 0.0, cycle=True)
    assert np.allclose(schedule(np.array([0, 5, 6, 10])), [0.4, 0.0, 0.16, 0.0])


def test_a_whole_number_is_a_rate():
    assert float(schedules.ExponentialDecay(1, 10, 0.5)(10)) == 0.5
    assert float(schedules.PiecewiseConstantDecay([3], [1, 0.5])(4)) == 0.5


def test_an_optimizer_follows_and_cannot_be_set():
    variable, optimizer = Variable([4.0]), SGD(schedules.ExponentialDecay(1.0, 1, 0.5))
    for _ in range(3):
        optimizer.apply([ops.ones((1,))], [variable])
    assert np.isclose(float(variable[0]), 4 - 1.75)
    with pytest.raises(TypeError, match="schedule"):
        optimizer.learning_rate = 0.1
    optimizer.learning_rate = schedules.CosineDecay(0.3, 5)
    assert float(optimizer.learning_rate) < 0.3


@pytest.mark.parametrize(
    ("mistake", "match"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps=0"),
        (lambda: schedules.InverseTimeDecay(0.1, -1, 0.5), "decay_steps=-1"),
        (lambda: schedules.PolynomialDecay(0.1, 0), "decay_steps=0"),
        (lambda: schedules.CosineDecay(0.1, 0), "decay_steps=0"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps=0"),
        (lambda: schedules.PiecewiseConstantDecay([1], [0.1]), "one value more"),
        (lambda: schedules.deserialize("nonsense"), "nonsense"),
    ],
)
def test_mistakes(mistake, match):
    with pytest.raises(ValueError, match=match):
        mistake()


def test_the_base_class_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="__call__"):
        schedules.LearningRateSchedule()(1)
    with pytest.raises(NotImplementedError, match="get_config"):
        schedules.LearningRateSchedule().get_config()


def test_text_is_no_duration():
    with pytest.raises(TypeError, match="decay_steps='long'"):
        schedules.CosineDecay(0.1, "long")
