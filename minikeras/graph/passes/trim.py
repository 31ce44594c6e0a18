"""Generated from book/graphs/rounds.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

from dataclasses import dataclass

from minikeras.core.tensor import Tensor
from minikeras.graph.branches import Several, item
from minikeras.graph.choices import choice
from minikeras.graph.graph import constant, graphs_in
from minikeras.graph.program import acts
from minikeras.graph.rewrite import blank, copied, everywhere, rebuilt, written


def reach(found, nodes):
    """Add to `found`, {id: node}, all that nodes are computed from; gives what is new."""
    todo, new = list(nodes), []
    while todo:
        node = todo.pop()
        if id(node) not in found:
            found[id(node)] = node
            new.append(node)
            todo += node.inputs
    return new


def known(operands, places):
    """{place: the constant that is given there, or the first place of the same node}."""
    first, found = {}, {}
    for place in places:
        node = operands[place]
        if node.op is constant:
            found[place] = node.attributes["value"]
        elif first.setdefault(id(node), place) != place:
            found[place] = first[id(node)]
    return found


def needed_places(graphs, places, found, facts):
    """Those places whose inputs are needed, and are not known in another way."""
    used = {p for p in places if any(id(graph.inputs[p]) in found for graph in graphs)}
    used |= {facts[p] for p in used if facts.get(p).__class__ is int}
    return [p for p in places if p in used and p not in facts]


def slimmer(graph, places, facts, outputs):
    """A branch with the inputs at some places, and some of its outputs, which are nodes.

    facts: those of `known`, about the other inputs.
    """
    draft, kept, old = blank(graph), {}, graph.inputs
    reach(kept, [*outputs, *filter(acts, graph.nodes)])
    new = {
        id(old[p]): draft.another_input(old[p], old[p].attributes["name"])
        for p in places
    }
    for place, fact in facts.items():
        if isinstance(fact, Tensor):
            new[id(old[place])] = draft.constant(fact)
        elif fact in places:
            new[id(old[place])] = new[id(old[fact])]
    written(draft, [node for node in graph.nodes if id(node) in kept], new, copied)
    draft.outputs = [new[id(z)] for z in outputs]
    return draft


@dataclass
class Cut:
    """What is left of a line: attributes, places of operands, and of results.

    stays: {place of a result: its new place}. through: {place of a result: the place
    of the operand that it always is}.
    """

    attributes: dict
    operands: list
    stays: dict
    through: dict


def passing(branches, k, facts):
    """The place of the operand that result k is in every branch, or None."""
    ends = set()
    for branch in branches:
        places = {id(x): i for i, x in enumerate(branch.inputs)}
        place = places.get(id(branch.outputs[k]))
        same = facts.get(place, place)
        ends.add(None if isinstance(same, Tensor) else same)
    return ends.pop() if len(ends) == 1 else None


def cut_choice(node, read):
    """What is left of a choice of which these results are read; None if all of it is."""
    branches, operands = node.attributes["branches"], node.inputs[1:]
    facts, found = known(operands, range(len(operands))), {}
    through = {k: passing(branches, k, facts) for k in read}
    through = {k: place + 1 for k, place in through.items() if place is not None}
    stays = [k for k in read if k not in through]
    for branch in branches:
        acting = filter(acts, branch.nodes)
        reach(found, [*(branch.outputs[k] for k in stays), *acting])
    used = needed_places(branches, range(len(operands)), found, facts)
    if len(stays) == len(node.spec) and len(used) == len(operands):
        return None
    slim = [slimmer(x, used, facts, [x.outputs[k] for k in stays]) for x in branches]
    places = {k: j for j, k in enumerate(stays)}
    return Cut({"branches": tuple(slim)}, [0, *(i + 1 for i in used)], places, through)


class Loop:
    """A `while` or a `scan`, taken apart.

    graphs: the test if there is one, and the body. consts, carry: how many values are
    fixed, and how many are carried. carried, rows: their places among the operands.
    """

    def __init__(self, node):
        how = node.attributes
        self.node, self.how, self.body = node, how, how["body"]
        self.graphs = [how[key] for key in ("test", "body") if key in how]
        self.consts = how["consts"]
        self.carry = how.get("carry", len(node.inputs) - self.consts)
        last = self.consts + self.carry
        self.carried, self.rows = (
            range(self.consts, last),
            range(last, len(node.inputs)),
        )

    @property
    def rounds(self):
        """How many rounds it makes, if that is known; else None."""
        if self.rows:
            return self.node.inputs[self.rows[0]].spec.shape[0]
        return self.how.get("length")


def alive(loop, read):
    """(which of the carried values matter, {id: node} of all that is needed)."""
    number = {
        id(graph.inputs[p]): i
        for graph in loop.graphs
        for i, p in enumerate(loop.carried)
    }
    ends, found = loop.body.outputs, {}
    live, todo = {k for k in read if k < loop.carry}, [ends[k] for k in read]
    todo += [x for graph in loop.graphs for x in graph.nodes if acts(x)]
    todo += [graph.outputs[0] for graph in loop.graphs[:-1]]  # what the test says
    while todo:
        new = reach(found, todo)
        more = {number[id(x)] for x in new if id(x) in number} - live
        live |= more
        todo = [ends[i] for i in more]
    return live, found


def resting(loop, live):
    """The carried values that never change."""
    begin, ends = loop.body.inputs[loop.consts :], loop.body.outputs
    return {i for i in live if ends[i] is begin[i]}


def needed_rows(loop, found):
    """The places of the rows that are needed, and of one that tells how many rounds."""
    rows = [p for p in loop.rows if id(loop.body.inputs[p]) in found]
    return rows if rows or loop.rounds is not None else [*loop.rows[:1]]


def cut_loop(node, read):
    """What is left of a loop of which these results are read; None if all of it is."""
    loop = Loop(node)
    live, found = alive(loop, read)
    still = resting(loop, live)
    at, moving = loop.carried, sorted(live - still)
    fixed = [*range(loop.consts), *(at[i] for i in sorted(still))]
    facts = known(node.inputs, fixed)
    fixed = needed_places(loop.graphs, fixed, found, facts)
    operands = [*fixed, *(at[i] for i in moving), *needed_rows(loop, found)]
    ends = [*moving, *(k for k in read if k >= loop.carry)]
    if len(operands) == len(node.inputs) and len(ends) == len(loop.body.outputs):
        return None
    how = loop.how | {"consts": len(fixed)} | slim_graphs(loop, operands, facts, ends)
    if "carry" in how:
        how |= {"carry": len(moving), "length": loop.rounds}
    stays = {k: j for j, k in enumerate(ends) if k in read}
    return Cut(how, operands, stays, {i: at[i] for i in still if i in read})


def slim_graphs(loop, operands, facts, ends):
    """The test and the body of a loop for some of its operands."""
    *tests, body = loop.graphs
    slim = {"body": slimmer(body, operands, facts, [body.outputs[k] for k in ends])}
    for test in tests:
        slim["test"] = slimmer(test, operands, facts, test.outputs)
    return slim


def read_of(graph):
    """{id(line): the places of those of its results that are read, in order}."""
    used = {id(x) for node in graph.nodes for x in node.inputs}
    used |= {id(z) for z in (*graph.outputs, *graph.updates.values())}
    read = {}
    for node in graph.nodes:
        if node.op is item and id(node) in used:
            read.setdefault(id(node.inputs[0]), set()).add(node.attributes["index"])
    return {key: sorted(places) for key, places in read.items()}


def noted(node):
    """Whether a graph in a line has something to say to tapes."""
    return any(graph.notes for graph in graphs_in(node))


@everywhere
def trim(graph, counts=None):
    """Choices and loops without what nobody reads, and without what never changes."""
    several = [node for node in graph.nodes if node.op.__class__ is Several]
    read, cuts = read_of(graph) if several else {}, {}
    for node in several:
        if not noted(node):
            cut = cut_choice if node.op is choice else cut_loop
            cuts[id(node)] = cut(node, read.get(id(node), []))
    if not any(cuts.values()):
        return graph

    def line(draft, node, inputs):
        cut = cuts.get(id(node))
        if cut is None:
            return copied(draft, node, inputs)
        if counts is not None:
            counts[f"{node.op.name} with less"] += 1
        left = [inputs[p] for p in cut.operands]
        found = node.op.write(draft, left, cut.attributes)
        results = {old: found[new] for old, new in cut.stays.items()}
        results |= {old: inputs[p] for old, p in cut.through.items()}
        return tuple([results.get(i) for i in range(len(node.spec))])

    return rebuilt(graph, line)
