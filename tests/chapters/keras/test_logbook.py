"""Logs on disk: what is written, in which form, and what is left when things break."""

import csv
import json
import os
import subprocess
import sys
import threading
import tracemalloc
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from minikeras import Input, Sequential, layers, optimizers
from minikeras.callbacks import (
    Callback,
    CSVLogger,
    LambdaCallback,
    RemoteMonitor,
    TensorBoard,
)
from minikeras.callbacks.event_files import EventFile, histogram, image, scalar, text
from minikeras.models import Model
from minikeras.utils.appending import append
from minikeras.utils.random_seed import set_random_seed

X, Y = np.ones((20, 4), "float32"), np.ones((20, 3), "float32")


def model_of(*parts):
    set_random_seed(0)
    model = Sequential([Input((4,)), *parts, layers.Dense(3, name="d")], name="m")
    model.compile(optimizers.SGD(0.01), "mse", metrics=["mae"])
    return model


def fitted(*callbacks, epochs=3, model=None, **options):
    options = {"validation_data": (X, Y)} | options
    model = model or model_of()
    return model.fit(
        X,
        Y,
        batch_size=5,
        epochs=epochs,
        verbose=0,
        callbacks=list(callbacks),
        **options,
    )


# A reader of event files that shares no line with the writer


def crc32c(data):
    rest = 0xFFFFFFFF
    for byte in data:
        rest ^= byte
        for _ in range(8):
            rest = (rest >> 1) ^ (0x82F63B78 if rest & 1 else 0)
    return rest ^ 0xFFFFFFFF


def whole(data, check):
    crc = crc32c(data)
    masked = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    assert masked == int.from_bytes(check, "little"), "checksum"
    return data


def events_of(path):
    from tensorboardX.proto.event_pb2 import Event

    raw, events = path.read_bytes(), []
    while raw:
        length = int.from_bytes(whole(raw[:8], raw[8:12]), "little")
        content = whole(raw[12 : 12 + length], raw[12 + length : 16 + length])
        events.append(Event.FromString(content))
        raw = raw[16 + length :]
    return events


def values_of(folder):
    "All (step, value) of the event files of a folder, the version checked."
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        first, *events = events_of(path)
        assert first.file_version == "brain.Event:2" and first.wall_time > 1e9
        found += [(e.step, value) for e in events for value in e.summary.value]
    return found


def tags_of(folder):
    return [(step, value.tag) for step, value in values_of(folder)]


def test_the_reader_knows_the_published_check_value():
    assert crc32c(b"123456789") == 0xE3069283


# append


def test_append_adds_and_makes(tmp_path):
    path = tmp_path / "a"
    append(path, b"")
    assert path.read_bytes() == b""
    append(path, b"one")
    append(str(path), b"two")
    assert path.read_bytes() == b"onetwo"


def test_an_error_names_the_path(tmp_path):
    for path in (tmp_path / "no" / "file", tmp_path):
        with pytest.raises(OSError) as caught:
            append(path, b"x")
        assert str(caught.value.filename) == str(path)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_disk_is_named():
    with pytest.raises(OSError, match="/dev/full"):
        append("/dev/full", b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are of Unix")
def test_what_does_not_fit_is_taken_back(tmp_path):
    program = """
import resource, signal, sys
from minikeras.utils.appending import append
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
append(sys.argv[1], b"x" * 70)
try:
    append(sys.argv[1], b"y" * 70)
except OSError as error:
    print(error.filename)
"""
    path = tmp_path / "a"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True
    )
    assert done.stdout.strip() == str(path), done.stderr
    assert path.read_bytes() == b"x" * 70


# CSVLogger


def test_a_csv_file_has_the_history(tmp_path):
    path = tmp_path / "log.csv"
    history = fitted(CSVLogger(path)).history
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2]
    for name, values in history.items():
        assert [float(row[name]) for row in rows] == values


def test_validation_now_and_then_is_na_in_between(tmp_path):
    path = tmp_path / "log.csv"
    fitted(CSVLogger(path, separator=";"), validation_freq=2)
    rows = [line.split(";") for line in path.read_text().splitlines()]
    assert rows[0] == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row[3] == "NA" for row in rows[1:]] == [True, False, True]


def test_a_logger_can_be_used_twice(tmp_path):
    again, anew = CSVLogger(tmp_path / "a", append=True), CSVLogger(tmp_path / "b")
    for logger in (again, anew):
        fitted(logger)
        fitted(logger)
    lines = [(tmp_path / name).read_text().splitlines() for name in "ab"]
    assert [len(part) for part in lines] == [7, 4]
    assert sum("epoch" in line for line in lines[0]) == 1


@pytest.mark.parametrize("separator", ["", ", ", None, 1, b","])
def test_a_separator_is_one_character(separator):
    with pytest.raises(TypeError, match="separator"):
        CSVLogger("log.csv", separator=separator)


def test_a_failed_first_row_is_no_first_row(tmp_path):
    logger = CSVLogger(tmp_path / "log.csv")
    logger.on_train_begin()
    logger.filename = str(tmp_path)
    with pytest.raises(OSError):
        logger.on_epoch_end(0, {"loss": 1.0})
    logger.filename = str(tmp_path / "log.csv")
    logger.on_epoch_end(1, {"loss": 1.0})
    assert (tmp_path / "log.csv").read_text().startswith("epoch,loss,val_loss")


# A run that breaks


class Breaks(Callback):
    def __init__(self, hook, at=2):
        super().__init__()
        self.error, self.count = KeyError("the message"), 0

        def listen(*args, **kwargs):
            self.count += 1
            if self.count == at:
                raise self.error

        setattr(self, hook, listen)


def open_files():
    folder = "/proc/self/fd"
    return len(os.listdir(folder)) if os.path.exists(folder) else 0


HOOKS = """on_train_begin on_train_end on_epoch_begin on_epoch_end on_train_batch_begin
on_train_batch_end on_test_begin on_test_end on_test_batch_begin on_test_batch_end"""


@pytest.mark.parametrize("hook", HOOKS.split())
@pytest.mark.parametrize("first", [True, False])
def test_an_exception_leaves_files_whole_and_closed(hook, first, tmp_path):
    breaks = Breaks(hook, at=1 if hook.startswith("on_train_") else 2)
    log = CSVLogger(tmp_path / "log.csv")
    board = TensorBoard(tmp_path, update_freq=1)
    callbacks = [breaks, log, board] if first else [log, board, breaks]
    files, threads = open_files(), threading.active_count()
    with warnings.catch_warnings(), pytest.raises(KeyError) as caught:
        warnings.simplefilter("error", ResourceWarning)
        fitted(*callbacks)
    assert caught.value is breaks.error
    assert (open_files(), threading.active_count()) == (files, threads)
    for run in ("train", "validation"):
        values_of(tmp_path / run)
    if (tmp_path / "log.csv").exists():
        assert (tmp_path / "log.csv").read_bytes()[-2:] in (b"", b"\r\n")
    fitted(log, board)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 4


def test_a_data_source_that_breaks_leaves_the_epochs_before_it(tmp_path):
    error = RuntimeError("the data went away")

    def batches():
        for i in range(9):
            yield X[:4], Y[:4]
        raise error

    log = CSVLogger(tmp_path / "log.csv")
    with pytest.raises(RuntimeError) as caught:
        model_of().fit(
            batches(), steps_per_epoch=4, epochs=4, verbose=0,
            callbacks=[log, TensorBoard(tmp_path)],
        )  # fmt: skip
    assert caught.value is error
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3
    losses = [step for step, tag in tags_of(tmp_path / "train") if tag == "epoch_loss"]
    assert losses == [0, 1]


@pytest.mark.parametrize("kind", [CSVLogger, TensorBoard])
def test_a_path_that_cannot_be_is_an_error_before_the_first_step(kind, tmp_path):
    (tmp_path / "file").write_text("")
    steps, model = [], model_of()
    count = LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    before = model.get_weights()
    with pytest.raises(OSError, match="file"):
        fitted(kind(tmp_path / "file" / "logs"), count, model=model)
    assert not steps
    assert all(map(np.array_equal, before, model.get_weights()))


# RemoteMonitor


@pytest.fixture
def listener():
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append((self.path, dict(self.headers), body))
            self.send_response(500 if self.path.startswith("/bad") else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_message_for_each_epoch(listener):
    from urllib.parse import parse_qs

    root, heard = listener
    history = fitted(RemoteMonitor(root, headers={"X-Run": "7"})).history
    assert [path for path, _, _ in heard] == ["/publish/epoch/end/"] * 3
    for epoch, (_, headers, body) in enumerate(heard):
        message = json.loads(parse_qs(body)["data"][0])
        assert message == {"epoch": epoch} | {n: v[epoch] for n, v in history.items()}
        assert headers["X-Run"] == "7"
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_json_alone_other_paths_and_numpy(listener):
    root, heard = listener
    monitor = RemoteMonitor(root, path="/a", field="f", send_as_json=True)
    monitor.on_epoch_end(2, {"a": np.float32(0.5), "b": np.array([3]), "c": "text"})
    [(path, headers, body)] = heard
    assert path == "/a" and headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"epoch": 2, "a": 0.5, "b": 3, "c": "text"}


def test_nobody_there_is_a_warning_and_training_goes_on():
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor"):
        history = fitted(RemoteMonitor("http://127.0.0.1:9"), epochs=2).history
    assert len(history["loss"]) == 2


def test_a_server_with_an_error_is_no_error_here(listener):
    root, heard = listener
    fitted(RemoteMonitor(root, path="/bad"), epochs=1)
    assert len(heard) == 1


@pytest.mark.parametrize("package", ["requests", "tensorboardX"])
def test_a_missing_package_is_named(package, monkeypatch, tmp_path):
    for name in [n for n in sys.modules if n.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    kinds = {"requests": RemoteMonitor, "tensorboardX": TensorBoard}
    with pytest.raises(ImportError, match="pip install"):
        fitted(kinds[package](tmp_path))


# TensorBoard: the tags and steps that Keras 3.15.1 wrote, read by tensorboard 2.21


def epochs_of(names, epochs=(0, 1, 2)):
    return [(epoch, f"epoch_{name}") for epoch in epochs for name in names]


def evaluations(after, epochs=(0, 1, 2)):
    return [
        pair
        for iterations, epoch in zip(after, epochs, strict=True)
        for pair in [
            (iterations, "evaluation_loss_vs_iterations"),
            (iterations, "evaluation_mae_vs_iterations"),
            (epoch, "epoch_loss"),
            (epoch, "epoch_mae"),
        ]
    ]


def batches_of(steps, names=("loss", "mae")):
    return [(step, f"batch_{name}") for step in steps for name in names]


TRAIN = ["loss", "mae", "learning_rate"]


def test_epochs(tmp_path):
    fitted(TensorBoard(tmp_path))
    expected = [(0, "keras"), *epochs_of(TRAIN)]
    assert tags_of(tmp_path / "train") == expected
    assert tags_of(tmp_path / "validation") == evaluations([4, 8, 12])


def test_every_batch_with_the_pace(tmp_path):
    fitted(TensorBoard(tmp_path, update_freq="batch", write_steps_per_second=True))
    expected = [(0, "keras")]
    for epoch in range(3):
        steps = range(4 * epoch + 1, 4 * epoch + 5)
        expected += batches_of(steps, ["steps_per_second", "loss", "mae"])
        expected += epochs_of([*TRAIN, "steps_per_second"], [epoch])
    assert tags_of(tmp_path / "train") == expected
    paces = [v.simple_value for _, v in values_of(tmp_path / "train") if "per" in v.tag]
    assert all(np.isfinite(pace) and pace > 0 for pace in paces)


def test_every_third_batch(tmp_path):
    fitted(TensorBoard(tmp_path, update_freq=3))
    found = tags_of(tmp_path / "train")
    assert [pair for pair in found if "batch" in pair[1]] == batches_of([3, 6, 9, 12])
    # Keras 3.15.1 keeps epoch 2 alone, whose last batch is the twelfth
    assert [pair for pair in found if "epoch" in pair[1]] == epochs_of(TRAIN)
    assert tags_of(tmp_path / "validation") == evaluations([4, 8, 12])


def test_histograms_and_pictures(tmp_path):
    fitted(TensorBoard(tmp_path, histogram_freq=2, write_images=True))
    drawn = [pair for pair in tags_of(tmp_path / "train") if "/" in pair[1]]
    parts = [
        f"{w}/{kind}" for w in ("kernel", "bias") for kind in ("histogram", "image")
    ]
    assert drawn == [(epoch, f"m/d/{part}") for epoch in (0, 2) for part in parts]


def test_an_evaluation_alone(tmp_path):
    model = model_of()
    model.evaluate(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path)])
    names = ("evaluation_loss_vs_iterations", "evaluation_mae_vs_iterations")
    assert tags_of(tmp_path / "validation") == [(0, name) for name in names]
    assert tags_of(tmp_path / "train") == [(0, "keras")]


def test_the_numbers_are_those_of_the_history(tmp_path):
    history = fitted(TensorBoard(tmp_path, update_freq=1)).history
    for run, prefix in (("train", ""), ("validation", "val_")):
        found = values_of(tmp_path / run)
        for name in ("loss", "mae"):
            values = [v.simple_value for _, v in found if v.tag == f"epoch_{name}"]
            np.testing.assert_allclose(values, history[prefix + name], rtol=1e-6)
    train = values_of(tmp_path / "train")
    rates = [v.simple_value for _, v in train if v.tag == "epoch_learning_rate"]
    np.testing.assert_allclose(rates, 0.01, rtol=1e-6)
    last = [v.simple_value for s, v in train if (s, v.tag) == (12, "batch_loss")]
    np.testing.assert_allclose(last, history["loss"][-1:], rtol=1e-6)


def test_the_config_of_the_model_is_there_as_keras_writes_it(tmp_path):
    model = model_of()
    fitted(TensorBoard(tmp_path), model=model)
    [value] = [v for _, v in values_of(tmp_path / "train") if v.tag == "keras"]
    assert value.metadata.plugin_data.plugin_name == "graph_keras_model"
    assert value.metadata.plugin_data.content == b"1"
    assert value.tensor.string_val[0].decode() == model.to_json()
    for options in ({"write_graph": False}, {"model": Own()}):
        folder = tmp_path / str(len(options))
        folder.mkdir(exist_ok=True)
        model = options.pop("model", None)
        fitted(TensorBoard(folder, **options), model=model)
        assert "keras" not in [tag for _, tag in tags_of(folder / "train")]


class Own(Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(3)
        self.compile("sgd", "mse", metrics=["mae"])

    def call(self, x):
        return self.d(x)


def test_two_runs_have_files_of_their_own(tmp_path):
    board = TensorBoard(tmp_path)
    fitted(board)
    fitted(board)
    assert len(list((tmp_path / "train").iterdir())) == 2


def test_a_loss_scaled_optimizer_shows_the_inner_rate(tmp_path):
    model = model_of()
    model.compile(optimizers.LossScaleOptimizer(optimizers.SGD(0.25)), "mse")
    fitted(TensorBoard(tmp_path), model=model, epochs=1)
    rates = [v for _, v in values_of(tmp_path / "train") if "learning" in v.tag]
    assert [rate.simple_value for rate in rates] == [0.25]


def test_embeddings_are_tables_that_the_projector_finds(tmp_path):
    model = Sequential([Input((2,)), layers.Embedding(5, 3, name="words"),
                        layers.Flatten(), layers.Dense(1)])  # fmt: skip
    model.compile("sgd", "mse")
    board = TensorBoard(
        tmp_path, embeddings_freq=2, embeddings_metadata={"words": 'a "b".tsv'}
    )
    x = np.zeros((4, 2), "int32")
    model.fit(x, np.zeros((4, 1)), epochs=3, verbose=0, callbacks=[board])
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert config == (
        'embeddings {\n  tensor_name: "words"\n  tensor_path: "words.tsv"\n'
        '  metadata_path: "a \\"b\\".tsv"\n}\n'
    )
    table = np.loadtxt(tmp_path / "words.tsv", delimiter="\t")
    np.testing.assert_allclose(
        table, model.layers[0].embeddings.numpy(), rtol=1e-4, atol=1e-6
    )
    assert not list(tmp_path.glob("*.part"))
    with pytest.raises(ValueError, match="nobody"):
        bad = TensorBoard(
            tmp_path, embeddings_freq=1, embeddings_metadata={"nobody": ""}
        )
        model.fit(x, np.zeros((4, 1)), verbose=0, callbacks=[bad])


@pytest.mark.parametrize("wanted", [5, (2, 3), "2,3"])
def test_there_is_no_profiler(wanted):
    with pytest.raises(ValueError, match="profile_batch"):
        TensorBoard(profile_batch=wanted)


# Values


def test_a_scalar_is_one_number():
    for value in (2.5, np.float32(2.5), np.array([2.5]), np.array(2.5)):
        assert scalar("a", value).simple_value == 2.5
    with pytest.raises(ValueError, match="more than one"):
        scalar("a", np.ones(2))


def test_a_histogram_counts_the_finite_numbers():
    values = np.random.RandomState(0).randn(200)
    values[:3] = np.nan, np.inf, -np.inf
    [value] = histogram("a", values)
    assert value.histo.num == 197 == sum(value.histo.bucket)
    np.testing.assert_allclose(value.histo.sum, values[3:].sum(), rtol=1e-6)
    assert histogram("a", [np.nan]) == histogram("a", []) == []


@pytest.mark.parametrize(
    "shape, size",
    [
        ((3,), (3, 1)),
        ((2, 4), (4, 2)),
        ((5, 2), (5, 2)),
        ((1, 6, 1), (6, 1)),
        ((), (1, 1)),
    ],
)
def test_a_matrix_is_a_grey_picture_that_lies_on_its_side(shape, size):
    import io

    from PIL import Image

    numbers = np.arange(float(np.prod(shape))).reshape(shape)
    [value] = image("a", numbers)
    picture = Image.open(io.BytesIO(value.image.encoded_image_string))
    assert picture.size == size == (value.image.width, value.image.height)
    grey = np.asarray(picture)
    assert grey.min() == 0 and grey.max() == (255 if numbers.size > 1 else 0)


def test_what_is_no_matrix_is_no_picture():
    for values in (np.ones((2, 2, 2)), np.ones((0, 3)), np.array([np.nan, 1])):
        assert image("a", values) == []


def test_a_file_that_was_cut_gives_whole_events(tmp_path):
    file = EventFile(tmp_path)
    file.write(3, [scalar("a", 1.0), text("t", "text", "hello")])
    path, raw = next(tmp_path.iterdir()), None
    raw, events = path.read_bytes(), events_of(path)
    assert [e.step for e in events] == [0, 3, 3]
    for i in range(len(raw)):
        broken = bytearray(raw)
        broken[i] ^= 4
        path.write_bytes(broken)
        with pytest.raises(AssertionError, match="checksum"):
            events_of(path)


def test_many_epochs_need_no_more_memory(tmp_path):
    board, log = TensorBoard(tmp_path), CSVLogger(tmp_path / "log.csv")
    model = model_of()
    fitted(board, log, model=model)
    tracemalloc.start()
    board.set_model(model)
    log.on_train_begin()
    for epoch in range(50):
        log.on_epoch_end(epoch, {"loss": 1.0})
        board.on_epoch_begin(epoch)
        board.on_epoch_end(epoch, {"loss": 1.0})
        if epoch == 9:
            before = tracemalloc.get_traced_memory()[0]
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 50_000
