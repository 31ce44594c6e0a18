"""Nests: leaves out and in, structures compared, walks; the switches."""

import collections
import logging
import subprocess
import sys
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import config, ops, tree
from minikeras.utils.messages import print_msg

NESTS = st.recursive(
    st.one_of(st.integers(), st.none(), st.text(max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=4),
        st.lists(inner, max_size=3).map(collections.deque),
    ),
    max_leaves=20,
)


@given(NESTS)
def test_out_and_in_again(nest):
    leaves = tree.flatten(nest)
    assert tree.pack_sequence_as(nest, leaves) == nest
    assert [leaf for _, leaf in tree.flatten_with_path(nest)] == leaves
    assert tree.map_structure(lambda x: x, nest) == nest
    assert tree.flatten(tree.map_structure(id, nest)) == [id(x) for x in leaves]
    assert tree.traverse(lambda x: None, nest) == nest
    assert tree.is_nested(nest) == isinstance(
        nest, (list, tuple, dict, collections.deque)
    )
    tree.assert_same_structure(nest, tree.map_structure(repr, nest))
    tree.assert_same_paths(nest, tree.lists_to_tuples(nest))


@given(NESTS)
def test_paths_lead_to_their_leaves(nest):
    for path, leaf in tree.flatten_with_path(nest):
        found = nest
        for key in path:
            found = found[key]
        assert found is leaf


@given(NESTS, NESTS)
def test_other_structures_are_refused_before_the_function_is_called(a, b):
    called = []
    same = [p for p, _ in tree.flatten_with_path(a)] == [
        p for p, _ in tree.flatten_with_path(b)
    ]
    try:
        tree.map_structure(lambda x, y: called.append(x), a, b)
    except ValueError as error:
        assert "same nested structure" in str(error) and not called
    else:
        assert same and len(called) == len(tree.flatten(a))


def test_the_users_own_errors_pass():
    class Mine(ValueError):
        pass

    def fail(x):
        raise Mine(x)

    for walk in (tree.map_structure, tree.traverse):
        with pytest.raises(Mine):
            walk(fail, [1, 2])


@pytest.mark.parametrize("count", [0, 2, 4])
def test_the_number_of_leaves_is_counted(count):
    with pytest.raises(ValueError, match=f"{count} leaves for 3 places"):
        tree.pack_sequence_as([0, (0, 0)], range(count))


def test_check_types_warns():
    with pytest.warns(DeprecationWarning, match="assert_same_paths"):
        tree.assert_same_structure([1], [2], check_types=False)


def test_logging_switch(capsys, caplog):
    with caplog.at_level(logging.INFO, "minikeras"):
        config.disable_interactive_logging()
        print_msg("hidden")
        config.enable_interactive_logging()
        print_msg("seen", line_break=False)
    assert capsys.readouterr().out == "seen" and caplog.messages == ["hidden"]


def test_filtering_switch():
    def inside():
        with pytest.raises(ValueError) as caught:
            ops.reshape(ops.ones((2, 3)), (4, 5))
        files = [frame.filename for frame in traceback.extract_tb(caught.tb)]
        return sum("minikeras" in name and "test_" not in name for name in files)

    assert config.is_traceback_filtering_enabled() and inside() == 0
    config.disable_traceback_filtering()
    try:
        assert inside() > 1 and not config.is_traceback_filtering_enabled()
    finally:
        config.enable_traceback_filtering()


def test_limits():
    config.set_max_epochs(3)
    assert config.max_epochs() == 3
    for wrong in (0, -1, "2", 1.5):
        with pytest.raises(ValueError, match="set_max_epochs"):
            config.set_max_epochs(wrong)
    assert config.max_epochs() == 3
    config.set_max_epochs(None)
    assert config.max_epochs() is None


def test_limits_come_from_the_environment():
    code = "from minikeras import config; print(config.max_steps_per_epoch())"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**__import__("os").environ, "KERAS_MAX_STEPS_PER_EPOCH": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "7"


def test_there_is_one_backend():
    config.set_backend(config.backend())
    with pytest.raises(ValueError, match="no such backend"):
        config.set_backend("jax")
