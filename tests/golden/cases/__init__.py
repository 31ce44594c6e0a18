"""What is recorded: one module per file of recordings.

A module has `cases()`, which returns a list of cases (dicts without outcome); see
`tests/golden/player.py` for the kinds.  To add a case, add a line to the module and
run `python -m tests.golden.record MODULE` with real Keras.
"""

from collections import Counter

from tests.golden.encoding import encode


class Table(list):
    "A list of cases under construction; ids are NAME:1, NAME:2 and so on."

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def add(self, kind, name, **details):
        self.counts[name] += 1
        case = {"id": f"{name}:{self.counts[name]}", "kind": kind, "name": name}
        self.append(case | details)

    def call(self, kind, name, args, kwargs, grads):
        details = {"args": encode(list(args))}
        if kwargs:
            details["kwargs"] = encode(kwargs)
        if grads:
            details["grads"] = None
        self.add(kind, name, **details)

    def op(self, name, *args, grads=True, **kwargs):
        self.call("op", name, args, kwargs, grads)

    def function(self, name, *args, grads=True, **kwargs):
        self.call("function", name, args, kwargs, grads)

    def scenario(self, module, name, /, **kwargs):
        details = {"kwargs": encode(kwargs)} if kwargs else {}
        self.add("scenario", name, module=module, **details)


def scenarios(module, functions):
    "One case per public function of a module, its docstring recorded beside it."
    table = Table()
    for function in functions:
        doc = (function.__doc__ or "").strip().splitlines()[:1]
        table.add("scenario", function.__name__, module=module, doc="".join(doc))
    return table
