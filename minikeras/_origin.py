"""From the package back to the book: where each name comes from, and earlier stages.

The exporter leaves a map beside this file, `_origin.json`: for each module its imports
and blocks, and for each block the chapter and cell that it is from. With the map we can
say where a name is explained (`where`) and rebuild the package as it stood before any
chapter (`chapter`). This file is written by hand and needs the standard library only.
"""

import functools
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent


# -- the map ---------------------------------------------------------------------------


class NotConsistent(RuntimeError):
    """The modules differ from the map: edited by hand, or an export is under way."""


@functools.cache
def origin(home=HOME):
    "The map of the package in folder `home`."
    return json.loads((home / "_origin.json").read_text(encoding="utf-8"))


def read_package(home):
    "The map and the text of every module, waiting for an export to finish."
    for _attempt in range(50):
        try:
            found = json.loads((home / "_origin.json").read_text(encoding="utf-8"))
            texts = {
                name: (home / name).read_bytes().decode() for name in found["modules"]
            }
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.1)
            continue
        if all(sha(texts[name]) == m["sha"] for name, m in found["modules"].items()):
            return found, texts
        time.sleep(0.1)
    raise NotConsistent(
        f"{home} differs from its map _origin.json\n"
        "  try   python book/_tools export     (never edit the package by hand)"
    )


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- the package before a chapter ------------------------------------------------------


def chapter(slug, end=False):
    """Make `import minikeras` mean the package as it stood before chapter `slug`.

    With `end=True`, as it stood after it. Call it before any other import of minikeras:
    objects of the package that was loaded until now belong to another package.
    """
    folder = stage(slug, end)
    for name in [name for name in sys.modules if name.split(".")[0] == "minikeras"]:
        del sys.modules[name]
    earlier = str(_stages())
    sys.path[:] = [path for path in sys.path if not path.startswith(earlier)]
    sys.path.insert(0, str(folder))
    _settle()


def _settle():
    "One thread for linear algebra, short numbers, no chatter: the same outputs always."
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    if "numpy" not in sys.modules:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")
    import numpy as np

    np.set_printoptions(precision=4, suppress=True)


def stage(slug, end=False, home=None):
    "The folder that holds the package before (or after) chapter `slug`."
    home = Path(home or origin().get("home") or HOME)
    found, texts = read_package(home)
    if slug not in found["chapters"]:
        known = ", ".join(found["chapters"])
        raise ValueError(f"no chapter {slug!r}\n  try   one of {known}")
    count = found["chapters"].index(slug) + bool(end)
    files = staged_files(home, found, texts, found["chapters"][:count])
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    return _put(_stages() / digest, files)


def _stages():
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"minikeras-{user}"


def _put(folder, files):
    "Write all files into `folder` in one step, unless they are there."
    if all((folder / "minikeras" / name).exists() for name in files):
        return folder
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="draft-"))
    for name, content in files.items():
        path = draft / "minikeras" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        os.replace(draft, folder)
    except OSError:  # another process was faster
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def staged_files(home, found, texts, chapters):
    "{name: bytes} of the package that `chapters` build."
    kept, files = set(chapters), {}
    stage_map = {**found, "modules": {}, "home": str(home)}
    for name, module in found["modules"].items():
        text, stage_map["modules"][name] = staged_module(texts[name], module, kept)
        files[name] = text.encode()
        if not stage_map["modules"][name]["blocks"]:
            del stage_map["modules"][name]
    stage_map["public"] = {
        full: [name, attribute]
        for full, (name, attribute) in found["public"].items()
        if _chapter_of(found, name, attribute) in kept
    }
    for name, text in namespaces(found, stage_map, staged=True).items():
        files[name] = text.encode()
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        copied = path.is_file() and "__pycache__" not in path.parts
        if copied and name not in files and name != "_origin.json":
            files[name] = path.read_bytes()
    stage_map["later"] = later_names(found, kept)
    files["_origin.json"] = json.dumps(stage_map, indent=1).encode()
    return files


def _chapter_of(found, name, attribute):
    blocks = found["modules"][name]["blocks"]
    return next(b["chapter"] for b in blocks if attribute in b["names"])


def later_names(found, kept):
    "{full name: chapter} of all modules and names that later chapters build."
    later = {}
    for file, module in found["modules"].items():
        dotted = "minikeras." + file[:-3].replace("/", ".")
        blocks = [b for b in module["blocks"] if b["chapter"] not in kept]
        if len(blocks) == len(module["blocks"]):
            later[dotted] = blocks[0]["chapter"]
        later |= {f"{dotted}.{n}": b["chapter"] for b in blocks for n in b["names"]}
    for full, (file, name) in found["public"].items():
        dotted = "minikeras." + file[:-3].replace("/", ".")
        if f"{dotted}.{name}" in later:
            later[full] = later[f"{dotted}.{name}"]
    return later


def staged_module(text, module, kept):
    "The text of a module with the blocks of `kept` chapters only, and its new map."
    lines = text.splitlines()
    blocks = [block for block in module["blocks"] if block["chapter"] in kept]
    out = lines[: module["docstring"]]
    if blocks:
        out += [line for line, slug in module["imports"] if slug in kept]
    new = []
    for block in blocks:
        out += ["", ""]
        new.append(_staged_block(lines, block, kept, out))
    if blocks:
        out += ["", "", "from minikeras._origin import missing  # this is a stage"]
        out += ["__getattr__ = missing(__name__)"]
    else:
        out += ["from minikeras._origin import unbuilt", "raise unbuilt(__name__)"]
    text = "\n".join(out) + "\n"
    return text, {**module, "blocks": new, "sha": sha(text)}


def _staged_block(lines, block, kept, out):
    "Append the lines of a block, less those of later members; return its new map."
    late = [m for m in block["members"] if m["chapter"] not in kept]
    dropped = {n for m in late for n in range(m["start"], m["end"] + 1)}
    place, first = {}, len(out) + 1
    for number in range(block["start"], block["end"] + 1):
        if number not in dropped:
            out.append(lines[number - 1])
            place[number] = len(out)
    members = [
        {**m, "start": place[m["start"]], "end": place[m["end"]]}
        for m in block["members"]
        if m not in late
    ]
    return {**block, "start": first, "end": len(out), "members": members}


def missing(module):
    "The `__getattr__` of a staged module: say which later chapter builds a name."

    def __getattr__(name):
        full = f"{module}.{name}"
        if full in origin()["later"]:
            raise unbuilt(full)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__


def unbuilt(full):
    "The error for a name that only a later chapter builds."
    slug = origin()["later"][full]
    title = origin()["titles"].get(slug, slug)
    return ImportError(
        f"{full} is not built yet at this point of the book\n"
        f'  try   chapter "{title}", which builds it (book/{slug}.ipynb)',
        name=full,
    )


# -- the `__init__` files --------------------------------------------------------------

TEMPLATE = '''"""{room}: generated by the export; names load when first used."""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
{typed}
{version}
_HOMES: dict[str, str] = {homes}
_ROOMS: list[str] = {rooms}
__all__ = {names}


def __getattr__(name):
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name in _ROOMS:
        value = import_module(f"{{__name__}}.{{name}}")
    else:
        {otherwise}
    globals()[name] = value
    return value


def __dir__():
    return sorted({{*globals(), *__all__}})
'''
ABSENT = 'raise AttributeError(f"module {__name__!r} has no attribute {name!r}")'
FILLED = """

for _name in {modules}:  # every module fills its columns of the table, all or none
    import_module(f"{{__name__}}.{{_name}}")
"""
STAGED = """from minikeras._origin import missing

        return missing(__name__)(name)"""


def namespaces(whole, found, staged=False):
    """{file: text} of every `__init__`, for the names that the map `found` has.

    `whole` is the map of the complete package: rooms exist from the first chapter on.
    """
    rooms = _rooms(whole)
    return {
        "/".join([*room.split(".")[1:], "__init__.py"]): namespace(
            room, rooms, found, staged
        )
        for room in sorted(rooms)
    }


def _rooms(found):
    "{room: its rooms and modules}, for every folder and every namespace."
    modules = ["minikeras." + m[:-3].replace("/", ".") for m in found["modules"]]
    folders = {"minikeras", *(name.rpartition(".")[0] for name in modules)}
    folders |= {full.rpartition(".")[0] for full in found["public"]}
    for folder in list(folders):
        while folder := folder.rpartition(".")[0]:
            folders.add(folder)
    inside = {folder: [] for folder in sorted(folders)}
    for name in sorted({*modules, *folders} - {"minikeras"}):
        room, _, last = name.rpartition(".")
        if not last.startswith("_"):
            inside[room].append(last)
    return inside


def namespace(room, rooms, found, staged):
    "The text of one `__init__`."
    names = {
        full.rpartition(".")[2]: "minikeras." + file[:-3].replace("/", ".")
        for full, (file, _) in sorted(found["public"].items())
        if full.rpartition(".")[0] == room
    }
    version = ""
    if room == "minikeras":
        names["where"] = "minikeras._origin"
        version = f'\n__version__ = "{found["version"]}"'
    typed = [f"    from {room} import {name} as {name}" for name in rooms[room]]
    typed += [f"    from {home} import {n} as {n}" for n, home in sorted(names.items())]
    exported = sorted({*names, *(rooms[room] if room == "minikeras" else ())})
    text = TEMPLATE.format(
        room=room,
        typed="\n".join(typed or ["    pass"]),
        version=version,
        homes=_literal(dict(sorted(names.items()))),
        rooms=_literal(rooms[room]),
        names=_literal(exported),
        otherwise=STAGED if staged else ABSENT,
    )
    if room != "minikeras.core":
        return text
    core = sorted(
        file[5:-3]
        for file, module in found["modules"].items()
        if file.startswith("core/") and module["blocks"]
    )
    return text + FILLED.format(modules=_literal(core))


def _literal(value):
    "A table with one entry a line."
    one_line = json.dumps(value)
    if len(one_line) < 60:
        return one_line
    return json.dumps(value, indent=4).replace('"\n', '",\n')


# -- where is it explained? ------------------------------------------------------------


class Place:
    """Chapter, section, notebook and line of a name; printing it shows them."""

    def __init__(self, name, titles, file, block):
        self.name, self.file, self.line = name, file, block["start"]
        self.chapter, self.title = block["chapter"], titles[block["chapter"]]
        self.section, self.cell = block["section"], block["cell"]
        self.notebook = f"book/{self.chapter}.ipynb"

    def __repr__(self):
        section = f', section "{self.section}"' if self.section != self.title else ""
        return (
            f'{self.name}: chapter "{self.title}"{section}\n'
            f"  book     {self.notebook} (cell {self.cell})\n"
            f"  package  minikeras/{self.file}:{self.line}"
        )


def where(thing):
    """Say which chapter and section of the book builds `thing`.

    thing: a class, function, method or property of minikeras, or its name as a string.

    >>> minikeras.where("minikeras.Tensor")                        # doctest: +SKIP
    Tensor: chapter "Tensors that feel like numbers", section "..."
    """
    file, names = _find_name(thing) if isinstance(thing, str) else _find_object(thing)
    found = origin()
    blocks = found["modules"].get(file, {}).get("blocks", [])
    block = None
    for name in names:
        block = next((b for b in blocks if name in b["names"]), None)
        if block is None:
            raise ValueError(
                f"where: no chapter builds {thing!r}\n"
                "  try   a class, function or method of minikeras, or its full name"
            )
        blocks = block["members"]
    return Place(".".join(names), found["titles"], file, block)


def _find_name(name):
    "The file and the names inside it that a dotted name means."
    found, parts = origin(), name.removeprefix("minikeras.").split(".")
    for cut in range(len(parts), 0, -1):
        full = "minikeras." + ".".join(parts[:cut])
        if full in found["public"]:
            file, first = found["public"][full]
            return file, [first, *parts[cut:]]
        file = "/".join(parts[: cut - 1]) + ".py"
        if file in found["modules"]:
            return file, parts[cut - 1 :]
    return "", [name]


def _find_object(thing):
    "The same for a live object."
    for inner in ("fget", "func", "__func__", "__wrapped__"):
        thing = getattr(thing, inner, None) or thing
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    module = getattr(thing, "__module__", None) or ""
    file = module.removeprefix("minikeras.").replace(".", "/") + ".py"
    return file, thing.__qualname__.split(".")


# -- classes that grow -----------------------------------------------------------------


def extends(cls):
    """Decorator: add a function, property, static or class method to `cls`.

    The export writes the function into the class body. In the notebook this patches the
    live class, and leaves alone a name of the notebook that is spelled the same.
    """

    def add(member):
        inner = member
        for attribute in ("fget", "fset", "func", "__func__", "__wrapped__"):
            inner = getattr(inner, attribute, None) or inner
        name, old = inner.__name__, vars(cls).get(inner.__name__)
        inner.__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, member)
        if hasattr(member, "__set_name__"):
            member.__set_name__(cls, name)
        before = sys._getframe(1).f_globals.get(name, member)
        return member if before is old else before

    return add
