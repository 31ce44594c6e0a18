"""Generated from
book/arrays/dtypes.ipynb
book/arrays/table.ipynb
book/graphs/tracing.ipynb
book/graphs/function.ipynb
book/graphs/proofreading.ipynb
book/graphs/inside.ipynb
book/keras/registry.ipynb
book/keras/initializers.ipynb
book/keras/fetching.ipynb

Edit the chapter, not this file.
"""

import linecache
import sys
from pathlib import Path


def user_line():
    """The innermost source line that is not ours: where the user called us."""
    frame = sys._getframe(1)
    while frame is not None and _ours(frame):
        frame = frame.f_back
    if frame is None:
        return ""
    path, line = frame.f_code.co_filename, frame.f_lineno
    name = "cell" if "ipykernel" in path else Path(path).name
    return f"{name}:{line}    {linecache.getline(path, line).strip()}"


def _ours(frame):
    """Whether a frame runs the package, or a cell that is exported to it."""
    module = frame.f_globals.get("__name__", "")
    if module == "minikeras" or module.startswith("minikeras."):
        return True
    first_line = linecache.getline(frame.f_code.co_filename, 1)
    return first_line.startswith("#| export")


class Report(Exception):
    """An error in four short lines: the rule broken, got, try, at.

    `op` names the operation or layer, `problem` the rule broken; `got` shows the
    specs or values received and `hint` one way to mend it.
    """

    def __init__(self, op, problem="", got=None, hint=None):
        super().__init__(op, problem, got, hint)
        self.op, self.problem, self.got, self.hint = op, problem, got, hint
        self.at = user_line()

    def __str__(self):
        rows = [("got", self.got), ("try", self.hint), ("at", self.at)]
        lines = [f"  {label:<5} {text}" for label, text in rows if text]
        return "\n".join([f"{self.op}: {self.problem}", *lines])


class ShapeError(Report, ValueError):
    """Shapes, ranks or sizes do not fit the operation."""


class DTypeError(Report, TypeError, ValueError):
    """A kind of number, or of object, that the operation does not take."""


class AxisError(Report, ValueError, IndexError):
    """An axis that the tensor does not have."""


class IndexRangeError(Report, IndexError):
    """An index or label outside the range it selects from."""


class ArgumentError(Report, ValueError):
    """An argument whose value makes no sense here."""


class MissingRuleError(Report, NotImplementedError):
    """A column of the table has no rule for an operation."""


class LeakedTensorError(Report, TypeError):
    """A tensor of a graph is used where that graph is not being written."""


class OperatorNotAllowedInGraphError(Report, TypeError):
    """A tensor of a graph is used as a Python condition."""


class SymbolicArrayError(Report, NotImplementedError, TypeError):
    """A tensor of a graph is asked for its values."""


class EndlessTraceError(Report, RecursionError):
    """A function that calls itself, in the same way, while it is traced."""


class SingletonVariableError(Report, ValueError):
    """A variable is made on a later call of a traced function."""


class RetraceWarning(UserWarning):
    """A function is traced again and again."""


class TraceError(Report, TypeError):
    """Tracing changed what it should have left alone."""


class GraphError(Report, ValueError):
    """A graph, or its text, breaks a rule of the language."""

    rule = node = None


class NumericsError(Report, FloatingPointError):
    """A result that holds nan or infinite numbers, where somebody looked for them."""


class UnsafeFileError(Report, ValueError):
    """A file asks for something that files may not have, such as code."""


class UnknownNameError(UnsafeFileError, TypeError):
    """A file names a class or function that is in no table."""


def is_accident(error):
    """Whether a line of the package broke on what it was given, and nobody meant it."""
    if isinstance(error, Report):
        return False
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    path, number = trace.tb_frame.f_code.co_filename, trace.tb_lineno
    meant = linecache.getline(path, number).lstrip().startswith("raise ")
    kinds = (AttributeError, LookupError, TypeError, ValueError)
    return isinstance(error, kinds) and _ours(trace.tb_frame) and not meant


def own_up(error, title, got, hint=None):
    """Note on `error` where it passed; for an accident, raise a Report in its place."""
    if is_accident(error):
        ours = "cannot work with such arguments"
        problem = str(error) if isinstance(error, TypeError) else ours
        raise DTypeError(title, problem, got, hint) from error
    note = f"  in    {title}, called with {got}"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)


class DownloadError(Report, OSError):
    """A file could not be fetched: no such address, an answer that broke off."""


class CorruptFileError(Report, ValueError):
    """A file is not what it should be: cut, changed, or of another kind."""
