"""Generated from book/keras/listening.ipynb. Edit the chapter, not this file."""

import sys
import time

from minikeras.core.errors import ArgumentError
from minikeras.utils.messages import print_msg


def format_time(seconds):
    """Seconds for the bar: 75 -> '1:15', 3 -> '3s'.

    >>> format_time(75), format_time(3), format_time(3661)
    ('1:15', '3s', '1:01:01')
    """
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{seconds:02d}"
    return f"{minutes}:{seconds:02d}" if minutes else f"{seconds}s"


def format_pace(seconds, unit):
    """Seconds per step with a fitting unit: 0.002 -> '2ms/step'."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"


def format_value(value):
    """Four decimals, or scientific for what is tiny."""
    value = float(value)
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"


class Progbar:
    """A line that shows how far we are, and the values so far.

    target: the number of steps, or None; verbose: 1 for a bar, 2 for one line at the
    end, 0 for silence. Values are averaged over steps, but for `stateful_metrics` (or
    all but `stateless_metrics`), which are shown as they are.
    """

    def __init__(
        self, target, width=20, verbose=1, interval=0.05, stateful_metrics=None,
        stateless_metrics=None, unit_name="step",
    ):  # fmt: skip
        if stateful_metrics is not None and stateless_metrics is not None:
            problem = "stateful_metrics or stateless_metrics, not both"
            raise ArgumentError("Progbar", problem)
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self.stateful_metrics = stateful_metrics
        self.stateless_metrics = stateless_metrics
        self._redraws = _can_redraw(sys.stdout)
        self._seen, self._sums, self._drawn_width = 0, {}, 0
        self._start, self._last_drawn, self._first_step = time.perf_counter(), 0.0, None

    def update(self, current, values=None, finalize=None):
        """Now at step `current`, with these (name, value) pairs of the last step."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._note(current, values or (), finalize)
        now = time.perf_counter()
        if current == 1 and self._first_step is None:
            self._first_step = now
        due = now - self._last_drawn >= self.interval and self._redraws
        if self.verbose == 1 and (due or finalize):
            self._draw(current, now, finalize)
            self._last_drawn = now
        elif self.verbose == 2 and finalize:
            self._print_line(current, now)

    def add(self, n, values=None):
        """As `update`, n steps further."""
        self.update(self._seen + n, values)

    def _note(self, current, values, finalize):
        """Keep sums of what is averaged, and the last value of what is not."""
        steps = max(current - self._seen, 1)
        for name, value in values:
            if self._is_averaged(name) and not finalize:
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + value * steps, count + steps)
            else:
                self._sums[name] = (value, 1)
        self._seen = current

    def _is_averaged(self, name):
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return name not in (self.stateful_metrics or ())

    def _pace(self, current, now):
        """Seconds per step, without the first."""
        if not current:
            return 0.0
        if self._first_step is not None and current > 1:
            return (now - self._first_step) / (current - 1)
        return (now - self._start) / current

    def _values(self):
        return "".join(
            f" - {name}: {format_value(total / max(count, 1))}"
            for name, (total, count) in self._sums.items()
        )

    def _bar(self, current):
        """The count and the bar, with and without colours."""
        if not self.target:
            text = f"{current:7d}/Unknown"
            return text, text
        count = f"{current:{len(str(self.target))}d}/{self.target}"
        done = int(self.width * current / self.target)
        full, rest = "━" * done, "━" * (self.width - done)
        colours = f"\x1b[1m{count}\x1b[0m \x1b[32m{full}\x1b[0m\x1b[37m{rest}\x1b[0m"
        return colours, f"{count} {full}{rest}"

    def _draw(self, current, now, finalize):
        """Write the line with the bar, over the old one where that can be done."""
        pace = self._pace(current, now)
        left = pace * (self.target - current) if self.target and not finalize else None
        clock = format_time(now - self._start if left is None else left)
        info = f" {format_pace(pace, self.unit_name)}{self._values()}"
        coloured, plain = self._bar(current)
        width = len(plain) + len(clock) + len(info) + 1
        line = f"{plain} {clock}{info}"
        if self._redraws:
            line = f"\r{coloured} \x1b[1m{clock}\x1b[0m{info}"
        blank = " " * (self._drawn_width - width)
        print_msg(line + blank, finalize)
        self._drawn_width = width

    def _print_line(self, current, now):
        """The one line of verbose=2."""
        count = f"{current}/{self.target}" if self.target else str(current)
        pace = format_pace(self._pace(current, now), self.unit_name)
        print_msg(f"{count} - {now - self._start:.0f}s - {pace}{self._values()}")


def _can_redraw(stream):
    """Whether a line can be drawn over: in a terminal, or below a notebook's cell."""
    in_notebook = type(stream).__module__.startswith("ipykernel")
    return in_notebook or (hasattr(stream, "isatty") and stream.isatty())
