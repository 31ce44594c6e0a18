"""Generated from book/graphs/inside.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from textwrap import indent

from minikeras.graph.graph import line
from minikeras.graph.passes.absorb import absorb
from minikeras.graph.passes.optimize import name_of, optimize, pipeline
from minikeras.graph.passes.prune import needed
from minikeras.graph.rewrite import Trail


@dataclass
class Frame:
    """A graph on its way through the passes, and what was done to it last.

    names: {id(node): name}; a value keeps its name. step, what, caveat: the pass, the
    rule, and what is to be said about it. joined: {name of a line that is gone: what
    is read in its place}.
    """

    graph: object
    names: dict
    step: str = "trace"
    what: str = ""
    caveat: str = ""
    elapsed_ms: float = 0.0
    joined: dict = field(default_factory=dict)

    @cached_property
    def lines(self):
        """{name: text}, in order; the last is "return"."""
        name, graph = self.names, self.graph
        result = ", ".join(name[id(z)] for z in graph.outputs)
        changed = [f"{slot} = {name[id(z)]}" for slot, z in graph.updates.items()]
        found = {name[id(x)]: line(x, name) for x in graph.nodes}
        return found | {"return": "; ".join(filter(None, [result, *changed]))}

    @cached_property
    def unread(self):
        """The names of the lines that nothing needs."""
        kept = needed(self.graph)
        return [self.names[id(x)] for x in self.graph.nodes if id(x) not in kept]


def changes(before, after):
    """{name: "gone", "new" or "other"} for the lines that differ between two frames."""
    old, new = before.lines, after.lines
    marks = {name: "gone" for name in old if name not in new}
    for name, text in new.items():
        if old.get(name) != text:
            marks[name] = "other" if name in old else "new"
    return marks


class Namer:
    """Gives names to the lines of graphs that are made of one another."""

    def __init__(self, graph):
        self._next, self._known = len(graph.nodes), {}

    def after(self, names, graph, became):
        """(names, joined) for a graph, of the names of the one that it was made of.

        became: {id of a node there: node here}.
        """
        outside = [*graph.inputs, *graph.state.values()]
        new, joined = {id(x): x.attributes["name"] for x in outside}, {}
        for old, name in names.items():
            z = became.get(old)
            if z is not None and new.setdefault(id(z), name) != name:
                joined[name] = new[id(z)]
        taken = set(new.values())
        for node in graph.nodes:
            if id(node) not in new:
                new[id(node)] = self._fresh(line(node, new), taken)
        return new, joined

    def _fresh(self, text, taken):
        """A name for a new line: the one that it had before, if that is free."""
        if self._known.get(text, next(iter(taken), None)) in taken:
            self._known[text], self._next = f"%{self._next}", self._next + 1
        taken.add(self._known[text])
        return self._known[text]


def followed(graph, walks, after):
    """{id of a node of `graph`: the node of `after` that it became}, over some walks."""
    nodes = [*graph.inputs, *graph.state.values(), *graph.nodes]
    found, at = {id(x): x for x in nodes}, graph
    for given, draft, became in walks:
        if given is at:
            found = {i: became[id(x)] for i, x in found.items() if id(x) in became}
            found = {i: x for i, x in found.items() if x.__class__ is not tuple}
            at = draft
    return found if at is after else {}


PATIENCE = 20_000  # lines to be walked over, at most, to see each rule of a pass


def stops(one, graph, rules):
    """(rules so far, graph, walks) for a pass that is stopped after each of its rules.

    The last stop, after all of them, is left to the caller.
    """
    if one is None or len(rules) * len(graph.nodes) > PATIENCE:
        return
    for most in range(1, len(rules)):
        with Trail(most) as trail:
            after = one(graph)
        if len(trail.rules) == most:  # a rule inside a rule is not seen alone
            yield most, after, trail.walks


class Film:
    """The graphs between trace and end, with the name of what led to each.

    frames: `Frame` objects, the first as traced. It prints as text.
    """

    def __init__(self, graph, final=False, rounding=False, without=()):
        self._passes = {name_of(one): one for one in (*pipeline(rounding), absorb)}
        self._namer, self.name = Namer(graph), graph.name
        self.frames, self.report, marks = [Frame(graph, graph.names())], [], [(0, 0)]
        with Trail() as trail:
            optimize(
                graph, final, rounding, self.report,
                lambda _: marks.append((len(trail.rules), len(trail.walks))), without,
            )  # fmt: skip
        self._now = graph, self.frames[0].names
        for record, (rule, walk), (end, last) in zip(self.report, marks, marks[1:]):
            self._show(record, trail.rules[rule:end], trail.walks[walk:last])

    def _show(self, record, rules, walks):
        """The frames of a pass."""
        graph, names = self._now
        cuts, done = [*stops(self._passes.get(record.name), graph, rules)], 0
        for count, after, path in [*cuts, (len(rules), record.graph, walks)]:
            became = followed(graph, path, after)
            new, joined = self._namer.after(names, after, became)
            joined = {
                name: z for name, z in joined.items() if name in self.frames[-1].lines
            }
            texts = said_of(rules[done:count], record.counts if not cuts else {})
            if record.counts:
                about = record.name, *texts, record.elapsed_ms, joined
                self.frames.append(Frame(after, new, *about))
            done = count
        self._now = record.graph, new

    @property
    def pairs(self):
        """(frame before, frame after) for each step."""
        return list(pairwise(self.frames))

    def __str__(self):
        sizes = [len(frame.graph.nodes) for frame in self.frames]
        rows = [
            f"{self.name}: {sizes[0]} lines, {sizes[-1]} after {len(sizes) - 1} steps"
        ]
        for before, after in self.pairs:
            rows.append(
                f"{after.step}: {after.what}"
                + f" ({after.caveat})" * bool(after.caveat)
            )
            for name, mark in changes(before, after).items():
                frame = before if mark == "gone" else after
                text = indent(frame.lines[name], "      ").strip()
                now = f"   (now {after.joined[name]})" if name in after.joined else ""
                rows.append(f"  {SIGNS[mark]} {name} = {text}{now}")
        return "\n".join(rows)

    def __repr__(self):
        return str(self)


def said_of(rules, counts):
    """What a frame says about rules, or about the counts of a pass, and the caveat."""
    names = [f"{n} times {x}" if n > 1 else x for x, n in counts.items()]
    caveats = [rule.caveat for rule in rules if rule.caveat]
    what = " and ".join(names or [rule.name for rule in rules])
    return what, "; ".join(dict.fromkeys(caveats))


SIGNS = {"gone": "-", "new": "+", "other": "~"}
