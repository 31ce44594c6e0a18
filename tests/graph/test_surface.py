"""Every line of what users of tf.function can see, and which test holds it.

CLAUSES goes through section 5 of the list of Keras' and TensorFlow's surface, sentence by
sentence. Where TensorFlow's answer can be recorded, a clause names a scenario, as
`recording.scenario`: a function of tests/golden/cases/, whose result under TensorFlow
2.21 stands in tests/golden/ (`python -m tests.golden.record surface functions ...`
records it again). Everything else is a test, as `test_file.test_name`.
"""

import ast
from pathlib import Path

import pytest

import minikeras
from tests.golden import case_id, check, deviations, load
from tests.golden.deviations import SURFACE

pytestmark = pytest.mark.filterwarnings("ignore::minikeras.core.errors.RetraceWarning")


@pytest.mark.parametrize("record", load("surface"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in SURFACE:
        pytest.skip(SURFACE[record["id"]])
    check(record, minikeras)


RECORDED = ("autograph", "flow", "functions", "retracing", "surface")

CLAUSES = {
    # the decorator
    "function(func, input_signature, autograph, jit_compile, reduce_retracing)":
        "surface.parameters_of_function",
    "a decorator without and with arguments":
        "surface.ways_to_decorate functions.a_decorator_with_arguments",
    "on methods: a Function for each object; c.__call__ is its own":
        "functions.methods functions.methods_with_a_signature "
        "surface.a_method_is_the_same_each_time",
    "on lambdas":
        "surface.ways_to_decorate test_function.test_decorators_names_and_lambdas",
    "keeps __name__ and __doc__": "functions.names_and_docstrings",
    # attributes
    "get_concrete_function(*specs)":
        "functions.concrete_functions functions.general_traces_serve_special_calls",
    "experimental_get_tracing_count()": "surface.attributes_of_a_function",
    "python_function":
        "functions.names_and_docstrings surface.attributes_of_a_function",
    "input_signature": "surface.attributes_of_a_function_with_specs",
    "pretty_printed_concrete_signatures()": "surface.signatures_in_words",
    "function_type":
        "surface.attributes_of_a_function surface.attributes_of_a_function_with_specs",
    # retracing
    "same dtype and shape: one trace; a new shape, a new dtype: a trace":
        "retracing.tensors_by_shape_and_dtype retracing.arrays_are_tensors",
    "each new number, text, bool: a trace; 1.0 and 2.0 are two":
        "retracing.whole_numbers retracing.floats retracing.texts_and_nothing",
    "reduce_retracing: open sizes after 2; 5 shapes are 2 traces":
        "functions.reduced_retracing test_function.test_reduce_retracing",
    "two variables of equal spec share a trace":
        "retracing.variables_by_spec retracing.variables_and_aliases",
    "two Python objects: a trace each, by identity":
        "retracing.objects_by_identity retracing.dead_objects",
    "kwargs and defaults: f(x) is f(x, flag=True)":
        "retracing.defaults_and_names retracing.any_number_of_arguments",
    # input_signature
    "one trace for all lengths": "retracing.one_trace_for_all_lengths",
    "another rank or dtype: TypeError, Can not cast TensorSpec to TensorSpec":
        "surface.words_of_a_refused_argument retracing.casts_that_are_refused",
    "lists become tensors":
        "retracing.one_trace_for_all_lengths functions.a_decorator_with_arguments",
    # concrete functions
    "callable on tensors only":
        "surface.what_a_concrete_function_takes "
        "functions.calls_that_concrete_functions_refuse "
        "surface.another_rank_for_a_concrete_function",
    "structured_input_signature, structured_outputs, graph, inputs, outputs":
        "surface.a_concrete_function_from_outside test_function.test_concrete_functions",
    "captured_inputs, variables, trainable_variables":
        "surface.a_concrete_function_from_outside "
        "functions.what_a_concrete_function_is_made_of",
    "repr lists inputs, outputs, captures":
        "surface.a_concrete_function_in_words "
        "test_function.test_concrete_functions_in_words",
    # Python's side effects
    "print and append run while tracing only":
        "surface.prints_while_tracing functions.side_effects_happen_while_tracing "
        "functions.order_of_side_effects",
    "a leaked symbol: TypeError, is out of scope and cannot be used here":
        "surface.words_of_a_leak functions.leaks",
    # variables
    "made on the first call only, and the words of the error":
        "surface.words_of_a_late_variable functions.variables_made_on_every_call "
        "functions.variables_made_on_a_later_call",
    "if self.v is None: self.v = Variable()":
        "functions.variables_made_on_the_first_call",
    "variables of a closure are captured by reference":
        "surface.closures functions.variables_are_read_live",
    "Python values of a closure are baked in":
        "surface.closures functions.python_values_are_baked_in",
    "assignments keep the order of the program":
        "functions.assignments_keep_their_order functions.variables_as_arguments",
    "an assignment in a branch that is not taken does not happen":
        "surface.a_branch_that_is_not_taken autograph.assigned_in_one_way "
        "flow.a_variable_changes_in_one_branch",
    # AutoGraph
    "if, and only where the condition is a tensor":
        "autograph.absolute autograph.three_ways autograph.python_stays "
        "autograph.both_traced",
    "while": "autograph.newton autograph.counting autograph.while_with_and",
    "for i in range(tensor)": "autograph.over_a_range autograph.over_a_range_with_steps",
    "for x in tensor": "autograph.over_rows",
    "break": "autograph.while_with_break autograph.nested_loops",
    "continue": "autograph.over_rows_with_continue",
    "early return": "autograph.early_return",
    "and, or, not": "autograph.and_or_not autograph.lazy_and",
    "ternary": "autograph.ternary",
    "a Python range(3) is unrolled": "autograph.python_range",
    "assert tensor is not converted: TypeError":
        "autograph.an_assertion surface.words_of_numpy",
    "return in a tensor loop, tensor-dependent break in an unrolled loop":
        "autograph.return_in_a_loop autograph.break_in_an_unrolled_loop",
    "a name is missing in a branch, and the words":
        "surface.words_of_two_branches autograph.missing_in_else "
        "autograph.missing_in_main",
    "a name has two dtypes, and the words":
        "surface.words_of_two_branches autograph.two_dtypes",
    "bool(tensor), autograph=False: OperatorNotAllowedInGraphError":
        "surface.words_of_bool autograph.bool_of_a_tensor autograph.switched_off",
    ".numpy() of a symbol: AttributeError":
        "surface.words_of_numpy functions.no_numbers_inside",
    "errors say: in user code, with file and line": "surface.in_user_code",
    "loop variables keep dtype and rank":
        "surface.words_of_a_loop autograph.a_dtype_that_changes "
        "autograph.a_rank_that_changes",
    # tapes
    "a tape inside a function":
        "functions.a_tape_inside functions.reads_after_an_assignment_count",
    "a tape around a call, by captured variables":
        "functions.a_tape_around_a_call functions.second_order_through_a_call "
        "functions.what_is_not_connected",
    # expected, beyond the core
    "run_functions_eagerly": "functions.run_eagerly",
    "nested functions are inlined":
        "functions.order_of_side_effects test_surface.test_nested_functions_are_inlined",
    "recursion guard": "functions.endless_recursion functions.recursion_that_ends",
    "tf.print": "surface.print_writes_numbers surface.print_in_a_graph",
    "py_function":
        "surface.python_in_a_graph surface.python_runs_on_each_call "
        "surface.python_that_breaks_its_word",
    "jit_compile=True: the same results": "surface.compiled",
    "autograph.to_code, do_not_convert":
        "surface.python_names_of_autograph autograph.by_hand autograph.not_converted",
}  # fmt: skip


def scenarios_and_tests():
    "All names that a clause may use: recording.scenario, test_file.test_name."
    found = {f"{r['module']}.{r['name']}" for name in RECORDED for r in load(name)}
    for path in Path(__file__).parent.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        found |= {f"{path.stem}.{name}" for name in tests if name.startswith("test_")}
    return found


def test_each_clause_has_tests():
    known = scenarios_and_tests()
    named = {name for names in CLAUSES.values() for name in names.split()}
    assert not named - known
    assert all(names.split() for names in CLAUSES.values())


def test_each_clause_has_one_that_is_as_in_tensorflow():
    "A clause whose scenarios all deviate is not held by any recording."
    deviating = {
        f"{name}.{case.split(':')[0]}"
        for name in RECORDED
        for case in getattr(deviations, name.upper(), {})
    }
    left = {clause for clause, names in CLAUSES.items()
            if set(names.split()) <= deviating}  # fmt: skip
    assert left == {
        "return in a tensor loop, tensor-dependent break in an unrolled loop"
    }  # TensorFlow refuses both; ours does what Python would


def test_each_scenario_of_this_file_holds_a_clause():
    named = {name for names in CLAUSES.values() for name in names.split()}
    assert {f"surface.{record['name']}" for record in load("surface")} <= named


def test_nested_functions_are_inlined():
    inner = minikeras.function(lambda x: minikeras.ops.sin(x) * 2.0)
    outer = minikeras.function(lambda x: inner(inner(x)) + 1.0)
    graph = outer.get_concrete_function(minikeras.TensorSpec((None,))).graph
    names = [node.op.name for node in graph.nodes]
    assert names.count("sin") == 2 and "call" not in names
