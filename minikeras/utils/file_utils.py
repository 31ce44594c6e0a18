"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import hashlib
import os
import tempfile
import warnings
from urllib.parse import urlsplit

from minikeras.core.errors import ArgumentError
from minikeras.utils.archives import extract_archive
from minikeras.utils.fetching import fetch
from minikeras.utils.messages import print_msg


def keras_home():
    """The folder of cached files: KERAS_HOME, or ~/.keras."""
    return os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")


def cache_folder(cache_dir, cache_subdir):
    """The folder for downloads, made if it is missing; in /tmp if home is read-only."""
    base = os.path.expanduser(keras_home() if cache_dir is None else cache_dir)
    try:
        os.makedirs(base, exist_ok=True)
    except OSError:
        base = ""
    if not os.access(base, os.W_OK):
        base = os.path.join(tempfile.gettempdir(), ".keras")
    folder = os.path.join(base, cache_subdir)
    os.makedirs(folder, exist_ok=True)
    return folder


def hash_file(fpath, algorithm="sha256", chunk_size=65535):
    """The hash of a file, in hexadecimal digits; algorithm: "sha256" or "md5"."""
    name = "sha256" if algorithm == "sha256" else "md5"
    with open(fpath, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(name)).hexdigest()


def validate_file(fpath, file_hash, algorithm="auto", chunk_size=65535):
    """Whether a file has this hash."""
    name = hash_name(algorithm, file_hash)
    return hash_file(fpath, name) == str(file_hash).lower()


def hash_name(algorithm, file_hash):
    """ "sha256" or "md5", by the length of the hash if nobody says."""
    if algorithm not in ("auto", "sha256", "md5"):
        problem = "hash_algorithm is 'auto', 'sha256' or 'md5'"
        raise ArgumentError("get_file", problem, repr(algorithm))
    sha256 = algorithm == "sha256" or (algorithm == "auto" and len(file_hash) == 64)
    return "sha256" if sha256 else "md5"


def names_for(fname, origin, unpacks):
    """(the file's name, the name of the folder it is unpacked to or None)."""
    given = os.fspath(fname) if fname else ""
    if os.sep in given or given in (".", ".."):
        problem = "Paths are no longer accepted as the `fname` argument"
        hint = "cache_dir and cache_subdir name the folder"
        raise ArgumentError("get_file", problem, repr(given), hint)
    name = given or os.path.basename(urlsplit(origin).path)
    if not name or name in (".", ".."):
        problem = "Can't parse the file name from the origin provided"
        raise ArgumentError("get_file", problem, repr(origin), "the argument fname")
    if not unpacks:
        return name, None
    if given and "." in given:
        return name, given[: given.find(".")] + "_extracted"
    return name + "_archive", name


def get_file(
    fname=None, origin=None, untar=False, md5_hash=None, file_hash=None,
    cache_subdir="datasets", hash_algorithm="auto", extract=False, archive_format="auto",
    cache_dir=None, force_download=False,
):  # fmt: skip
    """The path of a file from an address, downloaded only if it is not there already.

    fname: its name here; file_hash: of SHA-256 or MD5. The file appears under its name
    when it is whole and the hash is right. extract: unpack a tar or zip file, and give
    the folder; unsafe archives are refused. untar, md5_hash: older names.
    Errors: a DownloadError, which is an OSError; a ValueError for a wrong hash.
    """
    if origin is None:
        raise ArgumentError("get_file", 'Please specify the "origin" argument', "None")
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    name, unpacked = names_for(fname, origin, extract or untar)
    folder = cache_folder(cache_dir, cache_subdir)
    path = os.path.join(folder, name)
    if force_download or not is_cached(path, file_hash, hash_algorithm):
        print_msg(f"Downloading data from {origin}")
        kind = file_hash and hash_name(hash_algorithm, file_hash)
        fetch(origin, path, kind and f"{kind}:{file_hash}")
    if unpacked is None:
        return path
    target = os.path.join(folder, unpacked)
    if not extract_archive(path, target, "tar" if untar else archive_format):
        warnings.warn("Could not extract archive.", stacklevel=2)
    return target


def is_cached(path, file_hash, hash_algorithm):
    """Whether the file is there and the right one; says so if it is a wrong one."""
    if not os.path.exists(path):
        return False
    if file_hash is None or validate_file(path, file_hash, hash_algorithm):
        return True
    print_msg(f"{path} has another hash than {file_hash}: it is downloaded again")
    return False
