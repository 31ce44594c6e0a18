"""Generated from book/keras/logbook.ipynb. Edit the chapter, not this file."""

import os
from contextlib import suppress


def append(path, data):
    """Add bytes to the end of a file: all of them or, if that fails, none.

    A missing file is made. It is open only for this moment.
    Errors: an OSError that names the path.
    """
    with open(path, "ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            while data:
                data = data[file.write(data) :]
        except OSError as error:
            with suppress(OSError):  # a device has no length to go back to
                file.truncate(size)
            error.filename = str(path)
            raise
