"""A golden text for each rule: its left side as a graph, and what becomes of it.

`python -m tests.graph.test_rules` writes `golden_rules.txt` anew.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from minikeras.core.specs import TensorSpec
from minikeras.graph.graph import Graph
from minikeras.graph.passes.absorb import ABSORB
from minikeras.graph.passes.move import PRODUCTS, RESHAPES, TURNS
from minikeras.graph.passes.prune import prune
from minikeras.graph.passes.sink import MODELS, SINK
from minikeras.graph.passes.uncast import CASTS
from minikeras.graph.rewrite import Some, Writer, rewrite, variables
from minikeras.graph.rules import ROUNDING, SIMPLIFY
from minikeras.graph.verify import verify

LISTS = {
    "simplify": SIMPLIFY, "rounding": ROUNDING, "sink": SINK, "models": MODELS,
    "turns": TURNS, "reshapes": RESHAPES, "products": PRODUCTS, "casts": CASTS,
    "absorb": ABSORB,
}  # fmt: skip
RULES = {
    f"{name}: {rule.name}": rule for name, rules in LISTS.items() for rule in rules
}
GOLDEN = Path(__file__).with_name("golden_rules.txt")

# what attributes and numbers stand for, by the name of the rule's list
VALUES = {
    "sink": {"s": (2, 2), "k": "float64", "c": 2.0},
    "models": {"s": (2, 2), "k": "float64"},
    "turns": {"a": (1, 0), "b": (1, 0), "k": "float64", "c": 2.0},
    "reshapes": {"s": (4,), "r": (4,), "k": "float64", "c": 2.0},
    "products": {"a": (1, 0)},
    "casts": {"k": "float64", "j": "float32"},
    "absorb": {"s": (2, 2)},
}
SPECIAL = {
    "casts: cast(x, dtype=k) >> x": {"k": "float32"},
    "reshapes: reshape(x, shape=s) >> x": {"s": (2, 2)},
    "turns: transpose(x, axes=a) >> x": {"a": (0, 1)},
    f"models: {MODELS[5].name}": {"k": (2, 2)},
}


def left_side(name, rule):
    """The left side of a rule as a graph."""
    kind = name.split(":")[0]
    graph, writer = Graph("rule"), Writer([])
    writer.draft = graph
    found = {"c": 4.0, "d": 0.5} | VALUES.get(kind, {}) | SPECIAL.get(name, {})
    for part in sorted(variables(rule.equation.left)):
        if part in ("u", "o"):
            found[part] = family_member(rule.equation.left, part)
        elif part not in found:
            dtype = {"t": "bool", "i": "int32"}.get(part, "float32")
            dtype = "int32" if "~" in rule.name else dtype
            if part == "x" and "where(broadcast" in rule.name:
                dtype = "bool"
            if part == "y" and "where(y" in rule.name:
                dtype = "bool"
            open_ = kind not in ("turns", "reshapes", "products", "casts", "absorb")
            shape = (None, 3) if open_ and "broadcast_to" not in rule.name else (2, 2)
            found[part] = graph.input(TensorSpec(shape, dtype), part)
            if graph.inputs[0].sizes[1:] == found[part].sizes[1:]:
                found[part].sizes = graph.inputs[0].sizes
    shrink(name, rule, found)
    graph.outputs = [rule.equation.left.build(found, writer)]
    return verify(graph)


def shrink(name, rule, found):
    """Rows in place of matrices, where a stretch must change something."""
    if name.split(":")[0] not in ("sink", "models", "absorb"):
        return
    rows = ["x", "y"] if "y, p" in rule.name or "y, shape" in rule.name else ["x"]
    if "reduce_like" in rule.name:
        rows = [part for part in "pq" if part in found]
    if "like(broadcast_like" in rule.name and "q" in found:
        rows = ["x", "x", "p"]
    for part in rows:
        x = found[part]
        x.spec = TensorSpec(x.spec.shape[1:], x.dtype)
        x.sizes = x.sizes[1:]


def family_member(term, name):
    """An operation of the family called `name`."""
    if getattr(getattr(term, "op", None), "name", None) == name and hasattr(
        term.op, "ops"
    ):
        ops = {op.name: op for op in term.op.ops}
        return ops["exp" if name == "u" else "subtract"]
    inputs = [p for p in getattr(term, "inputs", ()) if not isinstance(p, Some)]
    return next(filter(None, (family_member(p, name) for p in inputs)), None)


def texts(name):
    rule, counts = RULES[name], Counter()
    graph = left_side(name, rule)
    after = verify(prune(rewrite(graph, [rule], counts)))
    return str(graph), str(after), counts


def golden():
    return json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("name", RULES)
def test_golden_text(name):
    before, after, counts = texts(name)
    assert counts[RULES[name].name] >= 1
    assert [before.splitlines(), after.splitlines()] == golden()[name]


def test_every_rule_has_a_text_and_no_text_is_left_over():
    assert set(golden()) == set(RULES)


if __name__ == "__main__":
    pairs = {name: [text.splitlines() for text in texts(name)[:2]] for name in RULES}
    GOLDEN.write_text(json.dumps(pairs, indent=1) + "\n")
