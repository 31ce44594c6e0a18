"""Generated from book/graphs/function.ipynb. Edit the chapter, not this file."""

import functools
import importlib
import linecache
import sys
import warnings
import weakref
from collections import deque
from contextlib import nullcontext, suppress
from itertools import count
from time import perf_counter
from traceback import walk_tb
from types import MethodType

from minikeras.core.errors import (
    EndlessTraceError,
    RetraceWarning,
    SingletonVariableError,
    _ours,
    user_line,
)
from minikeras.core.variable import autocast
from minikeras.graph.concrete import ConcreteFunction
from minikeras.graph.program import tracing
from minikeras.graph.signature import (
    FunctionType,
    dead,
    difference,
    fits,
    generalize,
    signature_of,
)
from minikeras.graph.strict import untouched

rewriters = []  # functions from a Python function to another, for autograph=True

listeners = []  # functions that are told of each trace: (function, trace, elapsed_ms)

openers = []  # functions from an object to what there is to be traced in it, or None


class Traces:
    """What a function, or the method of one object, has been traced for.

    found: {what tapes and layers have set: {key: ConcreteFunction}}. count: how often
    it was traced. settled: whether it has been traced, and makes no more variables.
    """

    def __init__(self):
        self.found, self.count, self.settled = {}, 0, False
        self.body = None

    def __reduce__(self):
        return Traces, ()  # copies begin anew


class Function:
    """A Python function that is traced once for each kind of call, and then played.

    Made by `minikeras.function`, which explains the arguments.
    """

    def __init__(
        self,
        python_function,
        input_signature=None,
        autograph=True,
        jit_compile=None,
        reduce_retracing=False,
        strict=False,
    ):
        functools.update_wrapper(self, python_function)
        self.python_function = self._source = python_function
        self._autograph, self._jit_compile = autograph, jit_compile
        self._reduce_retracing, self._strict = reduce_retracing, strict
        self._owner = self._handed = None
        skip = _begins_with_self(python_function)
        self.function_type = FunctionType(python_function, input_signature, skip)
        self._input_signature = input_signature
        self._traces, self._instances = Traces(), {}
        self._storm = storm_of(python_function)

    def __call__(self, *args, **kwargs):
        if eager_functions.on:
            return self.python_function(*args, **kwargs)
        call = self.function_type.canonical(args, kwargs)
        self._storm.calls += 1
        return self._concrete(call, self._storm).run(call)

    def _concrete(self, call, storm=None):
        """The trace for a call; made, if there is none."""
        found = self._traces.found.setdefault(autocast.dtype or None, {})
        concrete = found.get(call.key)
        if concrete is None:
            with tracing:
                concrete = self._fitting(found, call) or self._trace(found, call, storm)
                publish(found, call.key, concrete)
        if call.variables and concrete.confuses(call):
            concrete = self._told_apart(concrete, call)
        concrete.used = next(calls_so_far)
        return concrete

    def _fitting(self, found, call):
        """The most special of the traces that the call may use, or None."""
        fitting = [x for x in found.values() if fits(call.key, x.key)]
        for one in fitting:
            if all(fits(one.key, other.key) for other in fitting):
                return one
        return fitting[0] if fitting else None

    def _trace(self, found, call, storm=None):
        """Trace for a call; twice, if the first time variables were made."""
        key = self._general_key(found, call.key) if self._reduce_retracing else call.key
        mark, traces = (id(self._traces), key), self._traces
        if mark in under_way:
            problem = "it calls itself, with the same arguments, while it is traced"
            hint = "a recursion that ends by a Python value"
            raise EndlessTraceError(self.__name__, problem, hint=hint)
        if storm is not None:
            storm.traced(self.__name__, call.key)
        depth, made = len(under_way), []
        try:
            under_way.append(mark)
            concrete = self._traced(
                call, key, _refuse if traces.settled else made.append
            )
            traces.count += 1
            if made:
                concrete = self._traced(call, key, _refuse)
                traces.count += 1
        except Exception as error:
            if not depth:
                note_user_code(error)
            raise
        finally:
            del under_way[depth:]
        traces.settled = True
        return concrete

    def _traced(self, call, key, made):
        """One trace."""
        body, start = self._body(), perf_counter()
        with untouched(self._source) if self._strict else nullcontext():
            concrete = ConcreteFunction(body, self.__name__, call, key, made)
        concrete.graph.registers.made = _refuse
        for tell in listeners:
            tell(self, concrete, 1e3 * (perf_counter() - start))
        return concrete

    def _general_key(self, found, key):
        """The key that leaves open what differs from the calls before."""
        for other in [x.key for x in found.values()]:
            key = generalize(key, other) or key
        return key

    def _told_apart(self, concrete, call):
        """The trace for a call with a variable that `concrete` knows from outside."""
        known = concrete._captured
        aliases = tuple([id(v) if id(v) in known else None for v in call.variables])
        with tracing:
            if aliases not in concrete._others:
                concrete._others[aliases] = self._trace({}, call)
        return concrete._others[aliases]

    def _body(self):
        """The Python that is traced: rewritten, if there are rewriters, and bound."""
        if self._traces.body is None:
            body = self._source
            for later in ("autograph.convert", "debug"):
                with suppress(ImportError):  # that chapter is not built yet
                    importlib.import_module(f"minikeras.graph.{later}")
            for rewrite in rewriters if self._autograph else ():
                body = rewrite(body)
            self._traces.body = body
        body = self._traces.body
        return body if self._owner is None else MethodType(body, self._owner())

    def __get__(self, instance, owner=None):
        """As a method: the Function of an object, which has traces of its own."""
        if instance is None:
            return self
        function = self._of(instance)
        bound = function._handed and function._handed()
        if bound is None:
            bound = object.__new__(Function)
            bound.__dict__.update(function.__dict__)
            bound.__self__ = instance
            function._handed = weakref.ref(bound)
        return bound

    def _of(self, instance):
        """The Function for the method of an object; it does not keep the object alive."""
        key = id(instance)
        if key not in self._instances:
            try:
                owner = weakref.ref(instance, lambda _: self._instances.pop(key, None))
            except TypeError:
                owner = functools.partial(_itself, instance)
            method = _method(self._source, owner)
            function = Function(
                method,
                self._input_signature,
                self._autograph,
                self._jit_compile,
                self._reduce_retracing,
                self._strict,
            )
            function._source, function._owner = self._source, owner
            function._storm = Storm()
            self._instances.setdefault(key, function)
        return self._instances[key]

    def get_concrete_function(self, *args, **kwargs):
        """The trace for these arguments, where a TensorSpec may stand for a tensor."""
        if not args and not kwargs and self._input_signature is not None:
            args = tuple(self._input_signature)
        return self._concrete(self.function_type.canonical(args, kwargs))

    def experimental_get_tracing_count(self):
        """How often the function has been traced."""
        return self._traces.count

    @property
    def input_signature(self):
        """The specs it was given, as a tuple, or None."""
        return self.function_type.input_signature

    def pretty_printed_concrete_signatures(self):
        """All that it was traced for, in words."""
        traces = {
            id(x): x for found in self._traces.found.values() for x in found.values()
        }
        return "\n\n".join(x.pretty_printed_signature() for x in traces.values())

    def __repr__(self):
        return f"<Function {self.__name__}>"


def _begins_with_self(function):
    """1 if the first parameter is called self, for specs begin behind it; else 0."""
    return int(next(iter(signature_of(function).parameters), None) == "self")


calls_so_far = count()  # the number of a call tells which trace was used last


KEPT = 256  # traces for each function


def publish(found, key, concrete):
    """Keep a trace under two keys; let go what nobody can ask for, or did long ago."""
    for lost in [k for k in found if dead(k)]:
        del found[lost]
    concrete.used = next(calls_so_far)
    found[concrete.key] = found[key] = concrete
    while len(found) > KEPT:
        others = [k for k, x in found.items() if x.key != k]
        del found[min(others or found, key=lambda k: found[k].used)]


under_way = []  # (traces, key) of what is being traced, from the outermost in


LINES = 8  # of the user's, at most


def note_user_code(error):
    """Note on an error which lines of the user's led to it, the last one last."""
    title, lines = "in user code:", []
    for frame, number in walk_tb(error.__traceback__):
        if not _ours(frame):
            path, name = frame.f_code.co_filename, frame.f_code.co_name
            source = linecache.getline(path, number).strip()
            path = "cell" if "ipykernel" in path else path
            lines.append(
                f'    File "{path}", line {number}, in {name}\n        {source}'
            )
    if not any(note.startswith(title) for note in getattr(error, "__notes__", ())):
        error.add_note("\n".join([title, "", *lines[-LINES:]]))


def _refuse(variable):
    """No more variables."""
    problem = (
        "tf.function only supports singleton tf.Variables created on the first call. "
        "Make sure the tf.Variable is only created once or created outside tf.function"
    )
    hint = "make it outside, or once: if self.v is None: self.v = Variable(...)"
    raise SingletonVariableError("function", problem, variable.path, hint)


def _itself(x):
    return x


def _method(function, owner):
    """A function without its first parameter, which is the object `owner` leads to."""

    @functools.wraps(function)
    def method(*args, **kwargs):
        return function(owner(), *args, **kwargs)

    signature = signature_of(function)
    rest = list(signature.parameters.values())[1:]
    method.__signature__ = signature.replace(parameters=rest)
    return method


MANY, WINDOW = 5, 10  # so many traces within so many calls are a storm


class Storm:
    """Counts the calls of a function and notes which of them were traced.

    All functions made of one piece of source share it.
    """

    def __init__(self):
        self.calls, self._recent = 0, deque(maxlen=MANY)
        self._last, self._warned = None, False

    def traced(self, name, key):
        """Note a trace; warn, once, if there are many."""
        self._recent.append(self.calls)
        kept = weakref.ref(key[0]), key[1:]  # else no function would ever be let go
        calls, last, self._last = self.calls - self._recent[0] + 1, self._last, kept
        if self._warned or len(self._recent) < MANY or calls > WINDOW:
            return
        self._warned = True
        warnings.warn(
            storm_text(name, calls, last, key), RetraceWarning, frames_of_ours()
        )


def storm_text(name, calls, last, key):
    """What is the matter, where, and what to do."""
    if last is not None and last[0]() is key[0]:
        change = difference((key[0], *last[1]), key) or "the trace before was given up"
        what = f"this time because {change}"
        hint = "pass numbers as tensors; input_signature or reduce_retracing=True"
    else:
        what = "because it is made anew each time"
        hint = "make it once, outside of the loop"
    return (
        f"{MANY} of the last {calls} calls of {name!r} were traced, {what}\n"
        f"  try   {hint}\n  at    {user_line()}"
    )


def frames_of_ours():
    """How far up the caller's line is, for warnings."""
    frame, number = sys._getframe(1), 1
    while frame.f_back is not None and _ours(frame):
        frame, number = frame.f_back, number + 1
    return number


storms = weakref.WeakKeyDictionary()  # code: Storm


def storm_of(function):
    """The Storm of all functions that are made of the same source."""
    code = getattr(function, "__code__", None)
    return Storm() if code is None else storms.setdefault(code, Storm())


def function(
    func=None,
    input_signature=None,
    autograph=True,
    jit_compile=None,
    reduce_retracing=False,
    strict=False,
):
    """Trace a Python function once for each kind of call, and run the trace.

    Its Python, prints too, runs while tracing only. What it finds outside (globals,
    closures, attributes) is that of the trace; variables are read on each call.
    func: the function; without it, a decorator is returned.
    input_signature: a TensorSpec for each argument; one trace then serves all calls.
    autograph: whether the source may be rewritten, so that `if` and `while` ask tensors.
    jit_compile: whether to compile the trace; the results are the same.
    reduce_retracing: leave sizes open when a second size is met.
    strict: a TraceError (a TypeError) if tracing changes a list, dict or set outside.

    >>> from minikeras import ops
    >>> @function
    ... def double(x):
    ...     print("traced")
    ...     return x * 2.0
    >>> [double(ops.ones((2,))).shape, double(ops.zeros((2,))).shape]
    traced
    [(2,), (2,)]
    """

    options = input_signature, autograph, jit_compile, reduce_retracing, strict

    def decorate(f):
        return Function(f, *options)

    return decorate if func is None else decorate(func)


class EagerFunctions:
    """Whether functions are run as Python, without a trace."""

    on = False


eager_functions = EagerFunctions()


def run_functions_eagerly(run_eagerly):
    """Whether every function runs as plain Python from now on, to look inside."""
    eager_functions.on = bool(run_eagerly)


def functions_run_eagerly():
    """Whether functions run as plain Python.

    >>> functions_run_eagerly()
    False
    """
    return eager_functions.on
