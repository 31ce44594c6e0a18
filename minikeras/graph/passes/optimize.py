"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from minikeras.graph.passes.absorb import absorb
from minikeras.graph.passes.fold import fold
from minikeras.graph.passes.move import move
from minikeras.graph.passes.prune import prune
from minikeras.graph.passes.share import share
from minikeras.graph.passes.simplify import simplify
from minikeras.graph.passes.sink import sink
from minikeras.graph.passes.uncast import uncast


@dataclass
class Record:
    """What a pass did: lines before and after, its time, how often each rule."""

    name: str
    before: int
    after: int
    elapsed_ms: float
    counts: Counter = field(default_factory=Counter)
    graph: object = None


def pipeline(rounding=False):
    """The passes of one round, in their order."""
    return [
        prune, share, fold, partial(simplify, rounding=rounding), sink,
        partial(move, rounding=rounding), uncast, fold, share, prune,
    ]  # fmt: skip


ROUNDS = 3


def optimize(graph, final=False, rounding=False, report=None, check=None):
    """A graph that computes the same with less; the one given stays as it was.

    final: also drop what only gradients need. rounding: also rules that change the
    last bits. What comes out is a plain Graph: differentiate a Sheet first, or its
    rules of custom gradients are lost. report: a list that gets a `Record` of each
    pass. check: called with the graph after each pass, `verify` for example.
    Source: chapter "A row of sieves".
    """
    report = [] if report is None else report
    for _ in range(ROUNDS):
        start = len(report)
        for one in pipeline(rounding):
            graph = run_pass(one, graph, report, check)
        if not any(record.counts for record in report[start:]):
            break
    for one in (absorb, share, prune) if final else ():
        graph = run_pass(one, graph, report, check)
    return graph


def run_pass(one, graph, report, check):
    """The graph after one pass, which is timed and counted."""
    counts, start = Counter(), perf_counter()
    after = one(graph, counts=counts)
    elapsed_ms = 1e3 * (perf_counter() - start)
    name = getattr(one, "func", one).__name__
    sizes = len(graph.nodes), len(after.nodes)
    report.append(Record(name, *sizes, elapsed_ms, counts, after))
    if check is not None:
        check(after)
    return after
