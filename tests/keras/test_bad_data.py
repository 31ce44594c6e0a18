"""Training on bad data: a refusal that says what is wrong, and everything as before.

The faults are those of `tests/golden/cases/bad_data.py`. Whatever is refused before a
step is done leaves weights, optimizer, metrics, seeds and threads as they were; what
fails at a later step leaves them as after the steps before it.
"""

import random
import re
import threading
import warnings

import numpy as np
import pytest

import minikeras as k
from minikeras.core.door import here
from minikeras.core.errors import Report
from minikeras.core.variable import autocast, current_scope
from minikeras.layers.layer import calls
from tests.golden.cases import bad_data as table

pytestmark = pytest.mark.filterwarnings("ignore")


def variables_of(model):
    slots = model.optimizer.variables if model.optimizer else []
    return [*model.variables, *slots]


def digest(model):
    "All that a refused call must leave alone, but for the counts of the metrics."
    found = [(id(v), v.numpy().tobytes()) for v in variables_of(model)]
    return found + [threading.active_count(), calls.told, autocast.dtype,
                    current_scope(), here.level, list(here.level.watchers),
                    random.getstate(), model.built]  # fmt: skip


def refusal(call):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except Exception as error:
        return error
    return None


def steps_of(model):
    return int(model.optimizer.iterations)


def rows(method):
    for group, trials in table.trials(k, method).items():
        for name, (make, call) in trials.items():
            name_of = f"{method} {group} {name}".replace(" ", "-")
            yield pytest.param(make, call, group, name, id=name_of)


def ready(make):
    "A model that has learned a batch already, so that all its state is there."
    model = make(k)
    x, y = (table.X, table.Y) if make is table.model_of else double_data()
    model.train_on_batch(x, y)
    model.reset_metrics()
    return model, x, y


def double_data():
    return [table.X, table.X], [table.X[:, :1], table.X[:, :1]]


def words_of_python(error):
    "Python's own words on a call it cannot bind, or on a negative length."
    words = r"\w+\.\w+\(\) (got an unexpected|missing)|__len__\(\) should return"
    return re.match(words, str(error))


def check_message(error, what):
    if words_of_python(error):
        return str(error)
    told = "\n".join([str(error), *getattr(error, "__notes__", ())])
    assert isinstance(error, Report), (what, repr(error))
    assert error.op and error.problem, what
    assert "got" in told or "try" in told or "called with" in told, (what, told)
    return told


def judge(make, call, what):
    model, x, y = ready(make)
    before, done = digest(model), steps_of(model)
    error = refusal(lambda: call(model))
    if error is not None:
        if isinstance(error, table.Mine):
            assert error.args == ("mine",), what
        else:
            check_message(error, what)
        if steps_of(model) == done:
            assert digest(model) == before, what
    assert threading.active_count() == before[-8], what
    model.stop_training = False
    logs = model.train_on_batch(x, y, return_dict=True)
    assert np.isfinite(logs["loss"]), what
    return error


CASES = [case for method in table.METHODS for case in rows(method)]


@pytest.mark.parametrize("make, call, group, name", CASES)
def test_what_is_refused_leaves_all_as_it_was(make, call, group, name):
    judge(make, call, f"{group} {name}")


@pytest.mark.parametrize("method", table.METHODS)
def test_models_that_are_not_ready(method):
    for name, (model, call) in table.unready(k, method).items():
        before = [(v, v.numpy().tobytes()) for v in variables_of(model)]
        error = refusal(lambda call=call, model=model: call(model))
        if name == "not compiled" and not method.startswith("predict"):
            assert "compile" in str(error)
        if error is not None and not isinstance(error, NotImplementedError):
            check_message(error, name)
        same = all(v.numpy().tobytes() == value for v, value in before)
        assert error is None or same, name


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_a_frame_with_a_column_of_objects(method):
    frame = pytest.importorskip("pandas").DataFrame(table.X)
    frame["word"] = "a"
    labels = (table.Y,) if method != "predict" else ()
    model, *_ = ready(table.model_of)
    before = digest(model)
    error = refusal(lambda: table.call_of(model, method, frame, *labels))
    assert "object" in check_message(error, method) and digest(model) == before


def test_class_weights_with_missing_and_extra_classes():
    "A class that is not listed weighs 1; one that does not occur does not matter."
    found = []
    for weights in ({0: 1.0, 1: 2.0}, {1: 2.0}, {1: 2.0, 7: 5.0}):
        model = table.model_of(k)
        logs = table.call_of(model, "fit", table.X, table.Y, class_weight=weights)
        found.append(logs.history["loss"])
    assert found[0] == found[1] == found[2]


def test_what_fails_later_keeps_the_steps_before():
    "A generator that raises, and labels too large in the second batch."
    one = table.model_of(k)
    one.train_on_batch(*table.GOOD)
    for name, steps in (("labels too large", 1), ("fewer axes later", 1)):
        items, error = table.BAD_BATCHES[name]
        model = table.model_of(k)
        error = refusal(lambda m=model, i=items: m.fit(table.batches(*i), verbose=0))
        assert steps_of(model) == steps and check_message(error, name)
        for v, w in zip(variables_of(model), variables_of(one), strict=True):
            assert np.array_equal(v.numpy(), w.numpy()), (name, v.path)
