"""keras.tree: order of leaves, structures that differ, paths, walks."""

import collections

from tests.golden.cases import Table

Pair = collections.namedtuple("Pair", "a b")
Ordered = collections.OrderedDict
DICT, ORDERED = {"b": 1, "a": [2, None]}, Ordered([("b", 1), ("a", 2)])


def add(x, y):
    return x + y


def first(x, *others):
    return x


def seen(k, nest, top_down):
    nodes = []
    k.tree.traverse(lambda x: nodes.append(repr(x)), nest, top_down=top_down)
    return nodes


def text(function):
    "Kinds of boxes do not survive JSON, so results are compared as text."
    return lambda k: repr(function(k))


WHATS = {
    **{
        f"flatten {i}": text(lambda k, nest=nest: k.tree.flatten(nest))
        for i, nest in enumerate(
            (
                DICT, ORDERED, None, 3, [], {}, {1: 1, "a": 2}, Pair(1, (2, 3)),
                collections.deque([1, [2]]), [[1], {"x": (2,)}], "text", {1, 2} and (1,),
                collections.defaultdict(list, {"b": 1, "a": 2}), [None], ((),),
            )
        )
    },
    **{
        f"paths {i}": text(lambda k, nest=nest: k.tree.flatten_with_path(nest))
        for i, nest in enumerate(({"b": 1, "a": [2, (3,)]}, 3, Pair(1, [2]), ORDERED))
    },
    "nested": lambda k: [
        k.tree.is_nested(x)
        for x in ([], (), {}, 1, None, "a", {1}, Pair(1, 2), collections.deque(), range(3))
    ],
    "map": text(
        lambda k: k.tree.map_structure(add, {"a": 1, "b": [2]}, {"b": [20], "a": 10})
    ),
    "map leaf": text(lambda k: k.tree.map_structure(add, 1, 2)),
    "map pair": text(lambda k: k.tree.map_structure(add, Pair(1, 2), Pair(3, 4))),
    "map arity": lambda k: k.tree.map_structure(first, [1, 2], [1]),
    "map kinds": lambda k: k.tree.map_structure(first, [1, 2], (1, 2)),
    "map box for leaf": lambda k: k.tree.map_structure(first, [1, 2], [1, [2]]),
    "map leaf for box": lambda k: k.tree.map_structure(first, [1, [2]], [1, 2]),
    "map keys": lambda k: k.tree.map_structure(first, {"a": 1}, {"b": 1}),
    "map nothing": lambda k: k.tree.map_structure(first),
    "map no function": lambda k: k.tree.map_structure(3, [1]),
    "map None": text(lambda k: k.tree.map_structure(lambda x: x is None, [None, 1])),
    "map None stays": text(
        lambda k: k.tree.map_structure(lambda x: 7, [None, 1], none_is_leaf=False)
    ),
    "map None for 3": lambda k: k.tree.map_structure(
        first, [None, 1], [3, 2], none_is_leaf=False
    ),
    "up to": text(lambda k: k.tree.map_structure_up_to([1, 2], len, [[1, 2], [3]])),
    "up to, two": text(
        lambda k: k.tree.map_structure_up_to(
            {"a": 0}, lambda x, y: (x, y), {"a": [1]}, {"a": (2,)}
        )
    ),
    "up to, too shallow": lambda k: k.tree.map_structure_up_to([1, [2]], first, [[1], 2]),
    "up to nothing": lambda k: k.tree.map_structure_up_to([1], first),
    "same": lambda k: k.tree.assert_same_structure([1, (2,)], [3, (4,)]),
    "same, None": lambda k: k.tree.assert_same_structure([None], [1]),
    "same, list and tuple": lambda k: k.tree.assert_same_structure([1, 2], (1, 2)),
    "same, deeper": lambda k: k.tree.assert_same_structure([1, 2], [1, [2]]),
    "same, less deep": lambda k: k.tree.assert_same_structure([1, [2]], [1, 2]),
    "same, keys": lambda k: k.tree.assert_same_structure({"a": 1}, {"b": 1}),
    "same, named": lambda k: k.tree.assert_same_structure(Pair(1, 2), (1, 2)),
    "same, ordered": lambda k: k.tree.assert_same_structure({"a": 1, "b": 2}, ORDERED),
    "same paths": lambda k: k.tree.assert_same_paths([1, (2,)], (3, [4])),
    "same paths, shorter": lambda k: k.tree.assert_same_paths([1, 2], [1]),
    "same paths, named": lambda k: k.tree.assert_same_paths(Pair(1, 2), (1, 2)),
    "same paths, keys": lambda k: k.tree.assert_same_paths(Pair(1, 2), {"a": 1, "b": 2}),
    "pack": text(lambda k: k.tree.pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])),
    "pack ordered": text(lambda k: list(k.tree.pack_sequence_as(ORDERED, (5, 6)).items())),
    "pack leaf": text(lambda k: k.tree.pack_sequence_as(0, [1])),
    "pack few": lambda k: k.tree.pack_sequence_as([0, 0], [1]),
    "pack many": lambda k: k.tree.pack_sequence_as([0, 0], [1, 2, 3]),
    "pack number": lambda k: k.tree.pack_sequence_as([0, 0], 3),
    "tuples": text(lambda k: k.tree.lists_to_tuples([1, [2, (3, [4])], {"a": [5]}])),
    "shapes": text(
        lambda k: k.tree.map_shape_structure(
            lambda s: len(s), {"a": (None, 2), "b": [(3,), (4, 5)], "c": [6, 7]}
        )
    ),
    "traverse": text(
        lambda k: k.tree.traverse(
            lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]]
        )
    ),
    "traverse to None": text(
        lambda k: k.tree.traverse(
            lambda x: k.tree.MAP_TO_NONE if x == 2 else None, [1, [2]]
        )
    ),
    "traverse leaves": text(
        lambda k: k.tree.traverse(
            lambda x: x * 2 if isinstance(x, int) else None, {"a": [1]}, top_down=False
        )
    ),
    "order down": lambda k: seen(k, {"b": [1, 2], "a": (3,)}, True),
    "order up": lambda k: seen(k, {"b": [1, 2], "a": (3,)}, False),
    "traverse no function": lambda k: k.tree.traverse(3, [1]),
    # switches
    "limits": lambda k: [k.config.max_epochs(), k.config.max_steps_per_epoch()],
    "logging": lambda k: k.config.is_interactive_logging_enabled(),
    "filtering": lambda k: k.config.is_traceback_filtering_enabled(),
    "flash": lambda k: [
        k.config.is_flash_attention_enabled(),
        k.config.disable_flash_attention(),
        k.config.is_flash_attention_enabled(),
        k.config.enable_flash_attention(),
        k.config.is_flash_attention_enabled(),
    ],
    "nnx": lambda k: k.config.is_nnx_enabled(),
    "uid": lambda k: [k.backend.get_uid("golden"), k.backend.get_uid("golden")],
    "result types": lambda k: [
        k.backend.result_type(*kinds)
        for kinds in ((), ("int32", "int64"), ("float16", "bfloat16"), (int,), (float,),
                      (int, "float16"), ("uint8", float), ("bool", "int8"))
    ],
    "result type of nonsense": lambda k: k.backend.result_type("foo"),
    "float kinds": lambda k: [
        k.backend.is_float_dtype(x) for x in ("float32", "int8", "bool", "bfloat16")
    ],
    "whole kinds": lambda k: [
        k.backend.is_int_dtype(x) for x in ("float32", "int8", "bool", "uint16")
    ],
    "dtype names": lambda k: [
        k.utils.standardize_dtype(x) for x in (None, "int32", int, float, bool, "int")
    ],
    "dtype of nonsense": lambda k: k.backend.standardize_dtype("foo"),
    "symbols": lambda k: [
        k.utils.is_keras_tensor(x) for x in (k.KerasTensor((2,)), k.ops.ones(2), None)
    ],
    "bad floatx": lambda k: k.config.set_floatx("float31"),
    "bad format": lambda k: k.config.set_image_data_format("channels"),
}  # fmt: skip


def cases():
    table = Table()
    for what in WHATS:
        table.scenario("tree", "what", what=what)
    return list(table)


def what(k, what):
    return WHATS[what](k)
