"""Where we knowingly differ from real Keras 3.15.1 on TensorFlow, and why.

The keys are ids of records; a test of such a record is skipped with the reason.
"""

NAN = (
    "TensorFlow divides without Python's rule for signs and infinities; we follow NumPy"
)
EMPTY = "NumPy's answer: an empty result of a maximum is no error"
KINK = "at the kink TensorFlow adds both one-sided slopes of its own formula"
SPARSEMAX = "Keras 3.15.1 miscounts the support of rows; ours sums to 1"
FACTOR = "TensorFlow gives 0 for a factor that is 0; ours is the true derivative"
POWER = "TensorFlow gives nan for the slope of x**0 at 0; ours is the limit, 0"

OPS = {
    "floor_divide:4": NAN,
    "isclose:3": "Keras on TensorFlow says inf is not close to inf; NumPy says it is",
    "isclose:4": "Keras on TensorFlow says inf is not close to inf; NumPy says it is",
    **{f"{name}:15": EMPTY for name in ("max", "min", "amax", "amin")},
    "prod:20": "Keras on TensorFlow ignores dtype=; ours obeys",
    "vstack:1": "Keras on TensorFlow joins vectors end to end; NumPy stacks rows",
    "power:7": POWER,
    "rot90:2": "Keras turns axes (0, 2) otherwise than NumPy does; ours as NumPy",
    "quantile:2": "the gradient with respect to q is not asked for",
    "cumprod:8": FACTOR,
    "cumprod:9": FACTOR,
    **{f"{name}:3": KINK for name in ("celu", "activations.celu")},
    **{f"{name}:10": KINK for name in ("celu", "activations.celu")},
    "activations.relu:13": KINK,
    **{
        f"{name}:{i}": SPARSEMAX
        for name in ("sparsemax", "activations.sparsemax")
        for i in (1, 4, 5, 6, 7)
    },
}

TAPE = {
    "power_at_zero:1": POWER,
    "cumprod_with_a_zero:1": FACTOR,
    "sqrt_in_the_branch_not_taken:1": "below zero TensorFlow's kernel gives 0 where "
    "nothing flows; our rule is the formula, and 0 / nan is nan",
}

CORE_LAYERS = {
    "EinsumDense:8": "Keras on TensorFlow takes a bias of shape (2, 1) for one of the last "
    "axis, if that has size 2; ours stretches it as NumPy does",
    "EinsumDense:14": "Keras' compute_output_shape reverses several axes under '...'; "
    "ours has the shape that the numbers have, and so does its symbolic call",
}

MERGING = {
    "merged:40": "TensorFlow divides int32 tensors in float64; ours is in floatx, as "
    "everywhere else when whole numbers are divided",
}

LOSSES = {}

DESCENTS = {
    **{
        f"ScheduleFreeAdamW:{i}": "Keras on TensorFlow computes the average from the "
        "point after its step (momentum.value is a reference there); ours is the "
        "paper, checked in the chapter"
        for i in range(1, 7)
    },
}
TWENTY = {"steps:35": "ScheduleFreeAdamW, as in DESCENTS"}
TRAINING = {
    "bad_lengths:1": "Keras lets empty data and odd splits pass; ours are ValueErrors, "
    "tested in tests/keras/test_training.py",
}

ERRORS = {  # case: the built-in classes of which ours must be one
    "iterate symbolic": ["TypeError", "ValueError", "NotImplementedError"],
    "gradient of number": ["RuntimeError", "ValueError", "TypeError"],
    "jacobian of integers": ["RuntimeError", "ValueError", "TypeError"],
    "float of many": ["TypeError", "ValueError"],
    "dense unknown argument": ["ValueError", "TypeError"],
    "set item": ["AttributeError", "TypeError"],
    "tensor of None": ["ValueError", "TypeError"],
    "tensor of object": ["ValueError", "TypeError"],
    "tensor of object array": ["ValueError", "TypeError"],
    "tensor of text and numbers": ["ValueError", "TypeError"],
    "einsum operands": ["ValueError", "IndexError"],
    "get_layer index": ["ValueError", "IndexError"],
    "to_categorical": ["IndexError", "ValueError"],
    "index string": ["TypeError", "IndexError"],
    "layer of text": ["ValueError", "TypeError"],
    "fit text": ["ValueError", "TypeError"],
    "dense units float": ["ValueError", "TypeError"],
    "variable of nothing": ["ValueError", "TypeError"],
    "optimizer rate": ["ValueError", "TypeError"],
}

ACCIDENT = (
    "Keras' TypeError is an accident of its own; ours is a ValueError that names it"
)

COMPILING = {
    **{f"logs_of:{i}": ACCIDENT for i in (15, 29, 55, 119, 129, 133)},
    "logs_of:37": "labels by the name of the only output: Keras fails, ours takes them",
    "logs_of:51": "Keras takes the labels of output b for output a; ours refuses",
    "logs_of:114": "Keras reads only accuracy from shapes among metrics; ours ce, too",
    "logs_of:115": "Keras reads only accuracy from shapes among metrics; ours ce, too",
    "logs_of:128": "two losses for one output: Keras counts only the first; ours refuses",
    "logs_of:138": "too few sample weights: an IndexError in Keras, ours a ValueError",
}

FEEDING = {
    "generators:1": "float64 of a generator becomes floatx here, as that of arrays does "
    "in both; the rest is in tests/chapters/keras/test_feeding.py",
}

SERIALIZATION = {
    "odd:18": "Keras does not ask for 'class_name': a KeyError; ours is a ValueError",
}

FITTING = {}

CALLBACKS = {}

PROBES_LAYERS = {}

PROBES_TRAINING = {}

PROBES_OPS = {}

PANTRY = {
    "unravel_index:2": "Keras on TensorFlow miscounts three axes; NumPy and ours do not",
    "nancumprod:1": FACTOR,
}

SHARED = "TensorFlow compares with ==, so the second gets the trace, and the type or "
SHARED += "sign, of the first; ours traces again. tests/graph/test_signature.py"
REFUSED = "TensorFlow refuses what has no hash; ours takes it, as eager calls do"

RETRACING = {
    "equal_numbers_of_different_types:1": SHARED,
    "two_zeros:1": SHARED,
    "counting_enumerations:1": SHARED,
    "subclasses_of_nests:1": SHARED,
    "what_cannot_be_hashed:1": REFUSED,
    "sets_and_slices:1": REFUSED,
    "names_of_two_types:1": REFUSED,
    "bound_methods:1": "the same method of the same object is one trace here",
}

# Refusals: `case:room.class.argument=value` with * for any text, and why ours differs.
REFUSALS = {
    "*.x=bool": "TensorFlow's kernels take no whole numbers; ours turns them to floats",
    "*.x=ints": "TensorFlow's kernels take no whole numbers; ours turns them to floats",
    "*.x=number": "Keras wants a tensor here; ours takes whatever can become one",
    "*.x=two": "Keras wants a tensor here; ours takes whatever can become one",
    "*.x=three": "Keras wants a tensor here; ours takes whatever can become one",
    "*.x=list of one": "Keras wants a tensor here; ours takes whatever can become one",
    "*.x=nothing": "an empty list is an empty tensor, as in NumPy; ours refuses it only "
    "where there is no largest number",
    "activation:*.x=ragged": "ragged lists are a ValueError everywhere in ours",
    "activation:*.axis=True": "True is 1 in Python",
    "activation:*negative_slope=None": "Keras takes None where its kernel does not look",
    "*=complex": "there are no complex numbers in ours",
    "called:*.step=bool": "True is 1 in Python",
    "called:*.shape=true": "True is 1 in Python",
    "called:*.shape=floats": "sizes are whole numbers, as they are everywhere in ours",
    "called:*.shape=dict": "Keras iterates over whatever it gets; a dict is no shape",
    "called:*.shape=set": "Keras iterates over whatever it gets; a set has no order",
    "called:*.shape=bytes": "Keras takes the codes of the letters as sizes",
    "called:*.dtype=dict": "Keras takes {} for the default, since it is false",
    "called:*.dtype=number": "Keras takes TensorFlow's private number of a dtype",
    "called:*.dtype=string": "there are no tensors of text in ours",
    "called:*.dtype=int": "Keras draws floats and fails on the way; ours has int64",
    "made:*.scale=nan": "nan is not above 0",
    "made:*.mode=*": "Keras fails to hash it; ours says which modes there are",
    "made:*.factor=*": "Keras multiplies a whole number with floats; ours makes a float",
    "made:*.initial_learning_rate=*": "a whole number is a rate as well",
    "made:*.warmup_steps=*": "Keras does not look at it without a warmup_target",
    "looked_up:*.deserialize=*": "Keras gives back what it cannot read, or stumbles; "
    "ours refuses it as `get` does",
}

DIFFERENCES = {
    "whole_rates:1": "a learning rate is a float here, also where it is given as 1",
    "smoothing_along_another_axis:1": "Keras divides by the size of the last axis "
    "instead of the number of classes, and its labels do not sum to 1; ours do",
    "no_room_before:1": "Keras stumbles over s[-0:], which is everything; ours has no "
    "columns, as when it cuts at the end",
    "one_variable_in_two_places:1": "Keras forgets a variable that another attribute "
    "still holds, and no longer trains it; ours keeps it until the last one is gone",
    "division_by_zero:1": "TensorFlow raises an InvalidArgumentError; ours is 0, the "
    "answer of NumPy",
}

FUNCTIONS = {
    "an_argument_known_from_outside_later:1": "TensorFlow does not order what is done to "
    "an argument and to the same variable from outside; here it is as in Python"
}

AUTOGRAPH = {
    "methods:1": "TensorFlow does not find the attribute behind super(); ours does",
    "two_structures:1": "the message has no dtype in it, for both structures are shown",
    "a_list_in_a_loop:1": "the same class, TypeError, while tracing, and the list is named",
    "return_in_a_loop:1": "TensorFlow refuses; ours is what Python would do",
    "break_in_an_unrolled_loop:1": "TensorFlow refuses; ours is what Python would do",
    "while_true:1": "TensorFlow refuses; ours is what Python would do",
    "else_of_a_loop:1": "TensorFlow refuses; ours is what Python would do",
    "a_size_that_changes:1": "TensorFlow asks for set_loop_options; ours opens the size",
}

BAD_DATA = {  # "group fault": why our kind of error, or of answer, is another
    "x 0-d": "a ValueError like every other wrong shape",
    "y 0-d": "a ValueError like every other wrong shape",
    "sample_weight 0-d": "a ValueError; Keras stumbles, or takes one weight for a batch",
    "sample_weight objects": "objects are no numbers in any argument of ours",
    "y dict": "a ValueError that says which outputs there are",
    "y dates": "dates are no numbers; Keras casts them",
    "x two": "a list of two arrays for a model of one input is refused; Keras takes one",
    "several wrong names": "a ValueError that says which outputs there are",
    "generator no parts": "a ValueError, as for other tuples that are no batch",
    "generator no rows": "the mean over no samples is nan and would spoil the weights",
    "options batch_size 0": "Keras trains on nothing and says so only in a warning",
    "options batch_size 2.5": "a ValueError, as for -1",
    "options batch_size 'text'": "a ValueError, as for -1",
    "options steps -1": "a number of steps is above 0",
    "options steps_per_epoch -1": "a number of steps is above 0",
    "options validation_split 1.5": "a share is between 0 and 1",
}

# Misuses of layers, losses, metrics and optimizers, written as the refusals above.
FLAG = "a word is no flag: 'False' would count as true"
STUMBLES = "Keras stumbles, with an error of Python's; ours is a ValueError with shapes"
NO_NUMBERS = "objects and dates are no numbers in ours; Keras casts them"
NOT_HERE = "not in ours: refused instead of ignored"
ALIKE = "Keras compares what only counts alike, or stretches it; ours wants one shape"
WHOLE = "Keras on TensorFlow takes no whole numbers here; ours turns them to floats"
NESTED = "a list in the place of a tensor is a nest in ours"
MISUSES = {
    "*=dates": NO_NUMBERS,
    "*=objects": NO_NUMBERS,
    "called:*=numbers as objects": NO_NUMBERS,
    "*=one complex": "there are no complex numbers in ours",
    "*=nan": "nan is in no range",
    "called:layers.*.x=text": "there are no tensors of text in ours",
    "built:layers.*.x=text": "there are no tensors of text in ours",
    **{
        f"made:optimizers.*.{flag}=text": FLAG
        for flag in (
            "amsgrad centered exclude_embeddings nesterov relative_step use_ema"
        ).split()
    },
    "made:optimizers.*=text": "Keras does not look until it is used; ours does",
    "made:layers.*.sparse=*": NOT_HERE,
    "made:layers.*.lora_rank=*": NOT_HERE,
    "made:layers.*.quantization_config=*": NOT_HERE,
    "made:*.axis=None": "one axis holds the classes",
    "made:*.axis=True": "True is 1 in Python",
    "made:metrics.*IoU.axis=2": "Keras looks at an axis that is not used; ours does not",
    "made:layers.BatchNormalization.axis=0.5": "an axis is a whole number",
    "made:layers.*.seed=True": "True is 1 in Python",
    "made:layers.AlphaDropout.noise_shape=*": "checked as in the other dropouts",
    "made:layers.PReLU.shared_axes=0": "the batch is no axis to share",
    "made:layers.Reshape.target_shape=mixed list": "Keras takes texts for sizes",
    "made:layers.EinsumDense.output_shape=dict": STUMBLES,
    "made:layers.Dot.axes=2": STUMBLES,
    "made:losses.*.reduction=*": "Keras fails to hash it; ours says which there are",
    "made:*.name=*": "a name is text",
    "made:metrics.*.class_id=-1": "classes are counted from 0",
    "made:metrics.*.num_regressors=0.5": "a number of columns is whole",
    "made:metrics.*.sparse_y_*=*": "the classes cannot be along an axis of one number",
    "made:metrics.AUC.thresholds=*": "thresholds are numbers",
    "made:metrics.*.top_k=0": "the best none of all classes is no question",
    "called:metrics.F*Score.sample_weight=*": "one weight for all, or for each class, "
    "is taken by the other metrics as well",
    "built:layers.*.symbols=*": "Keras does not compare symbols with the weights, or "
    "stumbles over their rank; ours compares",
    "built:layers.*.input_shape=*": STUMBLES,
    "*.Masking.x=*": NESTED,
    "*.CategoryEncoding.x=no columns": "there is no last axis to encode",
    "built:layers.*.x=one *": "what was built before does not matter: the two ranks are "
    "compared at each call",
    "built:layers.RMSNormalization.x=*": ALIKE,
    **{
        f"{case}:layers.*.x={value}": STUMBLES
        for case in ("called", "built")
        for value in ("none", "empty dict", "0-d")
    },
    **{
        f"called:layers.{name}.x={value}": STUMBLES
        for name in ("EinsumDense", "GroupNormalization")
        for value in ("fewer axes", "flat")
    },
    "called:layers.*.x=None": STUMBLES,
    "called:layers.PReLU.x=dict": STUMBLES,
    "called:layers.Dot.x=one *": STUMBLES,
    "called:metrics.*.y_*=bool": WHOLE,
    "called:metrics.*.y_*=ints": WHOLE,
    "called:metrics.*.y_pred=number": WHOLE,
    "called:metrics.*.y_*=more axes": "a last axis of one is dropped, as by the losses",
    "called:metrics.*.y_*=list of one": NESTED,
    "called:losses.CategoricalGeneralizedCrossEntropy.y_*": ALIKE,
    "called:losses.CTC.y_true=no columns": "there is no label to align",
    **{
        f"called:*.y_*={value}": ALIKE
        for value in (
            "deep",
            "flat",
            "0-d",
            "number",
            "fewer axes",
            "narrower",
            "two",
            "three",
            "no columns",
            "column",
            "too large",
            "negative",
            "floats",
            "short",
        )
    },
}

SURFACE = {
    "another_rank_for_a_concrete_function:1": "TensorFlow does not look at the shapes of "
    "tensors that come in order; ours refuses what the trace was not made for"
}
