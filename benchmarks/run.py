"""Measure minikeras against Keras on TensorFlow, Keras on JAX, PyTorch and others.

    python benchmarks/run.py --peers-python /opt/peers/bin/python --json results.json

One process per peer is started and kept; in each round every peer runs the workload
once, in turn, so that a busy minute of the machine touches all alike.  The table shows
median and best decile (p10) over the rounds, and the ratio of minikeras to each peer.
No test depends on these numbers.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKLOADS = {  # name: (unit, factor from seconds, what is timed)
    "tape": (
        "us/op",
        1e6,
        "1,000 small operations, forward and backward, per operation",
    ),
    "trace": ("us/op", 1e6, "a chain of 1,000 operations traced, per operation"),
    "replay": ("us/op", 1e6, "the traced chain played once more, per operation"),
    "jacobian": ("ms", 1e3, "the 100 x 100 Jacobian of a network of two layers"),
    "traced_jacobian": ("ms", 1e3, "the same inside of a traced function"),
    "eager_fit": ("ms/step", 1e3, "small_fit with run_eagerly=True, per step"),
    "small_fit": ("ms/step", 1e3, "fit of a 64-32-10 network, batch 32, per step"),
    "digits_fit": (
        "ms/step",
        1e3,
        "fit of 64-128-10 with dropout on the digits, per step",
    ),
    "import": ("s", 1.0, "import and first layer in a fresh process that has NumPy"),
}
KERAS_LAYER = "keras.layers.Dense(1)"
PEERS = {  # name: (environment, module to import, its first use)
    "minikeras": ({}, "minikeras", "minikeras.layers.Dense(1)"),
    "keras-tf": ({"KERAS_BACKEND": "tensorflow"}, "keras", KERAS_LAYER),
    "keras-jax": ({"KERAS_BACKEND": "jax"}, "keras", KERAS_LAYER),
    "torch": ({}, "torch", "torch.nn.Linear(1, 1)"),
    "tf": ({}, "tensorflow", "tensorflow.constant(1.0)"),
    "jax": ({}, "jax", "jax.numpy.ones(1)"),
}


class Worker:
    "One peer in a process of its own: a line of JSON in, a line of JSON out."

    def __init__(self, peer, python, threads=None, clock="wall"):
        self.peer = peer
        self.command = [python, str(HERE / "worker.py"), peer]
        self.env = os.environ | PEERS[peer][0] | quiet(threads, clock)
        self.process = None
        self.python = python

    def start(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            self.command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL,
            text=True, env=self.env,
        )  # fmt: skip

    def ask(self, **question):
        "The answer, or {'error': ...} when the worker cannot or has died."
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"error": "the process ended"}

    def import_seconds(self):
        "Seconds to import and first use, in a fresh process that has imported NumPy."
        _, module, first_use = PEERS[self.peer]
        code = (
            "import numpy, time; t = time.perf_counter(); "
            f"import {module}; {first_use}; print(time.perf_counter() - t)"
        )
        done = subprocess.run(
            [self.python, "-c", code], env=self.env, capture_output=True, text=True,
            cwd=HERE.parent,
        )  # fmt: skip
        return float(done.stdout.split()[-1]) if done.returncode == 0 else None

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait(timeout=30)


def quiet(threads, clock):
    "Fewer messages, and the clock and the number of threads that were asked for."
    silence = {"BENCHMARK_CLOCK": clock}
    silence |= {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    silence["CUDA_VISIBLE_DEVICES"] = ""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return silence | ({name: str(threads) for name in names} if threads else {})


def machine():
    "What the numbers were measured on."
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")
        ]
        model = names[0].split(":", 1)[1].strip() if names else model
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "load": [round(x, 2) for x in load],
        "date": datetime.date.today().isoformat(),
    }


def measure(workload, workers, rounds):
    "{peer: list of seconds per unit}; peers that cannot run it are named and left out."
    times = {}
    for worker in workers:
        if workload == "import":
            ready = (
                {}
                if worker.import_seconds() is not None
                else {"error": "not installed"}
            )
        else:
            ready = worker.ask(prepare=workload)
        if "error" in ready:
            print(f"  {worker.peer}: left out ({ready['error']})", file=sys.stderr)
        else:
            times[worker.peer] = []
    for _ in range(min(rounds, 3) if workload == "import" else rounds):
        for worker in workers:
            if worker.peer in times:
                times[worker.peer].append(one_round(worker, workload))
    return {peer: [t for t in ts if t is not None] for peer, ts in times.items()}


def one_round(worker, workload):
    if workload == "import":
        return worker.import_seconds()
    return worker.ask(run=workload).get("seconds")


def summary(times):
    "{peer: median, p10, rounds}, in seconds."
    return {
        peer: {"median": statistics.median(ts), "p10": decile(ts), "rounds": len(ts)}
        for peer, ts in times.items()
        if ts
    }


def decile(values):
    return sorted(values)[len(values) // 10]


def table(workload, result):
    "The lines of one workload: median, p10 and the ratio to minikeras."
    unit, factor, what = WORKLOADS[workload]
    lines = [
        f"{workload}: {what}",
        f"  {'':10} {unit:>10} {'p10':>10}   minikeras/peer",
    ]
    ours = result.get("minikeras")
    for peer, row in sorted(result.items(), key=lambda item: item[1]["median"]):
        ratio = (
            f"{ours['median'] / row['median']:8.2f}"
            if ours and peer != "minikeras"
            else ""
        )
        median, p10 = row["median"] * factor, row["p10"] * factor
        lines.append(f"  {peer:10} {median:10.4g} {p10:10.4g}   {ratio}")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=list(PEERS))
    parser.add_argument(
        "--workloads", nargs="+", default=list(WORKLOADS), choices=list(WORKLOADS)
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, help="BLAS/OpenMP threads of every peer")
    parser.add_argument(
        "--clock", default="wall", choices=["wall", "cpu"],
        help="cpu: processor seconds, for a machine that others use too",
    )  # fmt: skip
    parser.add_argument("--python", default=sys.executable, help="runs minikeras")
    parser.add_argument(
        "--peers-python", default=sys.executable, help="runs the others"
    )
    parser.add_argument("--json", type=Path, help="where to write all the times")
    return parser.parse_args()


def main():
    options = arguments()
    workers = [
        Worker(peer, options.python if peer == "minikeras" else options.peers_python,
               options.threads, options.clock)
        for peer in options.peers
    ]  # fmt: skip
    record = {"machine": machine(), "threads": options.threads, "clock": options.clock}
    record["versions"] = {}
    record["results"], record["times"] = {}, {}
    print("on {cpu}, {cores} cores, {system}, load {load}".format(**record["machine"]))
    for worker in workers:
        worker.start()
        record["versions"][worker.peer] = worker.ask(versions=True)
    for workload in options.workloads:
        times = measure(workload, workers, options.rounds)
        record["times"][workload], record["results"][workload] = times, summary(times)
        print("\n" + table(workload, record["results"][workload]), flush=True)
    for worker in workers:
        worker.stop()
    if options.json:
        options.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
