"""Downloads, archives, pickles: what arrives, what is refused, and what is left."""

import gc
import gzip
import hashlib
import io
import json
import os
import pickle
import stat
import struct
import sys
import tarfile
import threading
import time
import warnings
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from minikeras.core.errors import (
    ArgumentError,
    CorruptFileError,
    DownloadError,
    UnsafeFileError,
)
from minikeras.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    mnist,
    pickles,
    reuters,
)
from minikeras.datasets.cifar import load_batch
from minikeras.datasets.pickles import load_npz
from minikeras.utils import archives, fetching, file_utils, get_file
from minikeras.utils.archives import extract_archive
from minikeras.utils.file_utils import hash_file, validate_file

BODY = bytes(range(256)) * 400
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        way = getattr(self, "way_" + self.path.split("/")[1], None)
        if way is not None:
            return way()
        if self.path[1:] not in self.server.files:
            return self.send_error(404)
        self.answer(self.server.files[self.path[1:]])

    def answer(self, body, length=True, **headers):
        self.send_response(200)
        if length:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def way_half(self):
        self.answer(BODY[: len(BODY) // 2], False, **{"Content-Length": len(BODY)})

    def way_nothing(self):
        "Hangs up without an answer."

    def way_unsaid(self):
        self.answer(BODY, length=False)

    def way_endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    def way_huge(self):
        self.answer(b"x", False, **{"Content-Length": 1 << 60})

    def way_nonsense(self):
        self.answer(b"x", False, **{"Content-Length": "many"})

    def way_stalls(self):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.flush()
        self.server.wake.wait(1)

    def way_to(self):
        self.send_response(302)
        to = self.path[4:]
        self.send_header("Location", to if ":" in to else f"/{to}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def way_loop(self):
        self.send_response(301)
        self.send_header("Location", "/loop")
        self.end_headers()

    def way_error(self):
        self.send_error(500)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, address):
        "A client that hangs up is none."


@pytest.fixture(scope="module")
def server():
    server = Server(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.wake = {"body": BODY}, [], threading.Event()
    server.root = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    yield server
    server.wake.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch, server):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    server.asked.clear()
    return tmp_path / "keras" / "datasets"


def names(folder):
    found = folder.rglob("*") if folder.exists() else []
    return sorted(str(p.relative_to(folder)) for p in found)


# get_file: what arrives


@pytest.mark.parametrize("where", ["body", "unsaid", "to/body", "to/to/unsaid"])
@pytest.mark.parametrize("known", [None, SHA256, MD5])
def test_a_file_arrives_once(where, known, server, cache):
    for _ in range(2):
        path = get_file("f", f"{server.root}/{where}", file_hash=known)
        assert path == str(cache / "f") and Path(path).read_bytes() == BODY
    assert len(server.asked) == 1 + where.count("to/")
    assert names(cache) == ["f"]
    assert stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0 or os.access(path, os.R_OK)


def test_the_name_comes_from_the_address(server, cache):
    server.files["a/b.bin?x=1"] = server.files["c"] = BODY
    assert get_file(origin=f"{server.root}/a/b.bin?x=1") == str(cache / "b.bin")
    assert get_file(Path("n"), f"{server.root}/c") == str(cache / "n")


def test_nobody_compresses_on_the_way(server, cache):
    get_file("f", f"{server.root}/body")
    assert server.asked[0][1]["Accept-Encoding"] == "identity"


def test_an_old_file_with_another_hash_is_replaced(server, cache):
    path = Path(get_file("f", f"{server.root}/body"))
    path.write_bytes(b"old")
    assert get_file("f", f"{server.root}/gone") == str(path), "no hash, no question"
    get_file("f", f"{server.root}/body", file_hash=SHA256)
    assert path.read_bytes() == BODY


def test_force_download_asks_again(server, cache):
    for force in (False, True, True):
        get_file("f", f"{server.root}/body", file_hash=SHA256, force_download=force)
    assert len(server.asked) == 3
    with pytest.raises(DownloadError):
        get_file("f", f"{server.root}/gone", force_download=True)
    assert (cache / "f").read_bytes() == BODY, "the old one stays"


def test_a_file_of_an_existing_cache_is_taken(server, cache):
    cache.mkdir(parents=True)
    (cache / "f").write_bytes(BODY)
    get_file("f", "http://127.0.0.1:9/f", file_hash=SHA256)
    assert not server.asked


def test_where_the_cache_is(server, tmp_path, monkeypatch):
    origin = f"{server.root}/body"
    other = tmp_path / "other"
    assert get_file("f", origin, cache_dir=other) == str(other / "datasets" / "f")
    expected = other / "a" / "b" / "f"
    assert get_file("f", origin, cache_dir=other, cache_subdir="a/b") == str(expected)
    absolute = str(tmp_path / "abs")
    assert get_file("f", origin, cache_subdir=absolute) == os.path.join(absolute, "f")
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    expected = tmp_path / "home" / ".keras" / "datasets" / "f"
    assert get_file("f", origin) == str(expected)


def test_a_home_that_cannot_be_written_gives_a_passing_cache(
    server, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(file_utils.tempfile, "gettempdir", lambda: str(tmp_path))
    path = get_file("f", f"{server.root}/body", cache_dir=tmp_path / "file")
    assert path == str(tmp_path / ".keras" / "datasets" / "f")


def test_a_link_in_the_cache_is_replaced_and_not_followed(server, cache, tmp_path):
    cache.mkdir(parents=True)
    (tmp_path / "precious").write_bytes(b"mine")
    (cache / "f").symlink_to(tmp_path / "precious")
    get_file("f", f"{server.root}/body", file_hash=SHA256)
    assert (tmp_path / "precious").read_bytes() == b"mine"
    assert (cache / "f").read_bytes() == BODY and not (cache / "f").is_symlink()


def test_many_at_once(server, cache):
    found = []

    def fetch():
        path = get_file("f", f"{server.root}/body", file_hash=SHA256)
        found.append(Path(path).read_bytes() == BODY)

    threads = [threading.Thread(target=fetch) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 12 and names(cache) == ["f"]


def test_a_bar_is_shown(server, capsys, cache):
    get_file("f", f"{server.root}/body")
    get_file("g", f"{server.root}/unsaid")
    shown = capsys.readouterr()
    assert f"Downloading data from {server.root}/body" in shown.out
    assert f"{len(BODY)}/{len(BODY)}" in shown.out
    assert "pooch" not in shown.err and not shown.err


# get_file: what goes wrong


@pytest.mark.parametrize(
    "where",
    ["gone", "half", "nothing", "huge", "nonsense", "loop", "error", "endless", "stalls",
     "to/gone", "to/file:///etc/passwd", "to/ftp://127.0.0.1/x"],
)  # fmt: skip
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_download_that_fails_leaves_all_as_it_was(
    where, old, server, cache, monkeypatch
):
    monkeypatch.setattr(fetching, "MOST", 1 << 20)
    monkeypatch.setattr(fetching, "TIMEOUT", 0.3)
    cache.mkdir(parents=True)
    if old:
        (cache / "f").write_bytes(old)
    with pytest.raises(OSError, match="get_file") as caught:
        get_file("f", f"{server.root}/{where}", file_hash=SHA256)
    assert isinstance(caught.value, DownloadError)
    assert "at    test_fetching.py" in str(caught.value)
    assert f"{server.root}/{where}" in str(caught.value) or "too long" in str(
        caught.value
    )
    assert names(cache) == (["f"] if old else [])
    assert not old or (cache / "f").read_bytes() == old


def test_nobody_there(cache):
    for origin in ("http://127.0.0.1:9/f", "https://127.0.0.1:9/f", "nonsense",
                   "ftp://127.0.0.1:9/f", "http://", "file:///no/such/file"):  # fmt: skip
        with pytest.raises(DownloadError):
            get_file("f", origin)
    assert names(cache) == []


def test_no_https_from_a_server_without(server):
    with pytest.raises(DownloadError, match="SSL"):
        get_file("f", server.root.replace("http:", "https:") + "/body")


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("wrong", ["0" * 64, "0" * 32])
def test_a_wrong_hash_is_a_value_error(old, wrong, server, cache):
    cache.mkdir(parents=True)
    if old:
        (cache / "f").write_bytes(old)
    with pytest.raises(
        ValueError, match="Incomplete or corrupted file detected"
    ) as caught:
        get_file("f", f"{server.root}/body", file_hash=wrong)
    assert isinstance(caught.value, CorruptFileError)
    assert "at    test_fetching.py" in str(caught.value)
    assert not old or (cache / "f").read_bytes() == old
    assert names(cache) == (["f"] if old else [])


def test_an_interrupt_leaves_nothing(server, cache, monkeypatch):
    def interrupt(self, n):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching.Meter, "update", interrupt)
    with pytest.raises(KeyboardInterrupt):
        get_file("f", f"{server.root}/body")
    assert names(cache) == []


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="counts as Linux does")
def test_failures_leave_no_open_files_and_threads(server, cache):
    def attempt():
        for where in ("gone", "half", "loop"):
            with pytest.raises(DownloadError):
                get_file("f", f"{server.root}/{where}")

    def count():
        gc.collect()
        for _ in range(100):  # the threads of the server end by themselves
            if threading.active_count() <= 2:
                break
            time.sleep(0.02)
        return len(os.listdir("/proc/self/fd"))

    attempt()
    before = count()
    attempt()
    assert count() <= before


@pytest.mark.parametrize(
    "here, there, right",
    [
        ("https://a.org/x", "http://a.org/x", False),
        ("https://a.org/x", "https://b.org/x", True),
        ("https://a.org/x", "/y", True),
        ("https://a.org/x", "//a.org/y", True),
        ("http://a.org/x", "https://a.org/x", True),
        ("http://a.org/x", "http://b.org/x", True),
        ("https://a.org/x", "ftp://a.org/x", False),
        ("https://a.org/x", "file:///etc/passwd", False),
        ("http://a.org/x", "http://127.0.0.1/x", False),
        ("http://a.org/x", "http://localhost:80/x", False),
        ("https://a.org/x", "https://10.0.0.1/x", False),
        ("https://a.org/x", "https://[::1]/x", False),
        ("http://a.org/x", "http://169.254.169.254/latest", False),
        ("http://127.0.0.1/x", "http://127.0.0.1/y", True),
        ("http://8.8.8.8/x", "http://9.9.9.9/x", True),
    ],
)
def test_redirects(here, there, right):
    import requests

    answer = requests.Response()
    answer.url, answer.status_code = here, 302
    answer.headers["location"] = there
    if right:
        fetching.check_redirect(answer)
    else:
        with pytest.raises(DownloadError, match="less safe"):
            fetching.check_redirect(answer)
    answer.status_code = 200
    fetching.check_redirect(answer)


@pytest.mark.parametrize("fname", ["a/b", "../b", "/b", ".", ".."])
def test_a_name_is_no_path(fname, server, cache):
    with pytest.raises(ValueError, match="Paths are no longer accepted"):
        get_file(fname, f"{server.root}/body")
    assert not server.asked


@pytest.mark.parametrize(
    "origin", ["http://a.org", "http://a.org/", "http://a.org/x/.."]
)
def test_an_address_without_a_name(origin):
    with pytest.raises(ValueError, match="file name"):
        get_file(origin=origin)


def test_arguments_that_make_no_sense(server):
    with pytest.raises(ValueError, match="origin"):
        get_file("f")
    with pytest.raises(ValueError, match="hash_algorithm"):
        get_file("f", f"{server.root}/body", file_hash=SHA256, hash_algorithm="crc")
    with pytest.raises(NotImplementedError, match="rar"):
        get_file("f", f"{server.root}/body", extract=True, archive_format="rar")


def test_hashes(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(BODY)
    assert hash_file(path) == SHA256 and hash_file(str(path), "md5") == MD5
    assert validate_file(path, SHA256) and validate_file(path, MD5)
    assert validate_file(path, SHA256, "sha256") and validate_file(
        path, MD5.upper(), "md5"
    )
    assert not validate_file(path, MD5[::-1]) and not validate_file(path, MD5, "sha256")


def test_a_full_disk_is_seen_before(server, monkeypatch, cache):
    usage = fetching.shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda path: usage)
    for where in ("body", "unsaid"):
        with pytest.raises(DownloadError, match="too long"):
            get_file("f", f"{server.root}/{where}")


def test_the_package_loads_no_network():
    code = "import sys, minikeras; minikeras.utils.get_file; minikeras.datasets.mnist;"
    code += "print([m for m in ('requests', 'pooch', 'urllib3') if m in sys.modules])"
    import subprocess

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


# Archives


def tar_of(path, *members, mode="w"):
    "A tar of (name, body or options)."
    with tarfile.open(path, mode) as archive:
        for name, what in members:
            info = tarfile.TarInfo(name)
            for key, value in what.items() if isinstance(what, dict) else ():
                setattr(info, key, value)
            body = what if isinstance(what, bytes) else b""
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def zip_of(path, *members, compression=zipfile.ZIP_STORED):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", compression) as archive:
        warnings.simplefilter("ignore")
        for name, what in members:
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, compression
            info.external_attr = what if isinstance(what, int) else 0
            archive.writestr(info, what if isinstance(what, bytes) else b"target")
    return path


GOOD = [
    ("in/a", b"one"),
    ("in/deep/b", b"two"),
    ("./c", b""),
    ("in/" + "n" * 150, b"3"),
]
MODES = ["w", "w:gz", "w:bz2", "w:xz"]


@pytest.mark.parametrize("mode", [*MODES, "stored", "deflated"])
@pytest.mark.parametrize("exists", [False, True])
def test_a_good_archive(mode, exists, tmp_path):
    path, target = tmp_path / "a", tmp_path / "out"
    if mode in MODES:
        tar_of(path, ("in", {"type": tarfile.DIRTYPE}), *GOOD, mode=mode)
    else:
        compression = getattr(zipfile, f"ZIP_{mode.upper()}")
        zip_of(path, ("in/", 0o40755 << 16), *GOOD, compression=compression)
    if exists:
        (target / "in").mkdir(parents=True)
        (target / "in" / "a").write_text("old")
        (target / "mine").write_text("mine")
    assert extract_archive(path, target) is True
    for name, body in GOOD:
        assert (target / name).read_bytes() == body
    assert (target / "mine").exists() is exists
    assert names(tmp_path)[0] == "a" and not list(tmp_path.glob(".*"))


CLIMBS = ["../x", "a/../../x", "/x", "//x", "C:x", "C:\\x", "..\\x", "a\\..\\x", "a/.."]
TAR_KINDS = {
    "symlink": {"type": tarfile.SYMTYPE, "linkname": "/etc"},
    "symlink inside": {"type": tarfile.SYMTYPE, "linkname": "good"},
    "hard link": {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
    "hard link inside": {"type": tarfile.LNKTYPE, "linkname": "good"},
    "character device": {"type": tarfile.CHRTYPE},
    "block device": {"type": tarfile.BLKTYPE},
    "pipe": {"type": tarfile.FIFOTYPE},
    "contiguous": {"type": b"9"},
}
TWINS = [
    [("a", b""), ("a", b"")], [("a", b""), ("A", b"")], [("a", b""), ("./a", b"")],
    [("a", b""), ("a/b", b"")], [("a/b", b""), ("a", b"")], [("a/b/c", b""), ("A/B", b"")],
    [("ß", b""), ("SS", b"")],
]  # fmt: skip
HOSTILE = {f"tar {name}": (tar_of, [(name, b"x")]) for name in CLIMBS}
HOSTILE |= {f"zip {name}": (zip_of, [(name, b"x")]) for name in CLIMBS}
HOSTILE |= {f"tar {name}": (tar_of, [("l", kind)]) for name, kind in TAR_KINDS.items()
            if name != "contiguous"}  # fmt: skip
HOSTILE |= {f"{f.__name__} twins {i}": (f, t) for i, t in enumerate(TWINS)
            for f in (tar_of, zip_of)}  # fmt: skip
HOSTILE |= {
    f"zip {name}": (zip_of, [("l", kind << 16)])
    for name, kind in {
        "symlink": stat.S_IFLNK | 0o777, "device": stat.S_IFCHR, "pipe": stat.S_IFIFO,
        "socket": stat.S_IFSOCK,
    }.items()
}  # fmt: skip
HOSTILE["tar link and through it"] = (
    tar_of, [("l", TAR_KINDS["symlink"]), ("l/passwd", b"x")],
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("exists", [False, True])
def test_a_hostile_archive_is_refused_whole(name, exists, tmp_path):
    make, members = HOSTILE[name]
    (tmp_path / "room").mkdir()
    target = tmp_path / "room" / "out"
    path = make(tmp_path / "room" / "archive", ("good", b"good"), *members)
    if exists:
        target.mkdir()
        (target / "mine").write_text("mine")
    before = names(tmp_path)
    with pytest.raises(ValueError) as caught:
        extract_archive(path, target)
    assert isinstance(caught.value, (UnsafeFileError, CorruptFileError)), caught.value
    assert names(tmp_path) == before


def test_an_encrypted_zip_is_refused(tmp_path):
    path = zip_of(tmp_path / "a", ("x", b"body"))
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(UnsafeFileError):
        extract_archive(path, tmp_path / "out")


@pytest.mark.parametrize("mode", ["zip", "w:gz", "w:bz2", "w:xz", "many", "sparse"])
def test_bombs(mode, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FREE", 1 << 20)
    path, zeros = tmp_path / "a", bytes(1 << 22)
    if mode == "zip":
        zip_of(path, ("z", zeros), compression=zipfile.ZIP_DEFLATED)
    elif mode == "many":
        members = [(f"{i:04d}", b"") for i in range(3000)]
        zip_of(path, *members)
        monkeypatch.setattr(archives, "BOMB", 1)
    elif mode == "sparse":
        info = tarfile.TarInfo("z")
        info.size = 1 << 50
        path.write_bytes(info.tobuf() + bytes(1024))
    else:
        tar_of(path, ("z", zeros), mode=mode)
    start = time.perf_counter()
    with pytest.raises(UnsafeFileError, match="come out of"):
        extract_archive(path, tmp_path / "out")
    assert time.perf_counter() - start < 2 and names(tmp_path) == ["a"]


def test_overlapping_members_are_no_way_around(tmp_path):
    "A zip whose members share their bytes: 300 names for one megabyte."
    body = zip_of(tmp_path / "one", ("x", bytes(1 << 20))).read_bytes()
    at = body.index(b"PK\x01\x02")
    size = struct.unpack("<I", body[-10:-6])[0]
    entry = body[at : at + size]
    entries = b"".join(
        entry[:28] + struct.pack("<H", 4) + entry[30:46] + b"%04d" % i
        for i in range(300)
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 300, 300, len(entries), at, 0)
    (tmp_path / "many").write_bytes(body[:at] + entries + end)
    with pytest.raises((UnsafeFileError, CorruptFileError)):
        extract_archive(tmp_path / "many", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("mode", [*MODES, "zip"])
def test_damaged_archives(mode, tmp_path):
    rng, body = np.random.RandomState(0), np.random.RandomState(1).bytes(3000)
    make = zip_of if mode == "zip" else tar_of
    options = {} if mode == "zip" else {"mode": mode}
    whole = make(tmp_path / "a", ("x", body), ("y/z", b"two"), **options).read_bytes()
    for trial in range(120):
        raw = bytearray(whole)
        if trial % 2:
            raw = raw[: rng.randint(len(raw))]
        else:
            raw[rng.randint(min(len(raw), 4000))] ^= 1 << rng.randint(8)
        (tmp_path / "a").write_bytes(raw)
        out = tmp_path / f"out{trial}"
        try:
            done = extract_archive(tmp_path / "a", out)
        except (UnsafeFileError, CorruptFileError):
            done = False
        assert out.exists() is done
    assert all(name == "a" or name.startswith("out") for name in names(tmp_path))


def test_formats(tmp_path):
    tar, zipped = tar_of(tmp_path / "t", *GOOD), zip_of(tmp_path / "z", *GOOD)
    (tmp_path / "text").write_text("no archive")
    assert not extract_archive(tar, tmp_path / "1", "zip")
    assert not extract_archive(zipped, tmp_path / "1", "tar")
    assert not extract_archive(zipped, tmp_path / "1", None)
    assert not extract_archive(zipped, tmp_path / "1", [])
    assert not extract_archive(tmp_path / "text", tmp_path / "1")
    assert not (tmp_path / "1").exists()
    assert extract_archive(zipped, tmp_path / "2", ["tar", "zip"])
    with pytest.raises(NotImplementedError, match="rar"):
        extract_archive(tar, tmp_path / "3", "rar")
    with pytest.raises(FileNotFoundError):
        extract_archive(tmp_path / "none", tmp_path / "3")


def test_get_file_unpacks(server, cache, tmp_path):
    server.files["a.tar.gz"] = tar_of(tmp_path / "a", *GOOD, mode="w:gz").read_bytes()
    origin = f"{server.root}/a.tar.gz"
    for options, expected in [
        ({"extract": True}, "a.tar.gz"), ({"fname": "b", "untar": True}, "b"),
        ({"fname": "c.tar.gz", "extract": True}, "c_extracted"),
    ]:  # fmt: skip
        for _ in range(2):
            path = get_file(origin=origin, **options)
            assert path == str(cache / expected)
            assert (cache / expected / "in" / "a").read_bytes() == b"one"
    assert len(server.asked) == 3
    assert {"a.tar.gz_archive", "b_archive", "c.tar.gz"} <= set(names(cache))


def test_what_is_no_archive_is_a_warning(server, cache):
    with pytest.warns(UserWarning, match="Could not extract"):
        get_file("f", f"{server.root}/body", extract=True)


def test_a_hostile_archive_by_get_file(server, cache, tmp_path):
    server.files["e"] = tar_of(tmp_path / "e", ("../../x", b"x")).read_bytes()
    with pytest.raises(UnsafeFileError):
        get_file("e", f"{server.root}/e", extract=True)
    assert names(cache) == ["e_archive"] and not (tmp_path / "keras" / "x").exists()


# Pickles and arrays


def ragged(rows):
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(save, tmp_path):
    arrays = {
        "a": np.arange(6.0).reshape(2, 3), "b": np.array(["x", "yy"]), "c": np.array(3),
        "d": ragged([[1, 2], [3], []]), "e": np.asfortranarray(np.ones((2, 3), ">i2")),
        "f": np.zeros((0, 3)),
    }  # fmt: skip
    save(tmp_path / "a.npz", **arrays)
    found = load_npz(tmp_path / "a.npz")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert found[name].tolist() == array.tolist()


class Calls:
    def __init__(self, function, *arguments):
        self.parts = function, arguments

    def __reduce__(self):
        return self.parts


GADGETS = [
    Calls(os.system, "touch CANARY"), Calls(eval, "1"), Calls(os.mkdir, "CANARY"),
    Calls(exec, "1"), Calls(open, "CANARY", "w"), Calls(np.load, "CANARY"),
    Calls(np.fromfile, "CANARY"), os.path.join, Path("x"), slice, int,
    Calls(pickle.loads, b"N."), np.float64(2), Calls(bytearray, 1 << 40),
]  # fmt: skip


def pickled():
    "(number of the gadget, the protocol, the pickle), where the protocol can say it."
    for i, gadget in enumerate(GADGETS):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            try:
                yield i, protocol, pickle.dumps({b"data": gadget}, protocol)
            except Exception:
                assert protocol < 2


@pytest.mark.parametrize(
    "i, evil", [pytest.param(i, evil, id=f"{i}-{p}") for i, p, evil in pickled()]
)
def test_a_pickle_that_calls_is_refused(i, evil, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").write_bytes(evil)
    with pytest.raises(pickle.UnpicklingError, match="Refusing") as caught:
        load_batch(tmp_path / "p")
    assert isinstance(caught.value, UnsafeFileError)
    np.savez(tmp_path / "a.npz", x=ragged([GADGETS[i]]))
    with pytest.raises(pickle.UnpicklingError, match="Refusing"):
        load_npz(tmp_path / "a.npz")
    assert names(tmp_path) == ["a.npz", "p"]


def test_damaged_pickles_and_arrays(tmp_path):
    rng = np.random.RandomState(0)
    path = tmp_path / "a.npz"
    np.savez(path, a=np.arange(50), d=ragged([[1, 2], [3]]))
    whole = path.read_bytes()
    for trial in range(300):
        raw = bytearray(whole)
        raw[rng.randint(len(raw))] ^= 1 << rng.randint(8)
        path.write_bytes(raw if trial % 3 else raw[: rng.randint(len(raw))])
        try:
            load_npz(path)
        except (CorruptFileError, UnsafeFileError):
            pass
    batch = pickle.dumps({b"data": np.zeros((1, 3072), "u1"), b"labels": [3]}, 3)
    for trial in range(300):
        raw = bytearray(batch)
        raw[rng.randint(200)] ^= 1 << rng.randint(8)
        path.write_bytes(raw)
        try:
            load_batch(path)
        except (CorruptFileError, UnsafeFileError):
            pass


@pytest.mark.parametrize("shape", [(1 << 50,), (1 << 40, 1 << 40), (5,), (-1,)])
def test_an_array_that_promises_more_than_it_has(shape, tmp_path):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(32)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", npy)
    with pytest.raises(CorruptFileError):
        load_npz(tmp_path / "a.npz")


def test_a_batch_as_python_2_wrote_it(tmp_path):
    raw = bytes(range(256)) * 12
    (tmp_path / "b").write_bytes(
        b"\x80\x02}q\x00(U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02"
        b"cnumpy\nndarray\nq\x03K\x00\x85U\x01b\x87R(K\x01K\x01M\x00\x0c\x86"
        b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xff"
        b"J\xff\xff\xff\xffK\x00tb\x89T" + struct.pack("<I", len(raw)) + raw +
        b"tbU\x06labels](K\x05eu."
    )  # fmt: skip
    images, labels = load_batch(tmp_path / "b")
    assert images.shape == (1, 3, 32, 32) and images.dtype == np.uint8 and labels == [5]
    assert images.tobytes() == raw


# The data sets, through the network


@pytest.fixture
def online(server, monkeypatch):
    "Sends what the data sets ask for to the local server, with the hash of its files."

    def put(module, files):
        def local(fname=None, origin=None, file_hash=None, **options):
            assert origin.startswith("https://")
            assert len(file_hash) in (32, 64), "each of the sets has a hash"
            name = origin.rsplit("/", 1)[1]
            body = server.files[name] = files[name]
            digest = {64: hashlib.sha256, 32: hashlib.md5}[len(file_hash)](body)
            known = digest.hexdigest()
            return get_file(fname, f"{server.root}/{name}", file_hash=known, **options)

        monkeypatch.setattr(module, "get_file", local)

    return put


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_mnist_online(online, server, cache):
    x, y = np.arange(40, dtype="uint8").reshape(10, 2, 2), np.arange(10, dtype="uint8")
    body = npz(x_train=x[:7], y_train=y[:7], x_test=x[7:], y_test=y[7:])
    online(mnist, {"mnist.npz": body})
    for _ in range(2):
        (a, b), (c, d) = mnist.load_data()
        assert np.array_equal(np.r_[a, c], x) and np.array_equal(np.r_[b, d], y)
    assert names(cache) == ["mnist.npz"] and len(server.asked) == 1


def test_fashion_mnist_online(online, cache):
    files, rng = {}, np.random.RandomState(0)
    for part, n in (("train", 6), ("t10k", 3)):
        pixels = rng.randint(0, 256, (n, 784)).astype("uint8")
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(
            bytes(16) + pixels.tobytes()
        )
        labels = np.arange(n, dtype="uint8").tobytes()
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(bytes(8) + labels)
    online(fashion_mnist, files)
    (x, y), (x_test, y_test) = fashion_mnist.load_data()
    assert (
        x.shape == (6, 28, 28) and x_test.shape == (3, 28, 28) and y.tolist()[-1] == 5
    )
    assert np.array_equal(x_test.reshape(3, 784), pixels) and y_test.dtype == np.uint8
    folder = cache.parent / "datasets" / "fashion-mnist"
    assert names(folder) == sorted(files)


def cifar_of(root, keys, batches):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, n in batches:
            images = np.full((n, 3072), n, "uint8")
            images[:, 1024] = 99
            body = {key: [7] * n for key in keys} | {b"data": images}
            raw = pickle.dumps(body, 3)
            info = tarfile.TarInfo(f"{root}/{name}")
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return file.getvalue()


def test_cifar_online(online, cache):
    batches = [(f"data_batch_{i}", i) for i in range(1, 6)] + [("test_batch", 2)]
    body = cifar_of("cifar-10-batches-py", [b"labels"], batches)
    online(cifar10, {"cifar-10-python.tar.gz": body})
    (x, y), (x_test, y_test) = cifar10.load_data()
    assert x.shape == (15, 32, 32, 3) and y.shape == (15, 1) and y.dtype == np.uint8
    assert x_test.shape == (2, 32, 32, 3) and y_test.dtype == np.uint8
    assert x[:, 0, 0, 1].tolist() == [99] * 15 and x[:, 9, 9, 2].tolist()[-1] == 5
    assert (cache / "cifar-10-batches-py-target" / "cifar-10-batches-py").is_dir()
    assert (cache / "cifar-10-batches-py-target_archive").is_file()

    keys = [b"fine_labels", b"coarse_labels"]
    body = cifar_of("cifar-100-python", keys, [("train", 4), ("test", 2)])
    online(cifar100, {"cifar-100-python.tar.gz": body})
    for mode in ("fine", "coarse"):
        (x, y), (x_test, y_test) = cifar100.load_data(mode)
        assert x.shape == (4, 32, 32, 3) and y.tolist() == [[7]] * 4
        assert y_test.shape == (2, 1)


@pytest.mark.parametrize("module", [boston_housing, california_housing])
def test_houses_online(module, online, cache):
    x = np.arange(60.0).reshape(20, 3)
    name = module.__name__.rsplit(".", 1)[1] + ".npz"
    online(module, {name: npz(x=x, y=x[:, 0])})
    (a, b), (c, d) = module.load_data(test_split=0.3)
    assert a.shape == (14, 3) and np.array_equal(np.sort(np.r_[b, d]), x[:, 0])
    assert np.array_equal(a[:, 0], b) and np.array_equal(c[:, 0], d)
    assert not np.array_equal(module.load_data(seed=1)[0][1][:14], b)
    with pytest.raises(ArgumentError, match="test_split"):
        module.load_data(test_split=1)


def test_words_online(online, cache):
    texts, labels = ragged([[1, 5, 9], [2, 2], [7, 1, 3, 12]]), np.array([0, 1, 1])
    body = npz(x_train=texts, y_train=labels, x_test=texts, y_test=labels)
    index = json.dumps({"the": 1}).encode()
    online(imdb, {"imdb.npz": body, "imdb_word_index.json": index})
    online(
        reuters,
        {"reuters.npz": npz(x=texts, y=labels), "reuters_word_index.json": index},
    )
    (x, y), _ = imdb.load_data(num_words=10)
    assert sorted(map(len, x)) == [3, 4, 5] and all(text[0] == 1 for text in x)
    assert imdb.get_word_index() == reuters.get_word_index() == {"the": 1}
    (x, y), (x_test, y_test) = reuters.load_data(test_split=0.4)
    assert len(x) == 1 and len(x_test) == 2 and sorted([*y, *y_test]) == [0, 1, 1]
    for load in (imdb.load_data, reuters.load_data):
        with pytest.raises(ValueError, match="no sequence was kept"):
            load(maxlen=1)


def test_a_set_that_was_changed_on_the_server_does_not_arrive(
    server, cache, monkeypatch
):
    server.files["mnist.npz"] = npz(x_train=np.ones(1))
    monkeypatch.setattr(mnist, "FOLDER", server.root + "/")
    with pytest.raises(ValueError, match="corrupted"):
        mnist.load_data()
    assert names(cache) == []


def test_the_unpickler_knows_three_names():
    assert len(set(pickles.ALLOWED.values())) == 3
