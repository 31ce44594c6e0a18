"""Generated from book/graphs/rounds.ipynb. Edit the chapter, not this file."""

from itertools import count

import minikeras.core.table as table
from minikeras.core.dtypes import FLOATS
from minikeras.core.infer import BINARY, COMPARISONS, UNARY
from minikeras.graph.branches import item
from minikeras.graph.graph import constant
from minikeras.graph.loops import repeat, walk
from minikeras.graph.passes.fold import SPREADING
from minikeras.graph.passes.trim import Loop, noted, reach
from minikeras.graph.program import acts
from minikeras.graph.rewrite import blank, copied, everywhere, rebuilt, written

ALIKE = (*UNARY, *BINARY, *COMPARISONS, table.select)  # fail only if sizes do not meet

MOVING = (
    table.cast, table.transpose, table.reshape, table.reduce_sum, table.reduce_prod,
    table.stop_gradient, table.dim_size, table.matmul, *SPREADING,
)  # fmt: skip


def sure(node):
    """Whether a line cannot fail when it runs."""
    known = all(n.__class__ is int for x in (node, *node.inputs) for n in x.sizes)
    if node.op is table.power and node.dtype not in FLOATS:
        return False  # whole numbers have no negative powers
    one_size = len({x.sizes for x in node.inputs if x.sizes}) <= 1
    if node.op in ALIKE:
        return known or one_size
    return node.op in MOVING and known


def fixed_lines(loop):
    """{id: node} of what is the same in each round of a loop, and may leave it."""
    certain = bool(loop.rounds)  # neither 0 nor unknown
    fixed = {id(x): x for x in loop.body.inputs[: loop.consts]}
    for x in loop.body.nodes:
        free = x.op in (constant, item) or certain or sure(x)
        if free and not acts(x) and all(id(y) in fixed for y in x.inputs):
            fixed[id(x)] = x
    return fixed


def border(body, fixed):
    """(the fixed lines that are read by others, the ids of those that also stay)."""
    todo = [x for node in body.nodes if id(node) not in fixed for x in node.inputs]
    todo += body.outputs
    out, stay = set(), set()
    while todo:
        x = todo.pop()
        if id(x) not in fixed or x.op is None:
            continue
        if x.op is constant or x.op in SPREADING:
            todo += x.inputs if id(x) not in stay else ()
            stay.add(id(x))
        else:
            out.add(id(x))
    return [x for x in body.nodes if id(x) in out], stay


def receiving(graph, consts, out):
    """An empty graph with an input for each of `out` behind the fixed ones.

    Also {id: the input that stands for it}.
    """
    draft, new = blank(graph), {}
    taken = {x.attributes["name"] for x in graph.inputs}
    free = (name for i in count() if (name := f"fixed_{i}") not in taken)
    for x in (*graph.inputs[:consts], *out, *graph.inputs[consts:]):
        name = next(free) if x.op is not None else x.attributes["name"]
        new[id(x)] = draft.another_input(x, name)
    return draft, new


def lighter(loop, fixed, out, stay):
    """The attributes of a loop that is given what it used to work out in each round."""
    how = loop.how | {"consts": loop.consts + len(out)}
    for key in ("test", "body"):
        if key in how:
            draft, new = receiving(how[key], loop.consts, out)
            lines = [x for x in how[key].nodes if id(x) not in fixed or id(x) in stay]
            written(draft, lines, new, copied)
            draft.outputs = [new[id(z)] for z in how[key].outputs]
            how[key] = draft
    return how


@everywhere
def hoist(graph, counts=None):
    """Loops without the lines that give the same in each round; these stand before."""
    found = {}
    for node in graph.nodes:
        if node.op in (repeat, walk) and not noted(node):
            loop = Loop(node)
            fixed = fixed_lines(loop)
            out, stay = border(loop.body, fixed)
            if out:
                found[id(node)] = loop, fixed, out, stay
    if not found:
        return graph

    def line(draft, node, inputs):
        if id(node) not in found:
            return copied(draft, node, inputs)
        loop, fixed, out, stay = found[id(node)]
        if counts is not None:
            counts[f"line out of {node.op.name}"] += len(out)
        wanted, new = {}, dict(zip(map(id, loop.body.inputs), inputs, strict=True))
        reach(wanted, out)
        written(draft, [x for x in loop.body.nodes if id(x) in wanted], new, copied)
        first = loop.consts
        given = [*inputs[:first], *(new[id(x)] for x in out), *inputs[first:]]
        return node.op.write(draft, given, lighter(loop, fixed, out, stay))

    return rebuilt(graph, line)
