"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath

from minikeras.core.errors import CorruptFileError, Report, UnsafeFileError


def safe_name(name):
    """The parts of a path that stays below its folder; an UnsafeFileError for others."""
    path = PurePosixPath(name)
    odd = "\\" in name or "\0" in name or re.match("[A-Za-z]:", name)
    if odd or path.is_absolute() or ".." in path.parts:
        raise refusal("a name that leads out of the folder", name)
    return path.parts


def refusal(problem, name):
    """The error for an archive that is not unpacked."""
    hint = "ask whoever made the archive; nothing of it was written"
    return UnsafeFileError("extract_archive", problem, repr(name)[:80], hint)


def members_of_tar(archive):
    """(name, size, is a folder, open) of each member."""
    for member in archive:
        if not (member.isreg() or member.isdir()):
            raise refusal("a member that is no file and no folder", member.name)
        name, size = member.name, member.size
        yield name, size, member.isdir(), partial(archive.extractfile, member)


def members_of_zip(archive):
    """(name, size, is a folder, open) of each member."""
    for member in archive.infolist():
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or member.flag_bits & 1:
            raise refusal("a link, a device or an encrypted file", member.filename)
        name, size = member.filename, member.file_size
        yield name, size, member.is_dir(), partial(archive.open, member)


def claim(taken, parts, is_folder):
    """Note a path and its folders; False if that does not fit what was noted before."""
    keys = [
        tuple(p.casefold() for p in parts[:end]) for end in range(1, 1 + len(parts))
    ]
    if not is_folder and (not keys or keys[-1] in taken):
        return False
    kinds = ["folder"] * len(keys)
    if not is_folder:
        kinds[-1] = "file"
    return all(taken.setdefault(k, kind) == kind for k, kind in zip(keys, kinds))


BOMB, FREE = 200, 1 << 26  # unpacked bytes for each packed one; and for nothing


def plan_of(members, packed, room):
    """{parts of a path: open, or None for a folder}; an error for what is unsafe."""
    plan, taken, total = {}, {}, 0
    for name, size, is_folder, opener in members:
        parts, total = safe_name(name), total + max(size, 512)
        if total > min(max(BOMB * packed, FREE), room):
            raise refusal(f"{total:,} bytes come out of {packed:,}", name)
        if not claim(taken, parts, is_folder):
            raise refusal("two members of one name", name)
        if parts:
            plan[parts] = None if is_folder else opener
    return plan


def write_plan(plan, path):
    """Unpack into a folder beside `path`, then put that, or its files, in place."""
    parent = os.path.dirname(os.path.abspath(path))
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".extracting-") as room:
        fresh = os.path.join(room, "fresh")
        os.mkdir(fresh)
        for parts, opener in plan.items():
            target = place(fresh, parts, opener)
            if opener is not None:
                with opener() as source, open(target, "wb") as file:
                    shutil.copyfileobj(source, file)
        if not os.path.lexists(path):
            os.rename(fresh, path)
            return
        for parts, opener in plan.items():
            target = place(path, parts, opener)
            if opener is not None:
                os.replace(os.path.join(fresh, *parts), target)


def place(folder, parts, opener):
    """The path of a member; the folders it needs are made."""
    path = os.path.join(folder, *parts)
    os.makedirs(path if opener is None else os.path.dirname(path), exist_ok=True)
    return path


@contextmanager
def reading(path):
    """Errors of a damaged file become a CorruptFileError that names it."""
    try:
        yield
    except Report:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = error.filename or str(path)
            raise
        reason = f"{type(error).__name__}: {error}"[:120]
        raise CorruptFileError("file", f"{path} is damaged", reason) from error


ARCHIVES = {
    "tar": (tarfile.is_tarfile, tarfile.open, members_of_tar),
    "zip": (zipfile.is_zipfile, zipfile.ZipFile, members_of_zip),
}


def extract_archive(file_path, path=".", archive_format="auto"):
    """Unpack a tar (plain or compressed) or zip file into a folder: all of it or nothing.

    True if it was one of the wanted formats: "auto" for both, "tar", "zip", a list.
    Errors: an UnsafeFileError for what would write elsewhere, links, devices, bombs; a
    CorruptFileError for damage (both are a ValueError).
    """
    file_path, path = os.fspath(file_path), os.fspath(path)
    wanted = ["tar", "zip"] if archive_format == "auto" else archive_format or []
    for name in [wanted] if isinstance(wanted, str) else wanted:
        if name not in ARCHIVES:
            raise NotImplementedError(f"archive format {name!r}; there are tar and zip")
        is_one, open_it, members_of = ARCHIVES[name]
        with reading(file_path):
            if is_one(file_path):
                parent = os.path.dirname(os.path.abspath(path))
                os.makedirs(parent, exist_ok=True)
                room = shutil.disk_usage(parent).free
                with open_it(file_path) as archive:
                    packed = os.path.getsize(file_path)
                    write_plan(plan_of(members_of(archive), packed, room), path)
                return True
    return False
