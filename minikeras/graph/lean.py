"""Generated from book/graphs/worth.ipynb. Edit the chapter, not this file."""

import importlib
import math
import threading
import warnings
from collections import Counter

from minikeras.core.errors import ArgumentError
from minikeras.graph.graph import Plan
from minikeras.graph.loops import repeat, walk
from minikeras.graph.program import planners

RUNS, WITH_LOOPS = 100, 10


def patience(graph):
    """How often a graph is run as it was written before it is optimised."""
    looping = any(node.op in (repeat, walk) for node in graph.nodes)
    return WITH_LOOPS if looping else RUNS


class Lean:
    """A plan that is made again, of the optimised graph, when it has run often enough.

    plain: as written; lean: the other, or None. left: how often it runs before that.
    Any number of threads may run it.
    """

    def __init__(self, graph):
        self.graph, self.plain, self.lean = graph, Plan(graph), None
        self.left, self.fell_back = patience(graph), False

    def run(self, arrays):
        """The wanted values, as tensors, for arrays in the order of inputs and state."""
        self.left -= 1
        if self.left <= 0 and wanted() and self.is_lean():
            try:
                return self.lean.run(arrays)
            except Exception as error:  # what it is, the plain plan says better
                return self.as_written(arrays, error)
        return self.plain.run(arrays)

    def is_lean(self):
        """Whether there is a lean plan; it is made now if there was none."""
        if self.lean is None:
            self.improve()
        return self.lean is not None

    def as_written(self, arrays, error):
        """What the plain plan gives after the lean one failed; that it can is a fault."""
        values = self.plain.run(arrays)  # fails too, if the numbers are to blame
        fallbacks[self.graph.name] += 1
        for tell in listeners:
            tell(self.graph, error)
        if not self.fell_back:
            self.fell_back = True
            problem = f"{self.graph.name} failed when optimised: {error!r}"
            warnings.warn(problem, RuntimeWarning, stacklevel=2)
        return values

    def improve(self):
        """Make the lean plan, unless another thread is about it."""
        if not improving.acquire(blocking=False):
            return
        try:
            if self.lean is None:
                passes = importlib.import_module("minikeras.graph.passes.optimize")
                graph = passes.optimize(self.graph, final=True, without=left_out())
                self.lean = Plan(graph)
        except Exception as error:
            self.left = math.inf
            problem = f"{self.graph.name} runs as it was written: {error!r}"
            warnings.warn(problem, RuntimeWarning, stacklevel=2)
        finally:
            improving.release()


fallbacks = Counter()  # {name of a graph: runs that only its plain plan could do}

listeners = []  # functions that are told of each of them: (graph, error)


improving = threading.Lock()


SWITCHES = {
    "constant_folding": ("fold",),
    "arithmetic_optimization": ("simplify", "uncast"),
    "shape_optimization": ("sink", "move"),
    "common_subgraph_elimination": ("share",),
    "loop_optimization": ("trim", "merge", "hoist"),
}  # true by default: which passes they switch

OFF = ("disable_model_pruning", "disable_meta_optimizer")  # false by default

OTHERS = (
    "layout_optimizer", "remapping", "dependency_optimization", "function_optimization",
    "debug_stripper", "scoped_allocator_optimization", "pin_to_host_optimization",
    "implementation_selector", "auto_mixed_precision", "min_graph_nodes",
    "auto_parallel",
)  # fmt: skip

settings = dict.fromkeys(OFF, False)


def wanted():
    """Whether graphs are to be optimised at all."""
    return not settings["disable_meta_optimizer"]


def left_out():
    """The names of the passes that are switched off."""
    off = [name for key, names in SWITCHES.items() for name in names
           if not settings.get(key, True)]  # fmt: skip
    return [*off, "prune"] if settings["disable_model_pruning"] else off


def set_experimental_options(options):
    """Switch parts of the optimiser of graphs on or off.

    options: {name: value}, for those that are to change. `disable_meta_optimizer`: run
    all graphs as they were written. `disable_model_pruning`, `constant_folding`,
    `arithmetic_optimization`, `shape_optimization`, `common_subgraph_elimination`,
    `loop_optimization`: some of its passes. TensorFlow's other options are accepted and
    change nothing. A plan that is optimised already keeps the passes it went through.
    Errors: an ArgumentError for a name that is none. Source: chapter "Worth the trouble".

    >>> set_experimental_options({"constant_folding": False})
    >>> get_experimental_options()["constant_folding"]
    False
    >>> set_experimental_options({"constant_folding": True})
    """
    known = (*SWITCHES, *OFF, *OTHERS)
    for name in options:
        if name not in known:
            problem = f"there is no option {name!r}"
            raise ArgumentError(
                "set_experimental_options", problem, hint=", ".join(known)
            )
    settings.update(options)


def get_experimental_options():
    """{name: value} of the options of the optimiser that have been set.

    >>> get_experimental_options()["disable_meta_optimizer"]
    False
    """
    return dict(settings)


planners.append(Lean)
