"""One peer's side of the benchmark: prepares and runs workloads as it is told.

    python benchmarks/worker.py PEER       (started by run.py)

Reads {"prepare": NAME} or {"run": NAME} a line at a time and answers with JSON.  A
workload is a function that prepares all and returns `run()`, which does the work once
and returns seconds per unit.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
OPERATIONS = 1000
BATCH = 32


NOW = (
    time.process_time
    if os.environ.get("BENCHMARK_CLOCK") == "cpu"
    else time.perf_counter
)


def clock(work, units):
    "Seconds per unit of one call."
    started = NOW()
    work()
    return (NOW() - started) / units


def chain(x, w, b, tanh):
    "1,000 operations on 16 numbers."
    y = x
    for _ in range(OPERATIONS // 4):
        y = tanh((y * w + b) - x)
    return y


START = np.linspace(-1, 1, 16).astype("float32")
WEIGHT, BIAS = START[::-1] * 0.5, START * 0.1


def random_data():
    random = np.random.RandomState(0)
    x = random.standard_normal((3200, 64)).astype("float32")
    return x, random.randint(0, 10, 3200).astype("int32")


def digits_data():
    with np.load(ROOT / "minikeras" / "datasets" / "digits.npz") as file:
        images, labels = file["images"], file["labels"]
    x = (images.reshape(-1, 64) / 16).astype("float32")
    return x[:1792], labels[:1792].astype("int32")


# ---- anything with Keras' API: the same script for all -------------------------------


def keras_fit(k, x, y, layers, **words):
    "One epoch of fit; the first is run before anything is timed."
    model = k.Sequential([k.Input((64,)), *layers, k.layers.Dense(10)])
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(k.optimizers.Adam(1e-3), loss, metrics=["accuracy"], **words)

    def epoch():
        model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)

    epoch()
    return lambda: clock(epoch, len(x) // BATCH)


def keras_workloads(k):
    def small_fit():
        return keras_fit(k, *random_data(), [k.layers.Dense(32, activation="relu")])

    def digits_fit():
        layers = [k.layers.Dense(128, activation="relu"), k.layers.Dropout(0.2)]
        return keras_fit(k, *digits_data(), layers)

    def eager_fit():
        layers = [k.layers.Dense(32, activation="relu")]
        return keras_fit(k, *random_data(), layers, run_eagerly=True)

    return {"small_fit": small_fit, "digits_fit": digits_fit, "eager_fit": eager_fit}


def traced(function, spec, tanh):
    "The chain, traced anew each time."

    specs = [spec(a.shape, "float32") for a in (START, WEIGHT, BIAS)]

    def work():
        fresh = function(lambda x, w, b: chain(x, w, b, tanh))
        return clock(lambda: fresh.get_concrete_function(*specs), OPERATIONS)

    work()
    return work


def played(function, tensor, tanh):
    "The chain as a traced function, called once more."
    given = [tensor(a) for a in (START, WEIGHT, BIAS)]
    concrete = function(lambda x, w, b: chain(x, w, b, tanh))
    concrete(*given)
    return lambda: clock(lambda: concrete(*given), OPERATIONS)


def taped(tape_class, tensor, tanh):
    "The chain under a GradientTape, TensorFlow's or ours."
    x, w, b = (tensor(a) for a in (START, WEIGHT, BIAS))

    def work():
        with tape_class() as tape:
            tape.watch([x, w])
            y = chain(x, w, b, tanh)
        tape.gradient(y, [x, w])

    work()
    return lambda: clock(work, OPERATIONS)


def jacobian_data():
    "A point, and the two matrices of a network with 100 numbers in each layer."
    random = np.random.RandomState(0)
    return [
        (random.randn(*s) / 10).astype("float32") for s in ((100,),) + 2 * ((100, 100),)
    ]


def whole_jacobian(tape_class, tensor, tanh, dot, wrap=lambda f: f):
    "The derivative of each output of the network by each input; `wrap` may trace it."
    x, first, second = map(tensor, jacobian_data())

    def work(x):
        with tape_class() as tape:
            tape.watch(x)
            y = tanh(dot(tanh(dot(x, first)), second))
        return tape.jacobian(y, x)

    work = wrap(work)
    work(x)
    return lambda: clock(lambda: work(x), 1)


# ---- the peers -----------------------------------------------------------------------


def minikeras():
    import minikeras as k

    tensor, tanh = k.ops.convert_to_tensor, k.ops.tanh
    own = {
        "tape": lambda: taped(k.GradientTape, tensor, tanh),
        "trace": lambda: traced(k.function, k.TensorSpec, tanh),
        "replay": lambda: played(k.function, tensor, tanh),
    }
    slopes = k.GradientTape, tensor, tanh, k.ops.matmul
    own["jacobian"] = lambda: whole_jacobian(*slopes)
    own["traced_jacobian"] = lambda: whole_jacobian(*slopes, k.function)
    return keras_workloads(k) | own, {"minikeras": k.__version__}


def keras():
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras as k

    backend = __import__(k.backend.backend())
    versions = {"keras": k.__version__, backend.__name__: backend.__version__}
    return keras_workloads(k), versions


def tf():
    import tensorflow as tf

    found = {
        "tape": lambda: taped(tf.GradientTape, tf.constant, tf.tanh),
        "trace": lambda: traced(tf.function, tf.TensorSpec, tf.tanh),
        "replay": lambda: played(tf.function, tf.constant, tf.tanh),
    }
    slopes = tf.GradientTape, tf.constant, tf.tanh, lambda x, w: tf.linalg.matvec(w, x)
    found["jacobian"] = lambda: whole_jacobian(*slopes)
    found["traced_jacobian"] = lambda: whole_jacobian(*slopes, tf.function)
    return found, {"tensorflow": tf.__version__}


def jax():
    import jax
    import jax.numpy as jnp

    def tape():
        x, w, b = (jnp.asarray(a) for a in (START, WEIGHT, BIAS))
        gradient = jax.grad(lambda x, w: chain(x, w, b, jnp.tanh).sum(), (0, 1))
        work = lambda: jax.block_until_ready(gradient(x, w))
        work()
        return lambda: clock(work, OPERATIONS)

    def jacobian(wrap=lambda f: f):
        x, first, second = map(jnp.asarray, jacobian_data())
        work = wrap(jax.jacrev(lambda x: jnp.tanh(jnp.tanh(x @ first) @ second)))
        jax.block_until_ready(work(x))
        return lambda: clock(lambda: jax.block_until_ready(work(x)), 1)

    found = {"tape": tape, "jacobian": jacobian}
    found["traced_jacobian"] = lambda: jacobian(jax.jit)
    return found, {"jax": jax.__version__}


def torch():
    import torch

    def tape():
        b = torch.tensor(BIAS)

        def work():
            x = torch.tensor(START, requires_grad=True)
            w = torch.tensor(WEIGHT.copy(), requires_grad=True)
            chain(x, w, b, torch.tanh).sum().backward()

        work()
        return lambda: clock(work, OPERATIONS)

    def jacobian():
        x, first, second = map(torch.from_numpy, jacobian_data())
        slope = torch.func.jacrev(lambda x: torch.tanh(torch.tanh(x @ first) @ second))
        slope(x)
        return lambda: clock(lambda: slope(x), 1)

    def fit(data, layers):
        x, y = (torch.from_numpy(a) for a in data())
        y = y.long()
        model = torch.nn.Sequential(*layers)
        optimizer = torch.optim.Adam(model.parameters(), 1e-3)
        loss_of = torch.nn.CrossEntropyLoss()

        def epoch():
            order = torch.randperm(len(x))
            total, right = 0.0, 0
            for rows in order.split(BATCH):
                logits = model(x[rows])
                loss = loss_of(logits, y[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
                right += (logits.argmax(1) == y[rows]).sum().item()

        epoch()
        return lambda: clock(epoch, len(x) // BATCH)

    def small_fit():
        Linear, ReLU = torch.nn.Linear, torch.nn.ReLU
        return fit(random_data, [Linear(64, 32), ReLU(), Linear(32, 10)])

    def digits_fit():
        nn = torch.nn
        layers = [nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10)]
        return fit(digits_data, layers)

    found = {"tape": tape, "jacobian": jacobian}
    found |= {"small_fit": small_fit, "digits_fit": digits_fit}
    return found, {"torch": torch.__version__}


MODULES = {
    "minikeras": minikeras, "keras-tf": keras, "keras-jax": keras, "torch": torch,
    "tf": tf, "jax": jax,
}  # fmt: skip


def serve(peer, answers):
    "Answer questions until the input ends."
    workloads, versions = MODULES[peer]()
    versions |= {"python": sys.version.split()[0], "numpy": np.__version__}
    ready = {}
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "prepare" in question:
                name = question["prepare"]
                if name not in workloads:
                    raise ValueError("has no such workload")
                ready[name] = workloads[name]()
                answer = {"ready": name}
            elif "run" in question:
                answer = {"seconds": ready[question["run"]]()}
            else:
                answer = versions
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    pipe = os.fdopen(os.dup(1), "w")  # answers only; what libraries print is dropped
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    serve(sys.argv[1], pipe)
