"""The data sets from small files of the same form: what is asked for, what comes back.

`get_file` is replaced by a function that notes its arguments and gives a local file.
"""

import gzip
import inspect
import io
import json
import pickle
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome


def cases():
    return list(scenarios("fetching", [digits, clothes, photographs, houses, reviews,
                                       news, names, files]))  # fmt: skip


@contextmanager
def served(module, make):
    "Within, get_file of the module of a data set gives files that `make(path)` wrote."
    home, asked = sys.modules[module.load_data.__module__], []
    signature, real = inspect.signature(home.get_file), home.get_file
    with tempfile.TemporaryDirectory() as folder:

        def get_file(*args, **kwargs):
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            names = ("fname", "origin", "cache_subdir", "extract")
            asked.append([given.arguments[name] for name in names])
            asked[-1].append(given.arguments["file_hash"] or "none")
            path = Path(folder) / f"file of {given.arguments['fname']}"
            make(path, given.arguments["fname"])
            return str(path)

        home.get_file = get_file
        try:
            yield asked
        finally:
            home.get_file = real


def saver(**arrays):
    return lambda path, name: path.write_bytes(npz(arrays))


def npz(arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def described(data):
    "Shapes, dtypes and values of (x_train, y_train), (x_test, y_test)."
    return [
        [type(part).__name__, list(part.shape), str(part.dtype), part.tolist()]
        for pair in data
        for part in pair
    ]


def digits(keras):
    mnist = keras.datasets.mnist
    make = saver(
        x_train=np.arange(12, dtype="uint8").reshape(3, 2, 2), y_train=np.arange(3),
        x_test=np.ones((1, 2, 2), "uint8"), y_test=np.array([7], "uint8"),
    )  # fmt: skip
    with served(mnist, make) as asked:
        return [
            described(mnist.load_data()),
            described(mnist.load_data("a.npz")),
            asked,
        ]


def clothes(keras):
    fashion = keras.datasets.fashion_mnist

    def make(path, name):
        n = 3 if "train" in name else 2
        data = np.arange(n * (784 if "images" in name else 1)) % 251
        head = bytes(16 if "images" in name else 8)
        path.write_bytes(gzip.compress(head + data.astype("uint8").tobytes()))

    with served(fashion, make) as asked:
        parts = [part for pair in fashion.load_data() for part in pair]
    sums = [[list(p.shape), str(p.dtype), int(p.astype(int).sum())] for p in parts]
    return [sums, parts[2].ravel()[::97].tolist(), [one[:4] for one in asked]]


def photographs(keras):
    "CIFAR, with batches of their real size, made of few bytes."
    found = []

    def make(path, name):
        folder = path / name.removesuffix("-target")
        if folder.exists():
            return
        folder.mkdir(parents=True)
        ten = "10-" in name
        files = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
        for i, file in enumerate(files if ten else ["train", "test"]):
            n = 10000 if ten else 20 + i
            images = np.zeros((n, 3072), "uint8")
            images[:, i] = np.arange(n) % 200
            images[3, 1024:1034] = np.arange(10)
            keys = [b"labels"] if ten else [b"fine_labels", b"coarse_labels"]
            batch = {key: [(j + len(key)) % 10 for j in range(n)] for key in keys}
            with open(folder / file, "wb") as out:
                pickle.dump(batch | {b"data": images, b"batch_label": b"x"}, out, 3)

    def summary(data):
        parts = [part for pair in data for part in pair]
        return [
            [list(p.shape), str(p.dtype), int(p.astype("int64").sum()),
             np.asarray(p[3]).ravel()[::5].tolist()[:20]]
            for p in parts
        ]  # fmt: skip

    for name, options in (
        ("cifar10", [{}]),
        ("cifar100", [{}, {"label_mode": "coarse"}]),
    ):
        module = getattr(keras.datasets, name)
        with served(module, make) as asked:
            for each in options:
                found.append(summary(module.load_data(**each)))
            keras.config.set_image_data_format("channels_first")
            found.append(summary(module.load_data()))
            keras.config.set_image_data_format("channels_last")
        found.append(asked)
    found.append(outcome(keras.datasets.cifar100.load_data, label_mode="x"))
    return found


def houses(keras):
    x, y = np.arange(700 * 2.0).reshape(700, 2), np.arange(700.0)
    found = []
    for name in ("boston_housing", "california_housing"):
        load = getattr(keras.datasets, name).load_data
        for n in (700, 11):
            with served(
                getattr(keras.datasets, name), saver(x=x[:n], y=y[:n])
            ) as asked:
                options = [{"test_split": 0.995}, {"test_split": 0.9, "seed": 4}]
                options += [{"path": "p.npz", "test_split": 0.0}] if n == 11 else []
                if name.startswith("cal"):
                    options += [{"version": "small", "test_split": 0.99}]
                    found.append(outcome(load, version="x"))
                    asked.clear()  # Keras looks at the version after the download
                for each in options:
                    parts = described(load(**each))
                    found.append(parts[:2] + [part[1:3] for part in parts[2:]])
                found.append(asked)
        found += [outcome(load, test_split=s) for s in (1.0, -0.1, 1)]
    return found


def ragged(rows):
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


TEXTS = ragged([[1, 5, 9], [2, 2], [7, 1, 3, 12], [4], [9, 8, 7, 6, 5], [3, 1], [2]])
LABELS = np.array([0, 1, 1, 0, 2, 1, 0])
OPTIONS = [
    {}, {"num_words": 9}, {"skip_top": 4}, {"num_words": 8, "oov_char": None},
    {"start_char": None}, {"start_char": None, "index_from": 0}, {"index_from": 10},
    {"maxlen": 4}, {"maxlen": 5, "num_words": 10, "skip_top": 3}, {"seed": 7},
    {"start_char": 50, "oov_char": 51}, {"path": "other.npz", "seed": 1},
    {"start_char": None, "index_from": None},
]  # fmt: skip


def reviews(keras):
    imdb = keras.datasets.imdb
    make = saver(x_train=TEXTS, y_train=LABELS, x_test=TEXTS[:3], y_test=LABELS[2:5])
    with served(imdb, make) as asked:
        found = [described(imdb.load_data(**options)) for options in OPTIONS]
        found.append(outcome(imdb.load_data, maxlen=1))
    return [found, asked]


def news(keras):
    reuters = keras.datasets.reuters
    with served(reuters, saver(x=TEXTS, y=LABELS)) as asked:
        options = [*OPTIONS, {"test_split": 0.5}, {"test_split": 0.9, "maxlen": 5}]
        found = [described(reuters.load_data(**each)) for each in options]
        found.append(outcome(reuters.load_data, maxlen=1))
    return [found, asked]


def names(keras):
    "The indices of words, and the names of the topics."
    found = []
    for name in ("imdb", "reuters"):
        module = getattr(keras.datasets, name)
        words = {"the": 1, "é": 2}
        with served(module, lambda p, n: p.write_text(json.dumps(words))) as asked:
            found += [module.get_word_index(), module.get_word_index("w.json"), asked]
    return [*found, list(keras.datasets.reuters.get_label_names())]


def files(keras):
    "get_file: the names of what it makes, and what it refuses."
    import hashlib
    import tarfile
    import zipfile

    get, found = keras.utils.get_file, []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "a.txt").write_text("hello")
        with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
            archive.add(folder / "a.txt", "in/a.txt")
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            archive.write(folder / "a.txt", "in/a.txt")
        (folder / "cache").mkdir()

        def attempt(file, **options):
            cache = folder / "cache"
            before = set(cache.rglob("*"))
            origin = (folder / file).as_uri() if file else None
            result = outcome(get, origin=origin, cache_dir=cache, **options)
            if isinstance(result, str):
                result = str(Path(result).relative_to(cache))
            made = sorted(
                str(p.relative_to(cache)) for p in set(cache.rglob("*")) - before
            )
            found.append([result, made if isinstance(result, str) else "none"])

        attempt("a.txt")
        attempt("a.txt", fname="b")
        attempt("a.txt", fname="b.c.d", cache_subdir="sub/dir")
        for i, file in enumerate(("a.tar.gz", "a.zip")):
            attempt(file, extract=True)
            attempt(file, fname=f"x{i}", extract=True)
            attempt(file, fname=f"y{i}.tar.gz", extract=True, archive_format="auto")
            attempt(file, fname=f"z{i}.b", extract=True, archive_format=["zip", "tar"])
        attempt("a.tar.gz", fname="u", untar=True)
        attempt("a.zip", fname="v", extract=True, archive_format="zip")
        attempt("a.zip", fname="w.zip", cache_subdir="q")
        for algorithm in ("sha256", "md5"):
            right = hashlib.new(algorithm, b"hello").hexdigest()
            for hint in ("auto", algorithm):
                options = {"hash_algorithm": hint, "fname": algorithm + hint}
                attempt("a.txt", file_hash=right, **options)
                attempt("a.txt", file_hash="0" + right[1:] if right[0] != "0" else
                        "1" + right[1:], **options)  # fmt: skip
        attempt("a.txt", fname="m", md5_hash=hashlib.md5(b"hello").hexdigest())
        attempt("a.txt", fname="n", md5_hash="0" * 32)
        attempt("a.txt", fname="a/b")
        attempt(None, fname="a")
        found.append(outcome(get, origin="file:///", cache_dir=folder))
        attempt("a.zip", fname="r", extract=True, archive_format="rar")
    return found
