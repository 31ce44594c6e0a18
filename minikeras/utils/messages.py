"""Generated from book/keras/nests.ipynb. Edit the chapter, not this file."""

import logging
import sys

from minikeras.config.switches import is_interactive_logging_enabled


def print_msg(message, line_break=True):
    """Write a message to the screen, or to the log if interactive logging is off."""
    if is_interactive_logging_enabled():
        sys.stdout.write(f"{message}\n" if line_break else str(message))
        sys.stdout.flush()
    else:
        logging.getLogger("minikeras").info(message)
