"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.callbacks.callback import Callback
from minikeras.utils.messages import print_msg


class TerminateOnNaN(Callback):
    """Stops training at the first loss that is nan or infinite.

    raise_error: raise a RuntimeError instead, so that nothing runs after it.
    """

    def __init__(self, raise_error=False):
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch, logs=None):
        loss = (logs or {}).get("loss")
        if loss is None or np.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}: {loss}\n"
                "  try   a lower learning rate, clipping, or a look at the data"
            )
        print_msg(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
