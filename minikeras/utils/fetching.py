"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import tempfile
import threading
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

from minikeras.core.errors import CorruptFileError, DownloadError, user_line
from minikeras.utils.progbar import Progbar

MOST = 1 << 34  # bytes of an answer that does not say its length

TIMEOUT = 30  # seconds without a byte


class Meter:
    """What pooch tells how a download goes: it draws a bar, and stops what is too long."""

    total = 0  # set by pooch; 0 if the server does not say

    def __init__(self, url, folder):
        self.url, self.room = url, shutil.disk_usage(folder).free
        self.seen, self.bar = 0, None

    def update(self, n):
        """n more bytes."""
        self.seen += n
        limit = self.room if self.total else min(self.room, MOST)
        if max(self.total, self.seen) > limit:
            got = f"{max(self.total, self.seen):,} bytes, room for {limit:,}"
            raise DownloadError("get_file", f"{self.url} is too long", got)
        if self.bar is None:
            self.bar = Progbar(self.total or None, unit_name="byte")
        self.bar.update(min(self.seen, self.total) if self.total else self.seen)

    def reset(self):
        """Told before the last update, which is the total."""
        self.seen = 0 if self.total else self.seen

    def close(self):
        """Told at the end."""


def is_inside(url):
    """Whether an address is of this machine or a private network."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".internal"))


def check_redirect(response, **options):
    """An error if an answer leads from https to http, or into a private network."""
    if not response.is_redirect:
        return
    here, there = response.url, urljoin(response.url, response.headers["location"])
    opens = here.startswith("https:") and not there.startswith("https:")
    if opens or (is_inside(there) and not is_inside(here)):
        problem = "a redirect to a place that is less safe"
        raise DownloadError("get_file", problem, f"{here} -> {there}")


def download(url, output, pooch):
    """Write what lies at an address into a file."""
    import requests
    from pooch import HTTPDownloader

    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            shutil.copyfile(url2pathname(parts.path), output)
            return
        if parts.scheme not in ("http", "https"):
            raise DownloadError("get_file", "http, https and file are known", url)
        meter = Meter(url, os.path.dirname(output))
        load = HTTPDownloader(
            meter, chunk_size=1 << 16, timeout=TIMEOUT,
            headers={"Accept-Encoding": "identity"}, hooks={"response": check_redirect},
        )  # fmt: skip
        load(url, output, pooch)
    except DownloadError:
        raise
    except (requests.RequestException, OSError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise DownloadError(
            "get_file", f"URL fetch failure on {url}", reason
        ) from error


def fetch(url, path, known_hash=None):
    """Download a file; under its name it appears whole, and with the right hash.

    known_hash: "sha256:..." or "md5:..." Errors: DownloadError; a ValueError if it is
    another file. What lay at `path` is then as it was.
    """
    import pooch

    folder, name = os.path.split(path)
    pooch.get_logger().addFilter(_quiet)  # a second time changes nothing
    _fetching.add(threading.get_ident())
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as room:
        try:
            pooch.retrieve(url, known_hash, name, room, downloader=download)
        except DownloadError as error:
            error.at = user_line()  # and not the line of pooch that called us
            raise
        except ValueError as error:
            problem = "Incomplete or corrupted file detected: it has another hash"
            hint = (
                "the file at the origin has changed, or somebody changed it on the way"
            )
            raise CorruptFileError("get_file", problem, url, hint) from error
        finally:
            _fetching.discard(threading.get_ident())
        os.replace(os.path.join(room, name), path)


_fetching: set[int] = set()  # the threads that are inside `fetch`


def _quiet(record):
    """Pooch's log without its remarks on our files; other users of pooch keep theirs."""
    return record.levelno > logging.INFO or record.thread not in _fetching
