"""Generated from
book/graphs/passes.ipynb
book/graphs/rounds.ipynb

Edit the chapter, not this file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from minikeras.graph.branches import Several
from minikeras.graph.graph import graphs_in
from minikeras.graph.passes.absorb import absorb
from minikeras.graph.passes.fold import fold
from minikeras.graph.passes.hoist import hoist
from minikeras.graph.passes.merge import merge
from minikeras.graph.passes.move import move
from minikeras.graph.passes.prune import prune
from minikeras.graph.passes.share import share
from minikeras.graph.passes.simplify import simplify
from minikeras.graph.passes.sink import sink
from minikeras.graph.passes.trim import trim
from minikeras.graph.passes.uncast import uncast
from minikeras.graph.rewrite import copied, inside, rebuilt


@dataclass
class Record:
    """What a pass did: lines before and after, its time, how often each rule."""

    name: str
    before: int
    after: int
    elapsed_ms: float
    counts: Counter = field(default_factory=Counter)
    graph: object = None


ROW = [prune, share, fold, simplify, sink, move, uncast, fold, share, prune]

ROUNDED = (simplify, move)  # passes that also have rules that round


def pipeline(rounding=False):
    """The passes of one round, in their order."""
    return [partial(one, rounding=rounding) if one in ROUNDED else one for one in ROW]


def quieted(graph):
    """The graph with branches that have nothing to say to tapes."""

    def change(inner):
        inner = quieted(inner)
        return rebuilt(inner, copied) if inner.notes else inner

    return inside(graph, change, noted=True)


def lines(graph):
    """The number of lines, with those in branches."""
    several = [node for node in graph.nodes if node.op.__class__ is Several]
    inner = (lines(inside) for node in several for inside in graphs_in(node))
    return len(graph.nodes) + sum(inner)


ROUNDS = 3


def optimize(graph, final=False, rounding=False, report=None, check=None, without=()):
    """A graph that computes the same with less; the one given stays as it was.

    final: also drop what only gradients need. rounding: also rules that change the
    last bits. What comes out is for running, or for gradients by inputs; differentiate
    a Sheet first, or its rules of custom gradients are lost. report: a list that gets a
    `Record` of each pass. check: called with the graph after each pass, `verify` for
    example. without: names of passes to leave out. Source: chapter "A row of sieves".
    """
    report, at_rest = [] if report is None else report, {}
    graph = quieted(graph) if final else graph
    passes = [one for one in pipeline(rounding) if name_of(one) not in without]
    for one in ROUNDS * passes:
        if at_rest.get(name_of(one)) is not graph:
            after = run_pass(one, graph, report, check)
            if after is graph:
                at_rest[name_of(one)] = graph
            graph = after
    for one in (absorb, share, prune) if final else ():
        graph = run_pass(one, graph, report, check)
    return graph


def name_of(one):
    """The name of a pass."""
    return getattr(one, "func", one).__name__


def run_pass(one, graph, report, check):
    """The graph after one pass, which is timed and counted."""
    counts, start = Counter(), perf_counter()
    after = one(graph, counts=counts)
    elapsed_ms = 1e3 * (perf_counter() - start)
    sizes = lines(graph), lines(after)
    report.append(Record(name_of(one), *sizes, elapsed_ms, counts, after))
    if check is not None:
        check(after)
    return after


ROW[2:2] = [merge, trim]

ROW.insert(ROW.index(uncast) + 1, hoist)
