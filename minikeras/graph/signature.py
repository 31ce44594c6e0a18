"""Generated from book/graphs/signatures.ipynb. Edit the chapter, not this file."""

import copy
import inspect
import reprlib
import weakref
from collections import deque
from types import MethodType

import numpy as np

from minikeras.core.dtypes import FLOATS, NAME_OF
from minikeras.core.errors import DTypeError, Report
from minikeras.core.infer import Symbol
from minikeras.core.nest import flatten
from minikeras.core.specs import TensorSpec, known_spec
from minikeras.core.tensor import Tensor, Value, convert
from minikeras.core.variable import Variable


class Call:
    """One call of a function in canonical form.

    key: hashable; calls with equal keys may share one trace.
    tensors: the tensors and symbols among the arguments, in order of appearance.
    variables: its variables, each once, in order of appearance.
    values: the value of each parameter, defaults included.
    """

    __slots__ = ("key", "tensors", "variables", "values", "numbers")

    def __init__(self, key, tensors, values):
        self.key, self.tensors, self.values = key, tensors, values
        self.variables, self.numbers = [], {}

    @property
    def specs(self):
        """The TensorSpec of each tensor."""
        return [x.spec for x in self.tensors]

    def fill(self, tensors):
        """(args, kwargs): this call again, with `tensors` in place of its tensors."""
        rest = iter(tensors)
        args, kwargs = [], {}
        for p, value in zip(self.key[0].parameters, self.values, strict=True):
            value = _refilled(value, rest)
            if p.kind is p.KEYWORD_ONLY:
                kwargs[p.name] = value
            elif p.kind is p.VAR_KEYWORD:
                kwargs |= value
            elif p.kind is p.VAR_POSITIONAL:
                args += value
            else:
                args.append(value)
        return tuple(args), kwargs


DESCRIBE = {}  # class: function(x, call) -> the kind of x


def kind_of(x, call):
    """What `x` has in common with everything that may stand in its place.

    A tuple that begins with a word and can be hashed; tensors and variables found on
    the way are added to the call.
    """
    describe = DESCRIBE.get(x.__class__) or _family(x)
    return describe(x, call)


def _family(x):
    """How to describe an object of a class that is not in the table itself."""
    for cls in FAMILIES:
        if isinstance(x, cls):
            return DESCRIBE[cls]
    return _array if hasattr(x.__class__, "__array__") else _thing


def _tensor(x, call):
    """Any tensor, real or symbolic: its shape and dtype."""
    call.tensors.append(x)
    return "tensor", x.shape, x.dtype


def _array(x, call):
    """An array of NumPy, or what offers itself as one: the tensor of its numbers."""
    return _tensor(convert(x), call)


def _spec(x, call):
    """A spec in place of a tensor: a symbol of it."""
    return _tensor(Symbol(x), call)


def _constant(x, call=None):
    """A Python value: its type and itself."""
    return "constant", x.__class__, x


def _float(x, call=None):
    """A float by its digits: nan equals itself then, and -0.0 is not 0.0."""
    return "constant", x.__class__, repr(x)


def _variable(v, call):
    """A variable: its own spec, and which of the variables of this call it is."""
    number = call.numbers.setdefault(id(v), len(call.numbers))
    if number == len(call.variables):
        call.variables.append(v)
    return "variable", v._spec.shape, v._spec.dtype, v.trainable, number


def _thing(x, call=None):
    """Any other object, as itself: held weakly, so that we do not keep it alive."""
    try:
        hash(x)
    except TypeError:  # a dataclass that can change, say
        return "thing", x.__class__, Itself(x)
    try:
        reference = weakref.ref(x)
    except TypeError:  # a range, a fraction: a value that nobody can refer to weakly
        return "thing", x.__class__, x
    hash(reference)  # it remembers this, and needs it when the object is gone
    return "thing", x.__class__, reference


class Itself:
    """A reference that equals another only if both lead to one living object."""

    __slots__ = ("number", "look")

    def __init__(self, x):
        self.number = id(x)
        try:
            self.look = weakref.ref(x)
        except TypeError:  # then it stays alive with us, and its id stays taken
            self.look = lambda: x

    def __hash__(self):
        return self.number

    def __eq__(self, other):
        x = self.look()
        return other.__class__ is Itself and x is not None and x is other.look()


ITEMS = {
    tuple: tuple,
    list: tuple,
    deque: tuple,
    slice: lambda x: (x.start, x.stop, x.step),
    MethodType: lambda x: (x.__self__, x.__func__),
}


def _items(x, call):
    """A nest with places: its class, and the kind of what is in each."""
    parts = next(ITEMS[cls] for cls in x.__class__.__mro__ if cls in ITEMS)(x)
    return "items", x.__class__, tuple([kind_of(item, call) for item in parts])


def _dict(x, call):
    """A nest with names: the names sorted, and the kind of what is under each."""
    names = _in_order(x)
    kinds = tuple([kind_of(x[name], call) for name in names])
    return "dict", x.__class__, tuple([(k.__class__, k) for k in names]), kinds


def _in_order(names):
    """The keys of a dictionary in one order, however they were put in."""
    try:
        return sorted(names)
    except TypeError:  # keys of several types
        return sorted(names, key=lambda k: (k.__class__.__name__, repr(k)))


def _set(x, call):
    """A set: its class and the kinds of its elements, which have no order."""
    found = Call(None, [], ())
    kinds = frozenset(kind_of(item, found) for item in x)
    return ("set", x.__class__, kinds) if not found.tensors else _thing(x)


DESCRIBE |= dict.fromkeys((int, bool, str, bytes, type(None)), _constant)

DESCRIBE |= dict.fromkeys((float, complex), _float)

DESCRIBE |= dict.fromkeys(ITEMS, _items)

DESCRIBE |= {dict: _dict, set: _set, frozenset: _set}

DESCRIBE |= {TensorSpec: _spec, Variable: _variable, Value: _tensor, Tensor: _tensor}

DESCRIBE |= dict.fromkeys((np.ndarray, np.generic), _array)

DESCRIBE |= dict.fromkeys((np.str_, np.bytes_), _thing)


FAMILIES = (
    *(Variable, Value, TensorSpec, np.ndarray, np.generic),
    *(tuple, list, deque, dict, set, frozenset),
)


VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def signature_of(function):
    """The parameters of a function; of a wrapper that takes anything, what it wraps."""
    try:
        own = inspect.signature(function, follow_wrapped=False)
        kinds = {p.kind for p in own.parameters.values()}
        return inspect.signature(function) if kinds == {*VARIADIC} else own
    except ValueError:  # some functions written in C do not say
        return inspect.signature(lambda *args, **kwargs: None)


MISSING = object()  # in place of a default that is not there

EMPTY = {inspect.Parameter.VAR_POSITIONAL: (), inspect.Parameter.VAR_KEYWORD: {}}


class FunctionType:
    """What the calls of one Python function look like, and which are the same.

    input_signature: a TensorSpec, or a nest of them, for each of the first parameters;
    those after must have defaults. One trace then serves all calls that fit.
    skip: how many parameters (`self`) come before those of the input_signature.
    Errors: a TypeError if the specs are not specs, too few or too many.
    """

    def __init__(self, python_function, input_signature=None, skip=0):
        self.python_function = python_function
        self.signature = signature_of(python_function)
        self.parameters = tuple(self.signature.parameters.values())
        self.input_signature = input_signature
        self._note_defaults()
        self._note_shortcuts()
        if input_signature is not None:
            self._note_specs(skip)

    def _note_defaults(self):
        """The default of each parameter, and where an argument with a name goes."""
        self._defaults, self._index, self._positional = [], {}, 0
        for i, p in enumerate(self.parameters):
            default = MISSING if p.default is p.empty else p.default
            self._defaults.append(EMPTY.get(p.kind, default))
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY):
                self._index[p.name] = i
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY):
                self._positional = i + 1

    def _place(self, args, kwargs):
        """The value of each parameter, defaults filled in."""
        count = len(args)
        values = [*args, *self._defaults[count:]]
        for name, value in kwargs.items():
            i = self._index.get(name, -1)
            if i < count:  # unknown, or given twice
                return self._bind(args, kwargs)
            values[i] = value
        if count > self._positional or any(x is MISSING for x in values):
            return self._bind(args, kwargs)
        return values

    def _bind(self, args, kwargs):
        """The same for any call at all, by Python's rules, or their error."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise self._refused(error, args, kwargs) from None
        bound.apply_defaults()
        return [bound.arguments[p.name] for p in self.parameters]

    def _refused(self, reason, args, kwargs):
        """The error for arguments that do not fit, in the words of TensorFlow."""
        name = getattr(self.python_function, "__name__", "function")
        problem = f"Binding inputs to tf.function failed due to `{reason}`. "
        problem += f"Received args: {_brief(args)} and kwargs: {_brief(kwargs)} "
        return BindingError(name, f"{problem}for signature: {self}.")

    def __str__(self):
        """The signature as one would write it, with the specs that were asked for."""
        shown = []
        for i, p in enumerate(self.parameters):
            wanted = self._wanted[i] if self.input_signature is not None else MISSING
            note = (
                p.empty
                if wanted in (MISSING, FREE)
                else Word(kind_text(self._fixed[i]))
            )
            default = p.empty if p.default is p.empty else Word(_brief(p.default))
            shown.append(p.replace(annotation=note, default=default))
        return str(inspect.Signature(shown))

    def canonical(self, args, kwargs):
        """The Call that f(*args, **kwargs) is, however it was written.

        Errors: a TypeError if the arguments do not fit the parameters, or the specs of
        the input_signature.

        >>> f = FunctionType(lambda x, flag=True: x)
        >>> f.canonical((1,), {}).key == f.canonical((), {"flag": True, "x": 1}).key
        True
        """
        if not kwargs:
            rest = self._shortcuts.get(len(args))
            if rest is not None:
                kinds = [self]
                for x in args:
                    if x.__class__ is not Tensor:
                        break
                    data = x._data
                    kinds.append(("tensor", data.shape, NAME_OF[data.dtype]))
                else:
                    return Call((*kinds, *rest[0]), [*args], (*args, *rest[1]))
        return self._canonical(args, kwargs)

    def _canonical(self, args, kwargs):
        """The long way: bind, cast where there are specs, describe every value."""
        values = self._place(args, kwargs)
        if self.input_signature is not None:
            values = self._cast(values, args, kwargs)
        call = Call(None, [], tuple(values))
        call.key = (self, *[kind_of(x, call) for x in values])
        if self.input_signature is not None:
            self._check(call, args, kwargs)
        return call

    def _note_shortcuts(self):
        """For each number of tensors alone: the kinds and values of what they leave out."""
        self._shortcuts, kinds = {}, []
        for p, default in zip(self.parameters, self._defaults, strict=True):
            kind = kind_of(default, Call(None, [], ()))
            plain = kind[0] in ("constant", "thing") and default is not MISSING
            kinds.append(kind if plain or p.kind in EMPTY else None)
        for count in range(self._positional, -1, -1):
            if None in kinds[count:] or self.input_signature is not None:
                break
            self._shortcuts[count] = tuple(kinds[count:]), tuple(self._defaults[count:])

    def _note_specs(self, skip):
        """Give each parameter its part of the specs, or hold it to its default."""
        self.input_signature = checked_specs(self.input_signature)
        specs = list(self.input_signature)
        self._wanted = [FREE] * skip
        for p in self.parameters[skip:]:
            self._wanted.append(_share(p, specs))
        if specs:
            raise TypeError(
                f"input_signature contains {len(specs)} extra type constraints."
            )
        self._fixed = []
        for wanted, default in zip(self._wanted, self._defaults, strict=True):
            constraint = default if wanted is MISSING else wanted
            kind = kind_of(constraint, Call(None, [], ()))
            self._fixed.append(None if wanted is FREE else kind)

    def _cast(self, values, args, kwargs):
        """The values, with what is not a tensor made one where a spec asks for it."""
        try:
            return [_as_wanted(x, w) for x, w in zip(values, self._wanted, strict=True)]
        except Report as error:
            raise self._refused(error.problem, args, kwargs) from None

    def _check(self, call, args, kwargs):
        """Give the call the one key of all that fit; a TypeError if it does not."""
        key = [self]
        for kind, fixed in zip(call.key[1:], self._fixed, strict=True):
            if fixed is not None and not _within(kind, fixed):
                reason = f"Can not cast {kind_text(kind)} to {kind_text(fixed)}"
                raise self._refused(reason, args, kwargs)
            key.append(kind if fixed is None else fixed)
        call.key = tuple(key)


class BindingError(Report, TypeError):
    """Arguments that a traced function does not take."""


class _Brief(reprlib.Repr):
    """Short texts of arguments: tensors by their specs, long things cut."""

    def repr1(self, x, level):
        if isinstance(x, (Value, np.ndarray)):
            return str(convert(x).spec if isinstance(x, np.ndarray) else x.spec)
        return super().repr1(x, level)


_brief = _Brief().repr


class Word(str):
    """A text that stands for itself where its `repr` is asked for."""

    __repr__ = str.__str__


def _refilled(x, rest):
    """The nest `x` once more, its tensors taken from the iterator `rest`."""
    describe = DESCRIBE.get(x.__class__) or _family(x)
    if describe in (_tensor, _array, _spec):
        return next(rest)
    if describe is _dict:
        values = {name: _refilled(x[name], rest) for name in _in_order(x)}
        new = copy.copy(x)
        new.update(values)
        return new
    return _reordered(x, rest) if describe is _items else x


def _reordered(x, rest):
    """A list, tuple, slice, ... of the class of `x`, refilled."""
    if isinstance(x, slice):
        return slice(*[_refilled(item, rest) for item in ITEMS[slice](x)])
    if isinstance(x, MethodType):
        return x
    items = [_refilled(item, rest) for item in x]
    if isinstance(x, tuple):
        return tuple.__new__(x.__class__, items)  # also a named tuple
    new = copy.copy(x)
    new.clear()
    new.extend(items)
    return new


NESTS = ("items", "dict")


def same_nest(kind, other):
    """Whether two kinds are nests of one class with the same places or names."""
    alike = kind[0] in NESTS and kind[:-1] == other[:-1]
    return alike and len(kind[-1]) == len(other[-1])


def generalize(key, other):
    """The key that takes both calls: sizes that differ become None.

    None if the calls differ in anything but the sizes of tensors.

    >>> import numpy as np
    >>> f = FunctionType(lambda x: x)
    >>> one, two = (f.canonical((np.ones((n, 4)),), {}).key for n in (2, 3))
    >>> print(pretty(generalize(one, two)))
    x (POSITIONAL_OR_KEYWORD): TensorSpec(shape=(None, 4), dtype=float64, name=None)
    """
    if key[0] is not other[0]:
        return None
    kinds = [_joint(a, b) for a, b in zip(key[1:], other[1:], strict=True)]
    return None if None in kinds else (key[0], *kinds)


def _joint(kind, other):
    """The kind that takes both, or None."""
    if kind == other:
        return kind
    if same_nest(kind, other):
        kinds = tuple(_joint(a, b) for a, b in zip(kind[-1], other[-1]))
        return None if None in kinds else (*kind[:-1], kinds)
    if kind[0] == other[0] == "tensor" and kind[2] == other[2]:
        pairs = list(zip(kind[1], other[1]))
        if len(kind[1]) == len(other[1]):
            return "tensor", tuple(m if m == n else None for m, n in pairs), kind[2]
    return None


def fits(key, general):
    """Whether a call with `key` may use a trace that was made for `general`."""
    return key[0] is general[0] and all(map(_within, key[1:], general[1:]))


def _within(kind, general):
    """Whether what is of one kind is also of the other, which may leave sizes open."""
    if kind == general:
        return True
    if same_nest(kind, general):
        return all(map(_within, kind[-1], general[-1]))
    if not kind[0] == general[0] == "tensor" or kind[2] != general[2]:
        return False
    sizes, room = kind[1], general[1]
    return len(sizes) == len(room) and all(
        n is None or n == m for m, n in zip(sizes, room)
    )


FREE = object()  # in place of specs: this parameter may be anything


def _share(p, specs):
    """What a parameter takes from the front of the specs; MISSING: its default alone."""
    if p.kind is p.VAR_POSITIONAL:
        share = tuple(specs)
        specs.clear()
        return share
    if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and specs:
        return specs.pop(0)
    if p.default is p.empty and p.kind is not p.VAR_KEYWORD:
        raise TypeError(
            f"input_signature missing type constraint for {p.name}"
            if p.kind is not p.KEYWORD_ONLY
            else "Since input_signature is defined, keyword-only parameter "
            f"`{p.name}` must have a default value"
        )
    return MISSING


def checked_specs(specs):
    """An input_signature as a tuple; a TypeError if it is not a nest of specs."""
    if not isinstance(specs, (list, tuple)):
        problem = (
            f"input_signature must be either a tuple or a list, got {type(specs)}."
        )
        raise TypeError(problem)
    wrong = [x for x in flatten(specs) if not isinstance(x, TensorSpec)]
    if wrong:
        raise TypeError(
            "input_signature must be a possibly nested sequence of TensorSpec objects, "
            f"got invalid args {wrong} with types {[type(x) for x in wrong]}."
        )
    return tuple(specs)


def _as_wanted(x, wanted):
    """`x` with tensors where a nest of specs has specs, as far as the nests agree."""
    if isinstance(wanted, TensorSpec):
        return _as_tensor(x, wanted)
    nest = isinstance(wanted, (list, tuple, dict))
    if not nest or x.__class__ is not wanted.__class__ or len(x) != len(wanted):
        return x  # whatever is wrong with it, the check will say so
    if isinstance(x, dict):
        return {k: _as_wanted(x[k], wanted.get(k)) for k in x}
    items = map(_as_wanted, x, wanted)
    return list(items) if isinstance(x, list) else tuple.__new__(x.__class__, items)


def _rank(dtype):
    """Where a dtype stands: truth values before whole numbers before floats."""
    return 0 if dtype == "bool" else 2 if dtype in FLOATS else 1


def _as_tensor(x, spec):
    """Numbers, lists and arrays as a tensor of the dtype of `spec`, if they fit into it."""
    if isinstance(x, (Value, TensorSpec)):
        return x._as_value() if isinstance(x, Variable) else x
    y = convert(x)
    if _rank(y.dtype) > _rank(spec.dtype):
        raise DTypeError("convert", f"Cannot convert {_brief(x)} to {spec.dtype}")
    return convert(x, spec.dtype)


BOXES = {tuple: "Tuple", list: "List", dict: "Dict"}


def kind_text(kind):
    """A kind as TensorFlow writes it: TensorSpec(...), Literal[2], List[...]."""
    if kind[0] == "tensor":
        return f"TensorSpec(shape={kind[1]}, dtype={kind[2]}, name=None)"
    if kind[0] == "constant":
        return f"Literal[{_constant_text(kind)}]"
    if kind[0] == "variable":
        about = f"shape={kind[1]}, dtype={kind[2]}, trainable={kind[3]}"
        return f"VariableSpec({about}, alias_id={kind[4]})"
    if kind[0] == "set":
        parts = sorted(map(kind_text, kind[2]))
    elif kind[0] == "thing":
        return f"Weakref[{_thing_text(kind)}]"
    else:
        parts = [kind_text(k) for k in kind[-1]]
    if kind[0] == "dict":
        parts = [f"[{n!r}, {k}]" for (_, n), k in zip(kind[2], parts, strict=True)]
    return f"{BOXES.get(kind[1], kind[1].__name__)}[{', '.join(parts)}]"


def _constant_text(kind):
    """A Python value as one writes it; floats are kept as text already."""
    return kind[2] if kind[1] in (float, complex) else repr(kind[2])


def _object_of(kind):
    """The object that a kind of a thing leads to, or None if it is gone."""
    x = kind[2]
    return (
        x.look() if x.__class__ is Itself else x() if x.__class__ is weakref.ref else x
    )


def _thing_text(kind):
    """A few words for an object: a function's name, a range, or "a Dense"."""
    x = _object_of(kind)
    if x is None:
        return f"a {kind[1].__name__} that is gone"
    value = kind[2] is x and kind[1].__repr__ is not object.__repr__
    named = getattr(x, "__qualname__", None) or getattr(x, "_name_", None)
    return named or (repr(x) if value else f"a {kind[1].__name__}")


def pretty(key):
    """The parameters and their kinds, a line each, as TensorFlow prints them."""
    return "\n".join(
        f"{name} ({how}): {kind_text(kind)}" for name, how, kind in named_kinds(key)
    )


def named_kinds(key):
    """(name, kind of parameter, kind) for each argument; *args and **kwargs spread out."""
    for p, kind in zip(key[0].parameters, key[1:], strict=True):
        if p.kind is p.VAR_POSITIONAL:
            for i, item in enumerate(kind[-1]):
                yield f"{p.name}_{i}", "POSITIONAL_ONLY", item
        elif p.kind is p.VAR_KEYWORD:
            for (_, name), item in zip(kind[2], kind[-1], strict=True):
                yield name, "KEYWORD_ONLY", item
        else:
            yield p.name, p.kind.name, kind


def difference(key, other):
    """Which arguments differ, and how: "'x' was f32[2], is f32[3]"."""
    names = [p.name for p in key[0].parameters]
    found = []
    for name, was, now in zip(names, key[1:], other[1:], strict=True):
        found += _differences(name, was, now)
    return "; ".join(f"'{path}' was {was}, is {now}" for path, was, now in found)


def _differences(path, was, now):
    """(path, text, text) for every place below `path` where two kinds differ."""
    if was == now:
        return []
    if not same_nest(was, now):
        return [(path, _short(was), _short(now, was))]
    labels = [repr(n) for _, n in was[2]] if was[0] == "dict" else range(len(was[-1]))
    pairs = zip(labels, was[-1], now[-1], strict=True)
    return [d for i, a, b in pairs for d in _differences(f"{path}[{i}]", a, b)]


def _short(kind, was=None):
    """A kind in a few words; `was` is what it is compared with."""
    word, about = kind[0], kind[1]
    if word == "tensor":
        return str(known_spec(about, kind[2]))
    if word == "constant":
        return _cut(_constant_text(kind))
    if word == "variable":
        frozen = "" if kind[3] else ", not trainable"
        return f"variable {kind[4]}, {known_spec(about, kind[2])}{frozen}"
    if word == "thing":
        text = _cut(_thing_text(kind))
        return f"another {about.__name__}" if was and text == _short(was) else text
    size = kind[2] if word == "set" else kind[-1]
    names = f" with {', '.join(repr(n) for _, n in kind[2])}" if word == "dict" else ""
    return _cut(f"a {about.__name__} of {len(size)}{names}")


def _cut(text, width=60):
    """A text that fits into a line."""
    return text if len(text) <= width else text[: width - 3] + "..."


def dead(key):
    """Whether a key has lost an object it refers to, and can never be met again."""
    return any(map(_dead, key[1:]))


def _dead(kind):
    if kind[0] == "thing":
        return _object_of(kind) is None
    return kind[0] in ("items", "dict", "set") and any(map(_dead, kind[-1]))
