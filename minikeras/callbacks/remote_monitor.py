"""Generated from book/keras/logbook.ipynb. Edit the chapter, not this file."""

import json
import warnings

import numpy as np

from minikeras.callbacks.callback import Callback


class RemoteMonitor(Callback):
    """Sends the logs of each epoch to a web server: a POST to root + path.

    field: of the form that holds the JSON; send_as_json: no form, JSON alone.
    headers: of the request. A server that cannot be reached is a warning.
    """

    def __init__(
        self, root="http://localhost:9000", path="/publish/epoch/end/", field="data",
        headers=None, send_as_json=False,
    ):  # fmt: skip
        super().__init__()
        self.root, self.path, self.field = root, path, field
        self.headers, self.send_as_json = headers, send_as_json

    def on_epoch_end(self, epoch, logs=None):
        try:
            import requests
        except ImportError as error:
            hint = "  try   pip install requests"
            raise ImportError(f"RemoteMonitor needs requests\n{hint}") from error
        message, address = {"epoch": epoch}, self.root + self.path
        for name, value in (logs or {}).items():
            is_numpy = isinstance(value, (np.ndarray, np.generic))
            message[name] = value.item() if is_numpy else value
        try:
            if self.send_as_json:
                requests.post(address, json=message, headers=self.headers)
            else:
                form = {self.field: json.dumps(message)}
                requests.post(address, form, headers=self.headers)
        except requests.exceptions.RequestException:
            problem = f"Could not reach RemoteMonitor root server at {self.root}"
            warnings.warn(problem, stacklevel=2)
