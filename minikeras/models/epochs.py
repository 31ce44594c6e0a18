"""Generated from book/keras/fit.ipynb. Edit the chapter, not this file."""

import warnings
from itertools import count, islice

from minikeras import config
from minikeras.core.arguments import checked_number
from minikeras.core.errors import ArgumentError


def at_most(limit, asked, what):
    """What was asked for, or the limit that is set for trial runs."""
    if limit and (not asked or limit < asked):
        warnings.warn(f"Limiting {what} to {limit}", stacklevel=4)
        return limit
    return asked


def check_counts(method, **counts):
    """Refuse numbers of epochs and steps that are no whole numbers."""
    for name, number in counts.items():
        checked_number(method, name, number, whole=True)


class EpochBatches:
    """The batches of one epoch after the other, in groups of `together`."""

    def __init__(self, feed, steps=None, together=1):
        counts = {
            "steps": 0 if steps is None else steps,
            "steps_per_execution": together,
        }
        check_counts("fit", **counts)
        if together < 1:
            got, hint = f"steps_per_execution={together}", "a number from 1"
            raise ArgumentError("fit", "no steps between two calls", got, hint)
        steps = at_most(config.max_steps_per_epoch(), steps, "steps_per_epoch")
        self.feed, self.steps, self.together = feed, steps, together
        self._running, self._seen, self.gave_any = None, 0, False

    @property
    def num_batches(self):
        """The number of batches of an epoch, or None if nobody knows."""
        return self.steps or self.feed.num_batches

    def __iter__(self):
        self.feed.on_epoch_begin()
        if self._running is None or self.steps is None:
            self._begin()
        for step in count(0, self.together):
            if self.num_batches is not None and step >= self.num_batches:
                break
            group = list(islice(self._running, self.together))
            if not group:
                self._ran_out(step)
                break
            self._seen, self.gave_any = self._seen + len(group), True
            yield step, step + self.together - 1, group
        if self.feed.num_batches is not None and self._seen >= self.feed.num_batches:
            self.close()
        self.feed.on_epoch_end()

    def _begin(self):
        self.close()
        self._running, self._seen = iter(self.feed), 0

    def close(self):
        """Let go of the running iterator, and of what it holds."""
        if self._running is not None:
            self._running.close()
        self._running = None

    def _ran_out(self, step):
        """The source ended before its time."""
        self.close()
        if self.steps is not None and step:
            warnings.warn(
                f"Your input ran out of data after {step} of {self.steps} steps; "
                "interrupting training. It must give `steps_per_epoch * epochs` batches.",
                stacklevel=3,
            )

    def restart(self):
        """Begin at the first batch again, if the source can.

        Like Keras, this tells the source of an end, also before the first epoch.
        """
        self.close()
        self.feed.on_epoch_end()


def is_due(epoch, validation_freq):
    """Whether to validate after this epoch: every n-th, or those listed (from 1)."""
    if isinstance(validation_freq, int):
        return (epoch + 1) % validation_freq == 0
    if isinstance(validation_freq, (list, tuple, set)):
        return epoch + 1 in validation_freq
    raise ArgumentError(
        "fit", "bad argument", f"validation_freq={validation_freq!r}",
        "a number or a list",
    )  # fmt: skip


def out_of_data(epochs_done):
    """An epoch without a batch: an error at once, later a warning and the end."""
    if not epochs_done:
        raise ArgumentError("fit", "no samples", "the input gave no batch")
    warnings.warn(
        "Your input ran out of data; interrupting training. A generator can be used up "
        "only once: pass steps_per_epoch, or something that can be iterated again.",
        stacklevel=4,
    )
    return True
