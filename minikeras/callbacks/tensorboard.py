"""Generated from book/keras/logbook.ipynb. Edit the chapter, not this file."""

import os
import time
import warnings

import numpy as np

from minikeras.callbacks.callback import Callback
from minikeras.callbacks.event_files import EventFile, histogram, image, scalar, text
from minikeras.core.errors import ArgumentError
from minikeras.layers.embedding import Embedding


class TensorBoard(Callback):
    """Writes event files for TensorBoard into log_dir/train and log_dir/validation.

    update_freq: "epoch", "batch", or every so many batches. histogram_freq: weights as
    histograms every so many epochs, write_images: and as pictures. write_graph: the
    config of the model. write_steps_per_second: the pace. embeddings_freq: tables of
    Embedding layers every so many epochs, embeddings_metadata: a file that names their
    rows, or {layer: file}. profile_batch: only 0, there is no profiler.
    Errors: an ImportError without tensorboardX; an OSError that names the path.
    """

    def __init__(
        self, log_dir="logs", histogram_freq=0, write_graph=True, write_images=False,
        write_steps_per_second=False, update_freq="epoch", profile_batch=0,
        embeddings_freq=0, embeddings_metadata=None,
    ):  # fmt: skip
        super().__init__()
        if profile_batch:
            problem = "there is no profiler; profile_batch must be 0"
            hint = "cProfile or py-spy around fit"
            raise ArgumentError("TensorBoard", problem, repr(profile_batch), hint)
        self.log_dir, self.histogram_freq = str(log_dir), histogram_freq
        self.write_graph, self.write_images = write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self._files = {}
        self._global_train_batch = 0

    def _write(self, run, step, values):
        """Add values to the file of a run, "train" or "validation"."""
        if values:
            if run not in self._files:
                self._files[run] = EventFile(os.path.join(self.log_dir, run))
            self._files[run].write(step, values)

    def _write_numbers(self, run, step, name, numbers):
        """Add {name: number}, under tags made from the pattern `name`."""
        values = [scalar(name.format(key), value) for key, value in numbers.items()]
        self._write(run, step, values)

    def set_model(self, model):
        """Told once per run: new files, with the config of the model."""
        self._model, self._files = model, {}
        if self.write_graph and type(model).__name__ in ("Functional", "Sequential"):
            try:
                config = model.to_json()
            except Exception as error:
                warnings.warn(
                    f"Model failed to serialize as JSON: {error}", stacklevel=3
                )
            else:
                self._write("train", 0, [text("keras", "graph_keras_model", config)])
        if self.embeddings_freq:
            self._configure_embeddings()

    def on_train_begin(self, logs=None):
        self._global_train_batch = 0

    def on_train_batch_begin(self, batch, logs=None):
        self._global_train_batch += 1
        self._batch_start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        step = self._global_train_batch
        if self.update_freq == "epoch" or step % self.update_freq:
            return
        if self.write_steps_per_second:
            pace = 1 / max(time.perf_counter() - self._batch_start, 1e-9)
            self._write_numbers("train", step, "{}", {"batch_steps_per_second": pace})
        self._write_numbers("train", step, "batch_{}", logs or {})

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch_start = time.perf_counter(), self._global_train_batch

    def on_epoch_end(self, epoch, logs=None):
        if logs:
            train = {name: logs[name] for name in logs if not name.startswith("val_")}
            val = {name[4:]: logs[name] for name in logs if name.startswith("val_")}
            train |= self._learning_rate()
            if self.write_steps_per_second:
                start, batch = self._epoch_start
                seconds = max(time.perf_counter() - start, 1e-9)
                train["steps_per_second"] = (self._global_train_batch - batch) / seconds
            self._write_numbers("train", epoch, "epoch_{}", train)
            self._write_numbers("validation", epoch, "epoch_{}", val)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write("train", epoch, self._weights())
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()

    def _learning_rate(self):
        optimizer = getattr(self.model, "optimizer", None)
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        rate = getattr(optimizer, "learning_rate", None)
        return {} if rate is None else {"learning_rate": float(rate)}

    def on_test_end(self, logs=None):
        iterations = getattr(getattr(self.model, "optimizer", None), "iterations", None)
        if iterations is not None:
            name = "evaluation_{}_vs_iterations"
            self._write_numbers("validation", int(iterations), name, logs or {})

    def _weights(self):
        """The weights of all layers as histograms and, if asked for, as pictures."""
        values = []
        for weight in (w for layer in self.model.layers for w in layer.weights):
            numbers = weight.numpy()
            values += histogram(f"{weight.path}/histogram", numbers)
            if self.write_images:
                values += image(f"{weight.path}/image", numbers)
        return values

    def _embeddings(self):
        return [layer for layer in self.model.layers if isinstance(layer, Embedding)]

    def _configure_embeddings(self):
        """Tell the projector where the tables will lie, and the names of their rows."""
        files, names = (
            self.embeddings_metadata or {},
            [e.name for e in self._embeddings()],
        )
        if not isinstance(files, str) and set(files) - set(names):
            problem = f"embeddings_metadata names no Embedding layer: {set(files)}"
            raise ArgumentError("TensorBoard", problem, hint=f"the layers are {names}")
        lines = []
        for name in names:
            file = files if isinstance(files, str) else files.get(name)
            fields = {"tensor_name": name, "tensor_path": f"{name}.tsv"}
            fields |= {"metadata_path": file} if file else {}
            inside = "".join(f"  {key}: {_quoted(v)}\n" for key, v in fields.items())
            lines.append(f"embeddings {{\n{inside}}}\n")
        os.makedirs(self.log_dir, exist_ok=True)
        path = os.path.join(self.log_dir, "projector_config.pbtxt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(lines))

    def _write_embeddings(self):
        """A table for each Embedding, a row of numbers for each word; replaces the last."""
        for layer in self._embeddings():
            path = os.path.join(self.log_dir, f"{layer.name}.tsv")
            with open(f"{path}.part", "w", encoding="utf-8") as file:
                np.savetxt(file, layer.embeddings.numpy(), fmt="%.6g", delimiter="\t")
            os.replace(f"{path}.part", path)  # readers see the old table or the new one


def _quoted(text):
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
