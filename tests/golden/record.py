"""Record real Keras: play every case on it and write tests/golden/*.json.

    python -m venv peers && peers/bin/pip install keras tensorflow scikit-learn
    peers/bin/python -m tests.golden.record            # all files
    peers/bin/python -m tests.golden.record ops_nn     # one file

Run it from the repository root.  Recorded with Keras 3.15.1 on TensorFlow 2.21 (see
versions.json).  Nothing here imports minikeras.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ |= {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
    "COLUMNS": "200",
}

HERE = Path(__file__).resolve().parent
FILES = sorted(p.stem for p in HERE.glob("cases/[!_]*.py"))


def real_keras():
    "Keras with TensorFlow's GradientTape beside it, as minikeras has."
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.GradientTape = tf.GradientTape
    return keras


def complete(case, keras):
    "The case with its outcome; gradients are dropped where there are none."
    from tests.golden.player import play

    record = case | play(case, keras)
    if "grads" in record and not any(record["grads"] or []):
        del record["grads"]
    return record


def write(name, records):
    lines = ",\n".join(
        json.dumps(r, separators=(",", ":"), allow_nan=False) for r in records
    )
    (HERE / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def versions():
    import keras
    import numpy
    import tensorflow

    found = {m.__name__: m.__version__ for m in (keras, tensorflow, numpy)}
    found["python"] = sys.version.split()[0]
    (HERE / "versions.json").write_text(json.dumps(found, indent=2) + "\n")


def main(names):
    keras = real_keras()
    for name in names or FILES:
        module = import_module(f"tests.golden.cases.{name}")
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        if hasattr(module, "record"):  # a file that is not a list of cases
            module.record(keras, HERE)
            continue
        records = [complete(case, keras) for case in module.cases()]
        write(name, records)
        raised = [r["id"] for r in records if "raises" in str(r.get("out"))[:12]]
        print(
            f"{name}: {len(records)} records, {len(raised)} raise: {' '.join(raised)}"
        )
    versions()


if __name__ == "__main__":
    main(sys.argv[1:])
