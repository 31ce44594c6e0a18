"""Generated from book/keras/logbook.ipynb. Edit the chapter, not this file."""

import io
import itertools
import os
import socket
import struct
import time

import numpy as np

from minikeras.core.errors import ArgumentError
from minikeras.utils.appending import append


def record(content):
    """Bytes as one record of an event file: length, checksum, content, checksum."""
    from tensorboardX.record_writer import masked_crc32c

    def check(part):
        return struct.pack("<I", masked_crc32c(part))

    length = struct.pack("<Q", len(content))
    return length + check(length) + content + check(content)


def messages():
    """TensorBoard's structures, from the package tensorboardX."""
    try:
        from tensorboardX import summary
        from tensorboardX.proto.event_pb2 import Event
    except ImportError as error:
        raise ImportError(
            "TensorBoard needs tensorboardX to write its files\n"
            '  try   pip install "minikeras[tensorboard]"'
        ) from error
    return summary, Event


_numbers = itertools.count()


class EventFile:
    """A new event file in a folder, which is made if it is missing."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        name = f"{int(time.time())}.{socket.gethostname()}.{os.getpid()}"
        name = f"events.out.tfevents.{name}.{next(_numbers)}.v2"
        self.path = os.path.join(folder, name)
        self._append([{"file_version": "brain.Event:2"}])

    def write(self, step, values):
        """Add values of a summary, all at this step."""
        summary, _ = messages()
        lists = [summary.Summary(value=[value]) for value in values]
        self._append([{"step": int(step), "summary": part} for part in lists])

    def _append(self, events):
        _, Event = messages()
        made = [Event(wall_time=time.time(), **event) for event in events]
        append(self.path, b"".join(record(e.SerializeToString()) for e in made))


def scalar(tag, value):
    """One number."""
    summary, _ = messages()
    if np.size(value) != 1:
        problem, got = f"{tag} has more than one number", f"shape {np.shape(value)}"
        raise ArgumentError("TensorBoard", problem, got, "a mean of them in the metric")
    number = float(np.reshape(value, ()))
    return summary.Summary.Value(tag=tag, simple_value=number)


def histogram(tag, values):
    """How many of the finite numbers of an array lie where, in 30 parts; in a list."""
    summary, _ = messages()
    values = np.asarray(values, "float64")
    values = values[np.isfinite(values)]
    if not values.size:
        return []
    counted = summary.make_histogram(values, bins=30)
    return [summary.Summary.Value(tag=tag, histo=counted)]


def text(tag, plugin, content):
    """A string for one of TensorBoard's plugins."""
    summary, _ = messages()
    data = summary.SummaryMetadata.PluginData(plugin_name=plugin, content=b"1")
    tensor = summary.TensorProto(
        dtype="DT_STRING", string_val=[content.encode()],
        tensor_shape=summary.TensorShapeProto(),
    )  # fmt: skip
    note = summary.SummaryMetadata(plugin_data=data)
    return summary.Summary.Value(tag=tag, metadata=note, tensor=tensor)


def image(tag, values):
    """A matrix as a grey picture; in a list, empty for what is no matrix."""
    summary, _ = messages()
    values = np.atleast_2d(np.squeeze(np.asarray(values, "float32")))
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        return []
    from PIL import Image

    low, high = values.min(), values.max()
    values = (values.T if values.shape[0] > values.shape[1] else values) - low
    grey, file = (255 * values / (high - low or 1)).astype("uint8"), io.BytesIO()
    Image.fromarray(grey).save(file, "png")
    height, width = grey.shape
    size = {"height": height, "width": width, "colorspace": 1}
    picture = summary.Summary.Image(**size, encoded_image_string=file.getvalue())
    return [summary.Summary.Value(tag=tag, image=picture)]
