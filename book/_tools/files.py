"""Writing files so that nobody ever reads half of one."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: one author at a time
    fcntl = None


def write(path: Path, text: str) -> bool:
    "Put `text` into `path` in one step; say whether that changed anything."
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(text.encode())
    os.replace(draft, path)
    return True


@contextmanager
def lock(work: Path):
    "One export at a time, however many authors are building."
    work.mkdir(exist_ok=True)
    with (work / "lock").open("w") as handle:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
